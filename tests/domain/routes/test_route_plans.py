"""What a route plan does for the planner: shares stops, keeps locks, always answers, never loses to the naive way."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from routing_days import DEPOT, HOUR, calm_day, parcel, tight_day, van

from oms_dagster.domain.routes import verify
from oms_dagster.domain.routes.plan import Plan
from oms_dagster.domain.routes.problem import (
    FrozenLoad,
    PositionLock,
    PreviousLoad,
    Problem,
    Shipment,
    Vehicle,
    VehicleLock,
)
from oms_dagster.domain.routes.solve import solve
from oms_dagster.domain.solving import Budget

QUICK = Budget(effort=150)


def accepted(problem: Problem, plan: Plan) -> Plan:
    """The plan, after the checker has found nothing and priced it as stated and no dearer than the baseline."""
    assert verify.check(problem, plan) == ()
    assert verify.objective(problem, plan) == plan.objective_cents == plan.report.objective
    assert plan.report.baseline_objective is not None
    assert plan.report.objective <= plan.report.baseline_objective
    return plan


def as_previous(plan: Plan) -> tuple[PreviousLoad, ...]:
    return tuple(PreviousLoad(x.vehicle_id, x.trip, tuple(s.shipment_ids for s in x.stops)) for x in plan.loads)


def test_six_shipments_share_one_van_and_the_other_stays_at_home():
    plan = accepted(calm_day(), solve(calm_day(), QUICK))
    assert [load.load_id for load in plan.loads] == ["LON-20250305-V1-1"]
    assert plan.dropped == ()
    assert sorted(plan.loads[0].shipment_ids) == [f"S{n:02d}" for n in range(1, 7)]


def test_the_order_of_stops_is_the_best_of_all_orders():
    """Six stops have 720 orders; the plan's distance is the smallest of them."""
    problem = calm_day(vehicles=(van(1, cost_per_hour_cents=0),))
    plan = accepted(problem, solve(problem, Budget(500)))
    way = verify._metres
    home = (DEPOT.latitude, DEPOT.longitude)
    places = [(s.latitude, s.longitude) for s in problem.shipments]
    shortest = min(
        sum(way(problem, a, b) for a, b in zip((home, *order), (*order, home), strict=True))
        for order in permutations(places)
    )
    assert plan.loads[0].distance_m == shortest
    assert plan.loads[0].baseline_distance_m > shortest


def test_the_same_seed_and_effort_give_the_same_plan():
    one, other = (solve(tight_day(5), QUICK, seed=3) for _ in range(2))
    assert replace(one, report=replace(one.report, wall_s=0)) == replace(other, report=replace(other.report, wall_s=0))


def test_a_blown_fuse_is_reported_and_still_gives_a_plan():
    problem = calm_day()
    plan = accepted(problem, solve(problem, Budget(effort=10**9, fuse_s=0.05)))
    assert plan.report.fuse
    assert not solve(problem, QUICK).report.fuse


def test_two_shipments_to_one_address_are_one_stop_with_both_service_times():
    goods = (parcel(1), replace(parcel(2), address_key="A01"))
    problem = calm_day(shipments=goods, stop_service_s=300)
    (load,) = accepted(problem, solve(problem, QUICK)).loads
    assert [stop.shipment_ids for stop in load.stops] == [("S01", "S02")]
    assert load.stops[0].service_s == 300 + 600 + 600


def test_an_address_with_a_morning_and_an_evening_window_is_visited_twice():
    goods = (
        parcel(1, window_to_s=9 * HOUR),
        parcel(2, address_key="A01", window_from_s=13 * HOUR),
    )
    problem = calm_day(shipments=goods, vehicles=(van(1),))
    (load,) = accepted(problem, solve(problem, QUICK)).loads
    assert len(load.stops) == 2


def test_the_driver_leaves_late_rather_than_waits_at_the_door():
    problem = calm_day(shipments=(parcel(1, window_from_s=12 * HOUR),))
    (load,) = accepted(problem, solve(problem, QUICK)).loads
    assert load.wait_s == 0
    assert load.departure_s > 11 * HOUR
    assert load.stops[0].service_start_s == 12 * HOUR


def test_what_is_unloaded_last_is_loaded_first():
    (load,) = solve(calm_day(), QUICK).loads
    assert load.stops[-1].load_positions == (1,)
    assert [p for stop in load.stops for p in stop.load_positions] == [6, 5, 4, 3, 2, 1]


