"""A promise while the customer waits: one order that no cycle has seen, beside the published copy; nothing is written.

Belongs here: the order as a row of demand, its options by the very SQL that the last cycle ran, the stock that the last
plan left. Does not belong here: the choice (`domain.sourcing.promise`), keeping it (the next cycle decides jointly).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import numpy as np

from oms_dagster.domain.quantities import from_cents, from_milli, to_milli
from oms_dagster.domain.sourcing.plan import SourcingPlan, StockPrice
from oms_dagster.domain.sourcing.problem import Ints, SourcingProblem
from oms_dagster.domain.sourcing.promise import promise_one
from oms_dagster.domain.sourcing.queue import in_turn
from oms_dagster.warehouse import sourcing
from oms_dagster.warehouse.backorders import waiting_milli
from oms_dagster.warehouse.left_over import left_by_others
from oms_dagster.warehouse.read import value
from oms_dagster.warehouse.rehearsal import LAYERS, CannotRehearse

OPTIONS = "int_sourcing__options"
#: The area of a postcode: its letters, or its first two digits. Places of one area lie near each other.
_AREA = "^([A-Z]{1,2}|[0-9]{2})"


@dataclass(frozen=True, slots=True)
class Offer:
    """What a line could be promised; ``location_id`` and the dates are None for what would wait."""

    sku_id: str
    quantity: Decimal
    location_id: str | None
    ship_date: date | None
    deliver_date: date | None
    cost: Decimal


def offers(
    copy: Path,
    compiled: Path,
    lines: Mapping[str, Decimal],
    *,
    customer_id: str = "",
    country: str = "",
    postcode: str = "",
    wanted: date | None = None,
) -> list[Offer]:
    """Date, place and cost of each line, at the stock prices of the last plan.

    Parameters
    ----------
    copy
        A published copy.
    compiled
        Folder of the SQL that dbt compiled for that copy's last cycle.
    lines
        SKU -> quantity in its base unit.
    customer_id, country, postcode
        Where it goes. The postcode's place on the map is that of the nearest one known, from orders and address books: the same,
        else the longest common beginning within its area. Without a postcode it goes where the customer's last order went, else
        to an address of its book.

    Returns
    -------
    list of Offer
        Empty where no place nearby is known: the next cycle finds it.

    Raises
    ------
    CannotRehearse
        The copy or the compiled SQL are not there, or don't fit each other.
    """
    memory = duckdb.connect()
    try:
        memory.execute("set TimeZone = 'UTC'")
        memory.execute(f"attach '{copy.resolve(strict=True)}' as published (read_only)")
        _see(memory, list(lines))
        if not _ask(memory, lines, customer_id, country, postcode, wanted):
            return []
        memory.execute(f"create table intermediate.{OPTIONS} as {_options_sql(compiled)}")
        asked = sourcing.problem(memory)
        if asked is None:
            return []
        left = left_by_others(memory, asked)
        plan = promise_one(in_turn(left, _behind(memory, left)), _prices(memory))
        return _offers(memory, asked, plan)
    except (OSError, duckdb.Error) as error:
        raise CannotRehearse(f"no promise before the next cycle: {str(error).splitlines()[0]}") from error
    finally:
        memory.close()


def _see(memory: duckdb.DuckDBPyConnection, skus: list[str]) -> None:
    """The copy's tables under their names; demand is empty, with the copy's columns, and stock is worked out once, of the SKUs asked for."""
    for schema in LAYERS:
        memory.execute(f"create schema {schema}")
    for schema, table in memory.execute(
        "select table_schema, table_name from information_schema.tables where table_catalog = 'published'"
        " and table_schema in (select unnest($layers)) order by all",
        {"layers": LAYERS},
    ).fetchall():
        if table not in (OPTIONS, "int_demand__open", "int_atp__by_day"):
            memory.execute(f'create view {schema}."{table}" as select * from published.{schema}."{table}"')
    memory.execute(
        "create table intermediate.int_demand__open as select * from published.intermediate.int_demand__open limit 0"
    )
    memory.execute(
        "create table intermediate.int_atp__by_day as select * from published.intermediate.int_atp__by_day"
        " where sku_id in (select unnest($skus::varchar[]))",
        {"skus": skus},
    )


def _ask(
    memory: duckdb.DuckDBPyConnection,
    lines: Mapping[str, Decimal],
    customer_id: str,
    country: str,
    postcode: str,
    wanted: date | None,
) -> int:
    """Put the order's lines where the options look for demand; how many could be placed on the map."""
    memory.register("_lines", _frame(lines))
    return int(
        memory.execute(
            """
            insert into intermediate.int_demand__open by name
            with asked as (select upper(regexp_replace($postcode, '[ -]', '', 'g')) as code),
            known as (
                select latitude, longitude, ship_to_country as country, ship_to_postcode as postcode, customer_id, placed_at as since
                from intermediate.int_orders__current
                union all by name
                select latitude, longitude, upper(country) as country, postcode, customer_id, null as since
                from intermediate.int_addresses__in_force
            ),
            near as (
                select known.*, upper(regexp_replace(known.postcode, '[ -]', '', 'g')) as its,
                    len(list_filter(range(1, 12), lambda n: left(its, n) = left(asked.code, n))) as alike
                from known cross join asked
                where latitude is not null and longitude is not null and $country in ('', country)
                  and case when $postcode = '' then customer_id = $customer
                           else regexp_extract(its, $area) = regexp_extract(asked.code, $area) and regexp_extract(its, $area) <> '' end
            ),
            place as (
                select latitude, longitude, coalesce(nullif($country, ''), country) as ship_to_country,
                    coalesce(nullif($postcode, ''), postcode) as ship_to_postcode
                from near order by alike desc, customer_id = $customer desc, since desc nulls last, latitude, longitude limit 1
            )
            select 'phone-' || l.sku_id as order_line_id, 'phone' as order_id, l.sku_id, l.quantity, 0 as value_base, coalesce(c.priority, 5) as priority,
                   cycle.as_of as placed_at, 0 as not_before_day_index, 0 as ship_after_day_index,
                   greatest(0, date_diff('day', cast(cycle.as_of as date), cast($wanted as date))) as due_day_index,
                   coalesce(c.ship_complete, false) as ship_complete, c.max_splits, place.*, s.weight_kg, s.volume_m3,
                   coalesce(s.temperature_class, 'ambient') as temperature_class, coalesce(s.hazard_class, 'none') as hazard_class,
                   s.item_group, s.tariff_number is null or s.origin_country is null as lacks_customs, $customer as customer_id,
                   [] as excluded_location_ids, 1 as rank
            from _lines as l inner join intermediate.int_skus__in_force as s on l.sku_id = s.sku_id
            cross join place cross join plans.cycle as cycle
            left join (select * from intermediate.int_customers__in_force where customer_id = $customer) as c on true
            """,
            {"customer": customer_id, "country": country, "postcode": postcode, "wanted": wanted, "area": _AREA},
        ).fetchall()[0][0]
    )


