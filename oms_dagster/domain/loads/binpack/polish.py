"""CP-SAT on the whole packing, from a hint: proves the number of bins or saves one. For small problems.

Belongs here: the assignment model. It finds little by itself: it is a polisher, not a starter.
"""

from __future__ import annotations

from itertools import pairwise
from math import ceil

from ortools.sat.python import cp_model

from oms_dagster.domain.loads.binpack.baseline import fullness
from oms_dagster.domain.loads.binpack.problem import Problem

#: Above so many item x bin pairs the model is more than CP-SAT can polish.
MOST_PAIRS = 20_000


def polished(
    problem: Problem, bins: list[list[int]], bound: int, effort: float, fuse_s: float, seed: int
) -> tuple[list[list[int]], int]:
    """A packing with fewer bins, or the same one; and the lower bound, raised where CP-SAT proved more.

    Parameters
    ----------
    bins, bound
        The packing to beat (the hint) and a proved lower bound.
    effort, fuse_s
        CP-SAT's deterministic time, and the wall-clock fuse.
    """
    if len(bins) <= bound or len(bins) * len(problem.sizes) > MOST_PAIRS or fuse_s <= 0:
        return bins, bound
    model = cp_model.CpModel()
    order = sorted(range(len(problem.sizes)), key=lambda i: (-fullness(problem, i), i))
    where = {item: [model.new_bool_var("") for _ in bins] for item in order}
    used = [model.new_bool_var("") for _ in bins]
    for place, item in enumerate(order):
        model.add_exactly_one(where[item])
        for b in range(place + 1, len(bins)):  # the k-th item never needs more than the first k bins
            model.add(where[item][b] == 0)
    for b in range(len(bins)):
        for dimension, limit in enumerate(problem.capacity):
            model.add(sum(problem.sizes[i][dimension] * where[i][b] for i in order) <= limit * used[b])
    for one, other in pairwise(used):
        model.add_implication(other, one)
    model.add(sum(used) >= bound)
    model.minimize(sum(used))
    first = {item: min(order.index(i) for i in group) for group in bins for item in group}
    ranked = sorted(dict.fromkeys(first.values()))
    for item in order:
        for b in range(len(bins)):
            model.add_hint(where[item][b], ranked.index(first[item]) == b)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed
    solver.parameters.max_deterministic_time = effort
    solver.parameters.max_time_in_seconds = fuse_s
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return bins, bound
    groups = [[i for i in order if solver.boolean_value(where[i][b])] for b in range(len(bins))]
    better = [group for group in groups if group]
    proved = max(bound, ceil(solver.best_objective_bound - 1e-6))
    return (better if len(better) < len(bins) else bins), proved
