"""Prints what sourcing costs on the public instances: ``python -m tests.domain.sourcing.bench 10k [effort]``."""

from __future__ import annotations

import sys

from oms_dagster.domain.solving import Budget
from oms_dagster.domain.sourcing.baseline import BASELINES
from oms_dagster.domain.sourcing.solve import baseline_plan, default_budget, solve
from oms_dagster.domain.sourcing.verify import verify
from tests.domain.sourcing.cases import benchmark


def main(size: str, effort: int | None) -> None:
    """Solve one size and print the plan beside every baseline."""
    problem = benchmark(size)
    plan = solve(problem, default_budget(problem) if effort is None else Budget(effort))
    report = plan.report
    print(
        f"{report.size}: {report.objective} cents in {report.wall_s:.1f} s, effort {report.effort}, fuse {report.fuse}"
    )
    print(f"bound {report.bound} ({report.bound_kind}), gap {report.gap:.2%}, backorders {len(plan.backorders)}")
    print(f"checker: {len(verify(problem, plan))} findings; {plan.costs}")
    for name in BASELINES:
        naive = baseline_plan(problem, name).report.objective
        print(f"{name:15} {naive:>10}  plan is {1 - report.objective / naive:.2%} cheaper")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "10k", int(sys.argv[2]) if len(sys.argv) > 2 else None)
