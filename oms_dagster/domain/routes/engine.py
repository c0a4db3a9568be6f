"""PyVRP behind a port: groups of shipments and vehicles in, trips out.

Belongs here: the only import of PyVRP for planning, its data model, units and traps. Does not belong here: locks on
stop positions and frozen loads (draft.py; their vehicles arrive here already shortened), what the plan is judged by.

PyVRP is several times faster without a cost of time and without optional stops, so most iterations go to a rough twin
of the problem: hours at the wheel are priced by the metre (there is one speed), waiting is free, limits that can't
bind are left out, and stops that a known plan serves are required. The last iterations are exact.

Vehicles that may not visit a stop (temperature, hazard, skills, access, a lock on another vehicle) get a routing profile
of their own in which its arcs are forbidden. A window with gaps is a group of clients of which one is visited. Room for
a break is taken off a long day; where it falls, lateness, and goods that may not meet are none of PyVRP's business:
what it gets wrong is repaired (insertion.py). The driving limit is PyVRP's route distance: one speed, so metres are seconds. Costs
are thousandths of a cent. Every stop is optional with its penalty as prize, so that there is always an answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, TypeAlias

import numpy as np
import pyvrp

from oms_dagster.domain.routes.draft import Draft, Prepared
from oms_dagster.domain.routes.effort import Effort
from oms_dagster.domain.routes.problem import Shipment, TravelModel, Vehicle
from oms_dagster.domain.routes.schedule import gaps, window
from oms_dagster.domain.routes.travel import farther, without_way
from oms_dagster.domain.solving import Budget

Unit: TypeAlias = tuple[Shipment, ...]

NAME = f"pyvrp {version('pyvrp')}"
#: PyVRP's own word for no limit.
UNLIMITED = int(np.iinfo(np.int64).max)
#: One iteration in so many is spent on the exact problem, at the end.
EXACT = 8
#: A stop counts a thousand, so that one stop too many weighs as much in PyVRP's penalties as a kilogram.
STOP = 1_000


@dataclass(frozen=True, slots=True)
class Routed:
    """Trips by vehicle as groups of shipments, empty where the search ended on an infeasible plan."""

    trips: dict[str, list[list[Unit]]]
    feasible: bool
    iterations: int
    fuse: bool


@dataclass(frozen=True, slots=True)
class _Offer:
    """A vehicle as PyVRP sees it: what is left of its day after its frozen loads."""

    vehicle: Vehicle
    from_s: int
    to_s: int
    max_distance_m: int
    reloads: int
    fixed_cost: int
    refused: frozenset[int]
    foreign: frozenset[int]

    def kind(self) -> tuple[object, ...]:
        """Vehicles of one kind are interchangeable."""
        v = self.vehicle
        limits = (v.capacity_g, v.capacity_dm3, v.max_stops, v.max_value_cents, v.cost_per_km_cents)
        overtime = (v.shift_end_s, v.overtime_per_hour_cents) if v.max_overtime_s else ()
        day = (self.from_s, self.to_s, self.max_distance_m, self.reloads, overtime)
        return (*limits, v.cost_per_hour_cents, self.fixed_cost, *day, self.refused, self.foreign)


def route(
    prepared: Prepared,
    units: Sequence[Unit],
    vehicles: Sequence[Vehicle],
    start: Draft | None,
    budget: Budget,
    seed: int,
    sure: Collection[str] = (),
) -> Routed:
    """Route `units` on `vehicles`.

    Parameters
    ----------
    start
        A draft to begin from (its shipments matched to units); None lets PyVRP begin by itself.
    budget, seed
        Iterations with their fuse, and the random stream: the same arguments give the same trips unless the fuse blew.
    sure
        Ids of shipments that a known plan serves, all of them: in the rough twin they aren't optional.
    """
    offers = [offer for v in vehicles if (offer := _offer(prepared, units, v)) is not None]
    served = [i for i in range(len(units)) if any(i not in offer.refused for offer in offers)]
    if not served:
        return Routed({}, True, 0, False)
    kinds: dict[tuple[object, ...], list[_Offer]] = defaultdict(list)
    for offer in offers:
        kinds[offer.kind()].append(offer)
    groups = list(kinds.values())
    asked = [units[i] for i in served]
    stop = Effort(budget)

    def twin(exact: bool, sure: Collection[str]) -> pyvrp.ProblemData:
        return _problem_data(prepared, asked, served, groups, exact, sure)

    def improved(data: pyvrp.ProblemData, initial: pyvrp.Solution | None, iterations: int) -> pyvrp.Result:
        stop.grant(iterations)
        return pyvrp.solve(data, stop, seed=seed, collect_stats=False, display=False, initial_solution=initial)

    rough = twin(exact=False, sure=sure)
    exact = twin(exact=True, sure=())
    unit_of = _unit_of_client(asked)
    initial = _initial(rough, unit_of, asked, groups, start) if start else None
    result = improved(rough, initial, budget.effort - budget.effort // EXACT)
    if not result.is_feasible():
        rough = twin(exact=False, sure=())
        result = improved(rough, _carried_over(result.best, rough), budget.effort // 2)
    result = improved(exact, _carried_over(result.best, exact), budget.effort // EXACT)
    if not result.is_feasible():
        return Routed({}, False, stop.used, stop.blown)
    return Routed(_read(result.best, unit_of, asked, groups, start or {}), True, stop.used, stop.blown)


def _offer(prepared: Prepared, units: Sequence[Unit], vehicle: Vehicle) -> _Offer | None:
    problem = prepared.problem
    frozen = prepared.frozen.get(vehicle.vehicle_id, ())
    from_s, driven = max(vehicle.shift_start_s, problem.depot.open_s), 0
    if frozen:
        timings = prepared.evaluate(vehicle, frozen)[0]
        from_s = timings[-1].return_s + problem.reload_s
        driven = sum(t.drive_s for t in timings)
    to_s = min(vehicle.shift_end_s + vehicle.max_overtime_s, problem.depot.close_s)
    if problem.breaks is not None and to_s - from_s > problem.breaks.work_s + problem.breaks.break_s:
        to_s -= problem.breaks.break_s
    reloads = vehicle.max_trips - prepared.first_open_trip(vehicle.vehicle_id)
    if any(h[0] == vehicle.vehicle_id and h[1] is not None for h in prepared.held_by.values()):
        reloads = 0
    rounding_s = vehicle.max_stops + 2
    metres = (vehicle.max_drive_s - driven - rounding_s) * 5 * problem.travel.speed_kmh // 18
    if from_s >= to_s or reloads < 0 or metres <= 0:
        return None
    refused = frozenset(i for i, unit in enumerate(units) if not all(prepared.allowed(s, vehicle) for s in unit))
    fixed = 0 if frozen else vehicle.fixed_cost_cents
    foreign = frozenset(i for i, unit in enumerate(units) if problem.stability_cents and _is_foreign(unit, vehicle))
    return _Offer(vehicle, from_s, to_s, metres, reloads, fixed, refused, foreign)


def _is_foreign(unit: Unit, vehicle: Vehicle) -> bool:
    """A running plan has it on another vehicle."""
    return any(s.home_vehicle_id not in ("", vehicle.vehicle_id) for s in unit)


def _problem_data(
    prepared: Prepared,
    units: Sequence[Unit],
    served: Sequence[int],
    groups: Sequence[Sequence[_Offer]],
    exact: bool,
    sure: Collection[str],
) -> pyvrp.ProblemData:
    problem, travel = prepared.problem, prepared.travel
    points = [0, *(travel.point(unit[0].latitude, unit[0].longitude) for unit in units)]
    metres, seconds = travel.block(points)
    profiles: dict[tuple[frozenset[int], int, frozenset[int]], int] = {}
    distances: list[Any] = []
    durations: list[Any] = []
    types = []
    kept = _limits_that_may_bind(units, groups)
    for group in groups:
        offer = group[0]
        metre = _metre_cost(problem.travel, offer.vehicle, exact)
        away = 1_000 * problem.stability_cents // metre if offer.foreign and metre else 0
        profile = (offer.refused, away, offer.foreign)
        if profile not in profiles:
            profiles[profile] = len(profiles)
            closed = [n + 1 for n, unit in enumerate(served) if unit in offer.refused]
            foreign = [n + 1 for n, unit in enumerate(served) if unit in offer.foreign]
            distances.append(without_way(farther(metres, foreign, away), closed))
            durations.append(without_way(seconds, closed))
        types.append(_vehicle_type(problem.travel, offer, len(group), profiles[profile], kept, exact))
    depot = problem.depot
    places = [pyvrp.Location(depot.longitude, depot.latitude)]
    places += [pyvrp.Location(unit[0].longitude, unit[0].latitude) for unit in units]
    depots = [
        pyvrp.Depot(0, depot.open_s, depot.close_s),
        pyvrp.Depot(0, depot.open_s, depot.close_s, service_duration=problem.reload_s),
    ]
    clients: list[pyvrp.Client] = []
    choices: list[pyvrp.ClientGroup] = []
    for n, unit in enumerate(units):
        required = all(s.shipment_id in sure for s in unit)
        openings = _openings(unit)
        group_ = len(choices) if len(openings) > 1 else None
        if group_ is not None:
            choices.append(pyvrp.ClientGroup(list(range(len(clients), len(clients) + len(openings))), required))
        for opening in openings:
            clients.append(_client(problem.stop_service_s, n + 1, unit, kept, required, opening, group_))
    return pyvrp.ProblemData(places, clients, depots, types, distances, durations, choices)


def _openings(unit: Unit) -> list[tuple[int, int]]:
    """The parts of the common window, first and last second in which service may start."""
    begin, end = window(unit)
    parts = []
    for closed_from, closed_to in gaps(unit):
        if begin <= min(closed_from, end):
            parts.append((begin, min(closed_from, end)))
        begin = max(begin, closed_to)
    return [*parts, (begin, end)] if begin <= end else parts


def _unit_of_client(units: Sequence[Unit]) -> list[int]:
    """Which unit each of PyVRP's clients stands for: a window with gaps has several."""
    return [n for n, unit in enumerate(units) for _ in _openings(unit)]


