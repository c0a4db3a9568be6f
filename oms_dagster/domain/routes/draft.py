"""A plan in the making: what the locks fix, which vehicles may be used, and trips that respect stop positions.

Belongs here: what baseline, engine, insertion and diagnosis share. Does not belong here: choosing (those four),
published figures (assemble.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import TypeAlias

from oms_dagster.domain.routes.doors import DAY_S, Ready
from oms_dagster.domain.routes.problem import FrozenLoad, PositionLock, Problem, Shipment, Vehicle
from oms_dagster.domain.routes.schedule import (
    Excess,
    Trip,
    TripTiming,
    Visit,
    can_share_a_stop,
    day_cost_cents,
    excess,
    may_enter,
    time_day,
    visit,
)
from oms_dagster.domain.routes.travel import Travel

Stops: TypeAlias = Sequence[Sequence[Shipment]]
#: Trips of each used vehicle, by trip number. Never changed in place.
Draft: TypeAlias = Mapping[str, tuple[Trip, ...]]


class Prepared:
    """A problem with its look-ups and travel matrix.

    Attributes
    ----------
    vehicles
        Usable vehicles by id, in id order. A driver drives one vehicle a day: of vehicles that share a driver the
        locked one, else the first, is used.
    frozen
        The frozen trips of each vehicle.
    free
        Shipments that aren't on a frozen load, in id order.
    held_by
        (vehicle, trip or None) of each shipment that a lock ties to a vehicle.
    positions
        Stop position of each shipment under a position lock, by (vehicle, trip).
    ready
        When the load of a (vehicle, trip) has left its door, where that is known.
    kind, tied
        Vehicles of one kind differ in nothing but their ids; tied ones are named by a lock.
    """

    __slots__ = (
        "_visits", "free", "frozen", "held_by", "kind", "positions", "problem", "ready", "shipments", "tied", "travel",
        "vehicles",
    )  # fmt: skip

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.travel = Travel(problem.places, problem.travel, problem.roads, _on_the_road(problem))
        self.shipments = {s.shipment_id: s for s in problem.shipments}
        self.vehicles = {v.vehicle_id: v for v in _one_per_driver(problem)}
        self._visits: dict[tuple[object, ...], Visit] = {}
        self.tied = {lock.vehicle_id for lock in problem.locks}
        self._wait(problem)
        self.held_by: dict[str, tuple[str, int | None]] = {}
        self.positions: dict[tuple[str, int], dict[str, int]] = {}
        frozen: dict[str, list[Trip]] = {}
        on_frozen: set[str] = set()
        for lock in problem.locks:
            if isinstance(lock, FrozenLoad):
                frozen.setdefault(lock.vehicle_id, []).append(self._frozen_trip(lock))
                on_frozen.update(s for stop in lock.stops for s in stop)
                continue
            self.held_by[lock.shipment_id] = (lock.vehicle_id, lock.trip)
            if isinstance(lock, PositionLock):
                places_on_load = self.positions.setdefault((lock.vehicle_id, lock.trip), {})
                places_on_load[lock.shipment_id] = lock.stop_sequence
        self.frozen = {v: tuple(sorted(trips, key=lambda t: t.number)) for v, trips in sorted(frozen.items())}
        self.free = tuple(self.shipments[s] for s in sorted(self.shipments) if s not in on_frozen)

    def _wait(self, problem: Problem) -> None:
        self.problem = problem
        self.ready = {(load.vehicle_id, load.trip): load.ready_s for load in problem.ready}
        kinds: dict[tuple[Vehicle, int], int] = {}
        self.kind = {}
        for v, vehicle in self.vehicles.items():
            ready_s = self.ready.get((v, 1 + vehicle.trips_done), 0)
            self.kind[v] = kinds.setdefault((replace(vehicle, vehicle_id="", driver_id=""), ready_s), len(kinds))

    def waiting(self, ready: tuple[Ready, ...]) -> Prepared:
        """The same day with other departures that wait for a door."""
        other = copy(self)
        other._wait(replace(self.problem, ready=ready))
        return other

    def cautious(self) -> Prepared:
        """The same day with slow hours spread over it, for a search that knows no hours."""
        other = copy(self)
        other.travel = self.travel.cautious()
        return other

    def _frozen_trip(self, lock: FrozenLoad) -> Trip:
        stops = [[self.shipments[s] for s in stop] for stop in lock.stops]
        visits = tuple(visit(self.problem, self.travel, stop, may_be_late=True) for stop in stops)
        return Trip(lock.trip, visits, True, lock.departure_s)

    def first_open_trip(self, vehicle_id: str) -> int:
        """Number of the first trip that hasn't left and isn't frozen or before a frozen one."""
        trips = self.frozen.get(vehicle_id, ())
        if trips:
            return trips[-1].number + 1
        return 1 + self.vehicles[vehicle_id].trips_done if vehicle_id in self.vehicles else 1

    def start(self) -> dict[str, tuple[Trip, ...]]:
        """The draft that holds the frozen loads and nothing else."""
        return dict(self.frozen)

    def allowed(self, shipment: Shipment, vehicle: Vehicle) -> bool:
        """Temperature, hazard, skills, access and vehicle locks permit the pair."""
        held = self.held_by.get(shipment.shipment_id)
        return (
            shipment.temperature_class in vehicle.temperature_classes
            and (vehicle.hazard_ok or not shipment.hazard_class)
            and set(shipment.skills) <= set(vehicle.skills)
            and may_enter(vehicle, shipment)
            and (held is None or held[0] == vehicle.vehicle_id)
        )

    def arrange(self, vehicle_id: str, number: int, stops: Stops) -> Trip:
        """A trip with `stops` in this order, except that stops under a position lock go to their place."""
        locks = self.positions.get((vehicle_id, number), {})
        if not locks:
            return Trip(number, tuple(self._visit(stop) for stop in stops))
        places = {i: min(locks[s.shipment_id] for s in stop if s.shipment_id in locks)
                  for i, stop in enumerate(stops) if any(s.shipment_id in locks for s in stop)}  # fmt: skip
        free = [stop for i, stop in enumerate(stops) if i not in places]
        visits: list[Visit] = []
        for i in sorted(places, key=lambda i: (places[i], stops[i][0].shipment_id)):
            while free and len(visits) < places[i] - 1:
                visits.append(self._visit(free.pop(0)))
            visits.append(self._visit(stops[i], may_be_late=True))
        visits.extend(self._visit(stop) for stop in free)
        return Trip(number, tuple(visits))

    def _visit(self, stop: Sequence[Shipment], may_be_late: bool = False) -> Visit:
        key = (may_be_late, *(s.shipment_id for s in stop))
        if key not in self._visits:
            self._visits[key] = visit(self.problem, self.travel, stop, may_be_late)
        return self._visits[key]

    def evaluate(self, vehicle: Vehicle, trips: Sequence[Trip]) -> tuple[tuple[TripTiming, ...], Excess, int]:
        """(times, excess, cost in cents) of a vehicle's day."""
        timings = time_day(self.problem, self.travel, vehicle, trips, self.ready)
        return timings, excess(self.problem, vehicle, trips, timings), day_cost_cents(self.problem, vehicle, timings)