def test_the_binding_dimension_is_the_fullest_one():
    problem = calm_day(vehicles=(van(1, capacity_dm3=3_000),))
    (load,) = solve(problem, QUICK).loads
    assert (load.binding_dimension, load.utilisation_permille) == ("volume", 1000)


def test_a_second_trip_starts_after_the_first_is_back_and_reloaded():
    problem = calm_day(vehicles=(van(1, capacity_g=300_000, max_trips=2),))
    plan = accepted(problem, solve(problem, Budget(500)))
    assert [load.trip for load in plan.loads] == [1, 2]
    assert plan.loads[1].departure_s >= plan.loads[0].return_s + problem.reload_s
    assert plan.dropped == ()
    assert plan.loads[0].cost_cents > plan.loads[1].cost_cents - 5_000  # the fixed cost is on the first load alone


def test_chilled_goods_ride_only_on_the_chilled_van_and_hazardous_goods_only_on_the_admitted_one():
    goods = tuple(
        replace(s, temperature_class="chilled" if n < 2 else "ambient", hazard_class="3" if n in (2, 3) else "")
        for n, s in enumerate(calm_day().shipments)
    )
    fleet = (van(1), van(2, temperature_classes=("ambient", "chilled")), van(3, hazard_ok=True))
    problem = calm_day(shipments=goods, vehicles=fleet)
    plan = accepted(problem, solve(problem, QUICK))
    assert plan.dropped == ()
    rides = {s: load.vehicle_id for load in plan.loads for s in load.shipment_ids}
    assert {rides["S01"], rides["S02"]} == {"V2"}
    assert {rides["S03"], rides["S04"]} == {"V3"}


def test_one_driver_never_drives_two_vans():
    problem = calm_day(vehicles=(van(1, driver_id="ANN", max_stops=3), van(2, driver_id="ANN", max_stops=3)))
    plan = accepted(problem, solve(problem, QUICK))
    assert {load.vehicle_id for load in plan.loads} == {"V1"}
    assert len(plan.dropped) == 3


def test_a_shipment_tied_to_a_vehicle_rides_there_or_stays_behind():
    problem = calm_day(locks=(VehicleLock("S01", "V2"), VehicleLock("S02", "GONE")))
    plan = accepted(problem, solve(problem, QUICK))
    assert {s: x.vehicle_id for x in plan.loads for s in x.shipment_ids}["S01"] == "V2"
    assert [(d.shipment_id, d.reason) for d in plan.dropped] == [("S02", "NO_VEHICLE")]


def test_a_locked_stop_keeps_its_place_even_if_that_makes_it_late():
    first = solve(calm_day(), QUICK).loads[0].shipment_ids[0]
    goods = tuple(replace(s, window_to_s=8 * HOUR) if s.shipment_id == first else s for s in calm_day().shipments)
    problem = calm_day(shipments=goods, locks=(PositionLock(first, "V1", 1, 3),))
    plan = accepted(problem, solve(problem, QUICK))
    locked = next(stop for load in plan.loads for stop in load.stops if first in stop.shipment_ids)
    assert (locked.stop_sequence, locked.is_locked) == (3, True)
    assert locked.late_s > 0


def test_a_frozen_load_keeps_content_order_and_departure_and_takes_nothing_more():
    frozen = FrozenLoad("V1", 1, (("S06",), ("S01",)), departure_s=9 * HOUR)
    problem = calm_day(locks=(frozen,))
    plan = accepted(problem, solve(problem, QUICK))
    load = plan.loads[0]
    assert load.is_locked
    assert (load.departure_s, [stop.shipment_ids for stop in load.stops]) == (9 * HOUR, [("S06",), ("S01",)])
    assert plan.loads[1].vehicle_id == "V2"


def test_a_new_order_joins_the_last_plan_without_moving_the_others():
    before = solve(tight_day(7), QUICK)
    problem = tight_day(7)
    more = replace(problem, previous=as_previous(before), shipments=(*problem.shipments, parcel(9, 1, 1)))
    after = accepted(more, solve(more, QUICK))
    rode = {s: x.vehicle_id for x in before.loads for s in x.shipment_ids}
    rides = {s: x.vehicle_id for x in after.loads for s in x.shipment_ids}
    moved = [s for s in rode if s in rides and rides[s] != rode[s]]
    assert len(moved) <= 1


