"""The way without a planner: shipments sorted by postal code, cut into vehicles in that order.

Belongs here: the naive plan that every solve is measured against, under the same locks and limits. Does not belong
here: anything clever.
"""

from __future__ import annotations

import numpy as np

from oms_dagster.domain.routes.draft import Prepared, stops_of, units, with_trip
from oms_dagster.domain.routes.problem import Shipment
from oms_dagster.domain.routes.schedule import Trip, load_sums

NAME = "postal_code_order"
#: Seconds by which a detour may be shorter than the direct way: each leg is rounded up.
_ROUNDING_S = 5


def postal_code_draft(prepared: Prepared) -> dict[str, tuple[Trip, ...]]:
    """Each stop, in order of postal code, goes to the end of the first vehicle that can still take it.

    Stops under a position lock are set first, so that each vehicle's fixed places are known; pick-ups come last.
    """
    draft = prepared.start()
    locked = {s for locks in prepared.positions.values() for s in locks}
    room = _Room(prepared, draft)
    for unit in sorted(units(prepared, prepared.free), key=lambda u: (u[0].shipment_id not in locked, u[0].is_pickup)):
        for vehicle_id in room.may_take(unit):
            if _append(prepared, draft, unit, vehicle_id):
                room.look(vehicle_id, draft[vehicle_id])
                break
    return draft


class _Room:
    """What each vehicle surely can't take any more: a quick look before a day is timed in full."""

    def __init__(self, prepared: Prepared, draft: dict[str, tuple[Trip, ...]]) -> None:
        self._prepared = prepared
        self._vehicle_ids = list(prepared.vehicles)
        self._at = {v: n for n, v in enumerate(self._vehicle_ids)}
        self._left = np.zeros((len(self._vehicle_ids), 4), dtype=np.int64)
        for vehicle_id in self._vehicle_ids:
            self.look(vehicle_id, draft.get(vehicle_id, ()))

    def look(self, vehicle_id: str, trips: tuple[Trip, ...]) -> None:
        """Seconds left of the day, and grams, dm3 and stops left on the last load if there can't be another."""
        vehicle, depot = self._prepared.vehicles[vehicle_id], self._prepared.problem.depot
        ready = max(vehicle.shift_start_s, depot.open_s)
        timings = self._prepared.evaluate(vehicle, trips)[0] if trips else ()
        end = min(vehicle.shift_end_s + vehicle.max_overtime_s, depot.close_s)
        seconds = end - (timings[-1].return_s if timings else ready)
        last = trips[-1].visits if trips else ()
        weight_g, volume_dm3, _ = load_sums(last)
        is_last = vehicle.max_trips == 1 or (bool(trips) and trips[-1].number >= vehicle.max_trips)
        self._left[self._at[vehicle_id]] = (
            seconds + _ROUNDING_S,
            vehicle.capacity_g - (weight_g if is_last else 0),
            vehicle.capacity_dm3 - (volume_dm3 if is_last else 0),
            vehicle.max_stops - (len(last) if is_last else 0),
        )

    def may_take(self, unit: tuple[Shipment, ...]) -> list[str]:
        """Vehicles that aren't ruled out, in id order."""
        held = self._prepared.held_by.get(unit[0].shipment_id)
        if held is not None:
            return [held[0]] if held[0] in self._prepared.vehicles else []
        service_s = self._prepared.problem.stop_service_s + sum(s.service_s for s in unit)
        goods = [s for s in unit if not s.is_pickup]  # a pick-up needs room only after the last delivery
        needs = (service_s, sum(s.weight_g for s in goods), sum(s.volume_dm3 for s in goods), 1)
        return [self._vehicle_ids[n] for n in np.nonzero((self._left >= needs).all(axis=1))[0]]


def _append(
    prepared: Prepared, draft: dict[str, tuple[Trip, ...]], unit: tuple[Shipment, ...], vehicle_id: str
) -> bool:
    vehicle = prepared.vehicles[vehicle_id]
    if not prepared.allowed(unit[0], vehicle):
        return False
    held = prepared.held_by.get(unit[0].shipment_id)
    trips = draft.get(vehicle_id, ())
    first = prepared.first_open_trip(vehicle_id)
    last = max((trip.number for trip in trips), default=first - 1)
    numbers = (max(first, last), last + 1) if held is None or held[1] is None else (held[1],)
    for number in dict.fromkeys(numbers):
        if not first <= number <= vehicle.max_trips:
            continue
        stops = next((stops_of(t) for t in trips if t.number == number), ())
        day = with_trip(trips, prepared.arrange(vehicle_id, number, [*stops, unit]))
        if prepared.evaluate(vehicle, day)[1].none:
            draft[vehicle_id] = day
            return True
    return False
