"""The stop rule of a search in PyVRP. Belongs here: counting iterations, the fuse. Does not belong here: the search."""

from __future__ import annotations

import time

from oms_dagster.domain.solving import Budget


class Effort:
    """Stops after the iterations granted; the wall clock is only a fuse; `blown` says whether it ended the search."""

    def __init__(self, budget: Budget) -> None:
        self._deadline = time.monotonic() + budget.fuse_s
        self._granted = 1
        self.blown = False
        self.used = 0

    def grant(self, iterations: int) -> None:
        """Go on for so many iterations more."""
        self._granted = self.used + max(1, iterations)

    def __call__(self, best_cost: int) -> bool:
        """True to stop (PyVRP's protocol)."""
        if self.blown or self.used >= self._granted:
            return True
        self.used += 1
        self.blown = time.monotonic() > self._deadline
        return self.blown
