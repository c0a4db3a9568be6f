"""The checker of route plans: recomputes everything from coordinates, trusts nothing that is stated.

Belongs here: the recomputed times, distances, costs and locks; what rides together is judged in goods.py. It shares no code with the solver: its own great-circle formula, its
own times, its own reading of the locks. Does not belong here: deciding, mending.

Metres may differ by one a leg and seconds by one a leg (rounding); everything else is exact.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import atan2, cos, floor, radians, sin, sqrt

from oms_dagster.domain.routes.plan import REASONS, Load, Plan, Stop
from oms_dagster.domain.routes.problem import BreakRule, FrozenLoad, PositionLock, Problem, Shipment, Vehicle
from oms_dagster.domain.routes.speeds import TravelModel
from oms_dagster.domain.routes.verify.doors import at_the_doors
from oms_dagster.domain.routes.verify.findings import RULES, Finding
from oms_dagster.domain.routes.verify.goods import on_board

__all__ = ["RULES", "Finding", "check", "objective"]


def check(problem: Problem, plan: Plan) -> tuple[Finding, ...]:
    """All findings on a plan, in rule order; empty means accepted."""
    goods = {s.shipment_id: s for s in problem.shipments}
    fleet = {v.vehicle_id: v for v in problem.vehicles}
    findings = [*_served_once(goods, plan), *_frozen(problem, plan), *_tied(problem, plan)]
    for load in plan.loads:
        vehicle = fleet.get(load.vehicle_id)
        if vehicle is None or load.driver_id != vehicle.driver_id:
            findings.append(Finding("ROUTE-23", load.load_id, f"no vehicle {load.vehicle_id} with {load.driver_id}"))
            continue
        if any(s not in goods for s in load.shipment_ids):
            continue
        first = all(other.trip >= load.trip for other in plan.loads if other.vehicle_id == load.vehicle_id)
        findings += _load(problem, goods, vehicle, load, first)
    findings += _days(problem, fleet, plan)
    findings += at_the_doors(problem, plan)
    findings += _objective_stated(problem, plan)
    return tuple(sorted(findings, key=lambda f: (f.rule, f.subject, f.detail)))


def objective(problem: Problem, plan: Plan) -> int:
    """Cents: kilometres (recomputed), hours, overtime, lateness, fixed costs + penalties of all that doesn't ride."""
    fleet = {v.vehicle_id: v for v in problem.vehicles}
    riding = {s for load in plan.loads for s in load.shipment_ids}
    cost = sum(s.penalty_cents for s in problem.shipments if s.shipment_id not in riding)
    used: set[str] = set()
    for load in sorted(plan.loads, key=lambda x: (x.vehicle_id, x.trip)):
        cost += _cost(
            fleet[load.vehicle_id], load, sum(metres for metres, _ in _legs(problem, load))
        ) + _price_of_lateness(problem, load)
        cost += 0 if load.vehicle_id in used else fleet[load.vehicle_id].fixed_cost_cents
        used.add(load.vehicle_id)
    return cost


def _cost(vehicle: Vehicle, load: Load, metres: int) -> int:
    seconds = load.return_s - load.departure_s
    late_home = max(0, load.return_s - max(load.departure_s, vehicle.shift_end_s))
    hours = vehicle.cost_per_hour_cents * seconds + vehicle.overtime_per_hour_cents * late_home
    return floor((vehicle.cost_per_km_cents * metres * 18 + hours * 5) / 18_000 + 0.5)


def _price_of_lateness(problem: Problem, load: Load) -> int:
    return floor(sum(stop.late_s for stop in load.stops) * problem.late_per_hour_cents / 3_600 + 0.5)


def _slower(travel: TravelModel, a: tuple[float, float], b: tuple[float, float], at: int) -> int:
    """Permille of its usual time that a leg takes when it begins then."""
    slow = [s for s in travel.slow if s.from_s <= at < s.to_s]
    near = (s for s in slow if min(round(_straight(p, (s.latitude, s.longitude))) for p in (a, b)) <= s.radius_m)
    return max((s.permille for s in near), default=1_000)