def _amounts(unit: Unit) -> tuple[int, ...]:
    weight_g, volume_dm3 = sum(s.weight_g for s in unit), sum(s.volume_dm3 for s in unit)
    return weight_g, volume_dm3, STOP, sum(s.value_cents for s in unit)


def _capacities(vehicle: Vehicle) -> tuple[int, ...]:
    return vehicle.capacity_g, vehicle.capacity_dm3, vehicle.max_stops * STOP, vehicle.max_value_cents


def _limits_that_may_bind(units: Sequence[Unit], groups: Sequence[Sequence[_Offer]]) -> list[int]:
    """Of weight, volume, stops and value those that all units together exceed on some vehicle."""
    total = [sum(column) for column in zip(*map(_amounts, units), strict=True)]
    least = [min(column) for column in zip(*(_capacities(group[0].vehicle) for group in groups), strict=True)]
    return [n for n in range(len(total)) if total[n] > least[n]]


def _client(
    stop_service_s: int,
    location: int,
    unit: Unit,
    kept: Sequence[int],
    required: bool,
    opening: tuple[int, int],
    group: int | None,
) -> pyvrp.Client:
    amounts = _amounts(unit)
    return pyvrp.Client(
        location,
        delivery=[amounts[n] for n in kept],
        service_duration=stop_service_s + sum(s.service_s for s in unit),
        tw_early=max(0, opening[0]),
        tw_late=max(0, opening[1]),
        prize=0 if required else 1_000 * sum(s.penalty_cents for s in unit),
        required=required and group is None,
        group=group,
    )


