"""What all solvers share: the stop rule, the seed, and the report that every plan carries.

A solver takes a frozen problem, a `Budget` and a seed, and returns a frozen plan with a `SolveReport`.
It never reads a clock to decide anything: effort is counted in iterations, and the wall clock is only a
fuse, which is recorded when it blows (the replay then says "not comparable").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["optimal", "feasible", "infeasible", "empty"]
BoundKind = Literal["proved", "relaxation", "none"]


@dataclass(frozen=True, slots=True)
class Budget:
    """How much effort a solver may spend.

    Parameters
    ----------
    effort
        Deterministic effort: iterations of the method's outer loop.
    fuse_s
        Wall-clock seconds after which the solver returns what it has and reports a blown fuse.
    """

    effort: int
    fuse_s: float = 60.0


@dataclass(frozen=True, slots=True)
class SolveReport:
    """What a plan says about itself. Costs are whole cents unless the solver's docstring names another unit.

    Attributes
    ----------
    engine
        Name and version of the method, e.g. ``pyvrp 0.14.1``.
    status
        ``optimal`` only where proved.
    objective, baseline_objective, bound
        The plan's value, that of the naive plan under the same locks and pins, and a lower bound or None.
    baseline
        The naive plan's name, e.g. ``first_come``.
    bound_kind
        ``proved``, ``relaxation`` or ``none``: honest or absent.
    effort, seed, wall_s, fuse
        What was spent; ``fuse`` is True when the wall clock ended the search.
    size
        The problem in words, e.g. ``412 lines, 6 locations``.
    """

    engine: str
    status: Status
    objective: int
    baseline: str
    baseline_objective: int | None
    bound: int | None
    bound_kind: BoundKind
    effort: int
    seed: int
    wall_s: float
    fuse: bool
    size: str

    @property
    def gap(self) -> float | None:
        """(objective - bound) / objective, or None without a bound."""
        if self.bound is None or self.bound_kind == "none":
            return None
        return (self.objective - self.bound) / self.objective if self.objective else 0.0

    @property
    def gain(self) -> float | None:
        """(baseline - objective) / baseline: what planning saved over the naive way."""
        if not self.baseline_objective:
            return None
        return (self.baseline_objective - self.objective) / self.baseline_objective