def _on_the_road(problem: Problem) -> tuple[int, int]:
    """First and last second at which a vehicle may be out."""
    begins = (max(v.shift_start_s, problem.depot.open_s) for v in problem.vehicles)
    ends = (min(v.shift_end_s + v.max_overtime_s, problem.depot.close_s) for v in problem.vehicles)
    frozen = any(isinstance(lock, FrozenLoad) for lock in problem.locks)
    return (0, DAY_S) if frozen else (min(begins, default=0), max(ends, default=0))


def _one_per_driver(problem: Problem) -> list[Vehicle]:
    locked = {lock.vehicle_id for lock in problem.locks}
    frozen = {lock.vehicle_id for lock in problem.locks if isinstance(lock, FrozenLoad)}
    taken: set[str] = set()
    chosen = []
    ranked = sorted(
        problem.vehicles, key=lambda v: (v.vehicle_id not in frozen, v.vehicle_id not in locked, v.vehicle_id)
    )
    for vehicle in ranked:
        if vehicle.driver_id and vehicle.driver_id in taken and vehicle.vehicle_id not in frozen:
            continue
        taken.add(vehicle.driver_id)
        chosen.append(vehicle)
    return sorted(chosen, key=lambda v: v.vehicle_id)


def stops_of(trip: Trip) -> tuple[tuple[Shipment, ...], ...]:
    """The stops of a trip as groups of shipments."""
    return tuple(stop.shipments for stop in trip.visits)


