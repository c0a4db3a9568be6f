"""Promises don't flutter: what was promised stays until something new is worth more than its stability costs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oms_dagster.domain.solving import Budget
from oms_dagster.domain.sourcing.baseline import BASELINES
from oms_dagster.domain.sourcing.last_plan import promised
from oms_dagster.domain.sourcing.plan import SourcingPlan
from oms_dagster.domain.sourcing.problem import UNPROMISED, LastPromise, SourcingProblem
from oms_dagster.domain.sourcing.solve import baseline_plan, default_budget, solve
from oms_dagster.domain.sourcing.verify import verify
from tests.domain.sourcing.cases import of_orders, random_problem


def places(plan: SourcingPlan) -> set[tuple[str, str, int, int]]:
    return {(a.line_id, a.location_id, a.ship_day, a.quantity_milli) for a in plan.assignments}


def known(problem: SourcingProblem, plan: SourcingPlan, days: int = 0) -> SourcingProblem:
    """The same problem in the next cycle, ``days`` later: the last plan is an input."""
    everything = np.ones(len(problem.line_ids), bool)
    return replace(problem, last_promises=promised(plan, days), line_known=everything)


def a_day_later(problem: SourcingProblem) -> SourcingProblem:
    """The same facts seen a day later: every day of the future is one nearer."""

    def on(columns: np.ndarray) -> np.ndarray:
        return np.concatenate([columns[..., 1:], columns[..., -1:]], axis=-1)

    return replace(
        problem,
        atp_milli=on(problem.atp_milli),
        location_open=on(problem.location_open),
        location_capacity_lines=on(problem.location_capacity_lines),
        earliest_ship_day=np.maximum(problem.earliest_ship_day - 1, 0),
        line_due_day=problem.line_due_day - 1,
        line_promised_day=problem.line_promised_day - 1,
        lane_delivery_day=np.concatenate(
            [problem.lane_delivery_day[:, 1:] - 1, problem.lane_delivery_day[:, -1:] + 1], axis=1
        ),
    )


@given(
    seed=st.integers(0, 10_000),
    days=st.sampled_from([1, 5]),
    divisible=st.sampled_from([0.0, 0.5]),
    stability=st.integers(0, 60),
)
@settings(max_examples=30, deadline=None)
def test_the_same_facts_change_no_promise(seed: int, days: int, divisible: float, stability: int) -> None:
    problem = random_problem(seed, orders=25, skus=10, days=days, divisible=divisible)
    problem = replace(
        problem, last_promises=(), stability_cost_cents=stability, stability_day_cost_cents=stability // 2
    )
    before = solve(problem, Budget(1500))
    after = solve(known(problem, before), Budget(1500))
    assert places(after) == places(before)
    assert after.costs.stability == 0
    assert places(solve(known(problem, after), Budget(1500))) == places(before)


@pytest.mark.parametrize("seed", range(6))
def test_a_day_later_every_promise_of_a_day_to_come_stands(seed: int) -> None:
    problem = random_problem(seed, orders=60, skus=20, days=6)
    problem = replace(
        problem,
        last_promises=(),
        earliest_ship_day=np.maximum(problem.earliest_ship_day, 1),
        stability_cost_cents=40,
        stability_day_cost_cents=20,
    )
    before = solve(problem, Budget(5000))
    later = known(a_day_later(problem), before, days=1)
    after = solve(later, Budget(5000))
    assert verify(later, after) == []
    assert {(line, place, day + 1, quantity) for line, place, day, quantity in places(after)} == places(before)


def test_one_order_in_twenty_new_moves_at_most_one_promise_in_a_hundred() -> None:
    """Some 3,000 lines over scarce stock; measured on 10,000: ``python -m tests.domain.sourcing.bench cycles``."""
    problem = random_problem(
        5, orders=1200, lines_per_order=3, skus=300, locations=8, days=3, rules=False, scarcity=1.3, repeats=False
    )
    problem = replace(problem, last_promises=(), stability_cost_cents=150, stability_day_cost_cents=75)
    old = np.arange(len(problem.order_ids)) % 20 != 7
    first = of_orders(problem, old)
    before = solve(first, default_budget(first))
    again = replace(problem, last_promises=promised(before), line_known=old[problem.line_order])
    after = solve(again, default_budget(again))
    assert verify(again, after) == []
    assert len(places(before) - places(after)) <= len(before.assignments) // 100
    assert all(after.report.objective <= baseline_plan(again, name).report.objective for name in BASELINES)


def two_for_one_unit() -> SourcingProblem:
    """One unit is there, another comes two days later; the old order is promised the first, the new one pays dearly for each late day."""
    cell, two = np.zeros((2, 1), np.int64), np.arange(2)
    return SourcingProblem(
        location_ids=("DC",), sku_ids=("TEA",), order_ids=("old", "urgent"), line_ids=("old-1", "urgent-1"), order_placed=two,
        order_ship_complete=two < 0, order_max_splits=two * 0, shipment_cost_cents=cell + 300, split_cost_cents=300, line_order=two,
        line_sku=two * 0, line_quantity_milli=two * 0 + 1000, line_priority=two * 0 + 1, line_divisible=two < 0, line_pinned=two * 0 - 1,
        line_backorder_cents=two * 0 + 50_000, line_due_day=two * 0 + 1, line_late_cents_per_day=two * 1000,
        stability_cost_cents=50, stability_day_cost_cents=50, freight_cents=cell + 100, earliest_ship_day=cell, transit_days=cell + 1,
        blocked=cell, atp_milli=np.array([[[1000, 1000, 2000]]]), line_known=two == 0, last_promises=(LastPromise("old-1", "DC", 0, 1000),),
    )  # fmt: skip


@pytest.mark.parametrize(("cents", "told", "first"), [(0, 1, "urgent-1"), (5000, 1, "old-1"), (5000, 3, "urgent-1")])
def test_who_was_told_a_day_is_not_told_a_later_one_for_less_than_that_counts(
    cents: int, told: int, first: str
) -> None:
    """Regression: an order that was promised tomorrow was put off for half a pound, since another gained more by its unit."""
    problem = replace(two_for_one_unit(), late_promise_cents=cents, line_promised_day=np.array([told, UNPROMISED]))
    plan = solve(problem, Budget(500))
    assert verify(problem, plan) == []
    assert [a.line_id for a in plan.assignments if a.ship_day == 0] == [first]
    assert len(plan.assignments) == 2


def test_a_promise_that_can_not_be_kept_moves_and_only_it() -> None:
    """The stock of one promise is gone: it is planned again, the others stay."""
    problem = random_problem(11, orders=40, skus=40, rules=False, scarcity=2.0, repeats=False)
    before = solve(replace(problem, last_promises=()), Budget(3000))
    gone = before.assignments[0]
    atp = problem.atp_milli.copy()
    atp[problem.line_sku[problem.line_ids.index(gone.line_id)], problem.location_ids.index(gone.location_id)] = 0
    cell = gone.location_id, sku(problem, gone.line_id)
    struck = {a.line_id for a in before.assignments if (a.location_id, sku(problem, a.line_id)) == cell}
    later = replace(known(problem, before), atp_milli=atp, stability_cost_cents=10_000)
    after = solve(later, Budget(3000))
    assert verify(later, after) == []
    assert {line for line, *_ in places(before) - places(after)} == struck


def sku(problem: SourcingProblem, line_id: str) -> int:
    return int(problem.line_sku[problem.line_ids.index(line_id)])
