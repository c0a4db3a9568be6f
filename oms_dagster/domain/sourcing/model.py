"""The canonical problem as arrays that the solvers share: where and when each line can ship first, and at what cost.

Belongs here: what holds for a line at a location, whatever the other lines do. Does not belong here: orders and the
shipments that they may open (`slots`), choosing (`choose`), pricing (`prices`), searching (`search`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from oms_dagster.domain.sourcing.problem import NO_GROUP, UNLIMITED_LINES, Bools, Ints, SourcingProblem
from oms_dagster.domain.sourcing.stock import Intervals, StockAccount, intervals_of

#: Locations above which an order's search looks at its most promising ones only.
MANY_LOCATIONS, PROMISING = 24, 12


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A canonical problem, translated. Arrays are (L, W) unless said otherwise.

    Attributes
    ----------
    first_interval, end_interval
        Intervals that hold the line; the first is -1 where it can't ship.
    first_day, first_cost
        First day on which it can ship, and its cost then.
    base_cost
        Its cost without lateness and without the cost of another day than last promised.
    same_day
        (O,) Every line of the order can ship on one and the same day of each location, and waiting changes nothing.
    room, rooms
        (W, D) number of the location's capacity of the day in the stock account, -1 where nobody limits it; and the
        lines of each.
    next_open
        (W, D) First day from each day on that ships at all; D if none does.
    last_days
        Days of the last promises of a line from a location.
    freed
        Blocked places that a soft rule frees for a line, at the cost of a relaxation; None: none.
    places
        (O, K) Locations that the search looks at, ascending; None: all.
    """

    problem: SourcingProblem
    intervals: Intervals
    first_interval: Ints
    end_interval: Ints
    first_day: Ints
    first_cost: Ints
    base_cost: Ints
    order_first_line: Ints
    same_day: Bools
    room: Ints
    rooms: tuple[int, ...]
    next_open: Ints
    last_days: dict[tuple[int, int], set[int]]
    freed: Bools | None
    places: Ints | None

    def account(self) -> StockAccount:
        """All stock and capacity, nothing taken."""
        return StockAccount(self.intervals, self.rooms)

    def room_at(self, location: int, day: int) -> int:
        """The room of a location on a day, -1 if nobody limits it."""
        return int(self.room[location, min(day, self.room.shape[1] - 1)])

    def day_cost(self, line: int, location: int, day: int) -> int:
        """What it costs to ship a line on another day than last promised from there."""
        days = self.last_days.get((line, location))
        return 0 if days is None or day in days else self.problem.stability_day_cost_cents


def translate(problem: SourcingProblem, freed: Bools | None = None) -> Model:
    """The model of a canonical problem (see `problem.canonical`)."""
    lines, locations = problem.freight_cents.shape
    intervals = intervals_of(problem.atp_milli)
    location = np.arange(locations)
    cell = problem.line_sku[:, None] * locations + location
    allowed = (problem.blocked == 0) if freed is None else (problem.blocked == 0) | freed
    allowed &= (problem.line_pinned[:, None] < 0) | (problem.line_pinned[:, None] == location)
    first, end = intervals.first[cell], intervals.first[cell + 1]
    start = intervals.at(cell, problem.earliest_ship_day)
    usable = np.append(intervals.usable_milli, 0)
    whole = problem.line_divisible & (problem.line_group == NO_GROUP)
    need = np.where(whole, 1, problem.line_quantity_milli)[:, None]
    while True:  # the first interval that holds an indivisible line whole
        small = (start < end) & (usable[np.minimum(start, len(usable) - 1)] < need)
        if not small.any():
            break
        start = start + small
    fits = allowed & (first < end) & (start < end)
    steps = np.append(intervals.day, 0)[np.where(fits, start, -1)]
    day = np.where(fits, np.maximum(problem.earliest_ship_day, steps), 0)
    next_open = _next_open(problem)
    if (next_open != np.arange(next_open.shape[1])).any():
        opens = next_open[location, np.minimum(day, next_open.shape[1] - 1)]
        fits &= opens < next_open.shape[1]
        day = np.where(fits, np.maximum(day, opens), 0)
        start = np.where(fits, np.maximum(start, intervals.at(cell, day)), start)
    for rows in _groups(problem):
        fits[rows] = np.logical_and.reduce(fits[rows], axis=0)
        day[rows] = np.where(fits[rows], day[rows].max(axis=0), 0)
        start[rows] = np.where(fits[rows], np.maximum(start[rows], intervals.at(cell[rows], day[rows])), start[rows])
    room, rooms = _rooms(problem, len(intervals.usable_milli))
    last_days = _last_days(problem)
    base = _base_cost(problem, last_days, freed)
    rows = np.arange(lines)[:, None]
    first_cost = base + problem.cost_of_lateness(rows, problem.deliver_day(rows, location, day))
    alike = end - start == 1
    alike[:, (room >= 0).any(axis=1)] = False
    for (line, place), days in last_days.items():
        if fits[line, place] and days != {int(day[line, place])}:
            alike[line, place] = False
    order_first = np.searchsorted(problem.line_order, np.arange(len(problem.order_ids) + 1)).astype(np.int64)
    same = np.zeros(0, dtype=bool)
    if lines:
        low = np.minimum.reduceat(np.where(fits, day, np.iinfo(np.int64).max), order_first[:-1])
        high = np.maximum.reduceat(np.where(fits, day, -1), order_first[:-1])
        one_interval = np.logical_and.reduceat((alike | ~fits).all(axis=1), order_first[:-1])
        same = (low >= high).all(axis=1) & one_interval
    return Model(
        problem=problem,
        intervals=intervals,
        first_interval=np.where(fits, start, -1),
        end_interval=end,
        first_day=day,
        first_cost=first_cost,
        base_cost=base,
        order_first_line=order_first,
        same_day=same,
        room=room,
        rooms=rooms,
        next_open=next_open,
        last_days=last_days,
        freed=freed,
        places=_promising(problem, fits, first_cost, order_first, last_days),
    )


