"""Sourcing: which place ships each open line, decided for all lines together.

Belongs here: the asset `promises`. The method is in `domain.sourcing`, the tables in `warehouse.sourcing`.
"""

import json

import dagster as dg

from oms_dagster import cycle as cycles
from oms_dagster.defs.metadata import solve_metadata, solver_run, table_metadata
from oms_dagster.defs.resources import Warehouse
from oms_dagster.warehouse import backorders, connect, last_plan, lots, write
from oms_dagster.warehouse import sourcing as tables


@dg.asset(
    group_name="sourcing",
    kinds={"python", "duckdb"},
    owners=["team:planning"],
    deps=[
        ["intermediate", "int_demand__open"],
        ["intermediate", "int_sourcing__options"],
        ["intermediate", "int_stock__balances"],
        ["intermediate", "int_supply__open"],
        ["intermediate", "int_reservations__active"],
        ["intermediate", "int_release__capacity"],
    ],
    check_specs=[
        dg.AssetCheckSpec(
            "plan_verified", asset="promises", blocking=True, description="The independent checker finds nothing."
        )
    ],
)
def promises(warehouse: Warehouse):  # type: ignore[no-untyped-def]
    """Soft allocations of open lines to locations and ship dates, and backorders. One row per line, location and date."""
    from oms_dagster.domain.sourcing import queue
    from oms_dagster.domain.sourcing.pegging import pegs
    from oms_dagster.domain.sourcing.solve import default_budget, solve
    from oms_dagster.domain.sourcing.verify import verify

    plan, findings = None, []
    with warehouse.connect() as connection:
        now = cycles.current(connection)
        asked = tables.problem(connection)
        with connect.transaction(connection):
            for name in ("promises", "backorders", "supply_pegs", "stock_prices"):
                connection.execute(f"delete from plans.{name}")
            connection.execute("delete from plans.solver_runs where stage = 'sourcing'")
            if asked:
                given = queue.admitted(asked, last_plan.waiting(connection))
                served = queue.in_turn(asked, given)
                plan = solve(served, default_budget(served), now.seed)
                findings = verify(served, plan)
                pegged = pegs(asked, plan, backorders.supplies(connection), backorders.waiting_milli(asked, plan))
                write.append(connection, "plans.promises", tables.promise_rows(connection, served, plan, pegged))
                short = backorders.backorder_rows(connection, asked, plan, queue.kept_back(asked, given), pegged)
                write.append(connection, "plans.backorders", short)
                write.append(connection, "plans.supply_pegs", backorders.peg_rows(now.as_of.date(), asked, pegged))
                lots.fit_promises(connection)
                write.append(connection, "plans.stock_prices", tables.stock_price_rows(connection, plan))
                run = {**solver_run("sourcing", "all", plan.report), "baselines": json.dumps(plan.baselines)}
                write.append(connection, "plans.solver_runs", [run])
        shown = table_metadata(connection, "plans", "promises")
    yield dg.MaterializeResult(metadata={**shown, **(solve_metadata(plan.report) if plan else {})})
    yield dg.AssetCheckResult(
        check_name="plan_verified", passed=not findings, metadata={"findings": [f"{f}" for f in findings[:20]]}
    )
