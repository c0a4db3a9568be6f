"""Inventory: how much will be asked for, where.

Belongs here: the asset `demand_forecasts`. The methods are in `domain.inventory.forecast`, the tables in `warehouse.forecast`.
"""

import time

import dagster as dg

from oms_dagster.defs.metadata import table_metadata
from oms_dagster.defs.resources import Warehouse
from oms_dagster.warehouse import connect, write
from oms_dagster.warehouse import forecast as tables


@dg.asset(
    group_name="inventory",
    kinds={"python", "statsforecast"},
    owners=["team:inventory"],
    deps=[["intermediate", "int_demand__daily"]],
)
def demand_forecasts(warehouse: Warehouse) -> dg.MaterializeResult:
    """New versions of demand forecasts: of series whose day is over or whose history changed. One row per SKU and location."""
    from oms_dagster.domain.inventory.forecast import forecasts

    started = time.perf_counter()
    with warehouse.connect() as connection:
        due = tables.due(connection)
        made = tables.forecast_rows(due, forecasts(tables.series(due)))
        with connect.transaction(connection):
            write.replace(connection, "plans.demand_forecasts", made)
        shown = table_metadata(connection, "plans", "demand_forecasts")
    return dg.MaterializeResult(metadata={**shown, "seconds": round(time.perf_counter() - started, 3)})
