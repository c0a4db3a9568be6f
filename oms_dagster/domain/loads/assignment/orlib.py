"""Reader of OR-Library generalised-assignment text.

The file says how many problems follow; each has its numbers of agents and jobs, the costs by agent, the needs by agent,
and the capacities.
"""

from __future__ import annotations

from oms_dagster.domain.loads.assignment.problem import Problem


def read_orlib(text: str) -> tuple[Problem, ...]:
    """The problems of a file, in its order.

    Raises
    ------
    ValueError
        Something isn't a whole number, or there are more or fewer numbers than announced.
    """
    try:
        numbers = [int(part) for part in text.split()]
    except ValueError as error:
        raise ValueError(f"an OR-Library file holds whole numbers only: {error}") from None
    place = 1
    problems: list[Problem] = []

    def take(count: int) -> tuple[int, ...]:
        nonlocal place
        if count < 0 or place + count > len(numbers):
            raise ValueError(f"problem {len(problems) + 1} ends before its {count} numbers")
        place += count
        return tuple(numbers[place - count : place])

    for _ in range(numbers[0] if numbers else 0):
        agents, jobs = take(2)
        costs = tuple(take(jobs) for _ in range(agents))
        needs = tuple(take(jobs) for _ in range(agents))
        problems.append(Problem(costs, needs, take(agents)))
    if not problems or place != len(numbers):
        raise ValueError(f"{len(problems)} problems read, {len(numbers) - place} numbers left over")
    return tuple(problems)
