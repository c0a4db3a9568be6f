"""The generalised assignment problem and its answer. Belongs here: frozen data and its checks."""

from __future__ import annotations

from dataclasses import dataclass

from oms_dagster.domain.solving import SolveReport


@dataclass(frozen=True, slots=True)
class Problem:
    """`costs[agent][job]`, `needs[agent][job]` of the agent's capacity, `capacities[agent]`: whole numbers.

    Raises
    ------
    ValueError
        The tables have different shapes, or a need is negative.
    """

    costs: tuple[tuple[int, ...], ...]
    needs: tuple[tuple[int, ...], ...]
    capacities: tuple[int, ...]

    def __post_init__(self) -> None:
        agents, jobs = len(self.capacities), self.jobs
        shapes = [len(row) for row in (*self.costs, *self.needs)]
        if len(self.costs) != agents or len(self.needs) != agents or any(n != jobs for n in shapes):
            raise ValueError("assignment: costs, needs and capacities don't have the same agents and jobs")
        if any(need < 0 for row in self.needs for need in row):
            raise ValueError("assignment: a need is negative")

    @property
    def jobs(self) -> int:
        """Number of jobs."""
        return len(self.costs[0]) if self.costs else 0


@dataclass(frozen=True, slots=True)
class Assignment:
    """The agent of each job (empty when none was found); the report's objective is the sum of costs."""

    agents: tuple[int, ...]
    report: SolveReport
