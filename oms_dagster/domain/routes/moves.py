"""What it would cost to put a shipment on another load: shown to the dispatcher before anything is sent.

Belongs here: one shipment, each load it could go to, all others kept. Does not belong here: planning again (replan.py),
why a shipment rides nowhere (diagnosis.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from oms_dagster.domain.routes.diagnosis import what_gives_way
from oms_dagster.domain.routes.docks import with_doors_taken
from oms_dagster.domain.routes.draft import Draft, Prepared, stops_of, with_trip
from oms_dagster.domain.routes.fixes import price_cents, words
from oms_dagster.domain.routes.insertion import Opening, Place, inserted, joined, openings
from oms_dagster.domain.routes.problem import FrozenLoad, Problem, Shipment
from oms_dagster.domain.routes.schedule import Trip
from oms_dagster.domain.routes.search import read_loads


@dataclass(frozen=True, slots=True)
class Move:
    """A shipment put at its cheapest place on a load (`is_new`: one that would be made for it).

    Attributes
    ----------
    cost_cents, distance_m
        What the move adds to the plan, over both loads; below 0 it saves.
    late_s
        Lateness that it adds on both loads.
    needs
        What would have to give way, in words; empty: it keeps all limits.
    """

    load_id: str
    vehicle_id: str
    trip: int
    is_new: bool
    cost_cents: int
    distance_m: int
    late_s: int
    needs: tuple[str, ...]

    @property
    def is_feasible(self) -> bool:
        """It keeps all limits."""
        return not self.needs


def moves(problem: Problem, shipment_id: str) -> tuple[Move, ...]:
    """Every load that a shipment could go to from where the running plan (`previous`) has it, the best first.

    Loads that are locked, approved, being loaded or have left aren't offered. Where a load can't take it, the place that lacks least
    is shown with what it lacks.

    Raises
    ------
    ValueError
        The shipment isn't in the problem, or rides on a load that is locked: one line.
    """
    shipment = next((s for s in problem.shipments if s.shipment_id == shipment_id), None)
    if shipment is None:
        raise ValueError(f"{shipment_id} is in no plan of this day: it may have left")
    frozen = (lock for lock in problem.locks if isinstance(lock, FrozenLoad))
    if any(shipment_id in stop for load in frozen for stop in load.stops):
        raise ValueError(f"{shipment_id} is on a load that is locked, approved or being loaded: unlock it first")
    locks = tuple(k for k in problem.locks if isinstance(k, FrozenLoad) or k.shipment_id != shipment_id)
    prepared = Prepared(with_doors_taken(replace(problem, locks=locks)))
    before: Draft = read_loads(prepared, problem.previous)
    without, home = _without(prepared, before, shipment_id)
    saved = _sums(prepared, before, home) if home else (0, 0, 0)
    left = _sums(prepared, without, home) if home else (0, 0, 0)
    found = []
    for opening in openings(prepared, without, shipment):
        riding = [trip for trip in before.get(opening.vehicle.vehicle_id, ()) if trip.number == opening.number]
        if any(_carries(trip, shipment_id) for trip in riding):
            continue
        place, needs = _best(prepared, opening, shipment)
        day = {**without, opening.vehicle.vehicle_id: place.trips}
        here = opening.vehicle.vehicle_id
        old, new = _sums(prepared, without, here), _sums(prepared, day, here)
        cost, metres, late = (n - o + gone - had for n, o, gone, had in zip(new, old, left, saved, strict=True))
        found.append(
            Move(problem.load_id(here, opening.number), here, opening.number, not riding, cost, metres, late, needs)
        )
    return tuple(sorted(found, key=lambda m: (not m.is_feasible, m.cost_cents, m.load_id)))


def _carries(trip: Trip, shipment_id: str) -> bool:
    return any(s.shipment_id == shipment_id for stop in trip.visits for s in stop.shipments)


def _without(prepared: Prepared, draft: Draft, shipment_id: str) -> tuple[Draft, str]:
    """The draft without the shipment, and the vehicle that had it ("": none)."""
    for vehicle_id, trips in draft.items():
        for trip in trips:
            if _carries(trip, shipment_id):
                stops = [tuple(s for s in stop if s.shipment_id != shipment_id) for stop in stops_of(trip)]
                shorter = prepared.arrange(vehicle_id, trip.number, [stop for stop in stops if stop])
                return {**draft, vehicle_id: with_trip(trips, shorter)}, vehicle_id
    return draft, ""


def _sums(prepared: Prepared, draft: Draft, vehicle_id: str) -> tuple[int, int, int]:
    """(cents, metres, seconds late) of a vehicle's day."""
    timings, _, cost = prepared.evaluate(prepared.vehicles[vehicle_id], draft.get(vehicle_id, ()))
    return cost, sum(t.distance_m for t in timings), sum(sum(t.lates) for t in timings)


def _best(prepared: Prepared, opening: Opening, shipment: Shipment) -> tuple[Place, tuple[str, ...]]:
    """The cheapest place on a trip that breaks nothing, else the one that lacks least, with what it lacks."""

    def ranked() -> Iterator[tuple[tuple[int, int], Place, tuple[str, ...]]]:
        for place in _places(prepared, opening, shipment):
            for changes, cost in what_gives_way(prepared, place, shipment):
                price = sum(price_cents(prepared.problem.prices, change) for change in changes)
                yield (price, cost), place, tuple(words(prepared.problem, change) for change in changes)

    _, place, needs = min(ranked(), key=lambda way: way[0])
    return place, needs


def _places(prepared: Prepared, opening: Opening, shipment: Shipment) -> Iterator[Place]:
    yield from joined(prepared, opening, shipment)
    for position in range(len(opening.stops) + 1):
        yield inserted(prepared, opening, shipment, position)
