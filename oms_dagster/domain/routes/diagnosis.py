"""Why a shipment stays behind, and the cheapest single thing that would take it along.

For each place a shipment could go (all others kept), the limits that it would break are measured exactly. A place that
breaks one constraint names that constraint and the relaxation that is just enough; one more vehicle is always tried
beside. The cheapest by `RelaxationPrices` plus the extra routing cost wins. Belongs here: this search. Does not belong
here: prices and words (fixes.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from oms_dagster.domain.routes.doors import DAY_S
from oms_dagster.domain.routes.draft import Draft, Prepared, missing, stops_of, with_trip
from oms_dagster.domain.routes.fixes import fix, price_cents, reason_of, relaxed_vehicle
from oms_dagster.domain.routes.insertion import Place, Places, places, renumbered
from oms_dagster.domain.routes.plan import REASONS, Change, Dropped, Reason
from oms_dagster.domain.routes.problem import Shipment, Vehicle
from oms_dagster.domain.routes.schedule import Excess, Trip, TripTiming, may_enter, visit

_FAR_S = 100 * DAY_S
#: Positions tried on each trip for up to `MANY` dropped shipments, fewer beyond; more only find slightly cheaper fixes.
NEAREST = 8
MANY = 50


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to serve the shipment: what must change, and what it adds to the routes."""

    changes: tuple[Change, ...]
    extra_cents: int
    delays_others: bool = False

    def reasons(self) -> list[Reason]:
        """The constraints that must give way, each once, in the order of the closed list."""
        return sorted({reason_of(change) for change in self.changes}, key=REASONS.index)


