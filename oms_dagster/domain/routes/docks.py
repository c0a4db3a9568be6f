"""A few doors for many loads: when each is put on board, and so from when on it can leave.

A load's loading is a job, a door a machine: of the loads whose vehicle is there the one that must leave first goes to the
door that is free first (earliest due date; its due date is the latest departure with which the vehicle's day keeps
all limits). Where that leaves a day broken, the routes are planned again with these departures, and what still breaks a
limit stays behind. Belongs here: these jobs and that order of events. Does not belong here: routing (solve.py, replan.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from oms_dagster.domain.routes.assemble import assemble
from oms_dagster.domain.routes.baseline import postal_code_draft
from oms_dagster.domain.routes.diagnosis import diagnose
from oms_dagster.domain.routes.doors import DAY_S, Docks, Ready
from oms_dagster.domain.routes.draft import Draft, Prepared, draft_objective, missing
from oms_dagster.domain.routes.insertion import Places, repaired
from oms_dagster.domain.routes.plan import Plan
from oms_dagster.domain.routes.problem import PreviousLoad, Problem, Vehicle
from oms_dagster.domain.routes.schedule import Trip, excess, load_sums, time_day
from oms_dagster.domain.routes.search import read_loads

#: Times that the routes are planned again where the doors leave them broken.
AGAIN = 2
#: Shipments left behind for which a place is looked for again.
MANY = 60
#: When a load leaves that the doors can't take in their hours.
NEVER_S = 10 * DAY_S

Key: TypeAlias = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Slot:
    """Seconds at a door."""

    door: int
    begin_s: int
    end_s: int


@dataclass(frozen=True, slots=True)
class _Job:
    """The next load of a vehicle: from when on it may be loaded, until when it should be, and how long that takes."""

    release_s: int
    due_s: int
    seconds: int
    is_open: bool
    at: int


@dataclass(frozen=True, slots=True)
class _Fitted:
    """A draft that its doors can take, timed with them."""

    prepared: Prepared
    draft: Draft
    slots: Mapping[Key, Slot]

    @property
    def objective(self) -> int:
        return draft_objective(self.prepared, self.draft)


def staggered(problem: Problem, planned: Callable[[Problem], Plan]) -> Plan:
    """The plan of a day whose loads share doors; `planned` answers the day without them.

    The baseline is the naive plan with the same doors; a plan that ends up dearer is given up for it.
    """
    asked = replace(problem, docks=None, ready=())
    prepared = Prepared(asked)
    docks = _docks(problem)
    naive = _fitted(prepared, docks, postal_code_draft(prepared))
    best, plan = naive, None
    for _ in range(AGAIN + 1):
        plan = planned(asked)
        draft = read_loads(prepared, _loads(plan))
        fitted = _fitted(prepared, docks, draft)
        if fitted.objective <= best.objective:
            best = fitted
        if fitted.draft == _used(draft):
            break
        slots = loading(prepared, docks, _used(draft))
        ready = _ready(slots) | _idle(prepared, docks, _used(draft), slots)
        asked = replace(asked, ready=_as_told(ready), previous=problem.previous or _loads(plan))
    assert plan is not None
    report = replace(plan.report, objective=best.objective, baseline_objective=naive.objective)
    found = assemble(best.prepared, best.draft, diagnose(best.prepared, best.draft), report)
    none = Slot(0, 0, 0)
    doors = ((load, best.slots.get((load.vehicle_id, load.trip), none)) for load in found.loads)
    return replace(
        found,
        loads=tuple(replace(load, door=s.door, loading_s=s.begin_s, loaded_s=s.end_s) for load, s in doors),
    )


def with_doors_taken(problem: Problem) -> Problem:
    """The day as its running plan (`previous`) has the doors: each load leaves no earlier than it is loaded there."""
    if problem.docks is None:
        return problem
    prepared = Prepared(replace(problem, docks=None, ready=()))
    slots = loading(prepared, problem.docks, read_loads(prepared, problem.previous))
    return replace(problem, docks=None, ready=_as_told(_ready(slots)))


def loading(prepared: Prepared, docks: Docks, draft: Draft) -> dict[Key, Slot]:
    """When each load is put on board, at which door. Loads that left already, or elsewhere, need none."""
    free = _free(prepared, docks)
    ready: dict[Key, int] = {}
    slots: dict[Key, Slot] = {}
    jobs = {v: job for v in sorted(draft) if (job := _next(prepared, docks, draft, v, 0, ready)) is not None}
    while jobs:
        door = min(range(docks.doors), key=lambda d: (free[d], d))
        clock = max(free[door], min(job.release_s for job in jobs.values()))
        there = [v for v, job in jobs.items() if job.release_s <= clock]
        vehicle_id = min(there, key=lambda v: (jobs[v].is_open, jobs[v].due_s, v))
        job = jobs.pop(vehicle_id)
        slot = Slot(door + 1, clock, clock + job.seconds)
        key = (vehicle_id, draft[vehicle_id][job.at].number)
        if slot.end_s <= docks.close_s:
            free[door] = slot.end_s
            slots[key] = slot
            ready[key] = slot.end_s
        else:
            ready[key] = NEVER_S
            slots[key] = replace(slot, end_s=NEVER_S)
        following = _next(prepared, docks, draft, vehicle_id, job.at + 1, ready)
        if following is not None:
            jobs[vehicle_id] = following
    return slots


def _next(
    prepared: Prepared, docks: Docks, draft: Draft, vehicle_id: str, first: int, ready: Mapping[Key, int]
) -> _Job | None:
    """The vehicle's first load from `first` on that needs a door."""
    vehicle, trips = prepared.vehicles[vehicle_id], draft[vehicle_id]
    if vehicle.base is not None:
        return None
    for at in range(first, len(trips)):
        trip = trips[at]
        if trip.frozen and trip.departure_s is not None:
            continue
        seconds = loading_s(docks, trip)
        before = time_day(prepared.problem, prepared.travel, vehicle, trips[:at], ready)
        back = before[-1].return_s if before else _back_s(prepared.problem, vehicle)
        release = max(docks.open_s, prepared.problem.depot.open_s, back)
        due = _latest_s(prepared, vehicle_id, trips, at, ready, release + seconds)
        return _Job(release, due, seconds, not trip.frozen, at)
    return None


