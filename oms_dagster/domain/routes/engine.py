"""PyVRP behind a port: groups of shipments and vehicles in, trips out.

Belongs here: the search with PyVRP, and what is read from it. Does not belong here: PyVRP's data model (pyvrp_data.py),
locks on stop positions and frozen loads (draft.py; their vehicles arrive here already shortened), what the plan is
judged by.

PyVRP is several times faster without a cost of time and without optional stops, so most iterations go to a rough twin
of the problem: hours at the wheel are priced by the metre (at the mean speed), waiting is free, limits that can't
bind are left out, and stops that a known plan serves are required. The last iterations are exact.

Vehicles that may not visit a stop (temperature, hazard, skills, access, a lock on another vehicle) get a routing profile
of their own in which its arcs are forbidden; so do vehicles that do without a class of goods (apart.py). A window with
gaps is a group of clients of which one is visited. Room for a break is taken off a long day; where it falls, and
lateness, are none of PyVRP's business: what it gets wrong is repaired (insertion.py). The driving limit is PyVRP's
route distance at the best speed. Costs are thousandths of a cent. Every stop is optional with its penalty as prize, so
that there is always an answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from importlib.metadata import version

import pyvrp
import pyvrp.search

from oms_dagster.domain.routes import fleet
from oms_dagster.domain.routes.apart import refused_classes
from oms_dagster.domain.routes.draft import Draft, Prepared
from oms_dagster.domain.routes.effort import Effort
from oms_dagster.domain.routes.problem import Vehicle
from oms_dagster.domain.routes.pyvrp_data import Offer, Unit, bases_of, problem_data, unit_of_client
from oms_dagster.domain.solving import Budget

NAME = f"pyvrp {version('pyvrp')}"
#: One iteration in so many is spent on the exact problem, at the end.
EXACT = 8
#: Iterations of each search for a plan with a vehicle fewer: more don't find more.
FEWER = 3
#: Iterations from which a search is long: then it pays to compare all that PyVRP would.
LONG = 1_000
_QUICK = [move for move in pyvrp.search.OPERATORS if move not in (pyvrp.search.Swap21, pyvrp.search.Swap22)]
_NEIGHBOURS = pyvrp.search.NeighbourhoodParams(num_neighbours=40)


@dataclass(frozen=True, slots=True)
class Routed:
    """Trips by vehicle as groups of shipments; where the search found none that keep all limits, they break some."""

    trips: dict[str, list[list[Unit]]]
    iterations: int
    fuse: bool


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
    shunned = refused_classes(prepared, vehicles, start or {})
    offers = [offer for v in vehicles if (offer := _offer(prepared, units, v, shunned[v.vehicle_id])) is not None]
    served = [i for i in range(len(units)) if any(i not in offer.refused for offer in offers)]
    if not served:
        return Routed({}, 0, False)
    kinds: dict[tuple[object, ...], list[Offer]] = defaultdict(list)
    for offer in offers:
        kinds[offer.kind()].append(offer)
    groups = list(kinds.values())
    asked = [units[i] for i in served]
    stop = Effort(budget)

    def twin(exact: bool, sure: Collection[str]) -> pyvrp.ProblemData:
        return problem_data(prepared, asked, served, groups, exact, sure)

    def improved(data: pyvrp.ProblemData, initial: pyvrp.Solution | None, iterations: int) -> pyvrp.Solution:
        stop.grant(iterations)
        return pyvrp.solve(
            data,
            stop,
            seed=seed,
            collect_stats=False,
            display=False,
            initial_solution=initial,
            params=_params(iterations),
        ).best

    rough = twin(exact=False, sure=sure)
    exact = twin(exact=True, sure=())
    unit_of = unit_of_client(asked)
    initial = _initial(rough, unit_of, asked, groups, start) if start else None
    found = improved(rough, initial, budget.effort - budget.effort // EXACT)
    if not found.is_feasible():
        rough = twin(exact=False, sure=())
        found = improved(rough, _carried_over(found, rough), budget.effort // 2)
    found = fleet.with_fewer_vehicles(rough, found, lambda data, begun: improved(data, begun, FEWER))
    found = improved(exact, _carried_over(found, exact), budget.effort // EXACT)
    return Routed(_read(found, unit_of, asked, groups, start or {}), stop.used, stop.blown)


def _params(iterations: int) -> pyvrp.SolveParams:
    """PyVRP's own, but a short search looks at fewer neighbours and moves."""
    ils = pyvrp.IteratedLocalSearchParams(history_length=_history(iterations))
    if iterations >= LONG:
        return pyvrp.SolveParams(ils=ils)
    return pyvrp.SolveParams(ils=ils, neighbourhood=_NEIGHBOURS, operators=_QUICK)


