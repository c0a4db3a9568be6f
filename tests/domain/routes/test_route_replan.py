"""Planning a running day again: history stays, locks stay, the rest moves only where that pays."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from routing_days import HOUR, calm_day, parcel, tight_day, van

from oms_dagster.domain.routes import replan as replanning
from oms_dagster.domain.routes.plan import Plan
from oms_dagster.domain.routes.problem import FrozenLoad, PositionLock, PreviousLoad, Problem, VehicleLock
from oms_dagster.domain.routes.replan import moved, replan
from oms_dagster.domain.routes.running import Underway, continued, without_driver, without_vehicle
from oms_dagster.domain.routes.solve import solve
from oms_dagster.domain.routes.verify import check
from oms_dagster.domain.solving import Budget
from tests.bench.routes import clustered_day

QUICK = Budget(effort=150)


def after(problem: Problem, plan: Plan) -> Problem:
    """The problem with a plan of it as the running one."""
    loads = (PreviousLoad(x.vehicle_id, x.trip, tuple(s.shipment_ids for s in x.stops)) for x in plan.loads)
    return replace(problem, previous=tuple(loads), stability_cents=500)


def two_vans(**changes: object) -> Problem:
    """East of the depot six addresses, west of it six; a van for each side, by the number of stops."""
    goods = [parcel(n, n - 3, 10) for n in range(1, 7)] + [parcel(n, n - 9, -10) for n in range(7, 13)]
    values: dict[str, object] = {"shipments": tuple(goods), "vehicles": (van(1), van(2), van(3))}
    return calm_day(**{**values, **changes})


def sides(plan: Plan) -> dict[str, set[str]]:
    return {load.vehicle_id: set(load.shipment_ids) for load in plan.loads}


EAST, WEST = ({f"S{n:02d}" for n in range(*ends)} for ends in ((1, 7), (7, 13)))


@pytest.fixture(scope="module")
def day() -> Problem:
    problem = two_vans()
    plan = solve(problem, QUICK)
    assert sorted(map(sorted, sides(plan).values())) == [sorted(EAST), sorted(WEST)]
    return after(problem, plan)


def east_of(problem: Problem) -> str:
    return next(load.vehicle_id for load in problem.previous if load.stops[0][0] in EAST)


def test_a_day_in_which_nothing_happened_keeps_its_plan(day: Problem):
    plan = replan(day, QUICK)
    assert check(day, plan) == ()
    assert after(day, plan).previous == day.previous
    assert moved(day, plan) == ()


def test_a_rush_order_goes_to_the_load_that_passes_by_and_nothing_else_moves(day: Problem):
    rush = replace(day, shipments=(*day.shipments, parcel(13, 1.5, 10)))
    plan = replan(rush, Budget(effort=0))
    assert check(rush, plan) == ()
    assert "S13" in sides(plan)[east_of(day)]
    assert moved(rush, plan) == ()
    assert plan.report.effort == 0


def test_a_cancelled_shipment_leaves_its_load_and_the_others_stay(day: Problem):
    fewer = replace(day, shipments=tuple(s for s in day.shipments if s.shipment_id != "S03"))
    plan = replan(fewer, QUICK)
    assert sides(plan)[east_of(day)] == EAST - {"S03"}
    assert moved(fewer, plan) == ()


@pytest.mark.parametrize(("stability_cents", "stays"), [(0, False), (100_000, True)])
def test_a_stop_moves_only_where_that_saves_more_than_it_is_held_to_cost(stability_cents: int, stays: bool):
    """S06 lies in the east but the running plan has it in the west: moving it saves about 20 km and an hour, not 1000."""
    problem = two_vans()
    plan = solve(problem, QUICK)
    swapped = [
        PreviousLoad(
            x.vehicle_id,
            1,
            tuple((s,) for s in x.shipment_ids if s != "S06") + ((("S06",),) if x.shipment_ids[0] in WEST else ()),
        )
        for x in plan.loads
    ]
    odd = replace(problem, previous=tuple(swapped), stability_cents=stability_cents)
    again = replan(odd, QUICK)
    assert check(odd, again) == ()
    assert moved(odd, again) == (() if stays else ("S06",))


def test_stops_of_a_vehicle_that_breaks_down_go_to_others_and_the_rest_stays(day: Problem):
    broken = east_of(day)
    problem = without_vehicle(day, broken)
    plan = replan(problem, QUICK)
    assert check(problem, plan) == ()
    assert plan.dropped == ()
    assert broken not in sides(plan)
    assert moved(problem, plan) == ()


def test_a_load_that_left_is_history_and_its_vehicle_goes_on_from_its_return(day: Problem):
    """The next trip has the next number, its day is paid for, and what is on the road isn't planned again."""
    broken = east_of(day)
    gone = next(load for load in day.previous if load.vehicle_id == broken)
    aboard = {s for stop in gone.stops for s in stop}
    out = Underway(1, 7 * HOUR, 10 * HOUR, 3_600)
    fleet = tuple(
        continued(replace(v, max_trips=2), out, day.reload_s) if v.vehicle_id == broken else replace(v, max_stops=1)
        for v in day.vehicles
    )
    rest = replace(day, vehicles=fleet, shipments=tuple(s for s in day.shipments if s.shipment_id not in aboard))
    plan = replan(rest, QUICK)
    assert check(rest, plan) == ()
    (load,) = (load for load in plan.loads if load.vehicle_id == broken)
    assert (load.trip, load.load_id[-2:]) == (2, "-2")
    assert load.departure_s >= 10 * HOUR + day.reload_s
    km, hours = 60 * load.distance_m / 1_000, 2_400 * load.duration_s / HOUR
    assert abs(load.cost_cents - km - hours) <= 1


