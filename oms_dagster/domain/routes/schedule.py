"""When a vehicle is where: times, loads and excesses of given stop sequences.

Belongs here: evaluating sequences. Does not belong here: choosing them (insertion.py, engine.py), nor the checker's
own computation (verify.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from oms_dagster.domain.routes.problem import BreakRule, Problem, Shipment, Vehicle
from oms_dagster.domain.routes.travel import Travel


@dataclass(frozen=True, slots=True)
class Visit:
    """Shipments delivered or picked up together at one point. `may_be_late`: a lock, not the planner's choice, put it here.

    Lateness counts from `window_to_s`; service may start until `latest_s`, and not inside of the gaps `closed`.
    """

    point: int
    shipments: tuple[Shipment, ...]
    window_from_s: int
    window_to_s: int
    latest_s: int
    service_s: int
    closed: tuple[tuple[int, int], ...] = ()
    may_be_late: bool = False


@dataclass(frozen=True, slots=True)
class Trip:
    """One load in the making."""

    number: int
    visits: tuple[Visit, ...]
    frozen: bool = False
    departure_s: int | None = None


@dataclass(frozen=True, slots=True)
class Duty:
    """What a driver has done since the last break: seconds at the wheel, seconds on duty."""

    driven_s: int = 0
    worked_s: int = 0


RESTED = Duty()


@dataclass(frozen=True, slots=True)
class TripTiming:
    """Times of a trip; the tuples run beside its visits, `legs` and `breaks` have one more entry: the way back.

    `breaks` are the seconds of rest on the way to each visit; `duty` is the driver's at the return.
    """

    departure_s: int
    return_s: int
    arrivals: tuple[int, ...]
    starts: tuple[int, ...]
    lates: tuple[int, ...]
    legs: tuple[tuple[int, int], ...]
    breaks: tuple[int, ...]
    duty: Duty

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


def starts_at(window_from_s: int, closed: Sequence[tuple[int, int]], arrival_s: int) -> int:
    """When service begins after an arrival: in the window and outside of the gaps in it (in order of time)."""
    start = max(arrival_s, window_from_s)
    for closed_from, closed_to in closed:
        if closed_from < start < closed_to:
            start = closed_to
    return start


def gaps(shipments: Sequence[Shipment]) -> tuple[tuple[int, int], ...]:
    """The gaps in the windows of all of them, in order of time."""
    return tuple(sorted({gap for s in shipments for gap in s.closed}))


def can_share_a_stop(shipments: Sequence[Shipment]) -> bool:
    """There is a time at which service of all of them may start."""
    window_from_s, window_to_s = window(shipments)
    return starts_at(window_from_s, gaps(shipments), window_from_s) <= window_to_s


def visit(problem: Problem, travel: Travel, shipments: Sequence[Shipment], may_be_late: bool = False) -> Visit:
    """The visit that delivers `shipments`, all of one address, in id order."""
    window_from_s, window_to_s = window(shipments)
    service_s = problem.stop_service_s + sum(s.service_s for s in shipments)
    point = travel.point(shipments[0].latitude, shipments[0].longitude)
    together = tuple(sorted(shipments, key=lambda s: s.shipment_id))
    latest_s = min(s.window_to_s + s.max_late_s for s in shipments)
    return Visit(point, together, window_from_s, window_to_s, latest_s, service_s, gaps(shipments), may_be_late)


@dataclass(frozen=True, slots=True)
class _Run:
    """One pass over a trip from a given departure."""

    arrivals: list[int]
    starts: list[int]
    breaks: list[int]
    return_s: int
    duty: Duty
    legs: Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class _Slow:
    """The way of a trip where the time of a leg depends on when it begins."""

    travel: Travel
    points: Sequence[int]

    def leg(self, number: int, leaves_s: int) -> tuple[int, int]:
        return self.travel.leg_at(self.points[number], self.points[number + 1], leaves_s)


def time_trip(
    travel: Travel,
    visits: Sequence[Visit],
    earliest_s: int,
    departure_s: int | None = None,
    rule: BreakRule | None = None,
    duty: Duty | None = None,
    base: int = 0,
    ready_s: int = 0,
) -> TripTiming:
    """Times of one trip that may leave from `earliest_s` on, by a driver who has done `duty` until then (None: not begun).

    It is loaded at `ready_s`; the driver waits for that.

    Without a fixed `departure_s` it leaves as late as costs neither the return time nor a window (Savelsbergh's
    forward time slack), so that the driver isn't paid to wait.
    """
    points = [base, *(stop.point for stop in visits), base]
    legs = [travel.leg(a, b) for a, b in pairwise(points)]
    slow = None if travel.is_steady else _Slow(travel, points)

    def on_duty(leave_s: int) -> Duty:
        return RESTED if duty is None else _waited(rule, duty, leave_s - earliest_s)

    leave = max(earliest_s, departure_s or 0, ready_s)
    run = _run(visits, legs, leave, rule, on_duty(leave), slow)
    if departure_s is None:
        delay = _delay(visits, run)
        if delay:
            later = _run(visits, legs, leave + delay, rule, on_duty(leave + delay), slow)
            if later.return_s <= run.return_s and _late(visits, later) <= _late(visits, run):
                leave, run = leave + delay, later
    lates = tuple(max(0, start - stop.window_to_s) for stop, start in zip(visits, run.starts, strict=True))
    return TripTiming(
        leave, run.return_s, tuple(run.arrivals), tuple(run.starts), lates, tuple(run.legs), tuple(run.breaks), run.duty
    )


def _delay(visits: Sequence[Visit], run: _Run) -> int:
    """Seconds by which the trip may leave later and be back at the same time, each stop in the same part of its window."""
    waited = 0
    slack = None
    for stop, arrival, start in zip(visits, run.arrivals, run.starts, strict=True):
        waited += start - arrival
        ends = next((begin for begin, _ in stop.closed if start <= begin), stop.window_to_s)
        room = waited + max(0, min(ends, stop.window_to_s) - start)
        slack = room if slack is None else min(slack, room)
    return min(waited, slack or 0)


def _late(visits: Sequence[Visit], run: _Run) -> int:
    return sum(max(0, start - stop.window_to_s) for stop, start in zip(visits, run.starts, strict=True))


def _run(
    visits: Sequence[Visit],
    legs: list[tuple[int, int]],
    leave: int,
    rule: BreakRule | None,
    duty: Duty,
    slow: _Slow | None,
) -> _Run:
    arrivals, starts, breaks, clock = [], [], [], leave
    driven = legs if slow is None else []
    for number, stop in enumerate(visits):
        if slow is not None:
            driven.append(slow.leg(number, clock))
        seconds = driven[number][1]
        rest, duty = rest_on_the_way(rule, duty, seconds)
        arrival = clock + rest + seconds
        start = starts_at(stop.window_from_s, stop.closed, arrival)
        if _needs_rest_first(rule, duty, start - arrival + stop.service_s, start - arrival):
            assert rule is not None
            rest, arrival, duty = rest + rule.break_s, arrival + rule.break_s, RESTED
            start = starts_at(stop.window_from_s, stop.closed, arrival)
        duty = _waited(rule, duty, start - arrival)
        duty = Duty(duty.driven_s, duty.worked_s + stop.service_s)
        arrivals.append(arrival)
        starts.append(start)
        breaks.append(rest)
        clock = start + stop.service_s
    if slow is not None:
        driven.append(slow.leg(len(visits), clock))
    rest, duty = rest_on_the_way(rule, duty, driven[-1][1])
    breaks.append(rest)
    return _Run(arrivals, starts, breaks, clock + rest + driven[-1][1], duty, driven)


def rest_on_the_way(rule: BreakRule | None, duty: Duty, drive_s: int) -> tuple[int, Duty]:
    """(seconds of rest, duty at the end) of a leg: as few breaks as the rule asks for, each as late as it may be."""
    if rule is None:
        return 0, duty
    room = max(0, min(rule.drive_s - duty.driven_s, rule.work_s - duty.worked_s))
    if drive_s <= room:
        return 0, Duty(duty.driven_s + drive_s, duty.worked_s + drive_s)
    stretch = min(rule.drive_s, rule.work_s)
    breaks = -(-(drive_s - room) // stretch)
    left = drive_s - room - (breaks - 1) * stretch
    return breaks * rule.break_s, Duty(left, left)


def _needs_rest_first(rule: BreakRule | None, duty: Duty, work_s: int, wait_s: int) -> bool:
    """The work at a stop would be too much without a break at the door; a wait as long as a break is one."""
    return rule is not None and wait_s < rule.break_s and duty.worked_s > 0 and duty.worked_s + work_s > rule.work_s


def _waited(rule: BreakRule | None, duty: Duty, wait_s: int) -> Duty:
    if rule is None or wait_s == 0:
        return duty
    return RESTED if wait_s >= rule.break_s else Duty(duty.driven_s, duty.worked_s + wait_s)


def time_day(
    problem: Problem, travel: Travel, vehicle: Vehicle, trips: Sequence[Trip], ready: Mapping[tuple[str, int], int]
) -> tuple[TripTiming, ...]:
    """Times of a vehicle's trips, one after the other with `reload_s` between them, each loaded at its `ready`."""
    earliest = max(vehicle.shift_start_s, problem.depot.open_s)
    duty: Duty | None = None
    base = travel.base(vehicle.base)
    timings = []
    for trip in trips:
        loaded_s = ready.get((vehicle.vehicle_id, trip.number), 0)
        timing = time_trip(travel, trip.visits, earliest, trip.departure_s, problem.breaks, duty, base, loaded_s)
        timings.append(timing)
        earliest = timing.return_s + problem.reload_s
        duty = Duty(timing.duty.driven_s, timing.duty.worked_s + problem.reload_s)
    return tuple(timings)


