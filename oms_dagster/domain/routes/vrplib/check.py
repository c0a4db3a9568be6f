"""The checker of benchmark answers: recomputes cost and feasibility leg by leg. Knows no solver."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from oms_dagster.domain.routes.vrplib.instance import FleetVehicle, Instance


def violations(instance: Instance, routes: Sequence[Sequence[int]], vehicles: Sequence[int]) -> Iterator[str]:
    """What is wrong with an answer, in words; nothing when it is feasible.

    Parameters
    ----------
    routes
        Locations of the clients in order, without the depot.
    vehicles
        Position in `instance.vehicles` of the vehicle that drives each route.
    """
    visits = Counter(client for route in routes for client in route)
    for client in instance.clients:
        if visits[client] != 1:
            yield f"client {client} is visited {visits[client]} times"
    for stranger in sorted(set(visits) - set(instance.clients)):
        yield f"{stranger} isn't a client"
    if len(set(vehicles)) != len(vehicles) or len(vehicles) != len(routes):
        yield "a vehicle drives more than one route, or a route has none"
    for route, number in zip(routes, vehicles, strict=False):
        vehicle = instance.vehicles[number]
        load = sum(instance.demands[client] for client in route)
        if load > vehicle.capacity:
            yield f"vehicle {number} carries {load} of {vehicle.capacity}"
        yield from _time_violations(instance, route, vehicle, number)


def _time_violations(instance: Instance, route: Sequence[int], vehicle: FleetVehicle, number: int) -> Iterator[str]:
    way = [vehicle.depot, *route, vehicle.depot]
    windows = instance.windows or ((0, 10**15),) * len(instance.points)
    clock = windows[vehicle.depot][0]
    for here, there in pairwise(way):
        clock += (instance.services[here] if here != vehicle.depot else 0) + instance.distance(here, there)
        clock = max(clock, windows[there][0]) if there != vehicle.depot else clock
        if clock > windows[there][1]:
            yield f"vehicle {number} reaches {there} at {clock}, after {windows[there][1]}"
            return
    if vehicle.max_duration is None:
        return
    latest = clock
    for there, here in pairwise(reversed(way)):
        latest -= instance.distance(here, there)
        if here != vehicle.depot:
            latest = min(latest - instance.services[here], windows[here][1])
    if clock - latest > vehicle.max_duration:
        yield f"vehicle {number} is out for {clock - latest} of {vehicle.max_duration}"


def cost(instance: Instance, routes: Sequence[Sequence[int]], vehicles: Sequence[int]) -> float | int:
    """Cost in the convention of the published solution: an int where that is one, else rounded to its digits."""
    total = 0
    for route, number in zip(routes, vehicles, strict=True):
        vehicle = instance.vehicles[number]
        way = [vehicle.depot, *route, vehicle.depot]
        total += vehicle.fixed_cost + vehicle.unit_cost * sum(instance.distance(a, b) for a, b in pairwise(way))
    divisor = instance.rounding.cost_divisor
    return total if divisor == 1 else round(total / divisor, len(str(divisor)) - 1)
