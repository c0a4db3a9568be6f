"""Opening days, capacity, lines that ship together, soft rules, and every cost by its name."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from oms_dagster.domain.solving import Budget
from oms_dagster.domain.sourcing.plan import MAX_SPLITS, SourcingPlan
from oms_dagster.domain.sourcing.problem import LINE_TERMS, Blocked, SourcingError, SourcingProblem
from oms_dagster.domain.sourcing.rows import LaneRow, LineRow, OptionRow, OrderRow, StockRow, problem_of
from oms_dagster.domain.sourcing.solve import baseline_plan, solve
from oms_dagster.domain.sourcing.verify import verify
from tests.domain.sourcing.cases import random_problem, shuffled

PLACES = ["east", "west"]


def orders(
    stock: dict[tuple[str, str, int], int], *lines: tuple[str, str], days: int = 4, **changes: object
) -> SourcingProblem:
    """One unit a line, ``(order, SKU)``; east is cheaper than west. ``stock`` is (SKU, location, day) → units."""
    rows = [LineRow(f"{order}{i}", order, sku, 1000, 5000, due_day=9) for i, (order, sku) in enumerate(lines)]
    names = sorted({order for order, _ in lines})
    problem = problem_of(
        [OrderRow(name, i) for i, name in enumerate(names)],
        rows,
        [LaneRow(name, place, 200) for name in names for place in PLACES],
        [OptionRow(row.line_id, place, cents) for row in rows for place, cents in zip(PLACES, (10, 60), strict=True)],
        [StockRow(sku, place, day, 1000 * units) for (sku, place, day), units in stock.items()],
        location_ids=PLACES,
        horizon_days=days,
        split_cost_cents=300,
    )
    return replace(problem, **changes)  # type: ignore[arg-type]


def sourced(problem: SourcingProblem) -> SourcingPlan:
    plan = solve(problem, Budget(300))
    assert verify(problem, plan) == []
    return plan


def shipped(plan: SourcingPlan) -> list[tuple[str, str, int]]:
    return [(a.line_id, a.location_id, a.ship_day) for a in plan.assignments]


def test_nothing_ships_on_a_closed_day_not_even_what_arrives_on_it() -> None:
    closed = np.array([[True, False, False, True], [False] * 4])
    plan = sourced(orders({("tea", "east", 1): 1, ("tea", "west", 0): 1}, ("A", "tea"), location_open=closed))
    assert shipped(plan) == [("A0", "east", 3)]


def test_a_full_day_sends_lines_to_the_next_or_to_another_place() -> None:
    stock = {("tea", "east", 0): 3, ("tea", "west", 0): 3}
    capacity = np.array([[1, 1, 0, 0], [0, 0, 0, 5]])
    lines = [(order, "tea") for order in "ABC"]
    plan = sourced(orders(stock, *lines, location_capacity_lines=capacity))
    assert sorted((place, day) for _, place, day in shipped(plan)) == [("east", 0), ("east", 1), ("west", 3)]
    none = sourced(orders(stock, *lines, location_capacity_lines=np.zeros((2, 4), np.int64)))
    assert (none.assignments, len(none.backorders)) == ((), 3)


def test_lines_of_a_group_ship_together_or_wait_together() -> None:
    """Alone, tea would come from the east today and cups from the west; a group waits for the day that has both."""
    stock = {("tea", "east", 0): 1, ("cup", "west", 0): 1, ("cup", "east", 2): 1}
    lines = ("A", "cup"), ("A", "tea")
    together = orders(stock, *lines, line_group=np.array([7, 7]))
    assert shipped(sourced(together)) == [("A0", "east", 2), ("A1", "east", 2)]
    del stock["cup", "east", 2]
    waits = sourced(orders(stock, *lines, line_group=np.array([7, 7]), line_divisible=np.array([True, True])))
    assert [b.line_id for b in waits.backorders] == ["A0", "A1"]
    assert len(sourced(orders(stock, *lines)).assignments) == 2


def test_components_of_a_kit_that_share_a_sku_need_stock_for_both() -> None:
    problem = orders(
        {("tea", "east", 0): 1, ("tea", "west", 0): 2}, ("A", "tea"), ("A", "tea"), line_group=np.array([0, 0])
    )
    assert shipped(sourced(problem)) == [("A0", "west", 0), ("A1", "west", 0)]


def test_a_soft_rule_gives_way_for_a_backorder_and_for_nothing_else() -> None:
    stock = {("tea", "east", 0): 1, ("tea", "west", 0): 1}
    blocked = np.array([[int(Blocked.REJECTED_RECENTLY), 0], [int(Blocked.REJECTED_RECENTLY), 0]])
    lines = ("A", "tea"), ("B", "tea")
    hard = sourced(orders(stock, *lines, blocked=blocked))
    assert (len(hard.assignments), len(hard.backorders)) == (1, 1)
    soft = frozenset({Blocked.REJECTED_RECENTLY})
    plan = sourced(orders(stock, *lines, blocked=blocked, soft_blocked=soft, relaxation_cost_cents=900))
    assert sorted((a.location_id, a.relaxed, a.costs.relaxation) for a in plan.assignments) == [
        ("east", ("rejected_recently",), 900),
        ("west", (), 0),
    ]
    dear = sourced(orders(stock, *lines, blocked=blocked, soft_blocked=soft, relaxation_cost_cents=6000))
    assert len(dear.backorders) == 1
    plenty = orders({("tea", "west", 0): 9, ("tea", "east", 0): 9}, *lines, blocked=blocked, soft_blocked=soft)
    assert {a.location_id for a in sourced(plenty).assignments} == {"west"}  # dearer, but no rule gives way


def test_a_limit_of_splits_gives_way_where_it_is_soft_and_names_the_shipment_above() -> None:
    stock = {("tea", "east", 0): 1, ("cup", "west", 0): 1}
    strict = orders(stock, ("A", "tea"), ("A", "cup"), order_max_splits=np.array([0]))
    assert len(sourced(strict).backorders) == 1
    plan = sourced(replace(strict, soft_max_splits=True, relaxation_cost_cents=700))
    assert [a.relaxed for a in plan.assignments].count((MAX_SPLITS,)) == 1
    assert plan.costs.relaxation == 700


def test_stock_to_be_cleared_is_worth_its_markdown() -> None:
    stock = {("tea", "east", 0): 1, ("tea", "west", 0): 1}
    terms = {"markdown": np.array([[0, -80]]), "handling": np.array([[5, 7]])}
    plan = sourced(orders(stock, ("A", "tea"), line_terms=terms))
    assert shipped(plan) == [("A0", "west", 0)]
    assert {name: cents for name, cents in plan.assignments[0].costs.named().items() if cents} == {
        "freight": 60, "shipment": 200, "handling": 7, "markdown": -80,
    }  # fmt: skip
    given = sourced(orders(stock, ("A", "tea"), line_terms={"markdown": np.array([[-900, -900]])}))
    assert given.report.objective == 200 + 10 - 900
    assert given.report.bound is not None and given.report.bound <= given.report.objective


def test_a_term_with_the_wrong_sign_or_an_unknown_name_is_refused() -> None:
    for terms in ({"markdown": np.array([[1, 0]])}, {"handling": np.array([[-1, 0]])}, {"luck": np.array([[0, 0]])}):
        with pytest.raises(SourcingError, match="line_terms"):
            orders({}, ("A", "tea"), line_terms=terms)


def everything(seed: int, days: int, divisible: float) -> SourcingProblem:
    """A random problem with every rule in it."""
    problem = random_problem(seed, orders=14, days=days, divisible=divisible)
    draw = np.random.default_rng(seed)
    shape = problem.freight_cents.shape
    capacity = np.where(draw.random((shape[1], days)) < 0.5, draw.integers(0, 5, (shape[1], days)), 10**9)
    return replace(
        problem,
        location_open=draw.random((shape[1], days)) < 0.8,
        location_capacity_lines=capacity,
        line_group=np.where(draw.random(shape[0]) < 0.3, draw.integers(0, 2, shape[0]), -1),
        line_terms={name: draw.integers(0, 40, shape) * (-1 if name == "markdown" else 1) for name in LINE_TERMS},
        soft_blocked=frozenset({Blocked.TEMPERATURE}),
        soft_max_splits=bool(seed % 2),
        relaxation_cost_cents=150,
    )


@given(seed=st.integers(0, 10_000), days=st.sampled_from([1, 5]), divisible=st.sampled_from([0.0, 0.4]))
@example(seed=241, days=5, divisible=0.4)  # a part of a line, from a freed place, in a shipment above the limit
@settings(max_examples=40, deadline=None)
def test_with_every_rule_the_checker_accepts_the_plan_and_rows_sum_to_the_objective(
    seed: int, days: int, divisible: float
) -> None:
    problem = everything(seed, days, divisible)
    plan = solve(problem, Budget(800), seed=seed)
    assert verify(problem, plan) == []
    for name, cost in plan.baselines.items():
        naive = baseline_plan(problem, name)
        assert naive.report.objective == cost >= plan.report.objective
        assert verify(problem, naive) == []
    again = solve(shuffled(problem, seed), Budget(800), seed=seed)
    assert (again.assignments, again.backorders, again.costs) == (plan.assignments, plan.backorders, plan.costs)
