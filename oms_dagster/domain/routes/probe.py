"""Quick tests of where a shipment may go on a trip, so that only positions with a chance are timed in full.

Belongs here: constant-time necessary conditions from each stop's earliest departure and latest start (push forward,
after Solomon 1987). They never refuse a position that would do. Does not belong here: the exact answer (schedule.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from oms_dagster.domain.routes.draft import Prepared
from oms_dagster.domain.routes.problem import Shipment, Vehicle
from oms_dagster.domain.routes.schedule import Trip, load_sums, sums

_FOREVER = 10**12


class Probe:
    """One open trip of a vehicle's day, seen from a shipment that might join.

    Attributes
    ----------
    trips
        The day that was probed; another day needs another probe.
    cost_cents
        Cost of that day.
    """

    __slots__ = (
        "_coming", "_drive_left_s", "_early", "_going", "_late", "_latest_return_s", "_points", "_positions_are_locked",
        "_prepared", "_stops", "_vehicle", "cost_cents", "trips",
    )  # fmt: skip

    def __init__(self, prepared: Prepared, vehicle: Vehicle, trips: tuple[Trip, ...], number: int) -> None:
        timings, _, cost = prepared.evaluate(vehicle, trips)
        self._prepared, self._vehicle, self.trips = prepared, vehicle, trips
        self.cost_cents = cost if trips else 0
        visits = next((trip.visits for trip in trips if trip.number == number), ())
        before = [timing for trip, timing in zip(trips, timings, strict=True) if trip.number < number]
        ready = max(vehicle.shift_start_s, prepared.problem.depot.open_s)
        if before:
            ready = before[-1].return_s + prepared.problem.reload_s
        ready = max(ready, prepared.ready.get((vehicle.vehicle_id, number), 0))
        self._stops, self._going = len(visits), load_sums(visits)
        self._coming = sums([s for stop in visits for s in stop.shipments if s.is_pickup])
        base = prepared.travel.base(vehicle.base)
        self._points = [base, *(stop.point for stop in visits), base]
        self._positions_are_locked = (vehicle.vehicle_id, number) in prepared.positions
        self._drive_left_s = vehicle.max_drive_s - sum(timing.drive_s for timing in timings)
        self._latest_return_s = min(vehicle.shift_end_s + vehicle.max_overtime_s, prepared.problem.depot.close_s)
        leg = prepared.travel.leg
        self._early = [ready]
        for place, stop in enumerate(visits):
            arrival = self._early[-1] + leg(self._points[place], stop.point)[1]
            self._early.append(max(arrival, stop.window_from_s) + stop.service_s)
        late = [self._latest_return_s]
        for place in range(len(visits) - 1, -1, -1):
            stop = visits[place]
            in_time = late[-1] - leg(stop.point, self._points[place + 2])[1] - stop.service_s
            late.append(min(in_time, _FOREVER if stop.may_be_late else stop.latest_s))
        self._late = late[::-1]

    def has_room(self, shipment: Shipment) -> bool:
        """Weight, volume and value allow it at the departure, or a pick-up at the return."""
        v, (weight, volume, value) = self._vehicle, self._coming if shipment.is_pickup else self._going
        return (
            weight + shipment.weight_g <= v.capacity_g
            and volume + shipment.volume_dm3 <= v.capacity_dm3
            and value + shipment.value_cents <= v.max_value_cents
        )

    def detours(self, shipment: Shipment) -> list[tuple[int, int]]:
        """(metres, seconds) that a new stop adds at each position, the first before the first stop."""
        travel, points = self._prepared.travel, self._points
        there = travel.point(shipment.latitude, shipment.longitude)
        added = []
        for here, following in pairwise(points):
            to, on, direct = travel.leg(here, there), travel.leg(there, following), travel.leg(here, following)
            added.append((to[0] + on[0] - direct[0], to[1] + on[1] - direct[1]))
        return added

    def positions(self, shipment: Shipment) -> Sequence[tuple[int, int]]:
        """(position, metres added) of a new stop wherever it isn't ruled out; positions count from 0."""
        if self._stops >= self._vehicle.max_stops:
            return ()
        detours = self.detours(shipment)
        if self._positions_are_locked:
            return [(place, 0) for place in range(len(detours))]
        return [(n, metres) for n, (metres, seconds) in enumerate(detours) if self._may(shipment, n, seconds)]

    def _may(self, shipment: Shipment, place: int, seconds: int) -> bool:
        if seconds > self._drive_left_s:
            return False
        travel = self._prepared.travel
        there = travel.point(shipment.latitude, shipment.longitude)
        start = max(self._early[place] + travel.leg(self._points[place], there)[1], shipment.window_from_s)
        service_s = self._prepared.problem.stop_service_s + shipment.service_s
        arrival = start + service_s + travel.leg(there, self._points[place + 1])[1]
        return start <= shipment.window_to_s + shipment.max_late_s and arrival <= self._late[place]
