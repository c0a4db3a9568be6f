"""The problem as the solvers see it: per order a short list of slots, per line its cost and stock in each.

Belongs here: the translation of a canonical problem into slots and stock intervals, and the stock account.
Does not belong here: choosing (`choose`), pricing (`prices`), searching (`search`).

A *slot* is a location on a ship day: a shipment that an order may open. A *cell* is a SKU at a location. Its
cumulative ATP is a staircase, so that days between two steps are alike: a cell has one *interval* a step, and all
that matters of a take is the interval it falls into. Shipping later than a line's own first day is worth it only
when a step of its stock or the first day of another line of its order is waited for; only such days become slots.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from oms_dagster.domain.sourcing.problem import Bools, Ints, SourcingProblem

#: Days a location that become slots of one order in the search. The exact order plan has no such limit.
DAYS_PER_LOCATION = 6


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
    subtraction.
    """

    __slots__ = ("_end", "_first", "_net", "available", "levels")

    def __init__(self, intervals: Intervals) -> None:
        counts = np.diff(intervals.first)
        self._first: list[int] = np.repeat(intervals.first[:-1], counts).tolist()
        self._end: list[int] = np.repeat(intervals.first[1:], counts).tolist()
        self._net: list[int] = intervals.usable_milli.tolist()
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

    def last_of_cell(self, interval: int) -> int:
        """Last interval of the same cell: it names the cell, and holds whatever an earlier one holds."""
        return self._end[interval] - 1


@dataclass(slots=True, eq=False)
class OrderModel:
    """One order: its lines, the slots it may open, and each line's cost and stock interval in each slot.

    ``interval[l][k]`` is -1 where line l can't use slot k; costs there mean nothing. ``asked[l]`` is
    what all its lines of that SKU ask for; ``shares[l]``: another
    line asks for the same SKU; ``plain``: none does, and nothing is divisible.
    """

    order: int
    first_line: int
    slots: list[tuple[int, int]]
    opening: list[int]
    interval: list[list[int]]
    cost: list[list[int]]
    quantity: list[int]
    backorder: list[int]
    divisible: list[bool]
    max_shipments: int
    ship_complete: bool
    split_cost: int
    asked: list[int]
    shares: list[bool]
    plain: bool


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A canonical problem, translated. Arrays are (L, W); ``first_interval`` is -1 where a line can't ship."""

    problem: SourcingProblem
    intervals: Intervals
    first_interval: Ints
    end_interval: Ints
    first_day: Ints
    base_cost: Ints
    order_first_line: Ints
    same_day: Bools


def translate(problem: SourcingProblem) -> Model:
    """The model of a canonical problem (see `problem.canonical`)."""
    lines, locations = problem.freight_cents.shape
    horizon = problem.atp_milli.shape[2]
    intervals = intervals_of(problem.atp_milli)
    location = np.arange(locations)
    cell = problem.line_sku[:, None] * locations + location
    allowed = (problem.blocked == 0) & ((problem.line_pinned[:, None] < 0) | (problem.line_pinned[:, None] == location))
    first, end = intervals.first[cell], intervals.first[cell + 1]
    start = intervals.at(cell, problem.earliest_ship_day)
    usable = np.append(intervals.usable_milli, 0)
    need = np.where(problem.line_divisible, 1, problem.line_quantity_milli)[:, None]
    while True:  # the first interval that holds an indivisible line whole
        small = (start < end) & (usable[np.minimum(start, len(usable) - 1)] < need)
        if not small.any():
            break
        start = start + small
    fits = allowed & (first < end) & (start < end)
    steps = np.append(intervals.day, 0)[np.where(fits, start, -1)]
    day = np.where(fits, np.maximum(problem.earliest_ship_day, steps), 0)
    moved = (problem.line_previous[:, None] >= 0) & (problem.line_previous[:, None] != location)
    base = problem.freight_cents + moved * problem.stability_cost_cents
    order_first = np.searchsorted(problem.line_order, np.arange(len(problem.order_ids) + 1)).astype(np.int64)
    one = np.where(fits, end - start == 1, True).all(axis=1)
    if lines:
        low = np.minimum.reduceat(np.where(fits, day, horizon + 10**6), order_first[:-1])
        high = np.maximum.reduceat(np.where(fits, day, -1), order_first[:-1])
        same = (low >= high).all(axis=1) & np.logical_and.reduceat(one, order_first[:-1])
    else:
        same = np.zeros(0, dtype=bool)
    return Model(problem, intervals, np.where(fits, start, -1), end, day, base, order_first, same)


