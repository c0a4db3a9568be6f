"""Assign: `solve(problem, budget, seed)` → assignment with HiGHS's proved bound; and what `oms solve gap FILE` prints.

Belongs here: the integer program and its reading. OR-Tools MathOpt hands it to HiGHS, which has no thread parameter.
"""

from __future__ import annotations

import datetime
import time
from math import ceil
from typing import Any

from ortools.math_opt.python.expressions import fast_sum
from ortools.math_opt.python.model import Model
from ortools.math_opt.python.parameters import SolveParameters, SolverType
from ortools.math_opt.python.result import Limit, TerminationReason
from ortools.math_opt.python.solve import solve as highs
from ortools.math_opt.python.variables import Variable

from oms_dagster.domain.loads.assignment.baseline import NAME as BASELINE
from oms_dagster.domain.loads.assignment.baseline import cheapest_with_room
from oms_dagster.domain.loads.assignment.orlib import read_orlib
from oms_dagster.domain.loads.assignment.problem import Assignment, Problem
from oms_dagster.domain.loads.assignment.verify import cost, findings
from oms_dagster.domain.solving import Budget, SolveReport, Status

ENGINE = "mathopt highs"
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
    model, chosen = _model(problem)
    parameters = SolveParameters(
        time_limit=datetime.timedelta(seconds=max(0.01, budget.fuse_s)),
        node_limit=budget.effort,
        random_seed=seed,
        relative_gap_tolerance=0.0,
    )
    result = highs(model, SolverType.HIGHS, params=parameters)
    naive = cheapest_with_room(problem)
    agents = naive or ()
    if result.has_primal_feasible_solution():
        values = result.variable_values()
        found = tuple(max(range(len(row)), key=lambda a: values[row[a]]) for row in chosen)
        if not list(findings(problem, found)) and (not naive or cost(problem, found) <= cost(problem, naive)):
            agents = found
    lower = result.termination.objective_bounds.dual_bound
    bound = ceil(lower - 1e-6) if abs(lower) < 1e15 else None
    infeasible = result.termination.reason == TerminationReason.INFEASIBLE
    objective = cost(problem, agents) if agents else 0
    status: Status = "optimal" if agents and bound == objective else "infeasible" if infeasible else "feasible"
    report = SolveReport(
        engine=ENGINE,
        status=status if problem.jobs else "empty",
        objective=objective,
        baseline=BASELINE,
        baseline_objective=cost(problem, naive) if naive else None,
        bound=bound,
        bound_kind="none" if bound is None else "proved",
        effort=int(result.solve_stats.node_count),
        seed=seed,
        wall_s=time.monotonic() - began,
        fuse=result.termination.limit == Limit.TIME,
        size=f"{len(problem.capacities)} agents, {problem.jobs} jobs",
    )
    return Assignment(agents, report)


def _model(problem: Problem) -> tuple[Model, list[list[Variable]]]:
    model = Model(name="assignment")
    agents = range(len(problem.capacities))
    chosen = [[model.add_binary_variable() for _ in agents] for _ in range(problem.jobs)]
    for row in chosen:
        model.add_linear_constraint(fast_sum(row) == 1)
    for agent in agents:
        load = fast_sum(problem.needs[agent][job] * row[agent] for job, row in enumerate(chosen))
        model.add_linear_constraint(load <= problem.capacities[agent])
    model.minimize(
        fast_sum(problem.costs[agent][job] * row[agent] for job, row in enumerate(chosen) for agent in agents)
    )
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
