"""Why a shipment stays behind: the reason is true, and the fix named is enough."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from routing_days import HOUR, KINDS, calm_day, parcel, pickup_day, tight_day, van

from oms_dagster.domain.routes import verify
from oms_dagster.domain.routes.fixes import apply_fix, reason_of
from oms_dagster.domain.routes.plan import REASONS, Change, Fix, Plan
from oms_dagster.domain.routes.problem import Problem
from oms_dagster.domain.routes.solve import serve, solve
from oms_dagster.domain.solving import Budget

QUICK = Budget(effort=100)


def assert_each_fix_is_enough(problem: Problem, plan: Plan) -> None:
    for drop in plan.dropped:
        fix = drop.cheapest_fix
        assert fix.alone, (drop, "one constraint should do")
        assert {reason_of(change) for change in fix.changes} == {drop.reason}
        relaxed = apply_fix(problem, fix)
        served = serve(relaxed, plan, drop.shipment_id)
        assert served is not None, drop
        assert verify.check(relaxed, served) == (), drop
        riding = {s for load in served.loads for s in load.shipment_ids}
        before = {s for load in plan.loads for s in load.shipment_ids}
        given_up = {change.target for change in fix.changes if change.attribute == "pickup"}
        assert riding == (before | {drop.shipment_id}) - given_up


def test_over_many_random_days_each_named_fix_lets_the_checker_accept_a_plan_that_serves_the_shipment():
    """In which every reason of the closed list occurs."""
    seen: Counter[str] = Counter()
    for seed, problem in enumerate([*map(tight_day, range(10 * KINDS)), *map(pickup_day, range(20))]):
        plan = solve(problem, QUICK, seed)
        assert verify.check(problem, plan) == ()
        assert_each_fix_is_enough(problem, plan)
        seen.update(drop.reason for drop in plan.dropped)
    assert set(seen) == set(REASONS)


def test_unless_it_is_not_worth_it_nothing_dropped_fits_the_plan_as_it_is():
    seen = set()
    for seed in range(20):
        problem = tight_day(seed)
        plan = solve(problem, QUICK, seed)
        for drop in plan.dropped:
            fits = serve(problem, plan, drop.shipment_id) is not None
            assert fits == (drop.reason == "NOT_WORTH")
            seen.add(fits)
    assert seen == {True, False}


def test_not_worth_it_means_that_with_the_penalty_raised_serving_is_cheaper():
    far = parcel(1, 40, 40, penalty_cents=100)
    problem = calm_day(shipments=(far,))
    plan = solve(problem, QUICK)
    (drop,) = plan.dropped
    assert drop.reason == "NOT_WORTH"
    raised = apply_fix(problem, drop.cheapest_fix)
    assert [load.shipment_ids for load in solve(raised, QUICK).loads] == [("S01",)]


ONE_TOO_MUCH = [
    ({"capacity_g": 80_000}, "CAPACITY_WEIGHT", "+20.0 kg on V1"),
    ({"capacity_dm3": 400}, "CAPACITY_VOLUME", "+0.100 m3 on V1"),
    ({"max_value_cents": 40_000}, "MAX_VALUE", "+100.00 insured value on V1"),
    ({"temperature_classes": ("chilled",)}, "TEMPERATURE", "make V1 fit for ambient goods"),
]


@pytest.mark.parametrize(("changes", "reason", "words"), ONE_TOO_MUCH)
def test_the_fix_says_just_how_much_is_missing(changes: dict[str, object], reason: str, words: str):
    problem = calm_day(vehicles=(van(1, **changes),), shipments=(parcel(1),))
    (drop,) = solve(problem, QUICK).dropped
    assert (drop.reason, drop.cheapest_fix.text) == (reason, words)


def test_a_window_that_closes_too_early_is_named_with_the_minutes():
    problem = calm_day(shipments=(parcel(1, 0, 20, window_from_s=0, window_to_s=7 * HOUR),), vehicles=(van(1),))
    (drop,) = solve(problem, QUICK).dropped
    assert drop.reason == "TIME_WINDOW"
    (change,) = drop.cheapest_fix.changes
    just_short = Fix((replace(change, amount=change.amount - 1),), 0, "")
    assert serve(apply_fix(problem, just_short), solve(problem, QUICK), "S01") is None
    assert "later (until 07:3" in drop.cheapest_fix.text


def test_a_goods_class_and_a_size_that_no_vehicle_has_ask_for_one_better_vehicle():
    """Two limits of the same van are wrong: a single vehicle that has both is the single thing that helps."""
    problem = calm_day(vehicles=(van(1),), shipments=(parcel(1, weight_g=900_000, temperature_class="frozen"),))
    plan = solve(problem, QUICK)
    assert plan.dropped[0].reason == "NO_VEHICLE"
    assert "900 kg" in plan.dropped[0].cheapest_fix.text
    assert "frozen" in plan.dropped[0].cheapest_fix.text
    assert_each_fix_is_enough(problem, plan)


def test_a_fix_for_something_that_is_not_there_is_refused():
    for attribute, target in (("capacity_g", "V9"), ("window_to_s", "S99"), ("close_s", "PAR"), ("vehicle", "V3")):
        with pytest.raises(ValueError, match=r"V9|S99|PAR|bring the vehicle"):
            apply_fix(calm_day(), Fix((Change(attribute, target, 1),), 0, ""))  # type: ignore[arg-type]
