"""Loads that share the doors of a location: who is loaded when, and what that does to the routes."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from routing_days import HOUR, calm_day, parcel, tight_day, van

from oms_dagster.domain.routes.doors import Docks
from oms_dagster.domain.routes.moves import moves
from oms_dagster.domain.routes.plan import Plan
from oms_dagster.domain.routes.problem import FrozenLoad, PreviousLoad, Problem
from oms_dagster.domain.routes.replan import replan
from oms_dagster.domain.routes.running import Underway, continued
from oms_dagster.domain.routes.solve import solve
from oms_dagster.domain.routes.verify import check
from oms_dagster.domain.solving import Budget

QUICK = Budget(150)
#: Loading begins at six, when the depot opens; vans may leave from seven on.
ONE_DOOR = Docks(1, fixed_s=3_600, per_m3_s=0)


def one_stop_vans(count: int, **changes: object) -> Problem:
    """As many vans as shipments, each van for one of them."""
    vans = tuple(van(n, max_stops=1) for n in range(1, count + 1))
    goods = tuple(parcel(n, 0, 2 + n, **changes) for n in range(1, count + 1))
    return calm_day(vehicles=vans, shipments=goods)


def door_times(plan: Plan) -> list[tuple[int, int, int]]:
    return sorted((load.door, load.loading_s, load.loaded_s) for load in plan.loads)


def test_without_docks_a_load_takes_no_door_and_no_time():
    plan = solve(calm_day(), QUICK)
    assert door_times(plan) == [(0, 0, 0)] * len(plan.loads)


def test_loads_go_one_after_the_other_through_one_door():
    day = replace(one_stop_vans(3), docks=ONE_DOOR)
    plan = solve(day, QUICK)
    assert check(day, plan) == ()
    assert plan.dropped == ()
    assert [b - a for _, a, b in door_times(plan)] == [HOUR] * 3
    assert all(one[2] <= other[1] for one, other in pairwise(door_times(plan)))
    assert all(load.departure_s >= load.loaded_s for load in plan.loads)


def test_what_must_be_there_first_is_loaded_first():
    day = one_stop_vans(3)
    late, early, middle = day.shipments
    goods = (replace(late, window_to_s=14 * HOUR), replace(early, window_from_s=0, window_to_s=8 * HOUR), middle)
    day = replace(day, shipments=goods, docks=ONE_DOOR)
    plan = solve(day, QUICK)
    assert check(day, plan) == ()
    first = min(plan.loads, key=lambda load: load.loading_s)
    assert first.shipment_ids == (early.shipment_id,)


def test_two_doors_load_two_at_a_time():
    day = replace(one_stop_vans(4), docks=replace(ONE_DOOR, doors=2))
    assert [(door, a) for door, a, _ in door_times(solve(day, QUICK))] == [
        (1, 6 * HOUR),
        (1, 7 * HOUR),
        (2, 6 * HOUR),
        (2, 7 * HOUR),
    ]


def test_a_full_load_takes_longer_than_a_small_one_in_whole_minutes():
    day = replace(one_stop_vans(1, volume_dm3=2_510), docks=Docks(1, fixed_s=600, per_m3_s=480))
    (load,) = solve(day, QUICK).loads
    assert load.loaded_s - load.loading_s == 31 * 60  # 10 minutes + 20.08, rounded up


def test_routes_are_planned_again_where_a_door_leaves_no_time():
    """Three shipments due before nine and one door: no third van can leave in time, so two ride together."""
    vans = tuple(van(n, fixed_cost_cents=0, cost_per_km_cents=0, cost_per_hour_cents=0) for n in (1, 2, 3))
    places = ((20, 0), (-20, 0), (-21, 1))
    goods = tuple(parcel(n, *place, window_to_s=9 * HOUR) for n, place in enumerate(places, start=1))
    day = calm_day(vehicles=vans, shipments=goods, docks=ONE_DOOR)
    plan = solve(day, QUICK)
    assert check(day, plan) == ()
    assert plan.dropped == ()
    assert len(plan.loads) <= 2


def test_what_no_door_can_take_in_its_hours_stays_behind():
    day = replace(one_stop_vans(3), docks=replace(ONE_DOOR, close_s=8 * HOUR))
    plan = solve(day, QUICK)
    assert check(day, plan) == ()
    assert (len(plan.loads), len(plan.dropped)) == (2, 1)


def test_a_second_trip_is_loaded_when_its_vehicle_is_back():
    day = calm_day(vehicles=(van(1, capacity_g=300_000, max_trips=2),), docks=ONE_DOOR)
    plan = solve(day, QUICK)
    assert check(day, plan) == ()
    one, other = plan.loads
    assert one.return_s <= other.loading_s
    assert other.loaded_s <= other.departure_s


def test_a_vehicle_on_the_road_is_loaded_when_it_is_back():
    vehicle = continued(van(1, max_trips=2), Underway(1, 6 * HOUR, 10 * HOUR, HOUR), 1_800)
    day = calm_day(vehicles=(vehicle,), docks=replace(ONE_DOOR, taken_s=(9 * HOUR,)))
    plan = solve(day, QUICK)
    assert check(day, plan) == ()
    assert [(x.trip, x.loading_s) for x in plan.loads] == [(2, 10 * HOUR)]


def test_a_door_is_taken_by_loads_that_are_no_part_of_the_plan_any_more():
    day = replace(one_stop_vans(1), docks=replace(ONE_DOOR, taken_s=(8 * HOUR,)))
    plan = solve(day, QUICK)
    assert check(day, plan) == ()
    assert door_times(plan) == [(1, 8 * HOUR, 9 * HOUR)]
    early = replace(plan, loads=tuple(replace(x, loading_s=7 * HOUR, loaded_s=8 * HOUR) for x in plan.loads))
    assert {f.rule for f in check(day, early)} == {"ROUTE-29"}


def test_a_vehicle_with_a_base_of_its_own_needs_no_door():
    day = calm_day(vehicles=(van(1, base=(51.52, -0.12)),), docks=ONE_DOOR)
    plan = solve(day, QUICK)
    assert check(day, plan) == ()
    assert door_times(plan) == [(0, 0, 0)]


def test_an_approved_load_is_first_at_the_door():
    day = one_stop_vans(3)
    frozen = FrozenLoad("V3", 1, (("S03",),))
    goods = tuple(replace(s, window_to_s=9 * HOUR + 1800) if s.shipment_id != "S03" else s for s in day.shipments)
    day = replace(day, shipments=goods, locks=(frozen,), docks=ONE_DOOR)
    plan = solve(day, QUICK)
    assert check(day, plan) == ()
    assert min(plan.loads, key=lambda load: load.loading_s).vehicle_id == "V3"


def test_a_move_is_timed_with_the_doors_as_the_running_plan_has_them():
    """The only other van is loaded too late for a shipment that is due at eight: the move does not fit."""
    day = one_stop_vans(2)
    first, other = day.shipments
    first = replace(first, window_from_s=0, window_to_s=7 * HOUR + 1800)
    vans = tuple(replace(v, max_stops=4) for v in day.vehicles)
    previous = (PreviousLoad("V1", 1, (("S01",),)), PreviousLoad("V2", 1, (("S02",),)))
    day = replace(day, vehicles=vans, shipments=(first, other), previous=previous)
    assert {m.vehicle_id: m.is_feasible for m in moves(day, "S01")}["V2"]
    assert not {m.vehicle_id: m.is_feasible for m in moves(replace(day, docks=ONE_DOOR), "S01")}["V2"]


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 5_000), doors=st.integers(1, 2), minutes=st.integers(0, 90), close=st.integers(7, 20))
def test_doors_are_kept_on_any_day_and_the_plan_never_loses_against_the_naive_one(
    seed: int, doors: int, minutes: int, close: int
):
    docks = Docks(doors, close_s=close * HOUR, fixed_s=60 * minutes)
    day = replace(tight_day(seed), docks=docks)
    plan = solve(day, Budget(40), seed)
    assert check(day, plan) == ()
    assert plan.report.baseline_objective is not None
    assert plan.objective_cents == plan.report.objective <= plan.report.baseline_objective
    again = replan(replace(day, previous=tuple(PreviousLoad(x.vehicle_id, x.trip, tuple(s.shipment_ids for s in x.stops)) for x in plan.loads)), Budget(0))  # fmt: skip
    assert check(day, again) == ()


@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_day_and_seed_have_the_same_doors(seed: int):
    day = replace(calm_day(vehicles=tuple(van(n, max_stops=2) for n in (1, 2, 3))), docks=ONE_DOOR)
    assert replace(solve(day, QUICK, seed), report=None) == replace(solve(day, QUICK, seed), report=None)
