"""Assign: `solve(problem, budget, seed)` → assignment with a proved bound; and what `oms solve gap FILE` prints.

Belongs here: the integer program and its reading. OR-Tools MathOpt hands it to GLOP and HiGHS; HiGHS has no thread parameter.

Method: the relaxation's reduced costs say by how much a job at an agent must cost more than the relaxation does. Nearly all
pairs cost too much to be in a good assignment; what is left, the core, is a small program that HiGHS solves to the end. A pair
outside the core can't be in anything cheaper than the relaxation plus the core's width, which proves the rest. After Balas and Zemel
(1980), An algorithm for large zero-one knapsack problems, Operations Research 28.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, inf
from typing import Any

from ortools.math_opt.python.expressions import fast_sum
from ortools.math_opt.python.model import Model
from ortools.math_opt.python.parameters import SolveParameters, SolverType
from ortools.math_opt.python.result import Limit, TerminationReason
from ortools.math_opt.python.solve import solve as mathopt
from ortools.math_opt.python.variables import Variable

from oms_dagster.domain.loads.assignment.baseline import NAME as BASELINE
from oms_dagster.domain.loads.assignment.baseline import cheapest_with_room
from oms_dagster.domain.loads.assignment.orlib import read_orlib
from oms_dagster.domain.loads.assignment.problem import Assignment, Problem
from oms_dagster.domain.loads.assignment.verify import cost, findings
from oms_dagster.domain.solving import Budget, SolveReport, Status

ENGINE = "mathopt highs, core of the relaxation"
#: Widths of the first cores, as shares of the relaxation's cost: the narrow one has a good answer in no time.
CORE_WIDTHS = (0.001, 0.004)
#: Slack of float arithmetic.
EPSILON = 1e-6
DEFAULT_BUDGET = Budget(effort=10_000)


def solve(problem: Problem, budget: Budget = DEFAULT_BUDGET, seed: int = 0) -> Assignment:
    """The cheapest assignment.

    Parameters
    ----------
    budget
        Branch-and-bound nodes, and the fuse in seconds.

    Returns
    -------
    Assignment
        The agent of each job; the report's bound is proved, `optimal` where it meets the objective. `infeasible` when
        HiGHS proved that there is none; `feasible` with no agents when neither was decided within the budget.
    """
    began = time.monotonic()
    naive = cheapest_with_room(problem)
    least, extra = _relaxation(problem)
    if least is None:
        return Assignment(naive or (), _report(problem, naive or (), naive, None, 0, seed, began, False, naive is None))
    agents, bound, nodes = naive or (), ceil(least - EPSILON), 0
    core = _Core((), None, 0, False, False)
    # wider and wider, at last as wide as whatever is cheaper could be: all pairs, if nothing is known
    for narrow in (*(share * abs(least) + 1 for share in CORE_WIDTHS), inf):
        width = min(narrow, cost(problem, agents) - 1 - least if agents else inf)
        left = budget.fuse_s - (time.monotonic() - began)
        if (agents and bound >= cost(problem, agents)) or core.fuse or left <= 0:
            break
        core = _core(problem, extra, width, left, budget.effort - nodes, seed)
        nodes += core.nodes
        if core.agents and not list(findings(problem, core.agents)):
            agents = min(agents or core.agents, core.agents, key=lambda way: cost(problem, way))
        outside = floor(least + width + EPSILON) + 1 if width < inf else inf
        inside = outside if core.is_empty else bound if core.bound is None else core.bound
        if inside == inf:
            return Assignment((), _report(problem, (), naive, None, nodes, seed, began, False, True))
        bound = max(bound, int(min(inside, outside)))
    bound = min(bound, cost(problem, agents)) if agents else bound
    return Assignment(agents, _report(problem, agents, naive, bound, nodes, seed, began, core.fuse, False))


@dataclass(frozen=True, slots=True)
class _Core:
    """Answer over some of the pairs: agents (none found: empty), the bound there, and whether there is no answer at all."""

    agents: tuple[int, ...]
    bound: int | None
    nodes: int
    fuse: bool
    is_empty: bool


def _relaxation(problem: Problem) -> tuple[float | None, list[list[float]]]:
    """Cost of the relaxation (None: infeasible), and what each job at each agent adds to it at least."""
    model, chosen = _model(problem, None, inf, is_integer=False)
    result = mathopt(model, SolverType.GLOP, params=SolveParameters())
    if result.termination.reason != TerminationReason.OPTIMAL:
        return None, []
    agents = range(len(problem.capacities))
    return result.objective_value(), [[result.reduced_costs(row[agent]) for agent in agents] for row in chosen]


def _core(
    problem: Problem, extra: Sequence[Sequence[float]], width: float, seconds: float, nodes: int, seed: int
) -> _Core:
    """Solve over the pairs that add no more than a width."""
    model, chosen = _model(problem, extra, width)
    parameters = SolveParameters(
        time_limit=datetime.timedelta(seconds=max(0.01, seconds)),
        node_limit=max(1, nodes),
        random_seed=seed,
        relative_gap_tolerance=0.0,
    )
    result = mathopt(model, SolverType.HIGHS, params=parameters)
    found: tuple[int, ...] = ()
    if result.has_primal_feasible_solution():
        values = result.variable_values()
        found = tuple(max(row, key=lambda agent: values[row[agent]]) for row in chosen)
    lower = result.termination.objective_bounds.dual_bound
    bound = ceil(lower - EPSILON) if abs(lower) < 1e15 else None
    empty = result.termination.reason == TerminationReason.INFEASIBLE
    return _Core(found, bound, int(result.solve_stats.node_count), result.termination.limit == Limit.TIME, empty)


def _report(
    problem: Problem,
    agents: tuple[int, ...],
    naive: tuple[int, ...] | None,
    bound: int | None,
    nodes: int,
    seed: int,
    began: float,
    fuse: bool,
    infeasible: bool,
) -> SolveReport:
    objective = cost(problem, agents) if agents else 0
    status: Status = "optimal" if agents and bound == objective else "infeasible" if infeasible else "feasible"
    return SolveReport(
        engine=ENGINE,
        status=status if problem.jobs else "empty",
        objective=objective,
        baseline=BASELINE,
        baseline_objective=cost(problem, naive) if naive else None,
        bound=bound,
        bound_kind="none" if bound is None else "proved",
        effort=nodes,
        seed=seed,
        wall_s=time.monotonic() - began,
        fuse=fuse,
        size=f"{len(problem.capacities)} agents, {problem.jobs} jobs",
    )


def _model(
    problem: Problem, extra: Sequence[Sequence[float]] | None, width: float, is_integer: bool = True
) -> tuple[Model, list[dict[int, Variable]]]:
    """The program over the pairs that add no more than a width to the relaxation (no relaxation: all pairs)."""
    model = Model(name="assignment")
    agents = range(len(problem.capacities))
    chosen = [
        {
            agent: model.add_variable(lb=0, ub=1, is_integer=is_integer)
            for agent in agents
            if extra is None or extra[job][agent] <= width + EPSILON
        }
        for job in range(problem.jobs)
    ]
    for row in chosen:
        model.add_linear_constraint(fast_sum(row.values()) == 1)
    for agent in agents:
        load = fast_sum(problem.needs[agent][job] * row[agent] for job, row in enumerate(chosen) if agent in row)
        model.add_linear_constraint(load <= problem.capacities[agent])
    model.minimize(fast_sum(problem.costs[agent][job] * row[agent] for job, row in enumerate(chosen) for agent in row))
    return model, chosen


def solve_gap_file(text: str, name: str, seconds: float, seed: int) -> dict[str, Any]:
    """Assignments for an OR-Library file: what `oms solve gap FILE` prints.

    Parameters
    ----------
    text, name
        The file's content, and what to call it in the answer.
    seconds
        Wall-clock limit for the whole file; a problem gets its share of what is left.

    Returns
    -------
    dict
        `instance`, `cost`, `feasible` by the checker, `agents` (agent of each job, from 0), `bound` (proved), `gap` =
        (cost - bound) / cost, `engine`, `seed`, `seconds`: of the file's first problem. `instances` holds one such dict
        for each problem in file order.

    Raises
    ------
    ValueError
        The text isn't an OR-Library file.
    """
    began = time.monotonic()
    problems = read_orlib(text)
    answers = []
    for n, problem in enumerate(problems):
        left = max(0.2, (seconds - (time.monotonic() - began)) / (len(problems) - n))
        answers.append(_answer(problem, f"{name} {n + 1}", left, seed))
    return {**answers[0], "instance": name, "instances": answers}


def _answer(problem: Problem, name: str, seconds: float, seed: int) -> dict[str, Any]:
    found = solve(problem, Budget(effort=10**9, fuse_s=seconds), seed)
    report = found.report
    feasible = bool(found.agents) and not list(findings(problem, found.agents))
    return {
        "instance": name,
        "cost": report.objective if found.agents else None,
        "feasible": feasible,
        "agents": list(found.agents),
        "bound": report.bound,
        "gap": report.gap if found.agents else None,
        "engine": ENGINE,
        "seed": seed,
        "seconds": round(report.wall_s, 3),
    }
