"""The naive assignment: jobs in order, each to the cheapest agent that still has room.

Belongs here: what every assignment is measured against. It may find nothing where capacities are tight.
"""

from __future__ import annotations

from oms_dagster.domain.loads.assignment.problem import Problem

NAME = "cheapest_with_room"


def cheapest_with_room(problem: Problem) -> tuple[int, ...] | None:
    """Agents of the jobs, or None where a job found no room."""
    room = list(problem.capacities)
    chosen = []
    for job in range(problem.jobs):
        fitting = [a for a in range(len(room)) if problem.needs[a][job] <= room[a]]
        if not fitting:
            return None
        agent = min(fitting, key=lambda a: (problem.costs[a][job], problem.needs[a][job], a))
        room[agent] -= problem.needs[agent][job]
        chosen.append(agent)
    return tuple(chosen)
