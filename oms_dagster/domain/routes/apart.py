"""Goods that may not meet, for an engine that knows only which vehicle may visit which stop: each vehicle gets a side.

Belongs here: dealing the vehicles. Does not belong here: whether goods meet on a load (schedule.py, verify.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from oms_dagster.domain.routes.draft import Draft, Prepared
from oms_dagster.domain.routes.problem import Shipment, Vehicle


def matters(prepared: Prepared) -> bool:
    """There are goods of both sides of some pair to be planned."""
    classes = {c for s in prepared.free for c in s.goods_classes}
    return any(set(pair) <= classes for pair in prepared.problem.apart)


def refused_classes(prepared: Prepared, vehicles: Sequence[Vehicle], start: Draft) -> dict[str, frozenset[str]]:
    """Goods classes that each vehicle does without, so that no two of a pair can meet.

    A vehicle keeps the side of what it carries in `start`; the others go where most shipments wait for one more.
    """
    refused: dict[str, set[str]] = {v.vehicle_id: set() for v in vehicles}
    for pair in prepared.problem.apart:
        wants = {c: sum(c in s.goods_classes for s in prepared.free) for c in pair}
        if not all(wants.values()) or pair[0] == pair[1]:
            continue
        given = dict.fromkeys(pair, 0)
        carried = {v.vehicle_id: _classes(start, v.vehicle_id).intersection(pair) for v in vehicles}
        for vehicle in sorted(vehicles, key=lambda v: (not carried[v.vehicle_id], v.vehicle_id)):
            open_to = [c for c in pair if c not in refused[vehicle.vehicle_id]]
            side = max(carried[vehicle.vehicle_id] or open_to or pair, key=lambda c: (wants[c] / (given[c] + 1), c))
            given[side] += 1
            refused[vehicle.vehicle_id].update(c for c in pair if c != side)
    return {vehicle_id: frozenset(classes) for vehicle_id, classes in refused.items()}


def _classes(draft: Draft, vehicle_id: str) -> set[str]:
    goods: list[Shipment] = [s for trip in draft.get(vehicle_id, ()) for stop in trip.visits for s in stop.shipments]
    return {c for s in goods for c in s.goods_classes}