def _vehicle_type(
    travel: TravelModel, offer: _Offer, available: int, profile: int, kept: Sequence[int], exact: bool
) -> pyvrp.VehicleType:
    v = offer.vehicle
    capacities = _capacities(v)
    shift_s, overtime_s, overtime_cost = _overtime(offer)
    return pyvrp.VehicleType(
        available,
        [capacities[n] for n in kept],
        fixed_cost=1_000 * offer.fixed_cost,
        tw_early=offer.from_s,
        tw_late=offer.to_s,
        max_distance=offer.max_distance_m,
        unit_distance_cost=_metre_cost(travel, v, exact),
        unit_duration_cost=_second_cost(v) if exact else 0,
        profile=profile,
        reload_depots=[1] if offer.reloads else [],
        max_reloads=offer.reloads,
        shift_duration=shift_s,
        max_overtime=overtime_s,
        unit_overtime_cost=overtime_cost,
    )


def _overtime(offer: _Offer) -> tuple[int, int, int]:
    """(seconds out before overtime, most overtime, its cost a second). PyVRP counts from the departure: the whole shift."""
    v = offer.vehicle
    if not v.max_overtime_s or offer.to_s <= v.shift_end_s:
        return UNLIMITED, 0, 0
    cost = (v.overtime_per_hour_cents * 10 + 18) // 36
    return max(0, v.shift_end_s - offer.from_s), offer.to_s - v.shift_end_s, cost


