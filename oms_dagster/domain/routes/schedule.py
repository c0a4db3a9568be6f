"""When a vehicle is where: times, loads and excesses of given stop sequences.

Belongs here: evaluating sequences. Does not belong here: choosing them (insertion.py, engine.py), nor the checker's
own computation (verify.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from oms_dagster.domain.routes.problem import Problem, Shipment, Vehicle
from oms_dagster.domain.routes.travel import Travel


@dataclass(frozen=True, slots=True)
class Visit:
    """Shipments delivered together at one point. `may_be_late`: a lock, not the planner's choice, put it here."""

    point: int
    shipments: tuple[Shipment, ...]
    window_from_s: int
    window_to_s: int
    service_s: int
    may_be_late: bool = False


@dataclass(frozen=True, slots=True)
class Trip:
    """One load in the making."""

    number: int
    visits: tuple[Visit, ...]
    frozen: bool = False
    departure_s: int | None = None


@dataclass(frozen=True, slots=True)
class TripTiming:
    """Times of a trip; the tuples run beside its visits, `legs` has one more entry: the way back."""

    departure_s: int
    return_s: int
    arrivals: tuple[int, ...]
    starts: tuple[int, ...]
    lates: tuple[int, ...]
    legs: tuple[tuple[int, int], ...]

    @property
    def distance_m(self) -> int:
        """Metres from the depot back to it."""
        return sum(metres for metres, _ in self.legs)

    @property
    def drive_s(self) -> int:
        """Seconds at the wheel."""
        return sum(seconds for _, seconds in self.legs)


def window(shipments: Sequence[Shipment]) -> tuple[int, int]:
    """The window in which service of all shipments may start (empty where its end is before its beginning)."""
    return max(s.window_from_s for s in shipments), min(s.window_to_s for s in shipments)


def visit(problem: Problem, travel: Travel, shipments: Sequence[Shipment], may_be_late: bool = False) -> Visit:
    """The visit that delivers `shipments`, all of one address, in id order."""
    window_from_s, window_to_s = window(shipments)
    service_s = problem.stop_service_s + sum(s.service_s for s in shipments)
    point = travel.point(shipments[0].latitude, shipments[0].longitude)
    together = tuple(sorted(shipments, key=lambda s: s.shipment_id))
    return Visit(point, together, window_from_s, window_to_s, service_s, may_be_late)


def time_trip(travel: Travel, visits: Sequence[Visit], earliest_s: int, departure_s: int | None = None) -> TripTiming:
    """Times of one trip that may leave from `earliest_s` on.

    Without a fixed `departure_s` it leaves as late as costs neither the return time nor a window (Savelsbergh's
    forward time slack), so that the driver isn't paid to wait.
    """
    legs = []
    here = 0
    for stop in visits:
        legs.append(travel.leg(here, stop.point))
        here = stop.point
    legs.append(travel.leg(here, 0))
    leave = max(earliest_s, departure_s or 0)
    arrivals, starts, clock = _run(visits, legs, leave)
    if departure_s is None:
        waited = 0
        slack = None
        for stop, arrival, start in zip(visits, arrivals, starts, strict=True):
            waited += start - arrival
            room = waited + max(0, stop.window_to_s - start)
            slack = room if slack is None else min(slack, room)
        delay = min(waited, slack or 0)
        if delay:
            leave += delay
            arrivals, starts, clock = _run(visits, legs, leave)
    lates = tuple(max(0, start - stop.window_to_s) for stop, start in zip(visits, starts, strict=True))
    return TripTiming(leave, clock, tuple(arrivals), tuple(starts), lates, tuple(legs))


def _run(visits: Sequence[Visit], legs: Sequence[tuple[int, int]], leave: int) -> tuple[list[int], list[int], int]:
    arrivals, starts, clock = [], [], leave
    for stop, (_, seconds) in zip(visits, legs, strict=False):
        clock += seconds
        arrivals.append(clock)
        clock = max(clock, stop.window_from_s)
        starts.append(clock)
        clock += stop.service_s
    return arrivals, starts, clock + legs[-1][1]


