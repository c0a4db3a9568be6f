"""Runner-ups, recomputed by trying everything; and what stood against each location."""

from __future__ import annotations

import random
from itertools import product

import numpy as np
import pytest

from oms_dagster.domain.solving import Budget
from oms_dagster.domain.sourcing.explain import PlanInQuestion, explanation
from oms_dagster.domain.sourcing.outcome import left_after
from oms_dagster.domain.sourcing.plan import SourcingPlan
from oms_dagster.domain.sourcing.problem import SourcingProblem
from oms_dagster.domain.sourcing.solve import solve
from tests.domain.sourcing.cases import random_problem


def everything(problem: SourcingProblem, plan: SourcingPlan, line_id: str, forbidden_ids: set[str]) -> int:
    """Least cost of the line's order, those locations forbidden for it, by trying every place and day for every line.

    Whole lines only; the stock of all other orders' assignments is gone.
    """
    at = {name: row for row, name in enumerate(problem.line_ids)}
    order = problem.line_order[at[line_id]]
    mine = [row for row in range(len(problem.line_ids)) if problem.line_order[row] == order]
    left = left_after(problem, plan)
    for a in plan.assignments:
        if problem.line_order[at[a.line_id]] == order:
            place = problem.location_ids.index(a.location_id)
            left[problem.line_sku[at[a.line_id]], place, a.ship_day :] += a.quantity_milli
    ways = []
    for row in mine:
        pin = problem.line_pinned[row]
        ways.append([None])
        for place in range(len(problem.location_ids)):
            if row == at[line_id] and problem.location_ids[place] in forbidden_ids:
                continue
            if problem.blocked[row, place] or (pin >= 0 and pin != place):
                continue
            for day in range(int(problem.earliest_ship_day[row, place]), left.shape[2]):
                if left[problem.line_sku[row], place, day:].min() >= problem.line_quantity_milli[row]:
                    ways[-1].append((place, day))
    best = None
    for tried in product(*ways):
        shipments = {way for way in tried if way is not None}
        if len(shipments) - 1 > problem.order_max_splits[order]:
            continue
        if problem.order_ship_complete[order] and None in tried and shipments:
            continue
        cost = sum(problem.shipment_cost_cents[order, place] for place, _ in shipments)
        cost += problem.split_cost_cents * max(0, len(shipments) - 1)
        stock: dict[tuple[int, int], np.ndarray] = {}
        for row, way in zip(mine, tried, strict=True):
            if way is None:
                cost += problem.line_backorder_cents[row]
                continue
            place, day = way
            cell = int(problem.line_sku[row]), place
            stock.setdefault(cell, left[cell].copy())[day:] -= problem.line_quantity_milli[row]
            if stock[cell][day:].min() < 0:
                break
            late = max(0, problem.deliver_day(row, place, day) - problem.line_due_day[row])
            cost += problem.freight_cents[row, place] + late * problem.line_late_cents_per_day[row]
            if problem.deliver_day(row, place, day) > problem.line_promised_day[row]:
                cost += problem.late_promise_cents
            name = problem.location_ids[place]
            last = {(p.location_id, p.ship_day) for p in problem.last_promises if p.line_id == problem.line_ids[row]}
            if last and name not in {location for location, _ in last}:
                cost += problem.stability_cost_cents
            elif last and (name, day) not in last:
                cost += problem.stability_day_cost_cents
        else:
            best = cost if best is None or cost < best else best
    assert best is not None
    return int(best)


@pytest.mark.parametrize("days", [1, 3])
def test_fifty_runner_ups_equal_what_trying_everything_finds(days: int) -> None:
    checked = 0
    for seed in range(100):
        problem = random_problem(seed, orders=10, lines_per_order=2, locations=4 if days == 1 else 3, days=days)
        plan = solve(problem, Budget(500))
        question = PlanInQuestion(problem, plan)
        for assignment in random.Random(seed).sample(plan.assignments, min(5, len(plan.assignments))):
            found = question.runner_up(assignment.line_id, assignment.location_id)
            assert found.proved
            assert found.order_cost_cents == everything(problem, plan, assignment.line_id, {assignment.location_id})
            assert found.runner_up_location_id != assignment.location_id
            checked += 1
            if checked == 50:
                return
    pytest.fail(f"there were {checked} to check")


@pytest.mark.parametrize("days", [1, 3])
def test_what_a_pin_would_give_equals_what_trying_everything_finds(days: int) -> None:
    for seed in range(12):
        problem = random_problem(seed, orders=10, lines_per_order=2, locations=4 if days == 1 else 3, days=days)
        plan = solve(problem, Budget(500))
        question = PlanInQuestion(problem, plan)
        before = question.stock.available.copy()
        for assignment in random.Random(seed).sample(plan.assignments, min(3, len(plan.assignments))):
            for place in problem.location_ids:
                offer = question.offer(assignment.line_id, place)
                others = {name for name in problem.location_ids if name != place}
                assert offer.costs.total == everything(problem, plan, assignment.line_id, others)
                assert (offer.deliver_day is None) == (offer.waiting_milli > 0)
                if place == assignment.location_id:
                    assert offer.extra_cents == 0
        assert question.stock.available == before


def test_a_runner_up_costs_at_least_the_plan_and_asking_changes_nothing() -> None:
    problem = random_problem(5, orders=40, skus=15, days=4, divisible=0.4)
    plan = solve(problem, Budget(4000))
    question = PlanInQuestion(problem, plan)
    before = question.stock.available.copy()
    answers = question.runners_up()
    assert min(answer.extra_cents for answer in answers) >= 0
    assert question.stock.available == before
    assert question.runners_up() == answers


def test_every_location_says_how_it_stood() -> None:
    problem = random_problem(2, orders=20, skus=6)
    plan = solve(problem, Budget(500))
    question = PlanInQuestion(problem, plan)
    standings = set()
    for assignment in plan.assignments:
        for candidate in question.candidates(assignment.line_id):
            standings.add(candidate.standing)
            assert (candidate.standing == "chosen") == (candidate.location_id == assignment.location_id)
            assert (candidate.standing == "blocked") == (candidate.reason is not None)
    assert standings == {"chosen", "blocked", "short", "free"}


def test_the_explanation_names_both_places_and_the_difference() -> None:
    problem = random_problem(2, orders=20, skus=6)
    plan = solve(problem, Budget(500))
    question = PlanInQuestion(problem, plan)
    for assignment in plan.assignments:
        runner_up = question.runner_up(assignment.line_id, assignment.location_id)
        said = explanation(assignment, runner_up)
        assert said.startswith(f"{assignment.location_id} ships on day {assignment.ship_day}")
        assert (runner_up.runner_up_location_id or "backorder") in said
        assert f"{runner_up.extra_cents / 100:.2f}" in said