def _next_open(problem: SourcingProblem) -> Ints:
    days = problem.location_open.shape[1]
    ships = problem.location_open & (problem.location_capacity_lines > 0)
    own = np.where(ships, np.arange(days), days)
    return np.minimum.accumulate(own[:, ::-1], axis=1)[:, ::-1].astype(np.int64)


def _rooms(problem: SourcingProblem, first: int) -> tuple[Ints, tuple[int, ...]]:
    limit = problem.location_capacity_lines
    limited = problem.location_open & (limit > 0) & (limit < UNLIMITED_LINES)
    room = np.full(limit.shape, -1, dtype=np.int64)
    room[limited] = first + np.arange(np.count_nonzero(limited))
    return room, tuple(limit[limited].tolist())


def _groups(problem: SourcingProblem) -> list[Ints]:
    """Rows of the lines of each group of two or more."""
    members: dict[tuple[int, int], list[int]] = {}
    for row in np.nonzero(problem.line_group != NO_GROUP)[0].tolist():
        members.setdefault((int(problem.line_order[row]), int(problem.line_group[row])), []).append(row)
    return [np.array(rows, dtype=np.int64) for rows in members.values() if len(rows) > 1]


def _last_days(problem: SourcingProblem) -> dict[tuple[int, int], set[int]]:
    line = {name: row for row, name in enumerate(problem.line_ids)}
    location = {name: row for row, name in enumerate(problem.location_ids)}
    found: dict[tuple[int, int], set[int]] = {}
    for last in problem.last_promises:
        if last.line_id in line and last.location_id in location:
            found.setdefault((line[last.line_id], location[last.location_id]), set()).add(last.ship_day)
    return found


def _base_cost(problem: SourcingProblem, last_days: dict[tuple[int, int], set[int]], freed: Bools | None) -> Ints:
    base = problem.freight_cents.copy()
    for column in problem.line_terms.values():
        base += column
    if last_days and problem.stability_cost_cents:
        line, location = (np.array(rows, dtype=np.int64) for rows in zip(*last_days, strict=True))
        base[np.unique(line)] += problem.stability_cost_cents
        base[line, location] -= problem.stability_cost_cents
    if freed is not None:
        base += freed * problem.relaxation_cost_cents
    return base


def _promising(
    problem: SourcingProblem, fits: Bools, cost: Ints, order_first: Ints, last_days: dict[tuple[int, int], set[int]]
) -> Ints | None:
    """The locations that would ship most of each order for least, and its last ones; None where all are looked at."""
    lines, locations = fits.shape
    if locations <= MANY_LOCATIONS or not lines:
        return None
    short = problem.line_backorder_cents[:, None]
    total = (
        np.add.reduceat(np.where(fits, np.minimum(cost, short), short), order_first[:-1]) + problem.shipment_cost_cents
    )
    for line, location in last_days:
        total[problem.line_order[line], location] = -1
    return np.sort(np.argsort(total, axis=1, kind="stable")[:, :PROMISING], axis=1)