def time_day(problem: Problem, travel: Travel, vehicle: Vehicle, trips: Sequence[Trip]) -> tuple[TripTiming, ...]:
    """Times of a vehicle's trips, one after the other with `reload_s` between them."""
    earliest = max(vehicle.shift_start_s, problem.depot.open_s)
    timings = []
    for trip in trips:
        timing = time_trip(travel, trip.visits, earliest, trip.departure_s)
        timings.append(timing)
        earliest = timing.return_s + problem.reload_s
    return tuple(timings)


@dataclass(frozen=True, slots=True)
class Excess:
    """By how much a vehicle's day breaks each limit; all zero or empty when it breaks none."""

    weight_g: int = 0
    volume_dm3: int = 0
    stops: int = 0
    value_cents: int = 0
    shift_s: int = 0
    close_s: int = 0
    drive_s: int = 0
    late_s: int = 0
    temperatures: tuple[str, ...] = ()
    hazard: bool = False

    @property
    def none(self) -> bool:
        """Nothing is broken."""
        return self == NO_EXCESS


NO_EXCESS = Excess()


def load_sums(visits: Sequence[Visit]) -> tuple[int, int, int]:
    """(grams, dm3, cents) on board at departure."""
    goods = [s for stop in visits for s in stop.shipments]
    return sum(s.weight_g for s in goods), sum(s.volume_dm3 for s in goods), sum(s.value_cents for s in goods)


def excess(problem: Problem, vehicle: Vehicle, trips: Sequence[Trip], timings: Sequence[TripTiming]) -> Excess:
    """What the day breaks. Lateness counts only where no lock forces it."""
    sums = [load_sums(trip.visits) for trip in trips]
    end = timings[-1].return_s if timings else 0
    goods = [s for trip in trips for stop in trip.visits for s in stop.shipments]
    missing = {s.temperature_class for s in goods} - set(vehicle.temperature_classes)
    late = sum(
        late
        for trip, timing in zip(trips, timings, strict=True)
        for stop, late in zip(trip.visits, timing.lates, strict=True)
        if not stop.may_be_late
    )
    return Excess(
        weight_g=max(0, max((w for w, _, _ in sums), default=0) - vehicle.capacity_g),
        volume_dm3=max(0, max((v for _, v, _ in sums), default=0) - vehicle.capacity_dm3),
        stops=max(0, max((len(trip.visits) for trip in trips), default=0) - vehicle.max_stops),
        value_cents=max(0, max((c for _, _, c in sums), default=0) - vehicle.max_value_cents),
        shift_s=max(0, end - vehicle.shift_end_s),
        close_s=max(0, end - problem.depot.close_s),
        drive_s=max(0, sum(t.drive_s for t in timings) - vehicle.max_drive_s),
        late_s=late,
        temperatures=tuple(sorted(missing)),
        hazard=not vehicle.hazard_ok and any(s.hazard_class for s in goods),
    )


def trip_cost_cents(vehicle: Vehicle, distance_m: int, duration_s: int, first: bool) -> int:
    """Cost of a load in whole cents, half up: kilometres, hours, and the vehicle's fixed cost on its first load."""
    variable = 18 * vehicle.cost_per_km_cents * distance_m + 5 * vehicle.cost_per_hour_cents * duration_s
    return (variable + 9_000) // 18_000 + (vehicle.fixed_cost_cents if first else 0)


def day_cost_cents(vehicle: Vehicle, timings: Sequence[TripTiming]) -> int:
    """Cost of a vehicle's day in whole cents."""
    return sum(
        trip_cost_cents(vehicle, timing.distance_m, timing.return_s - timing.departure_s, first=number == 0)
        for number, timing in enumerate(timings)
    )
