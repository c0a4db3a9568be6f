"""Areas and hours in which driving takes longer: the plan, its times and the checker go by the same."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from routing_days import DEPOT, HOUR, calm_day, parcel, tight_day, van

from oms_dagster.domain.routes.moves import moves
from oms_dagster.domain.routes.problem import PreviousLoad, Problem
from oms_dagster.domain.routes.replan import replan
from oms_dagster.domain.routes.solve import solve
from oms_dagster.domain.routes.speeds import SlowHours, TravelModel
from oms_dagster.domain.routes.verify import check
from oms_dagster.domain.solving import Budget

QUICK = Budget(150)


def around(place: tuple[float, float], from_h: float, to_h: float, permille: int = 2_000, km: int = 3) -> SlowHours:
    return SlowHours(*place, 1_000 * km, int(from_h * HOUR), int(to_h * HOUR), permille)


def slower(problem: Problem, *slow: SlowHours) -> Problem:
    return replace(problem, travel=replace(problem.travel, slow=slow))


def one_parcel(**changes: object) -> Problem:
    return calm_day(vehicles=(van(1),), shipments=(parcel(1, 0, 12, **changes),))


THERE = (DEPOT.latitude, DEPOT.longitude + 12 / 69.2)


@pytest.mark.parametrize(
    ("slow", "out", "back"),
    [
        (around(THERE, 0, 24), 2, 2),
        (around((DEPOT.latitude, DEPOT.longitude), 0, 24), 2, 2),  # either end counts
        (around((52.5, 0.5), 0, 24), 1, 1),
        (around(THERE, 0, 12), 2, 1),  # it comes back after noon: served at noon
        (around(THERE, 12, 24), 1, 2),
    ],
)
def test_a_leg_takes_longer_where_and_when_it_is_slow(slow: SlowHours, out: int, back: int):
    day = one_parcel(window_from_s=12 * HOUR, window_to_s=12 * HOUR)
    usual = solve(day, QUICK).loads[0]
    plan = solve(slower(day, slow), QUICK)
    assert check(slower(day, slow), plan) == ()
    (load,) = plan.loads
    seconds = usual.stops[0].drive_s
    assert abs(load.stops[0].drive_s - out * seconds) <= 1
    assert abs(load.drive_s - load.stops[0].drive_s - back * seconds) <= 1
    assert load.stops[0].service_start_s == 12 * HOUR
    assert load.distance_m == usual.distance_m


def test_of_several_the_slowest_counts():
    day = one_parcel()
    one, other = around(THERE, 0, 24, 1_500), around(THERE, 0, 24, 3_000)
    assert solve(slower(day, one, other), QUICK).loads == solve(slower(day, other), QUICK).loads


def test_a_window_that_the_rush_hour_makes_impossible_is_no_use():
    """The van may leave at seven; the parcel is due by half past, twenty minutes away, forty in the rush hour."""
    day = one_parcel(window_from_s=7 * HOUR, window_to_s=7 * HOUR + 1800)
    assert solve(day, QUICK).dropped == ()
    jam = slower(day, around(THERE, 6.5, 9))
    plan = solve(jam, QUICK)
    assert check(jam, plan) == ()
    assert [d.reason for d in plan.dropped] == ["TIME_WINDOW"]


def test_slow_hours_at_night_change_nothing():
    day = calm_day()
    night = slower(day, around((DEPOT.latitude, DEPOT.longitude), 0, 5, 5_000, km=90))
    assert solve(night, QUICK).loads == solve(day, QUICK).loads


def test_a_move_is_timed_in_the_rush_hour_too():
    day = calm_day()
    plan = solve(day, QUICK)
    loads = tuple(PreviousLoad(x.vehicle_id, x.trip, tuple(s.shipment_ids for s in x.stops)) for x in plan.loads)
    jam = slower(replace(day, previous=loads), around((DEPOT.latitude, DEPOT.longitude), 0, 24, 3_000, km=50))
    assert moves(jam, "S01")[0].cost_cents > moves(replace(day, previous=loads), "S01")[0].cost_cents


@pytest.mark.parametrize("wrong", [{"permille": 900}, {"from_s": 9 * HOUR, "to_s": 9 * HOUR}])
def test_slow_hours_are_slower_and_end_after_they_begin(wrong: dict[str, int]):
    with pytest.raises(ValueError, match="slow hours"):
        replace(around(THERE, 7, 9), **wrong)


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 5_000), begin=st.integers(5, 15), hours=st.integers(1, 6),
    permille=st.integers(1_000, 4_000), km=st.integers(1, 30),
)  # fmt: skip
def test_any_day_keeps_its_limits_in_any_rush_hour(seed: int, begin: int, hours: int, permille: int, km: int):
    slow = around((DEPOT.latitude + 0.05, DEPOT.longitude), begin, begin + hours, permille, km)
    day = slower(tight_day(seed), slow)
    plan = solve(day, Budget(40), seed)
    assert check(day, plan) == ()
    assert plan.report.objective <= (plan.report.baseline_objective or 0)
    loads = tuple(PreviousLoad(x.vehicle_id, x.trip, tuple(s.shipment_ids for s in x.stops)) for x in plan.loads)
    again = replace(day, previous=loads)
    assert check(again, replan(again, Budget(0))) == ()


def test_a_home_without_slow_hours_has_the_model_of_before():
    assert TravelModel().slow == ()
