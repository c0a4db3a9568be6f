"""Bin packing and assignment: answers that the checkers accept, bounds that are true, files that are read as meant."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oms_dagster.domain.loads.assignment.orlib import read_orlib
from oms_dagster.domain.loads.assignment.problem import Problem as Assigning
from oms_dagster.domain.loads.assignment.solve import solve as assign
from oms_dagster.domain.loads.assignment.solve import solve_gap_file
from oms_dagster.domain.loads.assignment.verify import cost as assignment_cost
from oms_dagster.domain.loads.assignment.verify import findings as assignment_findings
from oms_dagster.domain.loads.binpack.baseline import first_fit_decreasing, lower_bound
from oms_dagster.domain.loads.binpack.bpplib import read_bpplib
from oms_dagster.domain.loads.binpack.columns import Columns
from oms_dagster.domain.loads.binpack.polish import polished
from oms_dagster.domain.loads.binpack.problem import Problem
from oms_dagster.domain.loads.binpack.solve import solve as pack
from oms_dagster.domain.loads.binpack.solve import solve_binpack_file
from oms_dagster.domain.loads.binpack.verify import findings
from oms_dagster.domain.solving import Budget

BENCH = Path(__file__).parents[4] / "shared" / "bench"
needs_bench = pytest.mark.skipif(not BENCH.is_dir(), reason="no ../shared/bench with the public instances")

#: First-fit decreasing needs three bins for what fits in two.
TRAP = Problem(((7,), (7,), (4,), (4,), (4,), (4,)), (15,))


def fewest_bins(problem: Problem) -> int:
    """The optimum by trying: items one after the other into every open bin or a new one."""
    best = len(problem.sizes)

    def place(item: int, loads: list[tuple[int, ...]]) -> None:
        nonlocal best
        if len(loads) >= best:
            return
        if item == len(problem.sizes):
            best = len(loads)
            return
        for b, load in enumerate(loads):
            after = tuple(x + s for x, s in zip(load, problem.sizes[item], strict=True))
            if all(x <= c for x, c in zip(after, problem.capacity, strict=True)):
                place(item + 1, [*loads[:b], after, *loads[b + 1 :]])
        place(item + 1, [*loads, problem.sizes[item]])

    place(0, [])
    return best


@st.composite
def packings(draw: st.DrawFn) -> Problem:
    dimensions = draw(st.integers(1, 2))
    capacity = tuple(draw(st.integers(5, 30)) for _ in range(dimensions))
    items = draw(st.integers(0, 8))
    return Problem(tuple(tuple(draw(st.integers(0, c)) for c in capacity) for _ in range(items)), capacity)


@settings(max_examples=80, deadline=None)
@given(packings())
def test_small_packings_are_optimal_and_their_bounds_true(problem: Problem):
    packing = pack(problem, Budget(300), seed=1)
    assert list(findings(problem, packing.bins)) == []
    optimum = fewest_bins(problem)
    assert lower_bound(problem) <= (packing.report.bound or 0) <= optimum == len(packing.bins)
    assert packing.report.objective <= (packing.report.baseline_objective or 0)


def test_first_fit_decreasing_falls_in_the_trap_and_the_solver_does_not():
    assert len(first_fit_decreasing(TRAP)) == 3
    assert len(pack(TRAP).bins) == 2


def test_the_same_seed_gives_the_same_packing():
    problem = Problem(tuple((7 + 13 * n % 41,) for n in range(60)), (100,))
    one, other = pack(problem, Budget(500), 4), pack(problem, Budget(500), 4)
    assert one.bins == other.bins
    assert replace(one.report, wall_s=0) == replace(other.report, wall_s=0)


def test_cp_sat_saves_a_bin_or_proves_that_none_can_be_saved():
    saved, bound = polished(TRAP, first_fit_decreasing(TRAP), 1, effort=5, fuse_s=20, seed=1)
    assert (len(saved), bound) == (2, 2)
    assert list(findings(TRAP, saved)) == []
    thirds = Problem(((4,),) * 5, (10,))
    assert polished(thirds, [[0, 1], [2, 3], [4]], 2, effort=5, fuse_s=20, seed=1) == ([[0, 1], [2, 3], [4]], 3)


def test_column_generation_proves_more_than_sums_do():
    """Five items of 4 in bins of 10: 20 / 10 = 2 by weight, but only two fit in each."""
    problem = Problem(((4,),) * 5, (10,))
    columns = Columns(problem)
    columns.solve(columns.demand, 50, lambda: False)
    assert columns.bound == 3
    with pytest.raises(ValueError, match="one dimension"):
        Columns(Problem(((1, 1),), (2, 2)))


@pytest.mark.parametrize(
    ("bins", "rule"),
    [([[0, 1]], "PACK-01"), ([[0, 1, 2]], "PACK-02"), ([[0, 1], [2], []], "PACK-03")],
)
def test_each_broken_packing_is_caught_by_its_rule_alone(bins: list[list[int]], rule: str):
    problem = Problem(((4,), (4,), (4,)), (10,))
    assert {rule for rule, _ in findings(problem, bins)} == {rule}


@pytest.mark.parametrize(
    ("text", "words"), [("3\n10\n4 4", "3 items announced, 2"), ("1 10 x", "whole numbers"), ("1 10 11", "fits no bin")]
)
def test_a_packing_file_that_cannot_be_read_says_why(text: str, words: str):
    with pytest.raises(ValueError, match=words):
        read_bpplib(text)


@st.composite
def assignments(draw: st.DrawFn) -> Assigning:
    agents, jobs = draw(st.integers(1, 3)), draw(st.integers(1, 5))
    table = st.lists(st.integers(1, 9), min_size=jobs, max_size=jobs).map(tuple)
    tables = st.lists(table, min_size=agents, max_size=agents).map(tuple)
    room = st.lists(st.integers(3, 20), min_size=agents, max_size=agents).map(tuple)
    return Assigning(draw(tables), draw(tables), draw(room))


@settings(max_examples=60, deadline=None)
@given(assignments())
def test_small_assignments_are_optimal_or_proved_impossible(problem: Assigning):
    found = assign(problem, Budget(1_000), seed=1)
    ways = product(range(len(problem.capacities)), repeat=problem.jobs)
    costs = [assignment_cost(problem, way) for way in ways if not list(assignment_findings(problem, way))]
    if costs:
        assert (found.report.objective, found.report.bound, found.report.status) == (min(costs), min(costs), "optimal")
        assert list(assignment_findings(problem, found.agents)) == []
    else:
        assert (found.agents, found.report.status) == ((), "infeasible")


def test_each_broken_assignment_is_caught_by_its_rule_alone():
    problem = Assigning(((1, 1), (1, 1)), ((3, 3), (3, 3)), (5, 5))
    assert {rule for rule, _ in assignment_findings(problem, (0,))} == {"GAP-01"}
    assert {rule for rule, _ in assignment_findings(problem, (0, 7))} == {"GAP-01"}
    assert {rule for rule, _ in assignment_findings(problem, (0, 0))} == {"GAP-02"}


def test_an_assignment_file_holds_several_problems_and_the_answer_leads_with_the_first():
    text = "2  1 2  3 4  1 1  2   2 1  5 2  1 1  1 1"
    answer = solve_gap_file(text, "two", 5, 1)
    assert (answer["cost"], answer["bound"], answer["gap"], answer["feasible"]) == (7, 7, 0.0, True)
    assert [each["cost"] for each in answer["instances"]] == [7, 2]
    for broken, words in (("1 2 2 3", "ends before"), ("1 1 1 3 1 2 9", "1 numbers left"), ("a", "whole numbers")):
        with pytest.raises(ValueError, match=words):
            read_orlib(broken)


@needs_bench
def test_sixty_items_in_triplets_are_packed_within_a_bin_of_the_optimum():
    answer = solve_binpack_file((BENCH / "binpack/Falkenauer_t60_00.txt").read_text(), "t60_00", 5, 1)
    assert answer["feasible"]
    assert 20 <= answer["cost"] <= 21
    assert answer["bound"] <= 20


@needs_bench
def test_the_first_problem_of_gapc_is_closed():
    text = (BENCH / "gap/gapc.txt").read_text()
    found = assign(read_orlib(text)[0], Budget(10_000, fuse_s=30), seed=1)
    assert (found.report.objective, found.report.bound, found.report.status) == (1931, 1931, "optimal")
