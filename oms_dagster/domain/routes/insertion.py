"""Putting one shipment into a draft: every place it can go, the cheapest that breaks nothing.

Belongs here: insertion, the repair of trips that break a limit, the merge of neighbouring stops at one address. Does
not belong here: the metaheuristic (engine.py), reasons for what stays behind (diagnosis.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from oms_dagster.domain.routes.draft import Draft, Prepared, missing, stops_of, with_trip
from oms_dagster.domain.routes.probe import Probe
from oms_dagster.domain.routes.problem import Shipment, Vehicle
from oms_dagster.domain.routes.schedule import Trip, can_share_a_stop, meet


@dataclass(frozen=True, slots=True)
class Place:
    """A vehicle's day with the shipment in it, limits not yet looked at."""

    vehicle: Vehicle
    trips: tuple[Trip, ...]
    trip: Trip


@dataclass(frozen=True, slots=True)
class Opening:
    """A trip that a shipment may join, with the stops that it has (none: it would be a new trip)."""

    vehicle: Vehicle
    trips: tuple[Trip, ...]
    number: int
    stops: tuple[tuple[Shipment, ...], ...]


def openings(prepared: Prepared, draft: Draft, shipment: Shipment) -> Iterator[Opening]:
    """Every open trip; of unused vehicles that are alike only the first."""
    held = prepared.held_by.get(shipment.shipment_id)
    alike: set[int] = set()
    for vehicle in prepared.vehicles.values():
        if held is not None and held[0] != vehicle.vehicle_id:
            continue
        trips = draft.get(vehicle.vehicle_id, ())
        if not trips and held is None and vehicle.vehicle_id not in prepared.tied:
            if prepared.kind[vehicle.vehicle_id] in alike:
                continue
            alike.add(prepared.kind[vehicle.vehicle_id])
        first = prepared.first_open_trip(vehicle.vehicle_id)
        last = max((trip.number for trip in trips), default=first - 1)
        numbers = range(first, last + 2) if held is None or held[1] is None else (held[1],)
        for number in numbers:
            if first <= number <= vehicle.max_trips:
                yield Opening(vehicle, trips, number, next((stops_of(t) for t in trips if t.number == number), ()))


def joined(prepared: Prepared, opening: Opening, shipment: Shipment) -> Iterator[Place]:
    """The shipment in each stop of its address."""
    stops = opening.stops
    for i, stop in enumerate(stops):
        if _place(stop[0]) == _place(shipment):
            yield _arranged(prepared, opening, (*stops[:i], (*stop, shipment), *stops[i + 1 :]))


def inserted(prepared: Prepared, opening: Opening, shipment: Shipment, position: int) -> Place:
    """The shipment as a stop of its own."""
    stops = opening.stops
    return _arranged(prepared, opening, (*stops[:position], (shipment,), *stops[position:]))


def _arranged(prepared: Prepared, opening: Opening, stops: tuple[tuple[Shipment, ...], ...]) -> Place:
    trip = prepared.arrange(opening.vehicle.vehicle_id, opening.number, stops)
    return Place(opening.vehicle, with_trip(opening.trips, trip), trip)


def places(prepared: Prepared, draft: Draft, shipment: Shipment, nearest: int) -> Iterator[Place]:
    """Ways to add a shipment, limits not looked at: into a stop of its address, or as a stop of its own.

    Of each open trip the `nearest` positions that add the fewest metres are tried, and its end.
    """
    for opening in openings(prepared, draft, shipment):
        yield from joined(prepared, opening, shipment)
        detours = Probe(prepared, opening.vehicle, opening.trips, opening.number).detours(shipment)
        ranked = sorted(range(len(detours)), key=lambda i: (detours[i], i))
        for position in sorted({*ranked[:nearest], len(detours) - 1}):
            yield inserted(prepared, opening, shipment, position)


class Places:
    """Finds the cheapest place of one shipment after the other, keeping what it knows of unchanged vehicles."""

    def __init__(self, prepared: Prepared) -> None:
        self._prepared = prepared
        self._probes: dict[tuple[str, int], Probe] = {}

    def best(self, draft: Draft, shipment: Shipment, below_cents: int | None = None) -> tuple[int, Place] | None:
        """The cheapest place that breaks nothing, with its extra cost in cents; None where there is none.

        With `below_cents` only a place that costs less counts.
        """
        best: tuple[int, Place] | None = None
        limit = below_cents
        for opening in openings(self._prepared, draft, shipment):
            vehicle = opening.vehicle
            probe = self._probe(opening)
            if not self._prepared.allowed(shipment, vehicle) or not probe.has_room(shipment):
                continue
            fixed = 0 if opening.trips else vehicle.fixed_cost_cents
            candidates = list(joined(self._prepared, opening, shipment))
            for position, metres in probe.positions(shipment):
                if limit is None or fixed + vehicle.cost_per_km_cents * metres // 1000 - 3 < limit:
                    candidates.append(inserted(self._prepared, opening, shipment, position))
            for place in candidates:
                _, broken, cost = self._prepared.evaluate(vehicle, place.trips)
                extra = cost - probe.cost_cents
                if broken.none and (limit is None or extra < limit):
                    best, limit = (extra, place), extra
        return best

    def _probe(self, opening: Opening) -> Probe:
        key = (opening.vehicle.vehicle_id, opening.number)
        known = self._probes.get(key)
        if known is None or known.trips is not opening.trips:
            known = Probe(self._prepared, opening.vehicle, opening.trips, opening.number)
            self._probes[key] = known
        return known


