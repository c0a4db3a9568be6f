"""`oms reference rates`: the ECB's reference rates that open orders need, as a file of the feed rates.

Belongs here: which currencies and days the published copy needs and doesn't have. Does not belong here: the rates
(`domain.capture.reference_rates`), the gate that the file goes through like any other.
"""

from __future__ import annotations

from datetime import date

import duckdb

from oms_dagster.domain.capture.reference_rates import ReferenceRate, reference_rates
from oms_dagster.inbox import put_bytes
from oms_dagster.settings import Home

SOURCE = "ECB"


def write_reference_rates(home: Home) -> str:
    """Put the missing rates into the inbox. Returns what was done, in one line.

    Raises
    ------
    ValueError
        Rates are wanted and the library has none of them.
    """
    from oms_dagster.actions import require_published
    from oms_dagster.warehouse.connect import reader

    require_published(home)
    with reader(home.current) as connection:
        reporting, as_of, wanted, known = _needs(connection)
    rates, missing = reference_rates(wanted, reporting)
    rates = tuple(rate for rate in rates if (rate.currency, rate.rate_date) not in known)
    lacking = ", ".join(f"{currency} on {day}" for currency, day in missing[:5])
    advice = f"no reference rate of {lacking}: send a file to the feed rates" if missing else ""
    if missing and not rates and not known:
        raise ValueError(advice)
    if rates:
        there = put_bytes(home, _csv(rates), "rates", f"ecb-{as_of.isoformat()}.csv")
        done = f"{len(rates)} rates into {reporting} are in the inbox as {there.name}: the next cycle takes them"
    else:
        done = "every rate that open orders need is known"
    return "; ".join(filter(None, (done, advice)))


def _needs(
    connection: duckdb.DuckDBPyConnection,
) -> tuple[str, date, list[tuple[str, date]], set[tuple[str, date]]]:
    """Reporting currency, day of the copy, currency and day of open orders (placed, and today), and the rates kept."""
    reporting = connection.execute(
        "select value from intermediate.int_policies__in_force where policy_key = 'reporting.currency' and scope = ''"
    ).fetchall()[0][0]
    wanted = connection.execute(
        """
        with open_orders as (
            select upper(currency) as currency, placed_at::date as placed_on, as_of::date as today from marts.orders
            where fulfilment_status not in ('delivered', 'closed', 'cancelled') and currency is not null and not is_test
        )
        select currency, placed_on from open_orders union select currency, today from open_orders order by 1, 2
        """
    ).fetchall()
    as_of = connection.execute("select coalesce(max(as_of)::date, date '1970-01-01') from marts.orders").fetchall()[0][
        0
    ]
    known = connection.execute("select upper(currency), rate_date from facts.rates").fetchall()
    return reporting, as_of, wanted, set(known)


def _csv(rates: tuple[ReferenceRate, ...]) -> bytes:
    rows = [f"{rate.currency},{rate.rate},{rate.rate_date.isoformat()},{SOURCE}" for rate in rates]
    return ("\n".join(["currency,rate,rate_date,source", *rows]) + "\n").encode()