def diagnose(prepared: Prepared, draft: Draft) -> tuple[Dropped, ...]:
    """Reason and cheapest fix of every shipment that doesn't ride, in id order."""
    left = sorted(missing(prepared, draft), key=lambda s: s.shipment_id)
    nearest = max(1, min(NEAREST, NEAREST * MANY // max(1, len(left))))
    search = Places(prepared)
    found = (_diagnosed(prepared, draft, shipment, search, nearest) for shipment in left)
    return tuple(replace(drop, is_pickup=s.is_pickup) for s, drop in zip(left, found, strict=True))


def _diagnosed(prepared: Prepared, draft: Draft, shipment: Shipment, search: Places, nearest: int) -> Dropped:
    problem = prepared.problem
    fits = search.best(draft, shipment)
    if fits is not None:
        short = max(1, fits[0] - shipment.penalty_cents + 1)
        raised = Change("penalty_cents", shipment.shipment_id, short)
        return Dropped(shipment.shipment_id, "NOT_WORTH", fix(problem, [raised], short, alone=True), fits[0])
    instead = min(_instead_of_pickups(prepared, draft, shipment), key=lambda way: way.extra_cents, default=None)
    if instead is not None:
        given_up = fix(problem, instead.changes, instead.extra_cents, alone=True)
        return Dropped(shipment.shipment_id, "PICKUP", given_up)
    ways = [*_on_the_fleet(prepared, draft, shipment, nearest), *_with_another_vehicle(prepared, draft, shipment)]

    def rank(way: _Way) -> tuple[bool, bool, int, int, str]:
        price = way.extra_cents + sum(price_cents(problem.prices, change) for change in way.changes)
        reasons = way.reasons()
        return len(reasons) > 1, way.delays_others, price, REASONS.index(reasons[0]), way.changes[0].target

    best = min(ways, key=rank)
    several, _, price, _, _ = rank(best)
    return Dropped(shipment.shipment_id, best.reasons()[0], fix(problem, best.changes, price, alone=not several))


def _instead_of_pickups(prepared: Prepared, draft: Draft, shipment: Shipment) -> Iterator[_Way]:
    """A delivery in the place of one pick-up of a vehicle, or of all of them: nothing is displaced unsaid."""
    for vehicle_id, trips in draft.items():
        riding = [s for trip in trips if not trip.frozen for stop in trip.visits for s in stop.shipments]
        pickups = [s for s in riding if s.is_pickup]
        if shipment.is_pickup or not pickups:
            continue
        vehicle = prepared.vehicles[vehicle_id]
        before = prepared.evaluate(vehicle, trips)[2]
        for given_up in dict.fromkeys([*((s,) for s in pickups), tuple(pickups)]):
            without = _without(prepared, vehicle_id, trips, given_up)
            found = Places(prepared).best({**draft, vehicle_id: without}, shipment)
            if found is not None:
                added = prepared.evaluate(found[1].vehicle, found[1].trips)[2] - before
                worth = sum(s.penalty_cents for s in given_up)
                yield _Way(tuple(Change("pickup", s.shipment_id) for s in given_up), max(1, added + worth))


def _without(prepared: Prepared, vehicle_id: str, trips: Sequence[Trip], gone: Sequence[Shipment]) -> tuple[Trip, ...]:
    for trip in trips:
        stops = [tuple(s for s in stop if s not in gone) for stop in stops_of(trip)]
        if not trip.frozen:
            trips = with_trip(trips, prepared.arrange(vehicle_id, trip.number, [stop for stop in stops if stop]))
    return renumbered(prepared, vehicle_id, tuple(trips))


def _on_the_fleet(prepared: Prepared, draft: Draft, shipment: Shipment, nearest: int) -> Iterator[_Way]:
    base: dict[str, int] = {}
    for place in places(prepared, draft, shipment, nearest):
        vehicle = place.vehicle
        if vehicle.vehicle_id not in base:
            trips = draft.get(vehicle.vehicle_id, ())
            base[vehicle.vehicle_id] = prepared.evaluate(vehicle, trips)[2] if trips else 0
        for changes, cost in what_gives_way(prepared, place, shipment):
            delays = any(c.attribute == "window_to_s" and c.target != shipment.shipment_id for c in changes)
            yield _Way(changes, cost - base[vehicle.vehicle_id], delays)


def what_gives_way(prepared: Prepared, place: Place, shipment: Shipment) -> Iterator[tuple[tuple[Change, ...], int]]:
    """What must give way for this place, with the vehicle's cost then: windows (later or earlier) and limits."""
    _, broken, cost = prepared.evaluate(place.vehicle, place.trips)
    if not broken.late_s:
        yield tuple(_limits(prepared, place.vehicle, broken)), cost
        return
    for widened in (replace(shipment, window_to_s=_FAR_S), replace(shipment, window_from_s=0)):
        trips = tuple(_swapped(prepared, trip, widened) for trip in place.trips)
        timings, broken, cost = prepared.evaluate(place.vehicle, trips)
        windows = [*_own_window(shipment, trips, timings), *_delays(shipment, trips, timings)]
        if windows:
            yield (*windows, *_limits(prepared, place.vehicle, broken)), cost


def _own_window(shipment: Shipment, trips: Sequence[Trip], timings: Sequence[TripTiming]) -> Iterator[Change]:
    start_s = _service_start(trips, timings, shipment.shipment_id)
    late_s = start_s - shipment.window_to_s - shipment.max_late_s
    if late_s > 0:
        yield Change("window_to_s", shipment.shipment_id, late_s)
    if start_s < shipment.window_from_s:
        yield Change("window_from_s", shipment.shipment_id, start_s - shipment.window_from_s)


def _delays(shipment: Shipment, trips: Sequence[Trip], timings: Sequence[TripTiming]) -> Iterator[Change]:
    """Wider windows for the other shipments that would be late."""
    for trip, timing in zip(trips, timings, strict=True):
        for stop, start_s in zip(trip.visits, timing.starts, strict=True):
            for other in stop.shipments:
                late_s = start_s - other.window_to_s - other.max_late_s
                if late_s > 0 and not stop.may_be_late and other.shipment_id != shipment.shipment_id:
                    yield Change("window_to_s", other.shipment_id, late_s)


def _swapped(prepared: Prepared, trip: Trip, widened: Shipment) -> Trip:
    """The trip with the widened shipment in the place of the one with its id."""
    if trip.frozen:
        return trip
    visits = [
        visit(
            prepared.problem,
            prepared.travel,
            [widened if s.shipment_id == widened.shipment_id else s for s in stop.shipments],
            stop.may_be_late,
        )
        if any(s.shipment_id == widened.shipment_id for s in stop.shipments)
        else stop
        for stop in trip.visits
    ]
    return Trip(trip.number, tuple(visits), trip.frozen, trip.departure_s)


def _service_start(trips: Sequence[Trip], timings: Sequence[TripTiming], shipment_id: str) -> int:
    for trip, timing in zip(trips, timings, strict=True):
        for stop, start in zip(trip.visits, timing.starts, strict=True):
            if any(s.shipment_id == shipment_id for s in stop.shipments):
                return start
    raise ValueError(f"{shipment_id} is on none of the trips")


def _limits(prepared: Prepared, vehicle: Vehicle, broken: Excess) -> Iterator[Change]:
    v = vehicle.vehicle_id
    if broken.weight_g:
        yield Change("capacity_g", v, broken.weight_g)
    if broken.volume_dm3:
        yield Change("capacity_dm3", v, broken.volume_dm3)
    if broken.stops:
        yield Change("max_stops", v, broken.stops)
    if broken.value_cents:
        yield Change("max_value_cents", v, broken.value_cents)
    if broken.shift_s:
        yield Change("shift_end_s", v, broken.shift_s)
    if broken.drive_s:
        yield Change("max_drive_s", v, broken.drive_s)
    if broken.duty_s:
        yield Change("max_duty_s", v, broken.duty_s)
    if broken.close_s:
        yield Change("close_s", prepared.problem.depot.location_id, broken.close_s)
    for temperature in broken.temperatures:
        yield Change("temperature_classes", v, text=temperature)
    if broken.hazard:
        yield Change("hazard_ok", v)
    for skill in broken.skills:
        yield Change("skills", v, text=skill)
    for shipment_id in broken.barred:
        yield Change("vehicle_classes", shipment_id, text=vehicle.vehicle_class)
    for pair in broken.apart:
        yield Change("apart", prepared.problem.depot.location_id, text="+".join(pair))


def _with_another_vehicle(prepared: Prepared, draft: Draft, shipment: Shipment) -> Iterator[_Way]:
    """One more vehicle like one of the fleet; or one that has what none of the fleet has."""
    held = prepared.held_by.get(shipment.shipment_id)
    if held is not None and held[0] in prepared.vehicles:
        yield from _upgraded_in_place(prepared, draft, shipment)
        return
    templates: dict[Vehicle, Vehicle] = {}
    for vehicle in sorted(prepared.problem.vehicles, key=lambda v: v.vehicle_id):
        templates.setdefault(replace(vehicle, vehicle_id="", driver_id=""), vehicle)
    alike = False
    for template in templates.values():
        name = held[0] if held is not None else f"{template.vehicle_id}+1"
        more = _another(template, name, held)
        for way in _alone_on(prepared, more, shipment, template.vehicle_id, held):
            alike = alike or len(way.changes) == 1
            yield way
    if not alike:
        template = next(iter(templates.values()), _smallest(shipment))
        name = held[0] if held is not None else f"{template.vehicle_id}+1"
        more = _another(template, name, held)
        yield from _alone_on(prepared, _upgraded(prepared, more, shipment), shipment, "upgrade", held)


def _another(template: Vehicle, name: str, held: tuple[str, int | None] | None) -> Vehicle:
    trips = max(template.max_trips, held[1] if held is not None and held[1] is not None else 1)
    return replace(template, vehicle_id=name, driver_id=f"{template.driver_id}+1", max_trips=trips, trips_done=0)


def _alone_on(
    prepared: Prepared, vehicle: Vehicle, shipment: Shipment, like: str, held: tuple[str, int | None] | None
) -> Iterator[_Way]:
    number = held[1] if held is not None and held[1] is not None else 1
    trip = prepared.arrange(vehicle.vehicle_id, number, [(shipment,)])
    for changes, cost in what_gives_way(prepared, Place(vehicle, (trip,), trip), shipment):
        if all(change.attribute in ("window_from_s", "window_to_s", "close_s") for change in changes):
            rested = _rested(prepared, vehicle, changes)
            yield _Way((Change("vehicle", vehicle.vehicle_id, text=like, vehicle=rested), *changes), cost)


def _upgraded(prepared: Prepared, vehicle: Vehicle, shipment: Shipment) -> Vehicle:
    depot = prepared.problem.depot
    classes = dict.fromkeys((*vehicle.temperature_classes, shipment.temperature_class))
    return replace(
        vehicle,
        capacity_g=max(vehicle.capacity_g, shipment.weight_g),
        capacity_dm3=max(vehicle.capacity_dm3, shipment.volume_dm3),
        max_value_cents=max(vehicle.max_value_cents, shipment.value_cents),
        temperature_classes=tuple(classes),
        hazard_ok=vehicle.hazard_ok or bool(shipment.hazard_class),
        skills=tuple(dict.fromkeys((*vehicle.skills, *shipment.skills))),
        vehicle_class=vehicle.vehicle_class if may_enter(vehicle, shipment) else shipment.vehicle_classes[0],
        shift_start_s=depot.open_s,
        shift_end_s=_FAR_S,
        max_drive_s=_FAR_S,
        max_duty_s=None,
    )


def _rested(prepared: Prepared, vehicle: Vehicle, changes: Sequence[Change]) -> Vehicle:
    """The vehicle with its shift cut to the hours that the location is open (longer, where a change says so)."""
    longer = sum(change.amount for change in changes if change.attribute == "close_s")
    end = min(vehicle.shift_end_s, prepared.problem.depot.close_s + longer)
    return replace(vehicle, shift_end_s=end, max_drive_s=min(vehicle.max_drive_s, end))


def _smallest(shipment: Shipment) -> Vehicle:
    """A vehicle just big enough, for a location that has none to take as an example."""
    return Vehicle(
        vehicle_id="EXTRA",
        driver_id="EXTRA",
        capacity_g=max(1, shipment.weight_g),
        capacity_dm3=max(1, shipment.volume_dm3),
        max_stops=1,
        max_value_cents=max(1, shipment.value_cents),
        shift_start_s=0,
        shift_end_s=_FAR_S,
        max_drive_s=_FAR_S,
        cost_per_km_cents=0,
        cost_per_hour_cents=0,
        fixed_cost_cents=0,
        temperature_classes=(shipment.temperature_class,),
        hazard_ok=bool(shipment.hazard_class),
        vehicle_class=shipment.vehicle_classes[0] if shipment.vehicle_classes else "",
        skills=shipment.skills,
    )


def _upgraded_in_place(prepared: Prepared, draft: Draft, shipment: Shipment) -> Iterator[_Way]:
    """For a shipment tied to a vehicle that fails in more than one way: a better vehicle in its place."""
    vehicle_limits = {"capacity_g", "capacity_dm3", "max_stops", "max_value_cents", "shift_end_s", "max_drive_s", "max_duty_s",
                      "temperature_classes", "hazard_ok", "skills"}  # fmt: skip
    yield from _one_more_trip(prepared, draft, shipment)
    for place in places(prepared, draft, shipment, NEAREST):
        trips = draft.get(place.vehicle.vehicle_id, ())
        base = prepared.evaluate(place.vehicle, trips)[2] if trips else 0
        for changes, cost in what_gives_way(prepared, place, shipment):
            better = place.vehicle
            for change in changes:
                if change.attribute in vehicle_limits:
                    better = relaxed_vehicle(better, change)
            others = [change for change in changes if change.attribute not in vehicle_limits]
            swap = Change("vehicle", better.vehicle_id, text="upgrade", vehicle=better)
            yield _Way((swap, *others), cost - base)


def _one_more_trip(prepared: Prepared, draft: Draft, shipment: Shipment) -> Iterator[_Way]:
    """For a shipment tied to a vehicle whose loads are all taken: the same vehicle leaves once more."""
    vehicle_id, number = prepared.held_by[shipment.shipment_id]
    vehicle, trips = prepared.vehicles[vehicle_id], draft.get(vehicle_id, ())
    last = trips[-1].number if trips else 0
    if number is not None or last < vehicle.max_trips:
        return
    more = _upgraded(prepared, replace(vehicle, max_trips=last + 1), shipment)
    trip = prepared.arrange(vehicle_id, last + 1, [(shipment,)])
    for changes, cost in what_gives_way(prepared, Place(more, (*trips, trip), trip), shipment):
        swap = Change("vehicle", vehicle_id, text="upgrade", vehicle=_rested(prepared, more, changes))
        yield _Way((swap, *changes), cost - prepared.evaluate(vehicle, trips)[2])
