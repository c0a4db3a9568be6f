"""The joint plan: never dearer than a naive one, honest about its bound, the same whatever the order of rows."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oms_dagster.domain.solving import Budget
from oms_dagster.domain.sourcing.baseline import BASELINES, place_all
from oms_dagster.domain.sourcing.choose import choose, menu
from oms_dagster.domain.sourcing.model import translate
from oms_dagster.domain.sourcing.plan import SourcingPlan
from oms_dagster.domain.sourcing.problem import (
    LINES_BY_LOCATIONS,
    UNPROMISED,
    LastPromise,
    SourcingError,
    SourcingProblem,
    canonical,
)
from oms_dagster.domain.sourcing.slots import order_models
from oms_dagster.domain.sourcing.solve import baseline_plan, default_budget, solve
from oms_dagster.domain.sourcing.verify import verify
from tests.domain.sourcing.cases import BENCH, benchmark, random_problem, shuffled
from tests.domain.sourcing.exact_model import optimum

needs_benchmark = pytest.mark.skipif(not BENCH.exists(), reason=f"{BENCH} is absent: the public instances are not here")


def rows(plan: SourcingPlan) -> tuple[object, ...]:
    return plan.assignments, plan.backorders, plan.costs, plan.prices, plan.report.objective, plan.report.bound


@pytest.fixture
def three_orders() -> SourcingProblem:
    """Near has one unit of each of three SKUs, far has plenty. Each order asks for two SKUs; its first is dear from
    far. Alone, each order is best off with both from near, and then leaves the next one nothing."""
    problem = random_problem(0, orders=3, lines_per_order=1, skus=3, locations=2, rules=False)
    zero = np.zeros(6, np.int64)
    return replace(
        problem,
        line_ids=("a1", "a2", "b1", "b2", "c1", "c2"),
        location_ids=("near", "far"),
        shipment_cost_cents=np.array([[100, 20]] * 3),
        split_cost_cents=10,
        line_order=np.array([0, 0, 1, 1, 2, 2]),
        line_sku=np.array([0, 1, 1, 2, 2, 0]),
        line_quantity_milli=zero + 1000,
        line_priority=zero + 1,
        line_divisible=zero.astype(bool),
        line_collected=zero.astype(bool),
        line_pinned=zero - 1,
        line_group=zero - 1,
        line_known=zero.astype(bool),
        last_promises=(),
        line_backorder_cents=zero + 5000,
        line_remainder_cents=zero,
        line_due_day=zero + 9,
        line_late_cents_per_day=zero,
        line_promised_day=zero + UNPROMISED,
        freight_cents=np.array([[0, 500], [0, 0]] * 3),
        earliest_ship_day=np.zeros((6, 2), np.int64),
        transit_days=np.zeros((6, 2), np.int64),
        lane=np.full((6, 2), -1),
        blocked=np.zeros((6, 2), np.int64),
        atp_milli=np.array([[[1000], [9000]]] * 3),
    )


def test_three_orders_find_the_plan_that_no_order_finds_alone(three_orders: SourcingProblem) -> None:
    model = translate(canonical(three_orders))
    models = order_models(model)
    menus = [menu(one, one.cost) for one in models]
    for sequence in permutations(range(3)):
        alone = place_all(models, menus, sequence, choose, model.account())
        assert sum(choice.cost for choice in alone) == 750
    assert all(baseline_plan(three_orders, name).report.objective > 390 for name in BASELINES)
    assert optimum(three_orders) == 390
    plan = solve(three_orders, Budget(2000), seed=1)
    assert plan.report.objective == 390
    assert verify(three_orders, plan) == []


@given(seed=st.integers(0, 10_000), days=st.sampled_from([1, 6]), divisible=st.sampled_from([0.0, 0.5]))
@settings(max_examples=25, deadline=None)
def test_the_checker_accepts_every_plan_and_none_is_dearer_than_a_baseline(
    seed: int, days: int, divisible: float
) -> None:
    problem = random_problem(seed, orders=12, days=days, divisible=divisible)
    plan = solve(problem, Budget(600), seed=seed)
    assert verify(problem, plan) == []
    for name in BASELINES:
        naive = baseline_plan(problem, name)
        assert verify(problem, naive) == []
        assert plan.report.objective <= naive.report.objective
    assert plan.report.baseline_objective == baseline_plan(problem, plan.report.baseline).report.objective


@pytest.mark.parametrize("seed", range(4))
def test_the_same_input_gives_the_same_plan_and_row_order_does_not_matter(seed: int) -> None:
    problem = random_problem(seed, orders=60, skus=20, days=5, divisible=0.3)
    first = solve(problem, Budget(5000), seed=3)
    assert rows(solve(problem, Budget(5000), seed=3)) == rows(first)
    assert rows(solve(shuffled(problem, seed), Budget(5000), seed=3)) == rows(first)


def test_a_problem_without_lines_gives_an_empty_plan() -> None:
    problem = random_problem(0)
    none = {
        name: getattr(problem, name)[:0]
        for name in problem.__dataclass_fields__
        if (name.startswith("line_") and name != "line_terms") or name in LINES_BY_LOCATIONS
    }
    plan = solve(replace(problem, **none), Budget(100))
    assert (plan.assignments, plan.backorders, plan.report.status, plan.report.objective) == ((), (), "empty", 0)


def test_a_blown_fuse_is_reported_and_the_plan_still_holds() -> None:
    problem = random_problem(1, orders=40, skus=10)
    plan = solve(problem, Budget(10**9, fuse_s=0.0))
    assert plan.report.fuse
    assert verify(problem, plan) == []


def test_a_line_keeps_its_location_when_moving_it_saves_less_than_stability_costs(
    three_orders: SourcingProblem,
) -> None:
    plenty = replace(
        three_orders,
        atp_milli=three_orders.atp_milli + 9000,
        last_promises=tuple(LastPromise(line, "far", 0, 1000) for line in three_orders.line_ids),
        freight_cents=np.zeros((6, 2), np.int64),
        shipment_cost_cents=np.array([[100, 120]] * 3),
        stability_cost_cents=0,
    )
    assert {a.location_id for a in solve(plenty, Budget(100)).assignments} == {"near"}
    sticky = solve(replace(plenty, stability_cost_cents=50), Budget(100))
    assert {a.location_id for a in sticky.assignments} == {"far"}
    assert sticky.costs.stability == 0


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("line_quantity_milli", np.zeros(6, np.int64)),
        ("line_sku", np.full(6, 3)),
        ("freight_cents", np.zeros((6, 3), np.int64)),
        ("line_ids", ("same",) * 6),
        ("split_cost_cents", -1),
        ("atp_milli", np.zeros((3, 2, 0), np.int64)),
    ],
)
def test_a_column_that_makes_no_sense_is_named(three_orders: SourcingProblem, column: str, value: object) -> None:
    with pytest.raises(SourcingError, match=column):
        replace(three_orders, **{column: value})


@needs_benchmark
def test_ten_thousand_lines_cost_at_least_five_percent_less_than_first_come() -> None:
    """Effort is a sixth of the default: the full run is ``python -m tests.domain.sourcing.bench 10k``."""
    problem = benchmark("10k")
    plan = solve(problem, Budget(default_budget(problem).effort // 6))
    assert verify(problem, plan) == []
    assert plan.report.gain is not None and plan.report.gain >= 0.05
    assert plan.report.gap is not None and plan.report.gap <= 0.015
