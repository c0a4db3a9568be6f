"""Pack: `solve(problem, budget, seed)` → packing with a proved bound; and the benchmark's time-limited sister.

First-fit decreasing, then ruin and recreate, then (one dimension) column generation with dives, then CP-SAT; each stops
as soon as the number of bins meets the bound. Belongs here: this order of events.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from oms_dagster.domain.loads.binpack.baseline import NAME as BASELINE
from oms_dagster.domain.loads.binpack.baseline import first_fit_decreasing, lower_bound
from oms_dagster.domain.loads.binpack.bpplib import read_bpplib
from oms_dagster.domain.loads.binpack.columns import Columns
from oms_dagster.domain.loads.binpack.polish import polished
from oms_dagster.domain.loads.binpack.problem import Packing, Problem
from oms_dagster.domain.loads.binpack.recreate import Search
from oms_dagster.domain.loads.binpack.verify import findings
from oms_dagster.domain.solving import Budget, SolveReport

ENGINE = "ffd + ruin and recreate + column generation + cp-sat"
DEFAULT_BUDGET = Budget(effort=2_000)
#: Column generation keeps a table of one row per bin unit: beyond this capacity it is left out.
MOST_CAPACITY = 200_000


def solve(problem: Problem, budget: Budget = DEFAULT_BUDGET, seed: int = 0) -> Packing:
    """As few bins as possible.

    Parameters
    ----------
    budget
        Ruin-and-recreate iterations; a thousandth of them is CP-SAT's deterministic time and a hundredth the number
        of column-generation dives. The same problem, effort and seed give the same packing unless the fuse blew.

    Returns
    -------
    Packing
        Bins of item positions. The report counts bins; its bound is proved.
    """
    began = time.monotonic()
    deadline = began + budget.fuse_s

    def late() -> bool:
        return time.monotonic() > deadline

    naive = first_fit_decreasing(problem)
    bound = lower_bound(problem)
    search = Search(problem, naive, seed)
    used = search.run(budget.effort, bound, late)
    bins = search.best
    if len(bins) > bound and len(problem.capacity) == 1 and problem.capacity[0] <= MOST_CAPACITY:
        bins, bound = _by_columns(problem, bins, bound, max(1, budget.effort // 100), late)
    if len(bins) > bound:
        left = max(0.0, deadline - time.monotonic())
        bins, bound = polished(problem, bins, bound, budget.effort / 1000, left, seed)
    report = SolveReport(
        engine=ENGINE,
        status="empty" if not bins else "optimal" if len(bins) == bound else "feasible",
        objective=len(bins),
        baseline=BASELINE,
        baseline_objective=len(naive),
        bound=bound,
        bound_kind="proved",
        effort=used,
        seed=seed,
        wall_s=time.monotonic() - began,
        fuse=late(),
        size=f"{len(problem.sizes)} items, {len(problem.capacity)} dimensions",
    )
    return Packing(tuple(tuple(sorted(group)) for group in bins), report)


def _by_columns(
    problem: Problem, bins: list[list[int]], bound: int, dives: int, late: Callable[[], bool]
) -> tuple[list[list[int]], int]:
    columns = Columns(problem)
    kind = {size: k for k, size in enumerate(columns.sizes)}
    for group in bins:
        pattern = [0] * len(columns.sizes)
        for item in group:
            if problem.sizes[item][0]:
                pattern[kind[problem.sizes[item][0]]] += 1
        columns.add(tuple(pattern))
    columns.solve(columns.demand, 2_000, late)
    bound = max(bound, columns.bound)
    for skip in range(dives):
        if len(bins) <= bound or late():
            break
        patterns = columns.dive(skip, late)
        if patterns and len(patterns) < len(bins):
            bins = _unpacked(problem, columns, patterns)
    return bins, bound


def _unpacked(problem: Problem, columns: Columns, patterns: list[tuple[int, ...]]) -> list[list[int]]:
    """Patterns as bins of items; items without size go in the first bin."""
    waiting: dict[int, list[int]] = {}
    for item, size in enumerate(problem.sizes):
        waiting.setdefault(size[0], []).append(item)
    bins = [[waiting[columns.sizes[k]].pop() for k, n in enumerate(pattern) for _ in range(n)] for pattern in patterns]
    bins[0].extend(waiting.get(0, []))
    return bins


def solve_binpack_file(text: str, name: str, seconds: float, seed: int) -> dict[str, Any]:
    """Bins for a BPPLIB file: what `oms solve binpack FILE` prints.

    Parameters
    ----------
    text, name
        The file's content, and what to call it in the answer.
    seconds
        Wall-clock limit, so the answer may differ from run to run.

    Returns
    -------
    dict
        `instance`, `cost` (number of bins), `feasible` by the checker, `bins` (item positions from 0 in file order),
        `bound` (proved), `gap` = (cost - bound) / cost, `baseline`, `engine`, `seed`, `seconds` used.

    Raises
    ------
    ValueError
        The text isn't a BPPLIB file.
    """
    began = time.monotonic()
    problem = read_bpplib(text)
    quick = solve(problem, Budget(effort=1_000, fuse_s=seconds), seed)
    best, bound = quick, quick.report.bound or 0
    again = 1
    while len(best.bins) > bound and (left := seconds - (time.monotonic() - began)) > 0.2:
        other = solve(problem, Budget(effort=4_000 * again, fuse_s=left), seed + again)
        bound = max(bound, other.report.bound or 0)
        best = other if len(other.bins) < len(best.bins) else best
        again += 1
    wrong = list(findings(problem, best.bins))
    return {
        "instance": name,
        "cost": len(best.bins),
        "feasible": not wrong,
        "bins": [list(group) for group in best.bins],
        "bound": bound,
        "gap": (len(best.bins) - bound) / len(best.bins) if best.bins else 0.0,
        "baseline": quick.report.baseline_objective,
        "engine": ENGINE,
        "seed": seed,
        "seconds": round(time.monotonic() - began, 3),
    }