def _back_s(problem: Problem, vehicle: Vehicle) -> int:
    """When a vehicle is back from a load that left earlier."""
    return vehicle.shift_start_s - problem.reload_s if vehicle.trips_done else 0


def loading_s(docks: Docks, trip: Trip) -> int:
    """Seconds that a load takes its door: whole minutes."""
    volume_dm3 = load_sums(trip.visits)[1]
    return -(-(1_000 * docks.fixed_s + docks.per_m3_s * volume_dm3) // 60_000) * 60


def _latest_s(
    prepared: Prepared, vehicle_id: str, trips: tuple[Trip, ...], at: int, ready: Mapping[Key, int], earliest_s: int
) -> int:
    """The last minute at which a trip may leave so that the vehicle's day breaks no limit; `earliest_s` if none does."""
    vehicle, problem = prepared.vehicles[vehicle_id], prepared.problem

    def keeps(minutes: int) -> bool:
        then = {**ready, (vehicle_id, trips[at].number): earliest_s + 60 * minutes}
        timings = time_day(problem, prepared.travel, vehicle, trips, then)
        return excess(problem, vehicle, trips, timings).none

    low, high = 0, DAY_S // 60
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if keeps(middle) else (low, middle - 1)
    return earliest_s + 60 * low


def _fitted(prepared: Prepared, docks: Docks, draft: Draft) -> _Fitted:
    """The draft without what its doors leave no time for, filled up with what still pays and fits."""
    draft = _used(draft)
    while True:
        slots = loading(prepared, docks, draft)
        timed = prepared.waiting(_as_told(_ready(slots)))
        kept = repaired(timed, draft)
        if kept == draft:
            break
        draft = kept
    return _filled(prepared, docks, _Fitted(timed, draft, slots))


def _filled(prepared: Prepared, docks: Docks, found: _Fitted) -> _Fitted:
    """With what was left behind put where it pays, as long as all loads still get their doors in time."""
    for shipment in missing(prepared, found.draft)[:MANY]:
        place = Places(found.prepared).best(found.draft, shipment, shipment.penalty_cents)
        if place is None:
            continue
        draft = _used({**found.draft, place[1].vehicle.vehicle_id: place[1].trips})
        slots = loading(prepared, docks, draft)
        filled = _Fitted(prepared.waiting(_as_told(_ready(slots))), draft, slots)
        if repaired(filled.prepared, draft) == draft and filled.objective < found.objective:
            found = filled
    return found


def _idle(prepared: Prepared, docks: Docks, draft: Draft, slots: Mapping[Key, Slot]) -> dict[Key, int]:
    """Vehicles that stand still could be loaded after all others."""
    trips = [trip for day in draft.values() for trip in day]
    mean_s = sum(loading_s(docks, trip) for trip in trips) // max(1, len(trips))
    free = _free(prepared, docks)
    for slot in slots.values():
        free[slot.door - 1] = max(free[slot.door - 1], slot.end_s)
    still = (v for v, vehicle in prepared.vehicles.items() if v not in draft and vehicle.base is None)
    return {(v, prepared.first_open_trip(v)): min(free) + mean_s for v in still}


def _free(prepared: Prepared, docks: Docks) -> list[int]:
    """From when on each door takes loads."""
    opens = max(docks.open_s, prepared.problem.depot.open_s)
    return [max([opens, *docks.taken_s[door : door + 1]]) for door in range(docks.doors)]


def _ready(slots: Mapping[Key, Slot]) -> dict[Key, int]:
    return {key: slot.end_s for key, slot in slots.items()}


def _as_told(ready: Mapping[Key, int]) -> tuple[Ready, ...]:
    return tuple(Ready(v, trip, at) for (v, trip), at in sorted(ready.items()))


def _loads(plan: Plan) -> tuple[PreviousLoad, ...]:
    return tuple(PreviousLoad(x.vehicle_id, x.trip, tuple(s.shipment_ids for s in x.stops)) for x in plan.loads)


def _used(draft: Draft) -> dict[str, tuple[Trip, ...]]:
    return {v: trips for v, trips in sorted(draft.items()) if trips}


def _docks(problem: Problem) -> Docks:
    assert problem.docks is not None
    return problem.docks
