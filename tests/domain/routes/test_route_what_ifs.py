"""What one more vehicle or half an hour more saves: found by solving the day again, never below nothing."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from routing_days import HOUR, calm_day, parcel, tight_day, van

from oms_dagster.domain.routes.problem import Problem
from oms_dagster.domain.routes.solve import solve
from oms_dagster.domain.routes.what_ifs import WhatIf, what_ifs
from oms_dagster.domain.solving import Budget

QUICK = Budget(effort=100)


def asked(problem: Problem) -> dict[str, WhatIf]:
    return {w.option: w for w in what_ifs(problem, solve(problem, QUICK), QUICK)}


def test_one_more_van_takes_what_has_no_room_and_saves_its_penalty_less_its_own_cost():
    goods = tuple(parcel(n, n, 5, weight_g=400_000, penalty_cents=100_000) for n in (1, 2, 3))
    found = asked(calm_day(vehicles=(van(1),), shipments=goods))
    more = found["one more van like V1"]
    assert (more.left_behind_before, more.left_behind_after) == (1, 0)
    assert 80_000 < more.saving_cents < 100_000
    assert more.distance_m > 0
    assert found["30 minutes more for every driver"].saving_cents == 0


def test_half_an_hour_more_reaches_the_address_that_the_shift_is_too_short_for():
    far = parcel(1, 0, 150, window_from_s=7 * HOUR, window_to_s=18 * HOUR, penalty_cents=90_000)
    lone = calm_day(vehicles=(van(1, max_drive_s=20 * HOUR),), shipments=(far,))
    served = solve(lone, QUICK).loads[0]
    problem = calm_day(vehicles=(van(1, max_drive_s=20 * HOUR, shift_end_s=served.return_s - 900),), shipments=(far,))
    found = asked(problem)
    assert found["30 minutes more for every driver"].left_behind_after == 0
    assert found["30 minutes more for every driver"].saving_cents > 0
    assert found["one more van like V1"].saving_cents == 0


def test_a_van_that_nobody_needs_saves_nothing():
    assert {w.saving_cents for w in asked(calm_day()).values()} == {0}


def test_only_the_kinds_that_do_the_work_are_asked_about():
    fleet = (van(1), van(2), *(van(n, capacity_g=900_000 + n) for n in range(3, 8)))
    assert len(asked(calm_day(vehicles=fleet))) == 3
    assert what_ifs(calm_day(shipments=()), solve(calm_day(shipments=()), QUICK), QUICK) == ()


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 5_000))
def test_an_option_never_costs(seed: int):
    problem = tight_day(seed)
    plan = solve(problem, QUICK)
    found = what_ifs(problem, plan, QUICK)
    assert all(option.saving_cents >= 0 for option in found)
    assert [option.saving_cents for option in found] == sorted((w.saving_cents for w in found), reverse=True)
    assert found == what_ifs(problem, plan, QUICK)
