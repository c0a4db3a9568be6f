"""Ways to break the hours of a plan: shifts, windows, driving times and breaks, doors of the dock."""

from __future__ import annotations

from dataclasses import replace

from altering_plans import (
    SECONDS,
    Broken,
    Draw,
    a_load,
    breaks,
    known,
    with_load,
    with_shipment,
    with_stop,
    with_vehicle,
)
from hypothesis import assume
from hypothesis import strategies as st

from oms_dagster.domain.routes.doors import Docks
from oms_dagster.domain.routes.plan import Plan
from oms_dagster.domain.routes.problem import (
    BreakRule,
    PositionLock,
    Problem,
)
from oms_dagster.domain.routes.speeds import SlowHours


@breaks("ROUTE-07")
def back_after_the_shift(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    load = a_load(draw, plan)
    early_s = draw(st.integers(1, 7_200))
    overtime_s = draw(st.integers(0, early_s - 1))
    return with_vehicle(problem, load, shift_end_s=load.return_s - early_s, max_overtime_s=overtime_s), plan


@breaks("ROUTE-07")
def out_before_the_depot_opens(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    load = a_load(draw, plan)
    opens = load.departure_s + draw(st.integers(1, 7_200))
    return replace(problem, depot=replace(problem.depot, open_s=opens)), plan


@breaks("ROUTE-09")
def the_window_was_over(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    load = a_load(draw, plan)
    stop = draw(st.sampled_from(load.stops))
    there = known(problem, stop.shipment_ids[0])
    assume(not any(s in _locked(problem) for s in stop.shipment_ids))
    late_s = draw(st.integers(1, 7_200))
    end = stop.service_start_s - late_s
    begin = min(there.window_from_s, end)
    changes = {"window_from_s": begin, "window_to_s": end, "closed": (), "max_late_s": draw(st.integers(0, late_s - 1))}
    return with_shipment(problem, there.shipment_id, **changes), plan


def _locked(problem: Problem) -> set[str]:
    return {lock.shipment_id for lock in problem.locks if isinstance(lock, PositionLock)}


@breaks("ROUTE-09")
def the_window_has_not_begun(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    load = a_load(draw, plan)
    stop = draw(st.sampled_from(load.stops))
    begin = stop.service_start_s + draw(st.integers(1, 7_200))
    changes = {"window_from_s": begin, "window_to_s": begin + 3_600, "closed": ()}
    return with_shipment(problem, stop.shipment_ids[0], **changes), plan


@breaks("ROUTE-09")
def the_door_is_closed_then(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    load = a_load(draw, plan)
    stop = draw(st.sampled_from(load.stops))
    there = known(problem, stop.shipment_ids[0])
    gap = (stop.service_start_s - draw(st.integers(1, 900)), stop.service_start_s + draw(st.integers(1, 900)))
    wider = {"window_from_s": min(there.window_from_s, gap[0]), "window_to_s": max(there.window_to_s, gap[1])}
    return with_shipment(problem, there.shipment_id, closed=(gap,), **wider), plan


@breaks("ROUTE-10")
def lateness_is_not_as_stated(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    load = a_load(draw, plan)
    at = draw(st.integers(0, len(load.stops) - 1))
    return problem, with_stop(plan, load, at, late_s=load.stops[at].late_s + draw(st.integers(1, 900)))


@breaks("ROUTE-11")
def a_time_is_made_up(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    load = a_load(draw, plan)
    at = draw(st.integers(0, len(load.stops) - 1))
    name = draw(
        st.sampled_from(("arrival_s", "service_start_s", "departure_s", "wait_s", "service_s", "drive_s", "break_s"))
    )
    return problem, with_stop(plan, load, at, **{name: getattr(load.stops[at], name) + draw(SECONDS)})


@breaks("ROUTE-11")
def home_by_magic(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    load = a_load(draw, plan)
    return problem, with_load(plan, load, return_s=load.return_s + draw(SECONDS))


@breaks("ROUTE-11")
def as_fast_as_ever_in_the_rush_hour(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    load = a_load(draw, plan)
    assume(load.stops[0].drive_s > 2)
    there = load.stops[0]
    slow = SlowHours(
        there.latitude, there.longitude, 100, load.departure_s, load.departure_s + 1, draw(st.integers(2_000, 5_000))
    )
    return replace(problem, travel=replace(problem.travel, slow=(slow,))), plan


@breaks("ROUTE-15")
def reloaded_in_no_time(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    pairs = [(a, b) for a in plan.loads for b in plan.loads if a.vehicle_id == b.vehicle_id and a.trip < b.trip]
    assume(pairs)
    one, other = draw(st.sampled_from(pairs))
    return replace(problem, reload_s=other.departure_s - one.return_s + draw(st.integers(1, 7_200))), plan


@breaks("ROUTE-28")
def out_too_long(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    load = a_load(draw, plan)
    out = [x for x in plan.loads if x.vehicle_id == load.vehicle_id]
    duty_s = max(x.return_s for x in out) - min(x.departure_s for x in out)
    return with_vehicle(problem, load, max_duty_s=draw(st.integers(1, duty_s - 1))), plan


def at_doors(problem: Problem, plan: Plan) -> Broken:
    """The day with a door for each load, ten minutes before it leaves: nothing broken yet."""
    loads = tuple(
        replace(load, door=n, loading_s=load.departure_s - 600, loaded_s=load.departure_s)
        for n, load in enumerate(plan.loads, start=1)
    )
    early = replace(problem.depot, open_s=min(load.loading_s for load in loads))
    docks = Docks(len(loads), fixed_s=600, per_m3_s=0)
    return replace(problem, depot=early, docks=docks), replace(plan, loads=loads)


@breaks("ROUTE-29")
def two_loads_at_one_door(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    assume(len(plan.loads) > 1)
    problem, plan = at_doors(problem, plan)
    one, other = draw(st.permutations(plan.loads))[:2]
    begin = other.loading_s + draw(st.integers(-599, 599))
    return problem, with_load(plan, one, door=other.door, loading_s=begin, loaded_s=begin + 600)


@breaks("ROUTE-29")
def it_leaves_while_it_is_loaded(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    problem, plan = at_doors(problem, plan)
    load, later = a_load(draw, plan), draw(st.integers(1, 7_200))
    return problem, with_load(plan, load, loading_s=load.loading_s + later, loaded_s=load.loaded_s + later)


@breaks("ROUTE-29")
def loaded_before_the_docks_open(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    problem, plan = at_doors(problem, plan)
    load = a_load(draw, plan)
    return replace(problem, docks=replace(problem.docks, open_s=load.loading_s + draw(st.integers(1, 7_200)))), plan


@breaks("ROUTE-29")
def loaded_in_no_time(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    problem, plan = at_doors(problem, plan)
    load = a_load(draw, plan)
    return problem, with_load(plan, load, loading_s=load.loading_s + draw(st.integers(1, 600)))


@breaks("ROUTE-29")
def at_a_door_that_is_not_there(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    problem, plan = at_doors(problem, plan)
    return problem, with_load(plan, a_load(draw, plan), door=draw(st.sampled_from((0, len(plan.loads) + 1))))


@breaks("ROUTE-27")
def too_long_at_the_wheel(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    load = a_load(draw, plan)
    assume(load.break_s == 0 and load.wait_s == 0)
    longest = max(stop.drive_s for stop in load.stops)
    assume(longest > 1)
    return replace(problem, breaks=BreakRule(draw(st.integers(1, longest - 1)), 10**6, 2_700)), plan


@breaks("ROUTE-27")
def a_break_in_pieces(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    load = a_load(draw, plan)
    at = draw(st.integers(0, len(load.stops) - 1))
    rule = problem.breaks or BreakRule()
    piece = draw(st.integers(1, rule.break_s - 1))
    return replace(problem, breaks=rule), with_stop(plan, load, at, break_s=load.stops[at].break_s + piece)
