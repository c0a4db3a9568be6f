"""Sourcing: which place ships each open line, decided for all lines together.

Belongs here: the asset `promises`. The method is in `domain.sourcing`, the tables in `warehouse.sourcing`.
"""

import dagster as dg

from oms_dagster import cycle as cycles
from oms_dagster.defs.metadata import solve_metadata, solver_run, table_metadata
from oms_dagster.defs.resources import Warehouse
from oms_dagster.warehouse import connect, write
from oms_dagster.warehouse import sourcing as tables


@dg.asset(
    group_name="sourcing",
    kinds={"python", "duckdb"},
    owners=["team:planning"],
    deps=[
        ["intermediate", "int_demand__open"],
        ["intermediate", "int_sourcing__options"],
        ["intermediate", "int_atp__by_day"],
    ],
    check_specs=[
        dg.AssetCheckSpec(
            "plan_verified", asset="promises", blocking=True, description="The independent checker finds nothing."
        )
    ],
)
def promises(warehouse: Warehouse):  # type: ignore[no-untyped-def]
    """Soft allocations of open lines to locations and ship dates, and backorders. One row per line, location and date."""
    from oms_dagster.domain.sourcing.solve import default_budget, solve
    from oms_dagster.domain.sourcing.verify import verify

    with warehouse.connect() as connection:
        now = cycles.current(connection)
        asked = tables.problem(connection)
        plan = solve(asked, default_budget(asked), now.seed) if asked else None
        findings = verify(asked, plan) if asked and plan else []
        with connect.transaction(connection):
            write.replace(
                connection, "plans.promises", tables.promise_rows(connection, asked, plan) if asked and plan else ()
            )
            write.replace(
                connection, "plans.backorders", tables.backorder_rows(connection, asked, plan) if asked and plan else ()
            )
            connection.execute("delete from plans.solver_runs where stage = 'sourcing'")
            if plan:
                write.append(connection, "plans.solver_runs", [solver_run("sourcing", "all", plan.report)])
        shown = table_metadata(connection, "plans", "promises")
    yield dg.MaterializeResult(metadata={**shown, **(solve_metadata(plan.report) if plan else {})})
    yield dg.AssetCheckResult(
        check_name="plan_verified", passed=not findings, metadata={"findings": [f"{f}" for f in findings[:20]]}
    )
