"""Each rule of the checker catches one broken plan that no other rule catches.

Most broken plans are the best plans of a problem in which that one rule was lifted: all else about them is right.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from oms_dagster.domain.solving import Budget
from oms_dagster.domain.sourcing.plan import SourcingPlan
from oms_dagster.domain.sourcing.problem import Blocked, SourcingProblem
from oms_dagster.domain.sourcing.rows import LaneRow, LineRow, OptionRow, OrderRow, StockRow, problem_of
from oms_dagster.domain.sourcing.solve import solve
from oms_dagster.domain.sourcing.verify import verify


def small(**changes: Any) -> SourcingProblem:
    """Two orders, a near and a far location. Order A (two lines): a1 is near only, a2 far only. Order B: b1 near."""
    problem = problem_of(
        [OrderRow("A", 1), OrderRow("B", 2)],
        [
            LineRow("a1", "A", "apples", 2000, 5000, due_day=9),
            LineRow("a2", "A", "bread", 1000, 5000, due_day=9),
            LineRow("b1", "B", "apples", 4000, 5000, divisible=True, due_day=9),
        ],
        [LaneRow(order, place, 100) for order in "AB" for place in ("near", "far")],
        [OptionRow(line, "near", 0, transit_days=1) for line in ("a1", "a2", "b1")]
        + [OptionRow(line, "far", 50, transit_days=2) for line in ("a1", "a2", "b1")],
        [StockRow("apples", "near", 0, 6000), StockRow("bread", "far", 0, 1000)],
        location_ids=["near", "far"],
        horizon_days=3,
        split_cost_cents=30,
    )
    return replace(problem, **changes)


def lifted(strict: SourcingProblem, **changes: Any) -> tuple[SourcingProblem, SourcingPlan]:
    return strict, solve(replace(strict, **changes), Budget(200))


def edited(change: Callable[[SourcingPlan], SourcingPlan]) -> tuple[SourcingProblem, SourcingPlan]:
    problem = small()
    return problem, change(solve(problem, Budget(200)))


def blocked(code: Blocked) -> tuple[SourcingProblem, SourcingPlan]:
    table = small().blocked.copy()
    table[0, 0] = code
    return lifted(small(blocked=table), blocked=small().blocked)


def oversold() -> tuple[SourcingProblem, SourcingPlan]:
    atp = small().atp_milli.copy()
    atp[0, 0, 1] -= 1  # day 1 alone: a promise of that day would be robbed
    return lifted(small(atp_milli=atp), atp_milli=small().atp_milli)


def half_a_line(plan: SourcingPlan) -> SourcingPlan:
    last = plan.assignments[-1]
    return replace(plan, assignments=(*plan.assignments[:-1], replace(last, quantity_milli=last.quantity_milli // 2)))


def day_early() -> tuple[SourcingProblem, SourcingPlan]:
    earliest = small().earliest_ship_day.copy()
    earliest[2] = 1
    return lifted(small(earliest_ship_day=earliest), earliest_ship_day=small().earliest_ship_day)


def in_pieces() -> tuple[SourcingProblem, SourcingPlan]:
    atp = small().atp_milli.copy()
    atp[0, :, :] = np.array([[5000], [1000]])
    return lifted(small(atp_milli=atp, line_divisible=np.zeros(3, bool)), line_divisible=small().line_divisible)


def unknown_location(plan: SourcingPlan) -> SourcingPlan:
    return replace(plan, assignments=(replace(plan.assignments[0], location_id="moon"), *plan.assignments[1:]))


BROKEN: dict[str, Callable[[], tuple[SourcingProblem, SourcingPlan]]] = {
    "SRC-01": oversold,
    "SRC-02": lambda: edited(half_a_line),
    "SRC-03": lambda: lifted(
        small(order_ship_complete=np.array([True, False]), blocked=np.array([[0, 0], [1, 1], [0, 0]])),
        order_ship_complete=np.array([False, False]),
    ),
    "SRC-04": lambda: lifted(small(order_max_splits=np.array([0, 0])), order_max_splits=np.array([1, 0])),
    "SRC-05": lambda: lifted(small(line_pinned=np.array([-1, -1, 1])), line_pinned=np.array([-1, -1, -1])),
    "SRC-06": lambda: blocked(Blocked.EXCLUDED),
    "SRC-07": lambda: blocked(Blocked.HAZARD),
    "SRC-08": day_early,
    "SRC-09": in_pieces,
    "SRC-10": lambda: edited(lambda plan: replace(plan, costs=replace(plan.costs, split=plan.costs.split - 1))),
    "SRC-11": lambda: edited(unknown_location),
    "SRC-12": lambda: edited(
        lambda plan: replace(plan, report=replace(plan.report, bound=plan.report.objective + 1)),
    ),
}


def test_the_unbroken_plan_has_no_finding() -> None:
    problem = small()
    plan = solve(problem, Budget(200))
    assert len(plan.assignments) == 3
    assert verify(problem, plan) == []


@pytest.mark.parametrize("rule", BROKEN)
def test_only_this_rule_catches_this_plan(rule: str) -> None:
    problem, plan = BROKEN[rule]()
    assert {finding.rule for finding in verify(problem, plan)} == {rule}


def test_delivery_must_be_ship_day_plus_transit() -> None:
    problem = small()
    plan = solve(problem, Budget(200))
    sooner = replace(plan.assignments[0], deliver_day=0)
    findings = verify(problem, replace(plan, assignments=(sooner, *plan.assignments[1:])))
    assert [finding.rule for finding in findings] == ["SRC-08"]


def test_a_line_with_two_backorders_is_caught() -> None:
    problem, plan = lifted(small(), atp_milli=np.zeros((2, 2, 3), np.int64))
    again = replace(plan, backorders=(*plan.backorders, plan.backorders[0]))
    assert {finding.rule for finding in verify(problem, again)} == {"SRC-11"}