@dataclass(frozen=True, slots=True)
class Excess:
    """By how much a vehicle's day breaks each limit; all zero or empty when it breaks none.

    `skills` that it lacks, ids of shipments whose address it can't enter (`barred`), goods classes that meet on a load.
    """

    weight_g: int = 0
    volume_dm3: int = 0
    stops: int = 0
    value_cents: int = 0
    shift_s: int = 0
    close_s: int = 0
    drive_s: int = 0
    duty_s: int = 0
    late_s: int = 0
    temperatures: tuple[str, ...] = ()
    hazard: bool = False
    skills: tuple[str, ...] = ()
    barred: tuple[str, ...] = ()
    apart: tuple[tuple[str, str], ...] = ()

    @property
    def none(self) -> bool:
        """Nothing is broken."""
        return self == NO_EXCESS


NO_EXCESS = Excess()


def sums(goods: Sequence[Shipment]) -> tuple[int, int, int]:
    """(grams, dm3, cents) of some goods."""
    return sum(s.weight_g for s in goods), sum(s.volume_dm3 for s in goods), sum(s.value_cents for s in goods)


def load_sums(visits: Sequence[Visit]) -> tuple[int, int, int]:
    """(grams, dm3, cents) on board at departure."""
    return sums([s for stop in visits for s in stop.shipments if not s.is_pickup])