def order_models(model: Model) -> list[OrderModel]:
    """Every order's model, in the order of the problem's rows."""
    problem = model.problem
    late_days = np.maximum(model.first_day + problem.transit_days - problem.line_due_day[:, None], 0)
    cost = (model.base_cost + late_days * problem.line_late_cents_per_day[:, None]).tolist()
    interval = model.first_interval.tolist()
    quantity, backorder = problem.line_quantity_milli.tolist(), problem.line_backorder_cents.tolist()
    divisible, opening = problem.line_divisible.tolist(), problem.shipment_cost_cents.tolist()
    most = np.minimum(problem.order_max_splits + 1, 10**6).tolist()
    complete, first = problem.order_ship_complete.tolist(), model.order_first_line.tolist()
    sku = problem.line_sku.tolist()
    models = []
    for order, same in enumerate(model.same_day.tolist()):
        a, b = first[order], first[order + 1]
        asked: Counter[int] = Counter()
        for s, q in zip(sku[a:b], quantity[a:b], strict=True):
            asked[s] += q
        wanted = [asked[s] for s in sku[a:b]]
        shares = [all_of_it > q for all_of_it, q in zip(wanted, quantity[a:b], strict=True)]
        one = OrderModel(
            order=order,
            first_line=a,
            slots=[],
            opening=opening[order],
            interval=interval[a:b],
            cost=cost[a:b],
            quantity=quantity[a:b],
            backorder=backorder[a:b],
            divisible=divisible[a:b],
            max_shipments=most[order],
            ship_complete=complete[order],
            split_cost=problem.split_cost_cents,
            asked=wanted,
            shares=shares,
            plain=not any(shares) and not any(divisible[a:b]),
        )
        if same:
            days = np.max(model.first_day[a:b], axis=0).tolist()
            one.slots = list(enumerate(days))
        else:
            open_slots(model, one, DAYS_PER_LOCATION)
        models.append(one)
    return models


def open_slots(model: Model, one: OrderModel, days_per_location: int | None) -> None:
    """Give an order its slots over several days, at most so many a location (None: all that can matter).

    The day on which everything there can ship is always kept, then the days that are most lines' first.
    """
    problem, intervals = model.problem, model.intervals
    lines = np.arange(one.first_line, one.first_line + len(one.quantity))
    slots: list[tuple[int, int]] = []
    for location in range(len(problem.location_ids)):
        able = lines[model.first_interval[lines, location] >= 0]
        first_days = model.first_day[able, location].tolist()
        if not first_days:
            continue
        votes: dict[int, int] = {}
        for day in first_days:
            votes[day] = votes.get(day, 0) + 1
        starts, ends = model.first_interval[able, location].tolist(), model.end_interval[able, location].tolist()
        for start, end, day in zip(starts, ends, first_days, strict=True):
            if end - start > 1:
                for step in intervals.day[start + 1 : end].tolist():
                    votes.setdefault(max(day, step), 0)
        latest = max(first_days)
        days = sorted(votes, key=lambda d: (d != latest, -votes[d], d))[:days_per_location]
        slots += [(location, day) for day in sorted(days)]
    one.slots = slots
    where = np.array([location for location, _ in slots], dtype=np.int64)
    when = np.array([day for _, day in slots], dtype=np.int64)
    one.opening = problem.shipment_cost_cents[one.order, where].tolist()
    rows = np.ix_(lines, where)
    start = model.first_interval[rows]
    cell = problem.line_sku[lines][:, None] * len(problem.location_ids) + where
    can = (start >= 0) & (when >= model.first_day[rows])
    one.interval = np.where(can, np.maximum(intervals.at(cell, when), start), -1).tolist()
    late = np.maximum(when + problem.transit_days[rows] - problem.line_due_day[lines][:, None], 0)
    one.cost = (model.base_cost[rows] + late * problem.line_late_cents_per_day[lines][:, None]).tolist()
