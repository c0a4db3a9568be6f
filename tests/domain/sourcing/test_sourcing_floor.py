"""A store's floor: what is shipped never takes of it, whoever else is served; who collects may."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from oms_dagster.domain.solving import Budget
from oms_dagster.domain.sourcing.floor import keep_floors
from oms_dagster.domain.sourcing.problem import Blocked, LastPromise, SourcingProblem
from oms_dagster.domain.sourcing.solve import solve
from oms_dagster.domain.sourcing.verify import verify
from tests.domain.sourcing.cases import random_problem, shuffled
from tests.domain.sourcing.test_sourcing_rules import orders


def collecting(problem: SourcingProblem, seed: int) -> tuple[SourcingProblem, np.ndarray]:
    """Some orders collect all of their lines at one place, which alone may serve them."""
    draw = np.random.default_rng(seed)
    stores = draw.integers(-1, len(problem.location_ids), len(problem.order_ids))[problem.line_order]
    collected = stores >= 0
    elsewhere = collected[:, None] & (np.arange(len(problem.location_ids)) != stores[:, None])
    blocked = np.where(elsewhere & (problem.blocked == Blocked.FREE), int(Blocked.EXCLUDED), problem.blocked)
    return replace(problem, blocked=blocked), collected


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), days=st.sampled_from([1, 3]), largest=st.integers(0, 5))
def test_no_plan_ships_a_floor_away_whoever_collects_and_whatever_was_promised(
    seed: int, days: int, largest: int
) -> None:
    plain, collected = collecting(random_problem(seed, days=days, divisible=0.3), seed)
    floor = np.random.default_rng(seed).integers(0, largest + 1, plain.atp_milli.shape[:2]) * 1000
    problem = keep_floors(plain, floor, collected)
    plan = solve(problem, Budget(100))
    assert verify(problem, plan) == []
    assert [f for f in verify(replace(plain, blocked=problem.blocked), plan) if f.rule == "SRC-01"] == []
    _floors_left(plain, plan.assignments, floor, collected)
    promised = tuple(LastPromise(a.line_id, a.location_id, a.ship_day, a.quantity_milli) for a in plan.assignments)
    again = keep_floors(replace(plain, last_promises=promised), floor, collected)
    _floors_left(plain, solve(again, Budget(100)).assignments, floor, collected)


def _floors_left(plain: SourcingProblem, assignments: tuple, floor: np.ndarray, collected: np.ndarray) -> None:  # type: ignore[type-arg]
    line = {name: row for row, name in enumerate(plain.line_ids)}
    place = {name: row for row, name in enumerate(plain.location_ids)}
    shipped = np.zeros_like(plain.atp_milli)
    for a in assignments:
        if not collected[line[a.line_id]]:
            last = min(a.ship_day, shipped.shape[2] - 1)
            shipped[plain.line_sku[line[a.line_id]], place[a.location_id], last:] += a.quantity_milli
    assert (shipped <= np.maximum(plain.atp_milli - floor[:, :, None], 0)).all()


def test_the_last_on_the_floor_goes_to_who_collects_and_not_to_who_is_nearer() -> None:
    plain = orders({("tea", "east", 0): 2}, ("A", "tea"), ("B", "tea"))
    collected = np.array([line.startswith("B") for line in plain.line_ids])
    problem = keep_floors(plain, np.array([[2000, 0]]), collected)
    plan = solve(problem, Budget(100))
    assert [(a.line_id, a.location_id) for a in plan.assignments] == [("B1", "east")]
    assert [(b.line_id, b.reason) for b in plan.backorders] == [("A0", "no_stock")]


def test_what_was_promised_from_beside_the_floor_stays_when_somebody_comes_to_collect() -> None:
    plain = orders({("tea", "east", 0): 3, ("tea", "west", 0): 3}, ("A", "tea"), ("B", "tea"), ("C", "tea"))
    plain = replace(plain, last_promises=(LastPromise("A0", "east", 0, 1000),))
    collected = np.array([line.startswith("B") for line in plain.line_ids])
    plan = solve(keep_floors(plain, np.array([[2000, 0]]), collected), Budget(100))
    assert {a.line_id: a.location_id for a in plan.assignments} == {"A0": "east", "B1": "east", "C2": "west"}


def test_a_plan_that_ships_the_floor_is_found_out() -> None:
    plain = orders({("tea", "east", 0): 1}, ("A", "tea"))
    plan = solve(plain, Budget(100))
    kept = keep_floors(plain, np.array([[1000, 0]]), np.array([False]))
    assert {f.rule for f in verify(replace(kept, blocked=plain.blocked, atp_milli=plain.atp_milli), plan)} == {"SRC-17"}


def test_the_order_of_rows_does_not_matter() -> None:
    plain, collected = collecting(random_problem(3, days=2), 3)
    floor = np.full(plain.atp_milli.shape[:2], 1000)
    problem = keep_floors(plain, floor, collected)
    one, other = solve(problem, Budget(100)), solve(shuffled(problem, 5), Budget(100))
    assert one.assignments == other.assignments