@pytest.mark.parametrize(("duty_h", "last_h"), [(None, 17), (10, 17), (9, 16.5), (8, 15.5)])
def test_what_is_left_of_a_day_ends_with_the_shift_or_the_time_on_duty(duty_h: int | None, last_h: float):
    """Shift until 16:00 and an hour of overtime; out since 7:30, at the wheel for an hour of eight."""
    duty_s = None if duty_h is None else duty_h * HOUR
    vehicle = van(1, max_trips=3, max_duty_s=duty_s, max_overtime_s=HOUR)
    rest = continued(vehicle, Underway(2, 7 * HOUR + 1800, 12 * HOUR, HOUR), 1_800)
    assert (rest.trips_done, rest.shift_start_s, rest.max_drive_s) == (2, 12 * HOUR + 1800, 7 * HOUR)
    assert rest.shift_end_s + rest.max_overtime_s == last_h * HOUR
    assert rest.shift_end_s <= vehicle.shift_end_s


def test_a_driver_who_is_ill_is_stood_in_for_or_the_vehicle_stays_at_home(day: Problem):
    vehicle_id = east_of(day)
    driver = next(v.driver_id for v in day.vehicles if v.vehicle_id == vehicle_id)
    stood_in = without_driver(day, driver, stand_in="D9")
    plan = replan(stood_in, QUICK)
    assert check(stood_in, plan) == ()
    assert {load.vehicle_id: load.driver_id for load in plan.loads}[vehicle_id] == "D9"
    assert moved(stood_in, plan) == ()
    at_home = without_driver(day, driver)
    assert vehicle_id not in sides(replan(at_home, QUICK))


def test_a_big_day_is_searched_around_what_changed_only(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(replanning, "WHOLE", 60)
    monkeypatch.setattr(replanning, "GROUP", 40)
    problem = clustered_day(150, seed=3)
    day = after(problem, solve(problem, Budget(400), seed=1))
    assert replan(day, QUICK).report.effort == 0
    fewer = replace(day, shipments=day.shipments[3:])
    plan = replan(fewer, QUICK)
    assert check(fewer, plan) == ()
    assert 0 < plan.report.effort < 150 * 12
    saved = replan(fewer, Budget(0)).objective_cents - plan.objective_cents
    assert len(moved(fewer, plan)) * fewer.stability_cents <= saved, (
        "each stop that moves saves what it is held to cost"
    )


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 5_000), data=st.data())
def test_locks_and_limits_hold_on_any_day_that_changes(seed: int, data: st.DataObject):
    """A frozen load, a stop in its place, a shipment on its vehicle: all kept, whatever else is added or taken away."""
    problem = tight_day(seed)
    plan = solve(problem, QUICK)
    riding = [(load, stop) for load in plan.loads for stop in load.stops]
    gone = data.draw(st.sets(st.sampled_from([s.shipment_id for s in problem.shipments]), max_size=3))
    locks: list[object] = []
    if riding:
        load, stop = data.draw(st.sampled_from(riding))
        first = next((s for s in stop.shipment_ids if s not in gone), None)
        kept = tuple(k for k in (tuple(s for s in x.shipment_ids if s not in gone) for x in load.stops) if k)
        kinds = {
            "frozen": FrozenLoad(load.vehicle_id, load.trip, kept) if kept else None,
            "place": PositionLock(first, load.vehicle_id, load.trip, stop.stop_sequence) if first else None,
            "vehicle": VehicleLock(first, load.vehicle_id) if first else None,
        }
        lock = kinds[data.draw(st.sampled_from(sorted(kinds)))]
        locks += [lock] if lock else []
    goods = tuple(s for s in problem.shipments if s.shipment_id not in gone)
    extra = tuple(parcel(20 + n, 4 + n, -3) for n in range(data.draw(st.integers(0, 2))))
    changed = replace(
        after(problem, plan),
        shipments=goods + extra,
        locks=tuple(locks),
        stability_cents=data.draw(st.sampled_from((0, 500, 50_000))),
    )
    again = replan(changed, QUICK)
    assert check(changed, again) == ()
    assert again.report.objective <= (again.report.baseline_objective or 0)