def with_trip(trips: Sequence[Trip], trip: Trip) -> tuple[Trip, ...]:
    """A vehicle's trips with one of them added or replaced (or gone, when it has no visits)."""
    others = [t for t in trips if t.number != trip.number]
    return tuple(sorted([*others, trip] if trip.visits else others, key=lambda t: t.number))


def placed(draft: Draft) -> set[str]:
    """Ids of the shipments that ride."""
    return {s.shipment_id for trips in draft.values() for trip in trips for stop in trip.visits for s in stop.shipments}


def missing(prepared: Prepared, draft: Draft) -> list[Shipment]:
    """Shipments that don't ride, the most urgent and costly to leave first."""
    riding = placed(draft)
    left = [s for s in prepared.free if s.shipment_id not in riding]
    return sorted(left, key=lambda s: (s.priority, -s.penalty_cents, s.shipment_id))


def draft_objective(prepared: Prepared, draft: Draft) -> int:
    """Costs of the loads and their lateness + penalties of what is left behind, in cents."""
    riding = placed(draft)
    cost = sum(prepared.evaluate(prepared.vehicles[v], trips)[2] for v, trips in draft.items() if trips)
    return cost + sum(s.penalty_cents for s in prepared.free if s.shipment_id not in riding)


def units(prepared: Prepared, shipments: Iterable[Shipment]) -> list[tuple[Shipment, ...]]:
    """Shipments that can share a stop, as groups: one address, one set of locks, a common window, room on a vehicle.

    Pick-ups are groups of their own, so that none takes a delivery with it when it stays behind. A shipment that fits no vehicle alone is a group of its own. In order of postal code, address and id.
    """
    order = sorted(shipments, key=lambda s: (s.country, s.postcode, s.address_key, s.shipment_id))
    groups: dict[tuple[object, ...], list[list[Shipment]]] = {}
    for shipment in order:
        key = _sharing_key(prepared, shipment)
        candidates = groups.setdefault(key, [])
        for group in candidates:
            together = [*group, shipment]
            if can_share_a_stop(together) and _fits_some_vehicle(prepared, together):
                group.append(shipment)
                break
        else:
            candidates.append([shipment])
    return [tuple(group) for candidates in groups.values() for group in candidates]


def _sharing_key(prepared: Prepared, shipment: Shipment) -> tuple[object, ...]:
    held = prepared.held_by.get(shipment.shipment_id)
    position = None
    if held is not None and held[1] is not None:
        position = prepared.positions.get((held[0], held[1]), {}).get(shipment.shipment_id)
    place = (shipment.address_key, shipment.latitude, shipment.longitude)
    goods = (shipment.temperature_class, shipment.hazard_class != "", shipment.goods_classes)
    return (*place, *goods, shipment.is_pickup, shipment.skills, shipment.vehicle_classes, held, position)


def _fits_some_vehicle(prepared: Prepared, together: Sequence[Shipment]) -> bool:
    weight = sum(s.weight_g for s in together)
    volume = sum(s.volume_dm3 for s in together)
    value = sum(s.value_cents for s in together)
    return any(
        prepared.allowed(together[0], v)
        and weight <= v.capacity_g
        and volume <= v.capacity_dm3
        and value <= v.max_value_cents
        for v in prepared.vehicles.values()
    )