def test_a_last_plan_full_of_things_that_no_longer_exist_does_no_harm():
    gone = (PreviousLoad("V9", 1, (("S01",),)), PreviousLoad("V1", 4, (("S02",),)), PreviousLoad("V1", 1, (("X",),)))
    problem = calm_day(previous=gone)
    assert accepted(problem, solve(problem, QUICK)).dropped == ()


def test_a_day_without_shipments_or_without_vehicles_has_an_answer():
    empty = solve(calm_day(shipments=()), QUICK)
    assert (empty.loads, empty.dropped, empty.report.status) == ((), (), "empty")
    stranded = calm_day(vehicles=())
    plan = accepted(stranded, solve(stranded, QUICK))
    assert {d.reason for d in plan.dropped} == {"NO_VEHICLE"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"vehicles": (van(1), van(1))}, "vehicle V1 is given twice"),
        ({"vehicles": (van(1, capacity_g=0),)}, "V1: capacities"),
        ({"shipments": (parcel(1, window_from_s=9, window_to_s=8),)}, "S01: its window ends before it begins"),
        ({"shipments": (parcel(1, latitude=91.0),)}, "91.0"),
        ({"locks": (VehicleLock("S77", "V1"),)}, "S77 is not in the problem"),
        ({"locks": (VehicleLock("S01", "V1"), PositionLock("S01", "V1", 1, 1))}, "S01 is given twice"),
        ({"locks": (PositionLock("S01", "V1", 1, 0),)}, "count from 1"),
        (
            {"locks": (FrozenLoad("V1", 1, (("S01",),)), PositionLock("S02", "V1", 1, 1))},
            "tied to a trip that is frozen",
        ),
    ],
)
def test_a_problem_that_makes_no_sense_is_refused_in_one_line(changes: dict[str, object], words: str):
    with pytest.raises(ValueError, match=words):
        calm_day(**changes)


@st.composite
def days_with_locks(draw: st.DrawFn) -> Problem:
    """Up to nine shipments, up to three odd vans, and locks of every kind that don't contradict each other."""

    def whole(low: int, high: int) -> int:
        return draw(st.integers(low, high))

    fleet: list[Vehicle] = []
    for n in range(1, whole(0, 3) + 1):
        fleet.append(
            van(
                n,
                capacity_g=whole(150, 900) * 1000,
                max_stops=whole(1, 6),
                shift_end_s=whole(9, 17) * HOUR,
                max_drive_s=whole(1, 5) * HOUR,
                max_trips=whole(1, 2),
                temperature_classes=draw(st.sampled_from((("ambient",), ("ambient", "chilled")))),
                driver_id=draw(st.sampled_from((f"D{n}", "D1"))),
            )
        )
    goods: list[Shipment] = []
    for n in range(1, whole(0, 9) + 1):
        start = whole(6, 14) * HOUR
        goods.append(
            parcel(
                n,
                whole(-20, 20),
                whole(-20, 20),
                window_from_s=start,
                window_to_s=start + draw(st.sampled_from((0, 1_800, 20_000))),
                temperature_class=draw(st.sampled_from(("ambient", "ambient", "chilled", "frozen"))),
                penalty_cents=draw(st.sampled_from((0, 5_000, 100_000))),
            )
        )
    locks: list[VehicleLock | PositionLock] = []
    for shipment in goods:
        kind = whole(0, 4)
        if kind == 1 and fleet:
            locks.append(VehicleLock(shipment.shipment_id, fleet[whole(0, len(fleet) - 1)].vehicle_id))
        if kind == 2 and fleet:
            locks.append(PositionLock(shipment.shipment_id, fleet[0].vehicle_id, 1, whole(1, 4)))
    return Problem(DEPOT, "2025-03-05", tuple(fleet), tuple(goods), tuple(locks))


@settings(max_examples=150, deadline=None)
@given(days_with_locks())
def test_whatever_the_day_and_its_locks_the_checker_accepts_the_plan(problem: Problem):
    plan = accepted(problem, solve(problem, Budget(40)))
    again = replace(problem, previous=as_previous(plan))
    accepted(again, solve(again, Budget(40)))
