"""Between the marts and the daily report: the figures of one closed day, read as they are known now.

Belongs here: which days wait for their report, and its parts put together. Does not belong here: how the report
looks (`domain.reporting`), writing files.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import duckdb

from oms_dagster.domain.reporting.daily import DailyReport
from oms_dagster.domain.reporting.definitions import Definition
from oms_dagster.warehouse.daily import exceptions, figures
from oms_dagster.warehouse.daily.day import local_day
from oms_dagster.warehouse.read import rows
from oms_dagster.warehouse.sourcing import policies


def days_waiting(connection: duckdb.DuckDBPyConnection, last: date | None) -> list[date]:
    """Days that have closed since the last report (since the home's first cycle without one), oldest first.

    A day has closed when the cycle that the marts show lies on a later one, in the zone of the policy
    ``reporting.timezone``. Nothing waits while the marts are those of a cycle that is not published.
    """
    found = rows(
        connection,
        "select now.as_of, (select min(as_of) from facts.cycles where state = 'published') as began from plans.cycle as now"
        " where exists (select 1 from facts.cycles as c where c.cycle_seq = now.cycle_seq and c.state = 'published')",
    )
    if not found:
        return []
    zone = ZoneInfo(policies(connection)["reporting.timezone"])
    today, began = (found[0][name].astimezone(zone).date() for name in ("as_of", "began"))
    first = began if last is None else max(began, last + timedelta(days=1))
    return [first + timedelta(days=n) for n in range((today - first).days)]


def daily_report(
    connection: duckdb.DuckDBPyConnection, day: date, definitions: Sequence[Definition] = ()
) -> DailyReport:
    """Everything that the report of a closed day says: the same marts, the same report.

    What is open (holds, backorders, alerts) is what stood open at the day's end, as far as the marts still tell;
    statuses and plans are those of the marts' own cycle, which the report names.

    Parameters
    ----------
    connection
        The warehouse or a published copy.
    day
        A day that has ended in the zone of ``reporting.timezone``.
    definitions
        Titles, formulas and units of the KPIs.
    """
    in_force = policies(connection)
    currency, zone = in_force["reporting.currency"], in_force["reporting.timezone"]
    now = rows(
        connection,
        "select now.as_of, cast(now.cycle_seq as varchar) as cycle_id, c.code_version from plans.cycle as now"
        " left join marts.cycles as c on c.cycle_id = cast(now.cycle_seq as varchar)",
    )[0]
    that = local_day(day, zone)
    return DailyReport(
        day=day,
        timezone=zone,
        as_of=now["as_of"],
        cycle_id=now["cycle_id"],
        code_version=now["code_version"] or "",
        currency=currency,
        company=in_force.get("reporting.company", "Daily report"),
        conservation=figures.conservation(connection),
        kpis=figures.kpis(connection, day, definitions, currency),
        exceptions=(
            *exceptions.alerts(connection, that),
            *exceptions.holds(connection, that),
            *exceptions.dropped(connection, that),
            *exceptions.reconciliation(connection, that),
            *exceptions.laws(connection, that),
            *exceptions.quarantine(connection, that),
        ),
        orders_by_status=figures.orders(connection, that),
        otif=figures.otif(connection, day),
        hold_ages=figures.hold_ages(connection, that),
        vehicles=figures.vehicles(connection, that),
        backorders=figures.backorders(connection, that),
        gains=(*figures.driven(connection, that), *figures.planned(connection, that, currency)),
        returns=figures.returns(connection, that),
    )
