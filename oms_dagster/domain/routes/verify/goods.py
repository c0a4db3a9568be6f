"""What is on board of a load, leg by leg: room, fitness of the vehicle, goods apart, order of loading.

Belongs here: the rules on goods, recomputed from the problem. Does not belong here: times and distances (the package).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise
from operator import attrgetter

from oms_dagster.domain.routes.plan import Load
from oms_dagster.domain.routes.problem import Problem, Shipment, Vehicle
from oms_dagster.domain.routes.verify.findings import Finding


def on_board(problem: Problem, goods: dict[str, Shipment], vehicle: Vehicle, load: Load) -> Iterator[Finding]:
    """Findings on the goods of one load; `goods` are the problem's shipments by id."""
    carried = [goods[s] for s in load.shipment_ids]
    yield from _capacities(vehicle, load, goods)
    yield from _fit(vehicle, carried)
    yield from _kept_apart(problem, load, carried)
    yield from _load_positions(load, goods)


def _fit(vehicle: Vehicle, carried: Sequence[Shipment]) -> Iterator[Finding]:
    for shipment in carried:
        if shipment.temperature_class not in vehicle.temperature_classes:
            yield Finding("ROUTE-17", shipment.shipment_id, f"{shipment.temperature_class} on {vehicle.vehicle_id}")
        if shipment.hazard_class and not vehicle.hazard_ok:
            yield Finding("ROUTE-18", shipment.shipment_id, f"{shipment.hazard_class} on {vehicle.vehicle_id}")
        if any(skill not in vehicle.skills for skill in shipment.skills):
            yield Finding("ROUTE-24", shipment.shipment_id, f"{shipment.skills} asked of {vehicle.skills}")
        if shipment.vehicle_classes and vehicle.vehicle_class not in shipment.vehicle_classes:
            yield Finding("ROUTE-25", shipment.shipment_id, f"no way in for {vehicle.vehicle_class or 'a vehicle'}")


def _capacities(vehicle: Vehicle, load: Load, goods: dict[str, Shipment]) -> Iterator[Finding]:
    for rule, limit, unit, amount in (
        ("ROUTE-03", vehicle.capacity_g, "g", attrgetter("weight_g")),
        ("ROUTE-04", vehicle.capacity_dm3, "dm3", attrgetter("volume_dm3")),
        ("ROUTE-06", vehicle.max_value_cents, "cents", attrgetter("value_cents")),
    ):
        aboard = sum(amount(goods[s]) for s in load.shipment_ids if not goods[s].is_pickup)
        legs = [aboard]
        for stop in load.stops:
            aboard += sum(amount(goods[s]) if goods[s].is_pickup else -amount(goods[s]) for s in stop.shipment_ids)
            legs.append(aboard)
        where = legs.index(max(legs))
        if legs[where] > limit:
            after = f" after stop {where}" if where else ""
            yield Finding(rule, load.load_id, f"{legs[where]} {unit} of {limit}{after}")
    if len(load.stops) > vehicle.max_stops:
        yield Finding("ROUTE-05", load.load_id, f"{len(load.stops)} stops of {vehicle.max_stops}")


def _kept_apart(problem: Problem, load: Load, carried: Sequence[Shipment]) -> Iterator[Finding]:
    for one, other in combinations(carried, 2):
        for a, b in problem.apart:
            classes = (one.goods_classes, other.goods_classes)
            if (a in classes[0] and b in classes[1]) or (b in classes[0] and a in classes[1]):
                yield Finding("ROUTE-26", load.load_id, f"{one.shipment_id} {a} beside {other.shipment_id} {b}")


def _load_positions(load: Load, goods: dict[str, Shipment]) -> Iterator[Finding]:
    stated = [p for stop in load.stops for p in stop.load_positions]
    aligned = all(len(stop.load_positions) == len(stop.shipment_ids) for stop in load.stops)
    delivered = [
        [p for s, p in zip(stop.shipment_ids, stop.load_positions, strict=False) if not goods[s].is_pickup]
        for stop in load.stops
    ]
    positions = [p for stop in delivered for p in stop]
    lifo = all(min(a) > max(b) for a, b in pairwise(stop for stop in delivered if stop))
    if (
        not aligned
        or not lifo
        or sorted(positions) != list(range(1, len(positions) + 1))
        or sum(stated) != sum(positions)
    ):
        yield Finding("ROUTE-20", load.load_id, f"positions {stated} aren't last in, first out")
