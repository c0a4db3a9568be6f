"""Column generation for one dimension: a proved bound, and packings by rounding its fractional answer.

Belongs here: Gilmore and Gomory's model (1961) with a knapsack by dynamic programming as pricing. The bound is proved
in whole numbers: any prices on the sizes give `sum(demand x price) / dearest pattern` as a lower bound (Farley 1990),
so the linear program's floats only choose the prices.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ortools.linear_solver import pywraplp

#: Prices of the linear program become whole numbers of this unit.
PRICE_UNIT = 10_000_000

Pattern = tuple[int, ...]


class Columns:
    """Patterns (how many of each distinct size go in a bin) and the best bound seen.

    Parameters
    ----------
    sizes, capacity
        Of the items and of every bin, in the one dimension.
    """

    def __init__(self, sizes: Iterable[int], capacity: int) -> None:
        self._capacity = capacity
        counts = Counter(sizes)
        self.sizes = sorted((s for s in counts if s > 0), reverse=True)
        self.demand: Pattern = tuple(counts[s] for s in self.sizes)
        self.bound = 0
        self._patterns: dict[Pattern, None] = {}
        for k, size in enumerate(self.sizes):
            most = min(self._capacity // size, self.demand[k])
            self._patterns[tuple(most if j == k else 0 for j in range(len(self.sizes)))] = None

    def add(self, pattern: Pattern) -> None:
        """Offer a pattern, e.g. a bin of a packing found otherwise."""
        self._patterns[pattern] = None

    def solve(self, demand: Pattern, rounds: int, stop: Callable[[], bool]) -> dict[Pattern, float]:
        """Bins of each pattern in the linear relaxation for `demand`; raises `bound` when it is the whole demand."""
        usable = [p for p in self._patterns if all(n <= d for n, d in zip(p, demand, strict=True))]
        for k, wanted in enumerate(demand):
            if wanted:
                single = tuple(
                    min(wanted, self._capacity // self.sizes[k]) if j == k else 0 for j in range(len(demand))
                )
                if single not in usable:
                    usable.append(single)
        lp: Any = pywraplp.Solver("", pywraplp.Solver.GLOP_LINEAR_PROGRAMMING)
        rows = [lp.Constraint(wanted, lp.infinity()) for wanted in demand]
        variables = []
        objective = lp.Objective()
        objective.SetMinimization()

        def enter(pattern: Pattern) -> None:
            variable = lp.NumVar(0, lp.infinity(), "")
            objective.SetCoefficient(variable, 1)
            for row, n in zip(rows, pattern, strict=True):
                if n:
                    row.SetCoefficient(variable, n)
            variables.append(variable)

        for pattern in usable:
            enter(pattern)
        for _ in range(rounds):
            if lp.Solve() != pywraplp.Solver.OPTIMAL:
                return {}
            prices = [max(0, int(row.dual_value() * PRICE_UNIT)) for row in rows]
            dearest, pattern = self._dearest(prices, demand)
            if demand == self.demand and dearest > 0:
                worth = sum(d * price for d, price in zip(demand, prices, strict=True))
                self.bound = max(self.bound, -(-worth // dearest))
            if dearest <= PRICE_UNIT + 100 or pattern in self._patterns or stop():
                break
            self._patterns[pattern] = None
            usable.append(pattern)
            enter(pattern)
        else:
            lp.Solve()
        return {p: v.solution_value() for p, v in zip(usable, variables, strict=True) if v.solution_value() > 1e-6}

    def _dearest(self, prices: list[int], demand: Pattern) -> tuple[int, Pattern]:
        """The pattern of the highest price that fits a bin and the demand: bounded knapsack, exact in whole numbers."""
        worth: NDArray[np.int64] = np.zeros(self._capacity + 1, dtype=np.int64)
        taken: list[tuple[int, NDArray[np.bool_]]] = []
        for k, (size, price) in enumerate(zip(self.sizes, prices, strict=True)):
            if price <= 0:
                continue
            for _ in range(min(demand[k], self._capacity // size)):
                with_it = worth[:-size] + price
                better = with_it > worth[size:]
                if not better.any():
                    break
                worth = worth.copy()
                worth[size:][better] = with_it[better]
                taken.append((k, better))
        pattern = [0] * len(self.sizes)
        room = self._capacity
        for k, better in reversed(taken):
            size = self.sizes[k]
            if room >= size and better[room - size]:
                pattern[k] += 1
                room -= size
        return int(worth[self._capacity]), tuple(pattern)

    def dive(self, skip: int, stop: Callable[[], bool]) -> list[Pattern]:
        """A packing by fixing the fullest-used pattern of the relaxation and solving again, until nothing is left.

        `skip` takes the next best pattern at the first fixing, so that dives differ. Empty when `stop` ended it.
        """
        demand = self.demand
        chosen: list[Pattern] = []
        while any(demand):
            used = self.solve(demand, 400, stop)
            if stop() or not used:
                return []
            ranked = sorted(used, key=lambda p: (-round(used[p], 6), p))
            pattern = ranked[min(skip, len(ranked) - 1)] if not chosen else ranked[0]
            times = max(1, int(used[pattern] + 1e-6))
            for _ in range(times):
                if any(n > d for n, d in zip(pattern, demand, strict=True)):
                    break
                chosen.append(pattern)
                demand = tuple(d - n for d, n in zip(demand, pattern, strict=True))
        return chosen
