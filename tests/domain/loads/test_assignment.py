"""Generalised assignment: answers that the checker accepts, bounds that are true, files that are read as meant."""

from __future__ import annotations

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
from oms_dagster.domain.solving import Budget

BENCH = Path(__file__).parents[4] / "shared" / "bench"
needs_bench = pytest.mark.skipif(not BENCH.is_dir(), reason="no ../shared/bench with the public instances")


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
def test_the_first_problem_of_gapc_is_closed():
    text = (BENCH / "gap/gapc.txt").read_text()
    found = assign(read_orlib(text)[0], Budget(10_000, fuse_s=30), seed=1)
    assert (found.report.objective, found.report.bound, found.report.status) == (1931, 1931, "optimal")