def most_on_board(visits: Sequence[Visit]) -> tuple[int, int, int]:
    """(grams, dm3, cents), each on the leg where it is most: what is still to be delivered with what was picked up."""
    most = here = load_sums(visits)
    if not any(s.is_pickup for stop in visits for s in stop.shipments):
        return most
    for stop in visits:
        off = sums([s for s in stop.shipments if not s.is_pickup])
        on = sums([s for s in stop.shipments if s.is_pickup])
        here = (here[0] - off[0] + on[0], here[1] - off[1] + on[1], here[2] - off[2] + on[2])
        most = (max(most[0], here[0]), max(most[1], here[1]), max(most[2], here[2]))
    return most


def excess(problem: Problem, vehicle: Vehicle, trips: Sequence[Trip], timings: Sequence[TripTiming]) -> Excess:
    """What the day breaks. Lateness counts only where no lock forces it."""
    loads = [most_on_board(trip.visits) for trip in trips]
    end = timings[-1].return_s if timings else 0
    goods = [s for trip in trips for stop in trip.visits for s in stop.shipments]
    missing = {s.temperature_class for s in goods} - set(vehicle.temperature_classes)
    late = sum(
        max(0, start - stop.latest_s)
        for trip, timing in zip(trips, timings, strict=True)
        for stop, start in zip(trip.visits, timing.starts, strict=True)
        if not stop.may_be_late
    )
    return Excess(
        weight_g=max(0, max((w for w, _, _ in loads), default=0) - vehicle.capacity_g),
        volume_dm3=max(0, max((v for _, v, _ in loads), default=0) - vehicle.capacity_dm3),
        stops=max(0, max((len(trip.visits) for trip in trips), default=0) - vehicle.max_stops),
        value_cents=max(0, max((c for _, _, c in loads), default=0) - vehicle.max_value_cents),
        shift_s=max(0, end - vehicle.shift_end_s - vehicle.max_overtime_s),
        close_s=max(0, end - problem.depot.close_s),
        drive_s=max(0, sum(t.drive_s for t in timings) - vehicle.max_drive_s),
        duty_s=_too_long(vehicle, timings),
        late_s=late,
        temperatures=tuple(sorted(missing)),
        hazard=not vehicle.hazard_ok and any(s.hazard_class for s in goods),
        skills=tuple(sorted({skill for s in goods for skill in s.skills} - set(vehicle.skills))),
        barred=tuple(sorted(s.shipment_id for s in goods if not may_enter(vehicle, s))),
        apart=tuple(pair for pair in problem.apart if any(meet(pair, trip.visits) for trip in trips)),
    )


