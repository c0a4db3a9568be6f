"""The routing of a location's day as the plan is asked it, and what a dispatcher may know of it before sending anything.

Belongs here: which shipments take part, the running plan and its locks as a problem, on the writer or on a published
copy. Does not belong here: units and clocks (`transport`), the answers (`domain.routes`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import duckdb

from oms_dagster import cycle as cycles
from oms_dagster.domain.routes.moves import Move, moves
from oms_dagster.domain.routes.problem import Problem
from oms_dagster.domain.routes.replan import replan
from oms_dagster.domain.routes.running import without_vehicle
from oms_dagster.domain.solving import Budget
from oms_dagster.warehouse import locks, route_plans, route_problem, transport
from oms_dagster.warehouse.connect import reader
from oms_dagster.warehouse.read import rows
from oms_dagster.warehouse.sourcing import policies

#: Iterations of a re-plan that somebody waits for.
PREVIEW_EFFORT = 100


def own_waiting(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Shipments that wait for an own vehicle, in order of their id."""
    found = connection.execute("select shipment_id from plans.shipment_modes where mode = 'own_fleet'").fetchall()
    own = {shipment_id for (shipment_id,) in found}
    return [row for row in transport.waiting(connection) if row["shipment_id"] in own]


def day_of(
    connection: duckdb.DuckDBPyConnection,
    yard: transport.Yard,
    own: Sequence[Mapping[str, Any]],
    in_force: Mapping[str, str],
) -> Problem | None:
    """What the routing of the day is asked: shipments due, vehicles, locks, running plan. None: there is nothing to plan."""
    there = [
        s for s in own
        if s["location_id"] == yard.location["location_id"] and s["ship_date"] <= yard.day and not s["held_by"]
    ]  # fmt: skip
    if yard.is_due:
        there = [s for s in there if s["is_packed"] or in_force["floor.confirm"] == "dispatch"]
    if not there or not yard.vehicles:
        return None
    pickups = open_pickups(connection, yard)
    previous = route_plans.previous_loads(connection, yard.location["location_id"], yard.day)
    known = [*(s["shipment_id"] for s in there), *(p["pickup_id"] for p in pickups)]
    fixed = locks.locks(connection, yard, known, previous)
    prices = transport.prices_of_leaving(connection, yard, in_force)
    return route_problem.problem(yard, there, in_force, fixed, previous, prices, pickups)


def open_pickups(connection: duckdb.DuckDBPyConnection, yard: transport.Yard) -> list[dict[str, Any]]:
    """What the location's vehicles may collect on the planned day, with the windows of its weekday, in order of id."""
    return rows(
        connection,
        "select p.*, p.value * coalesce(o.rate, 1) as value_base, a.skills, a.vehicle_classes, coalesce(w.window_from, a.window_from, '08:00') as window_from,"
        " coalesce(w.window_to, a.window_to, '18:00') as window_to,"
        " case when w.weekday is null then a.closed_from else w.closed_from end as closed_from,"
        " case when w.weekday is null then a.closed_to else w.closed_to end as closed_to"
        " from intermediate.int_pickups__tracked as p left join intermediate.int_addresses__in_force as a"
        " on p.customer_id = a.customer_id and p.address_id = a.address_id"
        " left join intermediate.int_orders__current as o on p.order_id = o.order_id"
        " left join intermediate.int_delivery_windows__in_force as w on p.customer_id = w.customer_id"
        " and p.address_id = w.address_id and w.weekday = ?"
        " where p.status = 'open' and p.location_id = ? and p.latitude is not null order by p.pickup_id",
        [yard.day.isoweekday(), yard.location["location_id"]],
    )


#: The problem with the ways that its plan goes by, see `oms_dagster.road_router.by_road`.
Roads: TypeAlias = Callable[[Problem], Problem]


def possible_moves(copy: Path, shipment_id: str, roads: Roads) -> tuple[Move, ...]:
    """Every load that a shipment could go to, with what that costs, from a published copy.

    Raises
    ------
    ValueError
        It can't be moved: one line.
    """
    with reader(copy) as connection:
        for problem in _days(connection):
            if any(s.shipment_id == shipment_id for s in problem.shipments):
                return moves(roads(problem), shipment_id)
    raise ValueError(f"{shipment_id} waits for no vehicle of ours: it has left, or goes with a carrier")


@dataclass(frozen=True, slots=True)
class Outage:
    """What the planned day loses with a vehicle: cents more on the routes, and shipments left behind more."""

    cost_cents: int
    left_behind: int


def outage(copy: Path, vehicle_id: str, roads: Roads) -> Outage | None:
    """The planned day without a vehicle, planned again from a published copy; None: nothing is planned there."""
    with reader(copy) as connection:
        for problem in _days(connection):
            if any(v.vehicle_id == vehicle_id for v in problem.vehicles):
                problem = roads(problem)
                now = replan(problem, Budget(0))
                then = replan(without_vehicle(problem, vehicle_id), Budget(PREVIEW_EFFORT))
                cost = sum(x.cost_cents for x in then.loads) - sum(x.cost_cents for x in now.loads)
                return Outage(cost, len(then.left_behind) - len(now.left_behind))
    return None


def _days(connection: duckdb.DuckDBPyConnection) -> Iterator[Problem]:
    """The planned day of each location that has something to plan."""
    own, in_force = own_waiting(connection), policies(connection)
    for yard in transport.yards(connection, cycles.current(connection)):
        problem = day_of(connection, yard, own, in_force)
        if problem is not None:
            yield problem