def _metres(problem: Problem, a: tuple[float, float], b: tuple[float, float]) -> int:
    return round(_straight(a, b) * problem.travel.detour_permille / 1000)


def _straight(a: tuple[float, float], b: tuple[float, float]) -> float:
    phi_a, phi_b = radians(a[0]), radians(b[0])
    h = sin((phi_b - phi_a) / 2) ** 2 + cos(phi_a) * cos(phi_b) * sin(radians(b[1] - a[1]) / 2) ** 2
    return 2 * 6_371_008.8 * atan2(sqrt(h), sqrt(max(0.0, 1 - h)))


def _legs(problem: Problem, load: Load) -> list[tuple[int, int]]:
    """(metres, seconds) of each leg of a load, the way back included."""
    base = next((v.base for v in problem.vehicles if v.vehicle_id == load.vehicle_id), None)
    home = base or (problem.depot.latitude, problem.depot.longitude)
    way = [home, *((stop.latitude, stop.longitude) for stop in load.stops), home]
    if problem.roads is None:
        leaves = [load.departure_s, *(stop.departure_s for stop in load.stops)]
        legs = []
        for (a, b), at in zip(pairwise(way), leaves, strict=True):
            metres = _metres(problem, a, b)
            longer = metres * 3_600 * _slower(problem.travel, a, b, at)
            legs.append((metres, -(-longer // (problem.travel.speed_kmh * 1_000_000))))
        return legs
    places = problem.roads.places
    known = [places.index(place) if place in places else None for place in way]
    return [
        (0, 0) if a == b or a is None or b is None else (problem.roads.metres[a][b], problem.roads.seconds[a][b])
        for a, b in pairwise(known)
    ]


def _served_once(goods: dict[str, Shipment], plan: Plan) -> Iterator[Finding]:
    rides = Counter(s for load in plan.loads for s in load.shipment_ids)
    dropped = Counter(d.shipment_id for d in plan.dropped)
    for shipment_id, times in rides.items():
        if shipment_id not in goods:
            yield Finding("ROUTE-01", shipment_id, "not in the problem")
        elif times > 1:
            yield Finding("ROUTE-01", shipment_id, f"rides {times} times")
    for shipment_id in goods:
        if min(1, rides[shipment_id]) + dropped[shipment_id] != 1:
            yield Finding("ROUTE-02", shipment_id, f"rides {rides[shipment_id]}, dropped {dropped[shipment_id]} times")
    for drop in plan.dropped:
        if drop.reason not in REASONS or not drop.cheapest_fix.changes or drop.shipment_id not in goods:
            yield Finding("ROUTE-02", drop.shipment_id, f"dropped for {drop.reason} without a known reason or fix")


def _load(problem: Problem, goods: dict[str, Shipment], vehicle: Vehicle, load: Load, first: bool) -> Iterator[Finding]:
    carried = [goods[s] for s in load.shipment_ids]
    yield from on_board(problem, goods, vehicle, load)
    yield from _times(problem, goods, load)
    for stop in load.stops:
        yield from _address(goods, load, stop)
        yield from _window(problem, goods, load, stop)
    if load.departure_s < max(vehicle.shift_start_s, problem.depot.open_s):
        yield Finding("ROUTE-07", load.load_id, f"leaves at {load.departure_s} s, before shift or opening")
    if load.return_s > min(vehicle.shift_end_s + vehicle.max_overtime_s, problem.depot.close_s):
        yield Finding("ROUTE-07", load.load_id, f"returns at {load.return_s} s, after shift or closing")
    yield from _distances(problem, load)
    yield from _totals(vehicle, load, carried, first)
    expected = problem.load_id(load.vehicle_id, load.trip)
    if load.load_id != expected or [s.stop_sequence for s in load.stops] != list(range(1, len(load.stops) + 1)):
        yield Finding("ROUTE-23", load.load_id, f"expected {expected} with stops 1 to {len(load.stops)}")


def _common_window(goods: dict[str, Shipment], stop: Stop) -> tuple[int, int]:
    here = [goods[s] for s in stop.shipment_ids]
    return max(s.window_from_s for s in here), min(s.window_to_s for s in here)


def _times(problem: Problem, goods: dict[str, Shipment], load: Load) -> Iterator[Finding]:
    clock = load.departure_s
    legs = _legs(problem, load)
    for stop, (_, seconds) in zip(load.stops, legs, strict=False):
        arrival = clock + stop.break_s + seconds
        start = _opens(goods, stop)
        service = problem.stop_service_s + sum(goods[s].service_s for s in stop.shipment_ids)
        drive = stop.drive_s - seconds
        stated = (stop.service_start_s, stop.service_s, stop.departure_s, stop.wait_s)
        expected = (start, service, start + service, start - stop.arrival_s)
        if abs(stop.arrival_s - arrival) > 1 or abs(drive) > 1 or stated != expected:
            detail = f"stop {stop.stop_sequence}: {(stop.arrival_s, *stated)} stated, {(arrival, *expected)} expected"
            yield Finding("ROUTE-11", load.load_id, detail)
        clock = stop.departure_s
    if abs(load.return_s - clock - load.return_break_s - legs[-1][1]) > 1:
        yield Finding("ROUTE-11", load.load_id, f"returns at {load.return_s} s, not {clock} + {legs[-1][1]} s")


def _opens(goods: dict[str, Shipment], stop: Stop) -> int:
    """The first second from the arrival on at which all shipments of the stop take service."""
    moments = {max(stop.arrival_s, _common_window(goods, stop)[0])}
    moments |= {end for s in stop.shipment_ids for _, end in goods[s].closed if end > min(moments)}
    return min(m for m in moments if not any(a < m < b for s in stop.shipment_ids for a, b in goods[s].closed))


def _window(problem: Problem, goods: dict[str, Shipment], load: Load, stop: Stop) -> Iterator[Finding]:
    window_from, window_to = _common_window(goods, stop)
    late = max(0, stop.service_start_s - window_to)
    subject = f"{load.load_id} stop {stop.stop_sequence}"
    if stop.service_start_s < window_from:
        yield Finding("ROUTE-09", subject, f"starts at {stop.service_start_s} s, window from {window_from}")
    if any(a < stop.service_start_s < b for s in stop.shipment_ids for a, b in goods[s].closed):
        yield Finding("ROUTE-09", subject, f"starts at {stop.service_start_s} s, in a gap of the window")
    too_late = any(stop.service_start_s > goods[s].window_to_s + goods[s].max_late_s for s in stop.shipment_ids)
    if too_late and not _locked_in_place(problem, load, stop):
        yield Finding("ROUTE-09", subject, f"starts {late} s late without a lock")
    if stop.late_s != late:
        yield Finding("ROUTE-10", subject, f"{stop.late_s} s stated, {late} s late")


def _locked_in_place(problem: Problem, load: Load, stop: Stop) -> bool:
    for lock in problem.locks:
        if isinstance(lock, PositionLock) and lock.shipment_id in stop.shipment_ids:
            return True
        if isinstance(lock, FrozenLoad) and (lock.vehicle_id, lock.trip) == (load.vehicle_id, load.trip):
            return True
    return False


def _address(goods: dict[str, Shipment], load: Load, stop: Stop) -> Iterator[Finding]:
    stated = (stop.address_key, stop.latitude, stop.longitude)
    for shipment_id in stop.shipment_ids:
        there = goods[shipment_id]
        if (there.address_key, there.latitude, there.longitude) != stated:
            yield Finding("ROUTE-22", shipment_id, f"{load.load_id} stop {stop.stop_sequence} is another address")


def _distances(problem: Problem, load: Load) -> Iterator[Finding]:
    legs = _legs(problem, load)
    stated = [*(stop.distance_m for stop in load.stops), load.return_distance_m]
    for n, ((metres, _), said) in enumerate(zip(legs, stated, strict=True), start=1):
        if abs(metres - said) > 1:
            yield Finding("ROUTE-19", load.load_id, f"leg {n}: {said} m stated, {metres} m")
    if load.distance_m != sum(stated):
        yield Finding("ROUTE-19", load.load_id, f"{load.distance_m} m stated, legs sum to {sum(stated)} m")


def _totals(vehicle: Vehicle, load: Load, carried: Sequence[Shipment], first: bool) -> Iterator[Finding]:
    cost = _cost(vehicle, load, load.distance_m) + (vehicle.fixed_cost_cents if first else 0)
    stops = load.stops
    stated = (load.weight_g, load.volume_dm3, load.value_cents, load.duration_s)
    out = [s for s in carried if not s.is_pickup]
    sums = (sum(s.weight_g for s in out), sum(s.volume_dm3 for s in out), sum(s.value_cents for s in out),
            load.return_s - load.departure_s)  # fmt: skip
    stated_times = (load.service_s, load.wait_s, load.late_s, load.drive_s, load.break_s, load.overtime_s)
    back = load.return_s - (stops[-1].departure_s if stops else load.departure_s) - load.return_break_s
    times = (sum(s.service_s for s in stops), sum(s.wait_s for s in stops), sum(s.late_s for s in stops),
             sum(s.drive_s for s in stops) + back, sum(s.break_s for s in stops) + load.return_break_s,
             max(0, load.return_s - max(vehicle.shift_end_s, load.departure_s)))  # fmt: skip
    if stated != sums or stated_times != times or load.cost_cents != cost:
        yield Finding(
            "ROUTE-21", load.load_id, f"{stated}, {stated_times} stated, {sums}, {times} expected, cost {cost}"
        )


def _frozen(problem: Problem, plan: Plan) -> Iterator[Finding]:
    loads = {(load.vehicle_id, load.trip): load for load in plan.loads}
    for lock in problem.locks:
        if not isinstance(lock, FrozenLoad):
            continue
        load = loads.get((lock.vehicle_id, lock.trip))
        seen = [sorted(stop.shipment_ids) for stop in load.stops] if load else None
        if load is None or seen != [sorted(stop) for stop in lock.stops]:
            yield Finding("ROUTE-13", f"{lock.vehicle_id} trip {lock.trip}", f"{seen} planned, {lock.stops} frozen")
        elif lock.departure_s is not None and load.departure_s != lock.departure_s:
            yield Finding("ROUTE-13", load.load_id, f"leaves at {load.departure_s} s, frozen at {lock.departure_s}")


def _tied(problem: Problem, plan: Plan) -> Iterator[Finding]:
    loads_of = {s: load for load in plan.loads for s in load.shipment_ids}
    for lock in problem.locks:
        if isinstance(lock, FrozenLoad) or lock.shipment_id not in loads_of:
            continue
        load = loads_of[lock.shipment_id]
        if load.vehicle_id != lock.vehicle_id or (lock.trip is not None and load.trip != lock.trip):
            yield Finding("ROUTE-14", lock.shipment_id, f"rides on {load.load_id}, tied to {lock.vehicle_id}")
    for load in plan.loads:
        yield from _positions(problem, load)


def _positions(problem: Problem, load: Load) -> Iterator[Finding]:
    locks = {
        lock.shipment_id: lock.stop_sequence
        for lock in problem.locks
        if isinstance(lock, PositionLock) and (lock.vehicle_id, lock.trip) == (load.vehicle_id, load.trip)
    }
    locked = []
    for n, stop in enumerate(load.stops, start=1):
        wanted = [locks[s] for s in stop.shipment_ids if s in locks]
        if wanted:
            locked.append((min(wanted), n))
    free, place = len(load.stops) - len(locked), 0
    for n, (wanted_place, seen) in enumerate(sorted(locked), start=1):
        place = min(max(wanted_place, place + 1), free + n)
        if seen != place:
            yield Finding("ROUTE-12", load.load_id, f"locked at stop {wanted_place}, expected {place}, is {seen}")


def _days(problem: Problem, fleet: dict[str, Vehicle], plan: Plan) -> Iterator[Finding]:
    by_vehicle: dict[str, list[Load]] = {}
    drivers: dict[str, set[str]] = {}
    for load in sorted(plan.loads, key=lambda x: (x.vehicle_id, x.trip)):
        by_vehicle.setdefault(load.vehicle_id, []).append(load)
        drivers.setdefault(load.driver_id, set()).add(load.vehicle_id)
    for vehicle_id, loads in by_vehicle.items():
        vehicle = fleet.get(vehicle_id)
        if vehicle is None:
            continue
        driven = sum(seconds for load in loads for _, seconds in _legs(problem, load))
        if driven > vehicle.max_drive_s:
            yield Finding("ROUTE-08", vehicle_id, f"{driven} s at the wheel of {vehicle.max_drive_s}")
        out = loads[-1].return_s - loads[0].departure_s
        if vehicle.max_duty_s is not None and out > vehicle.max_duty_s:
            yield Finding("ROUTE-28", vehicle_id, f"{out} s out of {vehicle.max_duty_s}")
        for one, other in pairwise(loads):
            if one.trip == other.trip or other.departure_s < one.return_s + problem.reload_s:
                yield Finding("ROUTE-15", vehicle_id, f"{other.load_id} leaves before {one.load_id} is back")
        if problem.breaks is not None:
            yield from _rests(problem, problem.breaks, loads)
        if any(not vehicle.trips_done < load.trip <= vehicle.max_trips for load in loads):
            yield Finding("ROUTE-15", vehicle_id, f"{len(loads)} loads of {vehicle.max_trips - vehicle.trips_done}")
    for driver_id, vehicles in drivers.items():
        if driver_id and len(vehicles) > 1:
            yield Finding("ROUTE-16", driver_id, f"drives {', '.join(sorted(vehicles))}")


def _rests(problem: Problem, rule: BreakRule, loads: Sequence[Load]) -> Iterator[Finding]:
    """Driving and work between breaks over a vehicle's day. A break on a leg lies wherever on it helps most."""
    driven = worked = 0
    stretch = min(rule.drive_s, rule.work_s)
    for before, load in zip((None, *loads), loads, strict=False):
        if before is not None:
            worked += problem.reload_s
            driven, worked = _idle(rule, driven, worked, load.departure_s - before.return_s - problem.reload_s)
        back = load.drive_s - sum(stop.drive_s for stop in load.stops)
        legs = [*((stop.drive_s, stop.break_s, stop) for stop in load.stops), (back, load.return_break_s, None)]
        for drive, rest, stop in legs:
            breaks, room = rest // rule.break_s, max(0, min(rule.drive_s - driven, rule.work_s - worked))
            if rest % rule.break_s or drive > room + breaks * stretch:
                yield Finding("ROUTE-27", load.load_id, f"{drive} s of driving with {rest} s rest, after {driven} s")
                return
            left = max(0, drive - room - (breaks - 1) * stretch)
            driven, worked = (left, left) if breaks else (driven + drive, worked + drive)
            if stop is not None:
                began = worked
                driven, worked = _idle(rule, driven, worked, stop.wait_s)
                if began and worked and worked + stop.service_s > rule.work_s:
                    yield Finding("ROUTE-27", load.load_id, f"{worked + stop.service_s} s of work without rest")
                    return
                worked += stop.service_s


def _idle(rule: BreakRule, driven: int, worked: int, seconds: int) -> tuple[int, int]:
    return (0, 0) if seconds >= rule.break_s else (driven, worked + seconds)


def _objective_stated(problem: Problem, plan: Plan) -> Iterator[Finding]:
    riding = {s for load in plan.loads for s in load.shipment_ids}
    stated = sum(load.cost_cents + _price_of_lateness(problem, load) for load in plan.loads)
    stated += sum(s.penalty_cents for s in problem.shipments if s.shipment_id not in riding)
    if plan.objective_cents != stated:
        yield Finding("ROUTE-21", "plan", f"objective {plan.objective_cents} stated, {stated} from its loads and drops")
