"""Build loads: `solve(problem, budget, seed)` → loads with a proved bound; and the benchmark's time-limited sister.

Lane by lane: first-fit decreasing, ruin and recreate, CP-SAT over few loads at a time (or, for equal trailers of one
dimension, column generation with dives); each stops as soon as the cost meets the bound. Belongs here: this order of
events.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from oms_dagster.domain.loads.building.baseline import NAME as BASELINE
from oms_dagster.domain.loads.building.baseline import first_fit_decreasing
from oms_dagster.domain.loads.building.bound import lower_bound
from oms_dagster.domain.loads.building.bpplib import read_bpplib
from oms_dagster.domain.loads.building.columns import Columns
from oms_dagster.domain.loads.building.lane import Draft, Lane, cost, drafted
from oms_dagster.domain.loads.building.polish import polish
from oms_dagster.domain.loads.building.problem import Building, Load, Problem
from oms_dagster.domain.loads.building.recreate import Search
from oms_dagster.domain.loads.building.verify import findings
from oms_dagster.domain.solving import Budget, SolveReport

ENGINE = "ruin and recreate + column generation + cp-sat"
DEFAULT_BUDGET = Budget(effort=300)
#: Column generation keeps a table of one row per unit of capacity: beyond this it is left out.
MOST_CAPACITY = 200_000


def solve(problem: Problem, budget: Budget = DEFAULT_BUDGET, seed: int = 0) -> Building:
    """The cheapest loads.

    Parameters
    ----------
    budget
        Ruin-and-recreate iterations of each lane; a hundredth of them is CP-SAT's deterministic time and the number of
        dives of column generation. The same problem, effort and seed give the same loads unless the fuse blew.

    Returns
    -------
    Building
        Every item on a load or left at its price. The report's bound is proved, valid for every plan of the problem.
    """
    began = time.monotonic()
    deadline = began + budget.fuse_s

    def left_s() -> float:
        return deadline - time.monotonic()

    lanes: dict[str, list[int]] = {}
    for position, item in enumerate(problem.items):
        lanes.setdefault(item.lane, []).append(position)
    loads: list[Load] = []
    left: list[int] = []
    naive = objective = bound = used = 0
    for number, (name, positions) in enumerate(sorted(lanes.items())):
        lane = Lane(problem, name, tuple(positions))
        found = _Built(lane, budget.effort, seed * 1_000_003 + number, left_s)
        loads += [_load(problem, lane, draft) for draft in found.loads]
        left += [lane.items[i] for i in found.left]
        naive, objective, bound = naive + found.naive, objective + found.cost, bound + found.bound
        used += found.iterations
    report = SolveReport(
        engine=ENGINE,
        status="empty" if not problem.items else "optimal" if objective == bound else "feasible",
        objective=objective,
        baseline=BASELINE,
        baseline_objective=naive,
        bound=bound,
        bound_kind="proved",
        effort=used,
        seed=seed,
        wall_s=time.monotonic() - began,
        fuse=left_s() < 0,
        size=f"{len(problem.items)} items, {len(lanes)} lanes, {len(problem.dimensions)} dimensions",
    )
    return Building(tuple(loads), tuple(sorted(left)), report)


class _Built:
    """One lane, built within its share of what is left of the clock."""

    def __init__(self, lane: Lane, effort: int, seed: int, left_s: Callable[[], float]) -> None:
        def late() -> bool:
            return left_s() <= 0

        self.loads, self.left = first_fit_decreasing(lane)
        self.naive = cost(lane, self.loads, self.left)
        self.bound = lower_bound(lane, max(0.5, left_s()))
        search = Search(lane, self.loads, self.left, seed)
        self.iterations = search.run(effort, self.bound, late)
        self.loads, self.left, self.cost = search.best, search.best_left, search.cost
        if self.cost > self.bound and lane.is_bin_packing and 0 < lane.capacity[0][0] <= MOST_CAPACITY:
            self._by_columns(lane, max(1, effort // 100), late)
        if self.cost > self.bound:
            self.loads, self.left = polish(
                lane, self.loads, self.left, self.bound, effort=effort / 100, seed=seed, fuse_s=left_s
            )
            self.cost = cost(lane, self.loads, self.left)

    def _by_columns(self, lane: Lane, dives: int, late: Callable[[], bool]) -> None:
        sizes, price = [size[0] for size in lane.sizes], lane.cost[0]
        columns = Columns(sizes, lane.capacity[0][0])
        for load in self.loads:
            held = [sizes[i] for i in load.items]
            columns.add(tuple(held.count(size) for size in columns.sizes))
        columns.solve(columns.demand, 2_000, late)
        self.bound = max(self.bound, columns.bound * price)
        for skip in range(dives):
            if self.cost <= self.bound or late():
                break
            patterns = columns.dive(skip, late)
            if patterns and len(patterns) * price < self.cost:
                self.loads = _unpacked(lane, columns, patterns)
                self.cost = cost(lane, self.loads, ())


def _unpacked(lane: Lane, columns: Columns, patterns: list[tuple[int, ...]]) -> list[Draft]:
    """Patterns as loads; items without size go on the first."""
    waiting: dict[int, list[int]] = {}
    for item, size in enumerate(lane.sizes):
        waiting.setdefault(size[0], []).append(item)
    groups = [[waiting[columns.sizes[k]].pop() for k, n in enumerate(p) for _ in range(n)] for p in patterns]
    groups[0].extend(waiting.get(0, []))
    return [drafted(lane, group) for group in groups]


def _load(problem: Problem, lane: Lane, draft: Draft) -> Load:
    trailer = lane.trailers[draft.trailer]
    shares = [1000 * s // c if c else 0 for s, c in zip(draft.sums, trailer.capacity, strict=True)]
    fullest = max(lane.dimensions, key=lambda d: (shares[d], -d))
    return Load(
        lane=lane.name,
        trailer_id=trailer.trailer_id,
        items=tuple(sorted(lane.items[i] for i in draft.items)),
        ready=draft.ready,
        cost_cents=trailer.cost_cents,
        binding_dimension=problem.dimensions[fullest],
        utilisation_permille=shares[fullest],
    )


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
    best = quick = solve(problem, Budget(effort=300, fuse_s=seconds), seed)
    bound = quick.report.bound or 0
    again = 1
    while best.report.objective > bound and (left := seconds - (time.monotonic() - began)) > 0.2:
        other = solve(problem, Budget(effort=2_000 * again, fuse_s=left), seed + again)
        bound = max(bound, other.report.bound or 0)
        best = min(best, other, key=lambda found: found.report.objective)
        again += 1
    return {
        "instance": name,
        "cost": best.report.objective,
        "feasible": not list(findings(problem, best)),
        "bins": [list(load.items) for load in best.loads],
        "bound": bound,
        "gap": (best.report.objective - bound) / best.report.objective if best.loads else 0.0,
        "baseline": quick.report.baseline_objective,
        "engine": ENGINE,
        "seed": seed,
        "seconds": round(time.monotonic() - began, 3),
    }