def insert_what_pays(prepared: Prepared, draft: Draft) -> dict[str, tuple[Trip, ...]]:
    """Insert missing shipments whose cheapest place costs less than leaving them, until none does."""
    result = dict(draft)
    search = Places(prepared)
    while True:
        added = False
        for shipment in missing(prepared, result):
            found = search.best(result, shipment, shipment.penalty_cents)
            if found is not None:
                result[found[1].vehicle.vehicle_id] = found[1].trips
                added = True
        if not added:
            return result


def repaired(prepared: Prepared, draft: Draft) -> dict[str, tuple[Trip, ...]]:
    """Take stops off open trips, the cheapest to leave first, until each vehicle's day breaks nothing.

    Where goods meet that must not, only those of the rarer class are looked at first.
    """
    result: dict[str, tuple[Trip, ...]] = {}
    for vehicle_id, trips in draft.items():
        vehicle = prepared.vehicles[vehicle_id]
        first = prepared.first_open_trip(vehicle_id)
        current = tuple(trips)
        while not prepared.evaluate(vehicle, current)[1].none:
            stops = [(trip.number, stop) for trip in current if trip.number >= first for stop in stops_of(trip)]
            if not stops:
                break
            stops = _that_must_not_meet(prepared, current, stops) or stops
            number, gone = min(
                stops, key=lambda s: (_is_locked(prepared, vehicle_id, s), _penalty(s[1]), s[1][0].shipment_id)
            )
            kept = [stop for n, stop in stops if n == number and stop is not gone]
            current = with_trip(current, prepared.arrange(vehicle_id, number, kept))
        result[vehicle_id] = renumbered(prepared, vehicle_id, current)
    return {v: trips for v, trips in result.items() if trips}


def _that_must_not_meet(
    prepared: Prepared, trips: tuple[Trip, ...], stops: list[tuple[int, tuple[Shipment, ...]]]
) -> list[tuple[int, tuple[Shipment, ...]]]:
    """The stops with goods of a class that must not be on its load, of a pair the one with fewer stops."""
    for pair in prepared.problem.apart:
        for trip in trips:
            if meet(pair, trip.visits):
                sides = [[s for s in stops if s[0] == trip.number and any(c in x.goods_classes for x in s[1])]
                         for c in pair]  # fmt: skip
                found = min((side for side in sides if side), key=len, default=[])
                if found:
                    return found
    return []


def _is_locked(prepared: Prepared, vehicle_id: str, place: tuple[int, tuple[Shipment, ...]]) -> bool:
    locks = prepared.positions.get((vehicle_id, place[0]), {})
    return any(s.shipment_id in locks for s in place[1])


def _penalty(stop: tuple[Shipment, ...]) -> int:
    return sum(s.penalty_cents for s in stop)


def renumbered(prepared: Prepared, vehicle_id: str, trips: tuple[Trip, ...]) -> tuple[Trip, ...]:
    """Open trips numbered without gaps, unless a lock names a trip of the vehicle."""
    if any(held[0] == vehicle_id and held[1] is not None for held in prepared.held_by.values()):
        return trips
    first = prepared.first_open_trip(vehicle_id)
    frozen = [t for t in trips if t.frozen]
    opened = [Trip(first + i, t.visits) for i, t in enumerate(t for t in trips if not t.frozen)]
    return (*frozen, *opened)


def neighbours_merged(prepared: Prepared, draft: Draft) -> dict[str, tuple[Trip, ...]]:
    """Neighbouring stops at one address become one where a common window and all limits allow it."""
    result = dict(draft)
    for vehicle_id, trips in draft.items():
        vehicle = prepared.vehicles[vehicle_id]
        for trip in trips:
            if trip.frozen:
                continue
            i = 0
            stops = list(stops_of(trip))
            while i + 1 < len(stops):
                together = (*stops[i], *stops[i + 1])
                merged = [*stops[:i], together, *stops[i + 2 :]]
                if _mergeable(stops[i], stops[i + 1]):
                    day = with_trip(result[vehicle_id], prepared.arrange(vehicle_id, trip.number, merged))
                    before = prepared.evaluate(vehicle, result[vehicle_id])
                    after = prepared.evaluate(vehicle, day)
                    if after[1].none and after[2] <= before[2]:
                        result[vehicle_id], stops = day, merged
                        continue
                i += 1
    return result


def _mergeable(one: tuple[Shipment, ...], other: tuple[Shipment, ...]) -> bool:
    return _place(one[0]) == _place(other[0]) and can_share_a_stop((*one, *other))


def _place(shipment: Shipment) -> tuple[str, float, float]:
    return shipment.address_key, shipment.latitude, shipment.longitude