def _too_long(vehicle: Vehicle, timings: Sequence[TripTiming]) -> int:
    if vehicle.max_duty_s is None or not timings:
        return 0
    return max(0, timings[-1].return_s - timings[0].departure_s - vehicle.max_duty_s)


def may_enter(vehicle: Vehicle, shipment: Shipment) -> bool:
    """The vehicle's kind can come to the shipment's address."""
    return not shipment.vehicle_classes or vehicle.vehicle_class in shipment.vehicle_classes


def meet(pair: tuple[str, str], visits: Sequence[Visit]) -> bool:
    """Goods of both classes ride on one load, in two shipments."""
    one, other = ({s.shipment_id for stop in visits for s in stop.shipments if c in s.goods_classes} for c in pair)
    return bool(one and other) and len(one | other) > 1


def overtime_s(vehicle: Vehicle, timing: TripTiming) -> int:
    """Seconds of a trip after the end of the shift."""
    return max(0, timing.return_s - max(vehicle.shift_end_s, timing.departure_s))


def trip_cost_cents(vehicle: Vehicle, timing: TripTiming, first: bool) -> int:
    """Cost of a load in whole cents, half up: kilometres, hours, overtime, the fixed cost on the vehicle's first load."""
    variable = (
        18 * vehicle.cost_per_km_cents * timing.distance_m
        + 5 * vehicle.cost_per_hour_cents * (timing.return_s - timing.departure_s)
        + 5 * vehicle.overtime_per_hour_cents * overtime_s(vehicle, timing)
    )
    return (variable + 9_000) // 18_000 + (vehicle.fixed_cost_cents if first else 0)


def day_cost_cents(problem: Problem, vehicle: Vehicle, timings: Sequence[TripTiming]) -> int:
    """Cost of a vehicle's day in whole cents, with the price of its lateness."""
    return sum(
        trip_cost_cents(vehicle, timing, first=number == 0) + late_cost_cents(problem, sum(timing.lates))
        for number, timing in enumerate(timings)
    )


def late_cost_cents(problem: Problem, late_s: int) -> int:
    """Price of a load's lateness in whole cents, half up."""
    return (problem.late_per_hour_cents * late_s + 1_800) // 3_600