def _second_cost(vehicle: Vehicle) -> int:
    return (vehicle.cost_per_hour_cents * 10 + 18) // 36


def _metre_cost(travel: TravelModel, vehicle: Vehicle, exact: bool) -> int:
    """Thousandths of a cent; in the rough twin with the time at the wheel."""
    return vehicle.cost_per_km_cents + (0 if exact else _second_cost(vehicle) * 18 // (5 * travel.speed_kmh))


def _carried_over(best: pyvrp.Solution, data: pyvrp.ProblemData) -> pyvrp.Solution:
    """The same routes in another twin of the problem."""
    routes = []
    for route_ in best.routes():
        kinds = pyvrp.ActivityType
        visits = [pyvrp.Activity(kinds.CLIENT if a.is_client() else kinds.DEPOT, a.idx) for a in route_]
        routes.append(pyvrp.Route(data, visits[1:-1], route_.vehicle_type()))
    return pyvrp.Solution(data, routes)


def _initial(
    data: pyvrp.ProblemData,
    unit_of_client: Sequence[int],
    units: Sequence[Unit],
    groups: Sequence[Sequence[_Offer]],
    start: Draft,
) -> pyvrp.Solution:
    """The draft's open trips as a PyVRP solution: a unit goes where its first shipment rides, in its first opening."""
    first_client = {unit: client for client, unit in reversed(list(enumerate(unit_of_client)))}
    unit_of = {s.shipment_id: n for n, unit in enumerate(units) for s in unit}
    seen: set[int] = set()
    routes = []
    for kind, group in enumerate(groups):
        for offer in group:
            activities: list[pyvrp.Activity] = []
            for trip in start.get(offer.vehicle.vehicle_id, ()):
                if trip.frozen:
                    continue
                riding = [unit_of.get(s.shipment_id) for stop in trip.visits for s in stop.shipments]
                fresh = [n for n in dict.fromkeys(riding) if n is not None and n not in seen]
                if fresh and activities and sum(a.is_depot() for a in activities) < offer.reloads:
                    activities.append(pyvrp.Activity(pyvrp.ActivityType.DEPOT, 1))
                activities += [pyvrp.Activity(pyvrp.ActivityType.CLIENT, first_client[n]) for n in fresh]
                seen.update(fresh)
            if activities:
                routes.append(pyvrp.Route(data, activities, kind))
    return pyvrp.Solution(data, routes)


def _read(
    best: pyvrp.Solution,
    unit_of_client: Sequence[int],
    units: Sequence[Unit],
    groups: Sequence[Sequence[_Offer]],
    start: Draft,
) -> dict[str, list[list[Unit]]]:
    """Trips by vehicle; among interchangeable vehicles each route goes to the one that carried most of it before."""
    by_kind: dict[int, list[list[list[Unit]]]] = defaultdict(list)
    for route_ in best.routes():
        trips: list[list[Unit]] = [[]]
        for activity in route_:
            if activity.is_client():
                trips[-1].append(units[unit_of_client[activity.idx]])
            elif trips[-1]:
                trips.append([])
        by_kind[route_.vehicle_type()].append([trip for trip in trips if trip])
    result: dict[str, list[list[Unit]]] = {}
    for kind, routes in sorted(by_kind.items()):
        free = [offer.vehicle.vehicle_id for offer in groups[kind]]
        for trips, vehicle_id in _kept_together(routes, free, start):
            result[vehicle_id] = trips
    return result


def _kept_together(
    routes: list[list[list[Unit]]], vehicles: list[str], start: Draft
) -> list[tuple[list[list[Unit]], str]]:
    before = {
        v: {s.shipment_id for trip in start.get(v, ()) for stop in trip.visits for s in stop.shipments}
        for v in vehicles
    }
    ids = [sorted(s.shipment_id for trip in trips for unit in trip for s in unit) for trips in routes]
    pairs = sorted(
        ((-len(before[v].intersection(ids[r])), v, ids[r], r) for r in range(len(routes)) for v in vehicles),
        key=lambda pair: pair[:3],
    )
    taken: dict[int, str] = {}
    for _, vehicle_id, _, r in pairs:
        if r not in taken and vehicle_id not in taken.values():
            taken[r] = vehicle_id
    return [(routes[r], taken[r]) for r in sorted(taken)]
