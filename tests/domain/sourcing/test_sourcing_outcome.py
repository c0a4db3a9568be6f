"""Lines that no single location fills, lines that wait and why, and one order promised at once."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oms_dagster.domain.solving import Budget
from oms_dagster.domain.sourcing.outcome import left_after
from oms_dagster.domain.sourcing.plan import SourcingPlan
from oms_dagster.domain.sourcing.problem import Blocked, SourcingError, SourcingProblem
from oms_dagster.domain.sourcing.promise import promise_one
from oms_dagster.domain.sourcing.rows import LaneRow, LineRow, OptionRow, OrderRow, StockRow, problem_of
from oms_dagster.domain.sourcing.solve import solve
from oms_dagster.domain.sourcing.stock import StockAccount, intervals_of
from oms_dagster.domain.sourcing.verify import verify
from tests.domain.sourcing.cases import random_problem

PLACES = ["east", "west"]


def one_line(
    *stock: StockRow,
    blocked: Blocked = Blocked.FREE,
    orders: tuple[OrderRow, ...] = (OrderRow("A", 1),),
    **line: object,
) -> SourcingProblem:
    """Orders of one line of ten units each, two locations."""
    fields = {"quantity_milli": 10_000, "backorder_cents": 5000, "due_day": 9, **line}
    lines = [LineRow(f"{o.order_id}1", o.order_id, "tea", **fields) for o in orders]  # type: ignore[arg-type]
    return problem_of(
        orders,
        lines,
        [LaneRow(o.order_id, place, 200) for o in orders for place in PLACES],
        [OptionRow(row.line_id, place, 100, transit_days=1, blocked=blocked) for row in lines for place in PLACES],
        stock,
        location_ids=PLACES,
        horizon_days=5,
        split_cost_cents=300,
    )


def sourced(problem: SourcingProblem) -> SourcingPlan:
    plan = solve(problem, Budget(300))
    assert verify(problem, plan) == []
    return plan


def shipped(plan: SourcingPlan) -> list[tuple[str, int, int]]:
    return sorted((a.location_id, a.quantity_milli, a.ship_day) for a in plan.assignments)


def test_a_divisible_line_is_filled_from_several_locations() -> None:
    problem = one_line(StockRow("tea", "east", 0, 6000), StockRow("tea", "west", 0, 5000), divisible=True)
    plan = sourced(problem)
    assert sum(amount for _, amount, _ in shipped(plan)) == 10_000
    assert {place for place, _, _ in shipped(plan)} == {"east", "west"}
    assert plan.costs.split == 300


def test_a_divisible_line_is_promised_in_part_and_the_rest_waits() -> None:
    plan = sourced(one_line(StockRow("tea", "east", 0, 6000), divisible=True))
    assert shipped(plan) == [("east", 6000, 0)]
    assert [(b.quantity_milli, b.reason, b.expected_cover_day) for b in plan.backorders] == [(4000, "outbid", None)]
    assert plan.costs.backorder == 2000


def test_an_indivisible_line_waits_for_the_day_that_holds_it_whole() -> None:
    plan = sourced(one_line(StockRow("tea", "east", 0, 6000), StockRow("tea", "east", 3, 4000)))
    assert shipped(plan) == [("east", 10_000, 3)]


def test_no_take_robs_a_later_promise() -> None:
    """Day 0 shows ten units, but two are promised for day 2: eight are usable."""
    stock = StockRow("tea", "east", 0, 10_000), StockRow("tea", "east", 2, -2000)
    assert sourced(one_line(*stock)).assignments == ()
    assert shipped(sourced(one_line(*stock, divisible=True))) == [("east", 8000, 0)]


def test_a_late_line_pays_for_each_day_and_stays_on_backorder_when_that_is_dearer() -> None:
    late = StockRow("tea", "east", 4, 10_000)
    plan = sourced(one_line(late, due_day=2, late_cents_per_day=70))
    assert (plan.costs.lateness, plan.assignments[0].deliver_day) == (3 * 70, 5)
    waiting = sourced(one_line(late, due_day=2, late_cents_per_day=2000))
    assert [(b.reason, b.expected_cover_day) for b in waiting.backorders] == [("outbid", 4)]


def test_a_backorder_says_why() -> None:
    assert sourced(one_line()).backorders[0].reason == "no_stock"
    assert (
        sourced(one_line(StockRow("tea", "east", 0, 10_000), blocked=Blocked.HAZARD)).backorders[0].reason == "blocked"
    )
    two = one_line(StockRow("tea", "east", 0, 10_000), orders=(OrderRow("A", 1), OrderRow("B", 2)))
    assert [b.reason for b in sourced(two).backorders] == ["outbid"]


def test_a_complete_order_with_one_line_short_waits_whole() -> None:
    problem = random_problem(0, orders=1, lines_per_order=3, rules=False)
    assert len(problem.line_ids) > 1
    atp = np.full_like(problem.atp_milli, 99_000)
    blocked = problem.blocked.copy()
    blocked[0] = int(Blocked.CLOSED)
    problem = replace(problem, order_ship_complete=np.array([True]), atp_milli=atp, blocked=blocked)
    plan = sourced(problem)
    assert plan.assignments == ()
    assert [b.reason for b in plan.backorders] == ["blocked"] + ["ship_complete"] * (len(problem.line_ids) - 1)


def test_shares_of_rows_sum_to_the_terms() -> None:
    plan = sourced(random_problem(8, orders=30, days=4, divisible=0.5))
    rows = sum(a.cost_cents for a in plan.assignments) + sum(b.cost_cents for b in plan.backorders)
    assert rows == plan.costs.total == plan.report.objective


def test_a_promise_alone_avoids_stock_that_others_pay_for() -> None:
    """East is cheaper by 50, but a price of 1.00 a unit says that others need what is there."""
    problem = one_line(StockRow("tea", "east", 0, 10_000), StockRow("tea", "west", 0, 10_000))
    problem.freight_cents[0] = [100, 150]
    assert shipped(promise_one(problem, ())) == [("east", 10_000, 0)]
    rivals = one_line(
        StockRow("tea", "east", 0, 10_000), orders=(OrderRow("A", 1), OrderRow("B", 2)), quantity_milli=10_000
    )
    prices = solve(rivals, Budget(100)).prices
    assert [(p.sku_id, p.location_id) for p in prices] == [("tea", "east")]
    plan = promise_one(problem, prices)
    assert shipped(plan) == [("west", 10_000, 0)]
    assert verify(problem, plan) == []
    assert plan.report.objective == 350


def test_a_promise_is_for_one_order() -> None:
    with pytest.raises(SourcingError, match="expected 1"):
        promise_one(random_problem(0), ())


def test_a_row_that_names_an_unknown_location_is_refused() -> None:
    with pytest.raises(SourcingError, match="location 'south'"):
        one_line(StockRow("tea", "south", 0, 1000))


def test_a_location_without_a_lane_to_the_order_is_blocked() -> None:
    problem = problem_of(
        [OrderRow("A", 1)],
        [LineRow("A1", "A", "tea", 1000, 500, excluded=frozenset({"west"}))],
        [LaneRow("A", "west", 100)],
        [OptionRow("A1", "east", 10), OptionRow("A1", "west", 10)],
        [],
        location_ids=PLACES,
        horizon_days=1,
        split_cost_cents=0,
    )
    assert problem.blocked.tolist() == [[Blocked.NO_LANE, Blocked.EXCLUDED]]


@given(
    arrivals=st.lists(st.integers(0, 5), min_size=1, max_size=8),
    takes=st.lists(st.tuples(st.integers(0, 7), st.integers(1, 6)), max_size=12),
)
@settings(max_examples=200, deadline=None)
def test_the_stock_account_agrees_with_the_definition_of_atp(arrivals: list[int], takes: list[tuple[int, int]]) -> None:
    """What is available on a day is the least cumulative ATP from that day on; giving back restores it."""
    atp = np.cumsum(np.array(arrivals))
    intervals = intervals_of(atp.reshape(1, 1, -1))
    account = StockAccount(intervals)
    start = account.available.copy()
    left, done = atp.copy(), []
    for wanted, quantity in takes:
        day = min(wanted, len(atp) - 1)
        usable = int(left[day:].min())
        if intervals.first[1] == 0 or day < intervals.day[0]:
            assert usable == 0 or intervals.first[1] == 0
            continue
        i = int(intervals.at(np.array([0]), np.array([day]))[0])
        assert account.available[i] == usable
        if usable >= quantity:
            account.take(i, quantity)
            left[day:] -= quantity
            done.append((i, quantity))
    assert account.levels.tolist() == account.available
    for i, quantity in done:
        account.take(i, -quantity)
    assert account.available == start
    assert all(a < b for a, b in pairwise(intervals.usable_milli.tolist()))


def test_what_a_plan_leaves_is_the_stock_of_the_next_promise() -> None:
    problem = random_problem(4, orders=20, days=4)
    plan = sourced(problem)
    left = left_after(problem, plan)
    taken = problem.atp_milli[:, :, -1].sum() - left[:, :, -1].sum()
    assert taken == sum(a.quantity_milli for a in plan.assignments)
