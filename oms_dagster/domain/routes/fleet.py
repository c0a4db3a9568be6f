"""A vehicle fewer: the stops of one day's trips pressed into the others, whose limits give way until all fit, or don't.

A local search hardly ever empties a vehicle: on the way each plan is dearer than the last. So a search begins without one,
its stops on no vehicle, and PyVRP's penalties do the rest; compare Nagata and Bräysy 2009, a route minimisation heuristic
for the vehicle routing problem with time windows. PyVRP's own `minimise_fleet` knows one type of vehicle, no optional stops
and no plan to begin from. Belongs here: which vehicle goes, and what is gained. Does not belong here: the search itself
(engine.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pyvrp

#: Searches without one vehicle, at most.
TRIES = 4


def with_fewer_vehicles(
    data: pyvrp.ProblemData,
    best: pyvrp.Solution,
    searched: Callable[[pyvrp.ProblemData, pyvrp.Solution], pyvrp.Solution],
) -> pyvrp.Solution:
    """`best`, or a cheaper solution with a vehicle fewer, or with several.

    Parameters
    ----------
    searched
        The best solution that a search of some iterations finds from another.
    """
    tried: set[frozenset[int]] = set()
    for _ in range(TRIES):
        victim = _emptiest(data, best, tried)
        if victim is None:
            return best
        tried.add(_clients(victim))
        others = [route for route in best.routes() if route != victim]
        smaller, kinds = _only(data, Counter(route.vehicle_type() for route in others))
        start = pyvrp.Solution(smaller, [again(route, smaller, kinds.index(route.vehicle_type())) for route in others])
        found = searched(smaller, start)
        if found.is_feasible():
            candidate = pyvrp.Solution(data, [again(r, data, kinds[r.vehicle_type()]) for r in found.routes()])
            best = min(best, candidate, key=_cost)
    return best


def again(route: pyvrp.Route, data: pyvrp.ProblemData, vehicle_type: int) -> pyvrp.Route:
    """The same visits as a route of other data."""
    kinds = pyvrp.ActivityType
    visits = [pyvrp.Activity(kinds.CLIENT if a.is_client() else kinds.DEPOT, a.idx) for a in route]
    return pyvrp.Route(data, visits[1:-1], vehicle_type)


def _emptiest(data: pyvrp.ProblemData, best: pyvrp.Solution, tried: set[frozenset[int]]) -> pyvrp.Route | None:
    """The vehicle with the fewest stops of those that cost something by the day, weren't tried, and whose goods the others could carry."""
    routes = best.routes()
    types = data.vehicle_types()
    room = [sum(_room(types[r.vehicle_type()], d) for r in routes) for d in range(data.num_load_dimensions)]
    load = [sum(max(r.delivery()[d], r.pickup()[d]) for r in routes) for d in range(data.num_load_dimensions)]
    return min(
        (
            r
            for r in routes
            if len(routes) > 1
            and types[r.vehicle_type()].fixed_cost
            and _clients(r) not in tried
            and all(
                total <= whole - _room(types[r.vehicle_type()], d)
                for d, (total, whole) in enumerate(zip(load, room, strict=True))
            )
        ),
        key=lambda r: (r.num_clients(), min(_clients(r), default=0)),
        default=None,
    )


def _room(kind: pyvrp.VehicleType, dimension: int) -> int:
    return int(kind.capacity[dimension]) * (kind.max_reloads + 1)


def _clients(route: pyvrp.Route) -> frozenset[int]:
    return frozenset(a.idx for a in route if a.is_client())


def _only(data: pyvrp.ProblemData, used: Counter[int]) -> tuple[pyvrp.ProblemData, list[int]]:
    """The data with so many vehicles of each type and no other, and which type each of its types was."""
    kinds = sorted(used)
    types = data.vehicle_types()
    return data.replace(vehicle_types=[types[k].replace(num_available=used[k]) for k in kinds]), kinds


def _cost(solution: pyvrp.Solution) -> int:
    return (
        solution.distance_cost()
        + solution.duration_cost()
        + solution.fixed_vehicle_cost()
        + solution.uncollected_prizes()
    )
