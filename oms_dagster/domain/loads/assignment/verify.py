"""The checker of assignments: adds up. Knows no solver."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from oms_dagster.domain.loads.assignment.problem import Problem

RULES = {
    "GAP-01": "Each job has exactly one agent, and it exists.",
    "GAP-02": "No agent takes more than its capacity.",
}


def findings(problem: Problem, agents: Sequence[int]) -> Iterator[tuple[str, str]]:
    """(rule, what was seen) for each broken rule; nothing when the assignment is right."""
    if len(agents) != problem.jobs:
        yield "GAP-01", f"{len(agents)} jobs have an agent, of {problem.jobs}"
    loads = [0] * len(problem.capacities)
    for job, agent in enumerate(agents[: problem.jobs]):
        if not 0 <= agent < len(loads):
            yield "GAP-01", f"job {job} goes to agent {agent}, there is none"
        else:
            loads[agent] += problem.needs[agent][job]
    for agent, (load, limit) in enumerate(zip(loads, problem.capacities, strict=True)):
        if load > limit:
            yield "GAP-02", f"agent {agent} takes {load} of {limit}"


def cost(problem: Problem, agents: Sequence[int]) -> int:
    """Sum of the costs of an assignment."""
    return sum(problem.costs[agent][job] for job, agent in enumerate(agents))
