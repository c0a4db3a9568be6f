"""What every plan says about itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oms_dagster.domain.solving import Budget, SolveReport

REPORT = SolveReport(
    engine="test 1", status="feasible", objective=110, baseline="first_come", baseline_objective=150, bound=100, bound_kind="relaxation",
    effort=10, seed=1, wall_s=0.1, fuse=False, size="3 lines",
)  # fmt: skip


def test_the_gap_is_measured_against_the_plan_and_the_gain_against_the_naive_way() -> None:
    assert REPORT.gap == pytest.approx(10 / 110)
    assert REPORT.gain == pytest.approx(40 / 150)


def test_without_an_honest_bound_there_is_no_gap() -> None:
    assert replace(REPORT, bound=None).gap is None
    assert replace(REPORT, bound_kind="none").gap is None


def test_a_plan_that_costs_nothing_has_no_gap_and_one_without_baseline_no_gain() -> None:
    assert replace(REPORT, objective=0, bound=0).gap == 0.0
    assert replace(REPORT, baseline_objective=None).gain is None
    assert replace(REPORT, baseline_objective=0).gain is None


def test_a_plan_worse_than_the_naive_way_shows_it() -> None:
    assert replace(REPORT, objective=180).gain == pytest.approx(-0.2)


def test_a_budget_is_effort_with_a_fuse_of_a_minute() -> None:
    assert Budget(60) == Budget(effort=60, fuse_s=60.0)
    with pytest.raises(AttributeError):
        Budget(60).effort = 1  # type: ignore[misc]
