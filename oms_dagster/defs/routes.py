"""Routes: which own vehicle takes which shipments, in which order, at what times, per location and day.

Belongs here: the asset `routes`. The method is in `domain.routes`, the tables in `warehouse.transport`.
"""

import os
from collections.abc import Mapping
from typing import Any

import dagster as dg
import duckdb

from oms_dagster import cycle as cycles
from oms_dagster.cycle import Cycle
from oms_dagster.defs.metadata import solver_run, table_metadata
from oms_dagster.defs.resources import Warehouse
from oms_dagster.domain.loads.layers import Contents
from oms_dagster.domain.quantities import from_cents
from oms_dagster.road_router import by_road
from oms_dagster.warehouse import cargo, connect, dispatch, route_plans, transport, write
from oms_dagster.warehouse.sourcing import policies

#: Iterations of each search for what an option would save.
WHAT_IF_EFFORT = 100


@dg.asset(
    group_name="routes",
    kinds={"python", "pyvrp"},
    owners=["team:transport"],
    deps=["loads", ["intermediate", "int_wave_lines__planned"]],
    check_specs=[
        dg.AssetCheckSpec(
            "plan_verified", asset="routes", blocking=True, description="The independent checker finds nothing."
        )
    ],
)
def routes(context: dg.AssetExecutionContext, warehouse: Warehouse):  # type: ignore[no-untyped-def]
    """Stop sequence and times of each own load, and what was left behind. One row per load and stop."""
    from oms_dagster.domain.routes.replan import replan
    from oms_dagster.domain.routes.verify import check
    from oms_dagster.domain.solving import Budget

    planned: dict[str, list[dict[str, Any]]] = {
        "loads": [],
        "load_shipments": [],
        "route_stops": [],
        "dropped": [],
        "pickups": [],
        "what_ifs": [],
        "runs": [],
        "snapshots": [],
    }
    findings = []
    with warehouse.connect() as connection:
        now = cycles.current(connection)
        in_force = policies(connection)
        own = dispatch.own_waiting(connection)
        held = cargo.contents(connection)
        for yard in transport.yards(connection, now):
            problem = dispatch.day_of(connection, yard, own, in_force)
            if problem is not None:
                problem = by_road(warehouse.home, problem)
                if problem.travel.because:
                    context.log.warning(f"{yard.location['location_id']}: {problem.travel.because}")
                budget = Budget(int(in_force["loads.effort"]))
                plan = replan(problem, budget, now.seed, workers=os.cpu_count() or 1)
                findings += check(problem, plan)
                _collect(planned, connection, yard, plan, now, held)
                _consider(planned, connection, yard, problem, plan, now)
                context.log.info(
                    f"{yard.location['location_id']} {yard.day}: {len(plan.loads)} loads, {len(plan.left_behind)} left behind"
                )
            planned["dropped"] += _waits(own, yard, planned)
        with connect.transaction(connection):
            connection.execute(
                "delete from plans.load_shipments where load_id in (select load_id from plans.loads where mode = 'own_fleet')"
            )
            connection.execute("delete from plans.loads where mode = 'own_fleet'")
            write.append(connection, "plans.loads", planned["loads"])
            write.append(connection, "plans.load_shipments", planned["load_shipments"])
            write.replace(connection, "plans.route_stops", planned["route_stops"])
            write.replace(connection, "plans.dropped_shipments", planned["dropped"])
            write.replace(connection, "plans.pickups", planned["pickups"])
            write.replace(connection, "plans.route_what_ifs", planned["what_ifs"])
            write.replace(connection, "plans.snapshots", planned["snapshots"])
            connection.execute("delete from plans.solver_runs where stage = 'routes'")
            write.append(connection, "plans.solver_runs", planned["runs"])
        shown = table_metadata(connection, "plans", "route_stops")
    yield dg.MaterializeResult(
        metadata={
            **shown,
            "loads": len(planned["loads"]),
            "left_behind": len(planned["dropped"]),
            "distance_km": float(sum(row["distance_km"] for row in planned["loads"])),
            "postal_code_order_km": float(sum(row["baseline_distance_km"] for row in planned["loads"])),
        }
    )
    yield dg.AssetCheckResult(
        check_name="plan_verified", passed=not findings, metadata={"findings": [str(f) for f in findings[:20]]}
    )


