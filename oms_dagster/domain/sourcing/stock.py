"""Stock as the solvers see it: staircases of available-to-promise, and the account of what is left.

Belongs here: intervals of cells, the stock account. Does not belong here: orders and their slots (`slots`).

A *cell* is a SKU at a location. Its cumulative ATP is a staircase, so that days between two steps are alike: a cell has
one *interval* a step, and all that matters of a take is the interval it falls into.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from oms_dagster.domain.sourcing.problem import Ints


@dataclass(frozen=True, slots=True, eq=False)
class Intervals:
    """Staircases of cumulative ATP, flat: cell c owns intervals ``first[c]`` to ``first[c + 1]``, the empty days
    before its first stock left out. ``key`` is cell x (horizon + 1) + day, ascending."""

    horizon: int
    first: Ints
    day: Ints
    usable_milli: Ints
    key: Ints

    def at(self, cell: Ints, day: Ints) -> Ints:
        """Interval of each cell on each day; for a day before the first stock, the first interval."""
        wanted = cell * (self.horizon + 1) + np.minimum(day, self.horizon)
        return np.maximum(np.searchsorted(self.key, wanted, side="right") - 1, self.first[cell])


def intervals_of(atp_milli: Ints) -> Intervals:
    """Intervals of a cumulative ATP cube (SKUs, locations, days): no day may rob a later one, none is below 0."""
    horizon = atp_milli.shape[2]
    cells = atp_milli.reshape(-1, horizon)
    usable = np.maximum(np.minimum.accumulate(cells[:, ::-1], axis=1)[:, ::-1], 0)
    step = np.empty(usable.shape, dtype=bool)
    step[:, 0] = usable[:, 0] > 0
    step[:, 1:] = usable[:, 1:] > usable[:, :-1]
    cell, day = np.nonzero(step)
    first = np.concatenate([[0], np.cumsum(np.bincount(cell, minlength=len(cells)))]).astype(np.int64)
    return Intervals(horizon, first, day.astype(np.int64), usable[cell, day], cell * (horizon + 1) + day)


class StockAccount:
    """What is left to take: ``available[i]`` in interval i, with no later day robbed; the last entry is never enough.

    ``levels`` is the same as an array, for orders of many lines. Single-interval cells, nearly all of them, cost one
    subtraction. Behind the intervals stand ``rooms``: lines that a location may still ship on a day (`Model.room`).
    """

    __slots__ = ("_end", "_first", "_net", "available", "levels")

    def __init__(self, intervals: Intervals, rooms: tuple[int, ...] = ()) -> None:
        counts = np.diff(intervals.first)
        at = range(len(intervals.usable_milli), len(intervals.usable_milli) + len(rooms))
        self._first: list[int] = [*np.repeat(intervals.first[:-1], counts).tolist(), *at]
        self._end: list[int] = [*np.repeat(intervals.first[1:], counts).tolist(), *(i + 1 for i in at)]
        self._net: list[int] = [*intervals.usable_milli.tolist(), *rooms]
        self.available: list[int] = [*self._net, -1]
        self.levels: Ints = np.array(self.available, dtype=np.int64)

    def take(self, interval: int, quantity_milli: int) -> None:
        """Take a quantity in an interval (negative: give it back)."""
        first, end = self._first[interval], self._end[interval]
        available = self.available
        if end - first == 1:
            left = available[interval] - quantity_milli
            available[interval] = left
            self.levels[interval] = left
            return
        net = self._net
        for i in range(interval, end):
            net[i] -= quantity_milli
        least = net[end - 1]
        for i in range(end - 1, first - 1, -1):
            least = min(least, net[i])
            available[i] = least
            self.levels[i] = least

    def take_all(self, takes: list[tuple[int, int]], sign: int = 1) -> None:
        """Take all of an order's takes, or give them back (``sign`` -1)."""
        for i, quantity in takes:
            self.take(i, sign * quantity)

    def last_of_cell(self, interval: int) -> int:
        """Last interval of the same cell: it names the cell, and holds whatever an earlier one holds."""
        return self._end[interval] - 1
