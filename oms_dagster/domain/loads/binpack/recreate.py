"""Ruin and recreate: empty some bins, put the items back tighter, keep what is fuller.

Belongs here: the search over packings of any number of dimensions. Source of the scheme: Schrimpf et al. 2000; the
squared fullness that guides it between equal numbers of bins: Falkenauer 1996.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from oms_dagster.domain.loads.binpack.baseline import fullness
from oms_dagster.domain.loads.binpack.problem import Problem


class Search:
    """A packing under improvement.

    Parameters
    ----------
    problem, bins
        What to pack, and a packing to begin from.
    seed
        Of the random stream.
    """

    def __init__(self, problem: Problem, bins: list[list[int]], seed: int) -> None:
        self._problem = problem
        self._dice = random.Random(seed)
        self._weight = [fullness(problem, item) for item in range(len(problem.sizes))]
        self._current = [list(group) for group in bins]
        self._score = self._rate(self._current)
        self.best = [list(group) for group in bins]
        self._best_score = self._score

    def run(self, iterations: int, target: int, stop: Callable[[], bool]) -> int:
        """Search until `iterations`, until no more than `target` bins are left, or until `stop`; returns iterations."""
        for done in range(iterations):
            if len(self.best) <= target or (done % 64 == 0 and stop()):
                return done
            self._step()
        return iterations

    def _step(self) -> None:
        dice = self._dice
        count = min(len(self._current), 2 + dice.randrange(4))
        emptiest = min(range(len(self._current)), key=lambda b: sum(self._weight[i] for i in self._current[b]))
        ruined = {emptiest, *dice.sample(range(len(self._current)), count)}
        items = [i for b in ruined for i in self._current[b]]
        kept = [list(group) for b, group in enumerate(self._current) if b not in ruined]
        if kept and dice.random() < 0.5:
            for group in dice.sample(kept, min(len(kept), 3)):
                items.append(group.pop(dice.randrange(len(group))))
            kept = [group for group in kept if group]
        candidate = self._recreated(kept, items)
        score = self._rate(candidate)
        if score >= self._score or dice.random() < 0.01:
            self._current, self._score = candidate, score
            if score > self._best_score:
                self.best, self._best_score = [list(group) for group in candidate], score

    def _recreated(self, bins: list[list[int]], items: list[int]) -> list[list[int]]:
        """Best fit, the biggest first but for a little noise, with bins passed over now and then (blinks)."""
        dice, sizes, capacity = self._dice, self._problem.sizes, self._problem.capacity
        noise = dice.choice((0.0, 0.1, 0.4))
        items.sort(key=lambda i: -self._weight[i] * (1 + noise * (dice.random() - 0.5)))
        rooms = [[c - sum(sizes[i][d] for i in group) for d, c in enumerate(capacity)] for group in bins]
        one = len(capacity) == 1
        for item in items:
            size = sizes[item]
            best, best_left = -1, 0
            for b, room in enumerate(rooms):
                if room[0] < size[0] or (not one and any(s > r for s, r in zip(size, room, strict=True))):
                    continue
                left = sum(room)
                if (best < 0 or left < best_left) and dice.random() > 0.03:
                    best, best_left = b, left
            if best < 0:
                bins.append([])
                rooms.append(list(capacity))
                best = len(bins) - 1
            bins[best].append(item)
            rooms[best] = [r - s for r, s in zip(rooms[best], size, strict=True)]
        return bins

    def _rate(self, bins: list[list[int]]) -> tuple[int, int]:
        return -len(bins), sum(sum(self._weight[i] for i in group) ** 2 for group in bins)