def _waits(
    own: list[dict[str, Any]], yard: transport.Yard, planned: dict[str, list[dict[str, Any]]]
) -> list[dict[str, Any]]:
    """Shipments of a location that were not asked to be routed, each with the reason: none is forgotten."""
    known = {row["shipment_id"] for row in (*planned["load_shipments"], *planned["dropped"])}
    found = []
    for row in own:
        if row["location_id"] == yard.location["location_id"] and row["shipment_id"] not in known:
            if row["held_by"]:
                reason, fix = "HELD", f"clear or release {row['held_by']} of {row['order_id']}"
            elif not yard.vehicles:
                reason, fix = "NO_VEHICLE", f"give {row['location_id']} a vehicle, or send it with a carrier"
            elif row["ship_date"] > yard.day:
                reason, fix = "NOT_DUE", f"it ships on {row['ship_date']}: the plan of that day takes it"
            else:
                reason, fix = "NOT_PACKED", "pack it before the next departure"
            found.append({"shipment_id": row["shipment_id"], "reason": reason, "cheapest_fix": fix})
    return found


def _collect(
    planned: dict[str, list[dict[str, Any]]],
    connection: duckdb.DuckDBPyConnection,
    yard: transport.Yard,
    plan: Any,
    now: Cycle,
    held: Mapping[str, Contents],
) -> None:
    approved = {
        row[0]
        for row in connection.execute(
            "select load_id from (select load_id, arg_max(event, struct_pack(a := cycle_seq, b := command_id)) as event from facts.load_events"
            " where event in ('approved', 'withdrawn', 'dispatch_asked') group by 1) where event <> 'withdrawn'"
        ).fetchall()
    }
    asked = {
        row[0]
        for row in connection.execute("select load_id from facts.load_events where event = 'dispatch_asked'").fetchall()
    }
    needs_approval = policies(connection)["loads.approval"] == "manual"
    for load in plan.loads:
        due = load.load_id in asked or (yard.leaves(load) and (not needs_approval or load.load_id in approved))
        row = transport.load_row(load, yard, plan.report.engine, now.seed, due)
        planned["loads"].append(row | cargo.layer_columns(load, yard, held))
        planned["load_shipments"] += transport.load_shipment_rows(load)
        planned["route_stops"] += transport.stop_rows(load, yard)
    planned["pickups"] += transport.pickup_rows(plan)
    planned["dropped"] += [
        {
            "shipment_id": d.shipment_id,
            "reason": d.reason,
            "cheapest_fix": d.cheapest_fix.text,
            "fix_cost": from_cents(d.cheapest_fix.price_cents),
            "own_cost": None if d.own_cents is None else from_cents(d.own_cents),
        }
        for d in plan.left_behind
    ]
    planned["runs"].append(solver_run("routes", f"{yard.location['location_id']} {yard.day}", plan.report))


def _consider(
    planned: dict[str, list[dict[str, Any]]],
    connection: duckdb.DuckDBPyConnection,
    yard: transport.Yard,
    problem: Any,
    plan: Any,
    now: Cycle,
) -> None:
    """What one more vehicle or more time would save: asked again when the plan has changed."""
    from oms_dagster.domain.routes.what_ifs import what_ifs
    from oms_dagster.domain.solving import Budget

    location_id = yard.location["location_id"]
    options = route_plans.known_what_ifs(route_plans.last(connection, location_id, yard.day), plan)
    if options is None:
        options = what_ifs(problem, plan, Budget(WHAT_IF_EFFORT), now.seed)
    planned["what_ifs"] += route_plans.what_if_rows(options, location_id, yard.day, yard.vehicles[0]["currency"])
    planned["snapshots"].append(route_plans.snapshot(plan, location_id, yard.day, options))