def _frame(lines: Mapping[str, Decimal]) -> object:
    import pyarrow as pa

    quantities = pa.array(list(lines.values()), pa.decimal128(18, 3))
    return pa.table({"sku_id": pa.array(list(lines), pa.string()), "quantity": quantities})


def _options_sql(compiled: Path) -> str:
    found = list(compiled.glob(f"*/models/intermediate/sourcing/{OPTIONS}.sql"))
    if not found:
        raise CannotRehearse("no compiled options are there: run `oms cycle` first")
    return found[0].read_text()


def _behind(memory: duckdb.DuckDBPyConnection, left: SourcingProblem) -> Ints:
    """What each line may have behind those who wait for its SKU, in milli: all that is left but what they were given a turn for.

    Ahead of a new order are those who wait with its priority or a better one (`domain.sourcing.queue`).
    """
    ahead = dict(
        memory.execute(
            "select b.sku_id, sum(b.quantity) from plans.backorders as b"
            " inner join published.intermediate.int_demand__open as d on b.order_line_id = d.order_line_id"
            " where d.priority <= (select max(priority) from intermediate.int_demand__open) group by 1"
        ).fetchall()
    )
    there = np.maximum(left.atp_milli[:, :, -1], 0).sum(axis=1)
    spare = np.array(
        [max(0, int(there[i]) - to_milli(ahead.get(s, 0))) for i, s in enumerate(left.sku_ids)], dtype=np.int64
    )
    waits = np.array([s in ahead for s in left.sku_ids], dtype=np.bool_)
    given = np.where(
        waits[left.line_sku], np.minimum(left.line_quantity_milli, spare[left.line_sku]), left.line_quantity_milli
    )
    short = given < left.line_quantity_milli
    return np.where(short & ~left.line_divisible | (short.any() & left.order_ship_complete[left.line_order]), 0, given)


def _prices(memory: duckdb.DuckDBPyConnection) -> list[StockPrice]:
    found = memory.execute(
        "select sku_id, location_id, date_diff('day', (select cast(as_of as date) from plans.cycle), from_date),"
        " cast(price * 100000 as bigint) from plans.stock_prices order by all"
    ).fetchall()
    return [StockPrice(*row) for row in found]


def _offers(memory: duckdb.DuckDBPyConnection, asked: SourcingProblem, plan: SourcingPlan) -> list[Offer]:
    today: date = value(memory, "select cast(as_of as date) from plans.cycle")
    sku = {line: asked.sku_ids[row] for line, row in zip(asked.line_ids, asked.line_sku.tolist(), strict=True)}
    ships = [
        Offer(
            sku[a.line_id],
            from_milli(a.quantity_milli),
            a.location_id,
            today + timedelta(days=a.ship_day),
            today + timedelta(days=a.deliver_day),
            from_cents(a.cost_cents),
        )
        for a in plan.assignments
    ]
    waits = [
        Offer(sku[line], from_milli(left), None, None, None, Decimal(0))
        for line, left in waiting_milli(asked, plan).items()
    ]
    return ships + waits
