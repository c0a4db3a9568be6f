"""What no plan of a lane can cost less than.

Belongs here: Martello and Toth's L2 (1990) where all trailers are alike, and a relaxation where they are not: whole
numbers of trailers, goods divided at will. Both are valid for every plan of the lane, whatever it leaves to others.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any, TypeAlias

from ortools.linear_solver import pywraplp

from oms_dagster.domain.loads.building.lane import Lane

#: Goods, ready and cut-off: items that may go on the same trailers.
Class: TypeAlias = tuple[int, int, int]
#: Branch-and-bound nodes of the relaxation.
MOST_NODES = 5_000


def lower_bound(lane: Lane, seconds: float) -> int:
    """A proved lower bound in cents; the relaxation counts for what it proved when `seconds` end it."""
    if not lane.items:
        return 0
    if lane.is_bin_packing:
        return l2([size[0] for size in lane.sizes], lane.capacity[0][0]) * lane.cost[0]
    return relaxation(lane, seconds)


def l2(sizes: Sequence[int], capacity: int) -> int:
    """Martello and Toth's L2 for one dimension: items above half a bin stand alone, small ones fill what they leave."""
    if capacity == 0 or not any(sizes):
        return min(1, len(sizes))
    best = -(-sum(sizes) // capacity)
    for threshold in sorted({s for s in sizes if 2 * s <= capacity}):
        big = [s for s in sizes if s > capacity - threshold]
        half = [s for s in sizes if 2 * s > capacity and s <= capacity - threshold]
        small = sum(s for s in sizes if threshold <= s and 2 * s <= capacity)
        left = small - (len(half) * capacity - sum(half))
        best = max(best, len(big) + len(half) + max(0, -(-left // capacity)))
    return max(best, sum(2 * s > capacity for s in sizes))


def relaxation(lane: Lane, seconds: float) -> int:
    """Whole trailers by kind, goods and leaving time; the goods divided among them in each dimension by itself.

    For each kind of goods that not every trailer admits, those that do must hold it.
    """
    solver: Any = pywraplp.Solver("", pywraplp.Solver.SCIP_MIXED_INTEGER_PROGRAMMING)
    solver.SetTimeLimit(max(1, round(1000 * seconds)))
    solver.SetSolverSpecificParametersAsString(f"limits/nodes = {MOST_NODES}")
    objective = solver.Objective()
    objective.SetMinimization()
    classes: dict[Class, list[int]] = {}
    for i in range(len(lane.items)):
        classes.setdefault((lane.goods[i], lane.ready[i], lane.cutoff[i]), []).append(i)
    amounts = {k: [sum(lane.sizes[i][d] for i in items) for d in lane.dimensions] for k, items in classes.items()}
    rows = {k: [solver.Constraint(total, total) for total in totals] for k, totals in amounts.items()}
    for k, items in classes.items():
        for i in items:
            price = lane.leave[i]
            if price is not None:
                left = solver.NumVar(0, 1, "")
                objective.SetCoefficient(left, price)
                for d in lane.dimensions:
                    rows[k][d].SetCoefficient(left, lane.sizes[i][d])
    for goods in together(lane):
        for moment in moments(lane):
            here = [k for k in classes if k[0] & ~goods == 0 and k[1] <= moment <= k[2]]
            fleet = {
                t: solver.IntVar(0, len(lane.items), "")
                for t, admits in enumerate(lane.admits)
                if any(k[0] & ~admits == 0 for k in here)
            }
            for t, number in fleet.items():
                objective.SetCoefficient(number, lane.cost[t])
            for d in lane.dimensions:
                parts = {k: solver.NumVar(0, amounts[k][d], "") for k in here}
                for k, part in parts.items():
                    rows[k][d].SetCoefficient(part, 1)
                for bit in (0, *(b for b in lane.blocked if b & goods)):
                    holds = solver.Constraint(-solver.infinity(), 0)
                    for k, part in parts.items():
                        if bit == 0 or k[0] & bit:
                            holds.SetCoefficient(part, 1)
                    for t, number in fleet.items():
                        if bit == 0 or lane.admits[t] & bit:
                            holds.SetCoefficient(number, -lane.capacity[t][d])
    solver.Solve()
    bound = objective.BestBound()
    return max(0, ceil(bound - 1e-6 * max(1.0, abs(bound)))) if abs(bound) < 1e15 else 0


def together(lane: Lane) -> list[int]:
    """The largest sets of goods that may share a trailer."""
    sets = {0}
    for bit in sorted(lane.blocked):
        if any(bit & g for g in lane.goods):
            sets |= {s | bit for s in sets if lane.compatible(s | bit)}
    return sorted(s for s in sets if not any(s != other and s & ~other == 0 for other in sets))


def moments(lane: Lane) -> list[int]:
    """Leaving times that suffice: every set of items that can leave together can leave at one of these."""
    able = {
        m: frozenset(i for i in range(len(lane.items)) if lane.ready[i] <= m <= lane.cutoff[i]) for m in set(lane.ready)
    }
    kept = [m for m in sorted(able) if not any(able[m] < able[other] for other in able)]
    return [m for n, m in enumerate(kept) if able[m] not in [able[x] for x in kept[:n]]]
