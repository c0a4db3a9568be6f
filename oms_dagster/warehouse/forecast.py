"""Between the tables and the forecast: which series need a new version, and its rows.

Belongs here: when a forecast is due, series from demand, rows from forecasts. Does not belong here: any method.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

import duckdb

from oms_dagster.domain.inventory.forecast import Forecast, Series
from oms_dagster.domain.quantities import from_milli
from oms_dagster.warehouse.read import rows

#: A history begins with the first demand of all, or four weeks before the series' own: a SKU that sold once, yesterday,
#: is not one that sells every day. It ends with yesterday.
_DUE = """
with today as (
    select cast(timezone(p.value, c.as_of) as date) as day from plans.cycle as c
    cross join intermediate.int_policies__in_force as p where p.policy_key = 'reporting.timezone' and p.scope = ''
), demand as (
    select d.* from intermediate.int_demand__daily as d cross join today where d.day < today.day
), series as (
    select sku_id, location_id, greatest(min(day) - 28, (select min(day) from demand)) as since,
           sha256(string_agg(day || '=' || quantity, ' ' order by day)) as content
    from demand group by sku_id, location_id
), known as (
    select sku_id, location_id, arg_max(first_day, cycle_seq) as first_day, arg_max(history_hash, cycle_seq) as history_hash
    from facts.demand_forecasts group by sku_id, location_id
), due as (
    select s.*, today.day as today, sha256(s.since || s.content) as history_hash from series as s cross join today
    left join known as k on s.sku_id = k.sku_id and s.location_id = k.location_id
    where k.first_day is distinct from today.day or k.history_hash is distinct from sha256(s.since || s.content)
)
select due.sku_id, due.location_id, due.today, due.history_hash,
       list(coalesce(d.quantity, 0) order by days.day) as units
from due cross join lateral (select unnest(generate_series(due.since, due.today - 1, interval 1 day))::date as day) as days
left join demand as d on due.sku_id = d.sku_id and due.location_id = d.location_id and days.day = d.day
group by all order by due.sku_id, due.location_id
"""


def due(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Series whose day is over or whose history changed since their last version, with their history."""
    return rows(connection, _DUE)


def series(found: Iterable[dict[str, Any]]) -> Iterator[Series]:
    """What the domain forecasts."""
    for row in found:
        yield Series(row["sku_id"], row["location_id"], tuple(float(units) for units in row["units"]))


def forecast_rows(found: Iterable[dict[str, Any]], made: Iterable[Forecast]) -> Iterator[dict[str, Any]]:
    """Rows of `plans.demand_forecasts`, in the order of the series."""
    for row, one in zip(found, made, strict=True):
        yield {
            "sku_id": one.sku_id, "location_id": one.location_id, "first_day": row["today"],
            **{name: [from_milli(units) for units in getattr(one, name)] for name in ("quantity", "lower", "upper")},
            "method": one.method, "deviation": from_milli(one.deviation), "history_days": one.history_days,
            "tested_days": one.tested_days, "history_hash": row["history_hash"],
            **{name: _share(getattr(one, name)) for name in ("wape", "bias", "baseline_wape")},
        }  # fmt: skip


def _share(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(f"{value:.6f}")