def _history(iterations: int) -> int:
    """How many iterations late acceptance looks back: PyVRP's 300, but less in a short search, which else accepts anything.

    With 300 a search of 300 iterations compares every candidate with its start (Burke and Bykov 2017).
    """
    return min(300, max(30, iterations // 12))


def _offer(prepared: Prepared, units: Sequence[Unit], vehicle: Vehicle, shunned: Collection[str]) -> Offer | None:
    problem = prepared.problem
    frozen = prepared.frozen.get(vehicle.vehicle_id, ())
    from_s, driven = max(vehicle.shift_start_s, problem.depot.open_s), 0
    if frozen:
        timings = prepared.evaluate(vehicle, frozen)[0]
        from_s = timings[-1].return_s + problem.reload_s
        driven = sum(t.drive_s for t in timings)
    from_s = max(from_s, prepared.ready.get((vehicle.vehicle_id, prepared.first_open_trip(vehicle.vehicle_id)), 0))
    to_s = min(vehicle.shift_end_s + vehicle.max_overtime_s, problem.depot.close_s)
    if problem.breaks is not None and to_s - from_s > problem.breaks.work_s + problem.breaks.break_s:
        to_s -= problem.breaks.break_s
    reloads = vehicle.max_trips - prepared.first_open_trip(vehicle.vehicle_id)
    if any(h[0] == vehicle.vehicle_id and h[1] is not None for h in prepared.held_by.values()):
        reloads = 0
    rounding_s = vehicle.max_stops + 2
    metres = prepared.travel.metres_in(vehicle.max_drive_s - driven - rounding_s)
    if from_s >= to_s or reloads < 0 or metres <= 0:
        return None
    refused = frozenset(
        i
        for i, unit in enumerate(units)
        if not all(prepared.allowed(s, vehicle) for s in unit)
        or any(c in shunned for s in unit for c in s.goods_classes)
    )
    fixed = 0 if frozen else vehicle.fixed_cost_cents
    foreign = frozenset(i for i, unit in enumerate(units) if problem.stability_cents and _is_foreign(unit, vehicle))
    return Offer(vehicle, from_s, to_s, metres, reloads, fixed, refused, foreign)


def _is_foreign(unit: Unit, vehicle: Vehicle) -> bool:
    """A running plan has it on another vehicle."""
    return any(s.home_vehicle_id not in ("", vehicle.vehicle_id) for s in unit)


def _carried_over(best: pyvrp.Solution, data: pyvrp.ProblemData) -> pyvrp.Solution:
    """The same routes in another twin of the problem."""
    return pyvrp.Solution(data, [fleet.again(route_, data, route_.vehicle_type()) for route_ in best.routes()])


def _initial(
    data: pyvrp.ProblemData,
    unit_of_client: Sequence[int],
    units: Sequence[Unit],
    groups: Sequence[Sequence[Offer]],
    start: Draft,
) -> pyvrp.Solution:
    """The draft's open trips as a PyVRP solution: a unit goes where its first shipment rides, in its first opening."""
    first_client = {unit: client for client, unit in reversed(list(enumerate(unit_of_client)))}
    unit_of = {s.shipment_id: n for n, unit in enumerate(units) for s in unit}
    seen: set[int] = set()
    routes = []
    bases = bases_of(groups)
    for kind, group in enumerate(groups):
        again = 2 * bases.index(group[0].vehicle.base) + 1
        for offer in group:
            activities: list[pyvrp.Activity] = []
            for trip in start.get(offer.vehicle.vehicle_id, ()):
                if trip.frozen:
                    continue
                riding = [unit_of.get(s.shipment_id) for stop in trip.visits for s in stop.shipments]
                fresh = [n for n in dict.fromkeys(riding) if n is not None and n not in seen]
                if fresh and activities and sum(a.is_depot() for a in activities) < offer.reloads:
                    activities.append(pyvrp.Activity(pyvrp.ActivityType.DEPOT, again))
                activities += [pyvrp.Activity(pyvrp.ActivityType.CLIENT, first_client[n]) for n in fresh]
                seen.update(fresh)
            if activities:
                routes.append(pyvrp.Route(data, activities, kind))
    return pyvrp.Solution(data, routes)


def _read(
    best: pyvrp.Solution,
    unit_of_client: Sequence[int],
    units: Sequence[Unit],
    groups: Sequence[Sequence[Offer]],
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
