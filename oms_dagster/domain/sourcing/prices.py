"""Stock prices: what a unit of each SKU at each location is worth to the lines that compete for it, and the bound.

Belongs here: the Lagrangian relaxation of the stock constraints, its subgradient ascent, the lower bound.
Does not belong here: any feasible plan.

Method. Relax "no more is taken than there is" with one multiplier an interval of a cell. What is left falls apart
into orders, each the choice of a set of locations: sum over its lines of the cheapest priced location in the set, plus
opening and split costs. Sets of up to `SET_SIZE` locations are enumerated; all larger ones are covered by one figure
that none of them can beat (each line at its cheapest location anywhere, plus the cheapest openings), so the bound
holds for any number of shipments. Days are relaxed inside a location: two days of one location count as one shipment,
and another day than last promised costs nothing. Capacity is left out, and lines that ship together may part. Divided
lines cost at least their share. So no plan that keeps the rules costs less than the bound, whatever it looks like. Fisher, M. L. (1981), The Lagrangian
relaxation method for solving integer programming problems, Management Science 27(1); step rule after Polyak,
direction after Camerini, Fratta and Maffioli (1975).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from time import monotonic
from typing import Any

import numpy as np
import numpy.typing as npt

from oms_dagster.domain.sourcing.model import Model
from oms_dagster.domain.sourcing.problem import Floats, Ints
from oms_dagster.domain.sourcing.slots import OrderModel

Numbers = npt.NDArray[Any]

#: Fixed-point scale of the final, exact evaluation of the bound.
SCALE = 1 << 20
#: "Can't": more than any line costs (2.7 million in whole currency), small enough to be summed over an order.
NEVER = 1 << 28


def set_size(locations: int) -> int:
    """Largest set of locations that is enumerated an order: the work grows with its power."""
    return 3 if locations <= 12 else 2 if locations <= 30 else 1


@dataclass(frozen=True, slots=True, eq=False)
class Prices:
    """Result of the ascent: ``per_milli[i]`` is the multiplier of interval i, in cents a thousandth of a unit."""

    per_milli: Floats
    bound_cents: int
    iterations: int
    fuse: bool


def take_prices(model: Model, multiplier: Numbers) -> Numbers:
    """Price of a take in each interval: it uses up its own interval and all later ones of its cell."""
    cell = np.repeat(np.arange(len(model.intervals.first) - 1), np.diff(model.intervals.first))
    reverse = np.append(np.cumsum(multiplier[::-1])[::-1], multiplier.dtype.type(0))
    price: Numbers = reverse[:-1] - reverse[model.intervals.first[1:]][cell]
    return price


def priced_costs(model: Model, models: Sequence[OrderModel], take_price: Floats) -> list[list[list[int]]]:
    """Each order's cost rows with what the stock is worth to others, in whole cents; one price a milli an interval."""
    price: list[float] = [*take_price.tolist(), *(0.0 for _ in model.rooms), 0.0]
    priced = []
    for one in models:
        rows = [
            [cents + round(price[i] * quantity) for cents, i in zip(row, at, strict=True)]
            for row, at, quantity in zip(one.cost, one.interval, one.quantity, strict=True)
        ]
        for row, also in zip(rows, one.also, strict=False):
            for k, takes in enumerate(also):
                row[k] += round(sum(price[i] * quantity for i, quantity in takes))
        priced.append(rows)
    return priced


class Relaxation:
    """The relaxed problem, ready to be evaluated at any prices."""

    def __init__(self, model: Model) -> None:
        problem = model.problem
        self.model = model
        self.orders = len(problem.order_ids)
        lines, self.locations = problem.freight_cents.shape
        self.starts = model.order_first_line
        self.line_order = problem.line_order
        counts = np.diff(self.starts)
        self._options(lines)
        self.quantity = problem.line_quantity_milli
        self.usable = model.intervals.usable_milli
        self.cell_of = np.repeat(np.arange(len(model.intervals.first) - 1), np.diff(model.intervals.first))
        ship_complete = problem.order_ship_complete[problem.line_order]
        self.short = np.where(ship_complete, NEVER, np.minimum(problem.line_backorder_cents, NEVER))
        self.nothing = np.add.reduceat(problem.line_backorder_cents, self.starts[:-1]) if lines else np.zeros(0, int)
        most = np.minimum(problem.order_max_splits + 1, counts)  # a relaxed order never opens more than it has lines
        self.members: list[tuple[int, ...]] = [()]
        largest = min(set_size(self.locations), self.locations)
        self.groups: list[tuple[Ints, Ints, Ints, list[tuple[int, ...]]]] = []
        for size in range(1, largest + 1):
            allowed = np.nonzero(most >= size)[0]
            if len(allowed):
                rows = np.nonzero(np.isin(self.line_order, allowed))[0]
                first = np.concatenate([[0], np.cumsum(counts[allowed])[:-1]])
                sets = list(combinations(range(self.locations), size))
                self.groups.append((allowed, rows, first, sets))
                self.members += sets
        self.tail = np.nonzero(most > largest)[0] if self.locations > largest else counts[:0]
        cheapest = np.sort(problem.shipment_cost_cents[self.tail], axis=1)[:, : largest + 1].sum(axis=1)
        self.tail_opening = cheapest + largest * problem.split_cost_cents
        self.member = np.zeros((len(self.members) + 1, self.locations), dtype=bool)
        for i, members in enumerate(self.members):
            self.member[i, list(members)] = True
        self.member[-1] = True
        self.opening = [
            problem.shipment_cost_cents[:, list(members)].sum(axis=1)
            + max(0, len(members) - 1) * problem.split_cost_cents
            for members in self.members
        ]

    def _options(self, lines: int) -> None:
        """Each line's ways to ship: location by interval, with cost; the first of each pair in ``pair``."""
        model, problem = self.model, self.model.problem
        location, line = np.nonzero(model.first_interval.T >= 0)
        first, end = model.first_interval[line, location], model.end_interval[line, location]
        count = end - first
        self.pair = np.concatenate([[0], np.cumsum(count)[:-1]]).astype(np.int64) if len(count) else count
        self.pair_at = location * lines + line
        owner = np.repeat(np.arange(len(count)), count)
        self.interval = np.arange(len(owner)) - self.pair[owner] + first[owner]
        self.option_line, place = line[owner], location[owner]
        day = np.maximum(model.first_day[self.option_line, place], model.intervals.day[self.interval])
        arrives = problem.deliver_day(self.option_line, place, day)
        cost = model.base_cost[self.option_line, place] + problem.cost_of_lateness(self.option_line, arrives)
        self.option_cost = np.minimum(cost, NEVER)
        self.single = len(owner) == len(count)

    def solve(self, multiplier: Numbers, scale: int = 1) -> tuple[Numbers, Ints]:
        """Cheapest choice of every order at these multipliers (cents x scale a thousandth of a unit).

        Returns
        -------
        values
            Each order's least priced cost, in cents x scale; the dtype of ``multiplier``.
        taken_milli
            What these choices take from each interval.
        """
        kind = multiplier.dtype.type
        price = take_prices(self.model, multiplier)
        value = self.option_cost * kind(scale) + price[self.interval] * self.quantity[self.option_line]
        lines = len(self.quantity)
        flat = np.full(self.locations * lines, NEVER * scale, dtype=multiplier.dtype)
        flat[self.pair_at] = value if self.single else np.minimum.reduceat(value, self.pair)
        cheapest = flat.reshape(self.locations, lines)
        short = self.short * kind(scale)
        capped = np.minimum(cheapest, short)
        best, choice = self._best_sets(capped, kind, scale)
        among = np.where(self.member[choice[self.line_order]].T, cheapest, kind(NEVER * scale))
        where = np.argmin(among, axis=0)
        least = among[where, np.arange(lines)]
        ships = np.nonzero((least < short) & (least < NEVER * scale) & (choice[self.line_order] != 0))[0]
        return best, self._taken(value, where[ships] * lines + ships)

    def _best_sets(self, capped: Numbers, kind: Any, scale: int) -> tuple[Numbers, Ints]:
        best = self.nothing * kind(scale)
        choice = np.zeros(self.orders, dtype=np.int64)
        number = 1
        for allowed, rows, first, sets in self.groups:
            columns = [column[rows] for column in capped] if len(rows) < capped.shape[1] else list(capped)
            group_best, group_choice = best[allowed], choice[allowed]
            two: dict[tuple[int, ...], Numbers] = {}
            for members in sets:
                if len(members) == 3:
                    head = members[:2]
                    if head not in two:
                        two = {head: np.minimum(columns[head[0]], columns[head[1]])}
                    line_costs = np.minimum(two[head], columns[members[2]])
                elif len(members) == 2:
                    line_costs = np.minimum(columns[members[0]], columns[members[1]])
                else:
                    line_costs = columns[members[0]]
                cost = np.add.reduceat(line_costs, first) + self.opening[number][allowed] * kind(scale)
                better = cost < group_best
                group_best = np.where(better, cost, group_best)
                group_choice[better] = number
                number += 1
            best[allowed], choice[allowed] = group_best, group_choice
        if len(self.tail):
            floor = np.add.reduceat(capped.min(axis=0), self.starts[:-1])[self.tail] + self.tail_opening * kind(scale)
            better = floor < best[self.tail]
            best[self.tail] = np.where(better, floor, best[self.tail])
            choice[self.tail[better]] = len(self.members)
        return best, choice

    def _taken(self, value: Numbers, pairs_at: Ints) -> Ints:
        """What the chosen (location, line) pairs take, each in its cheapest interval."""
        pair_number = np.zeros(self.locations * len(self.quantity), dtype=np.int64)
        pair_number[self.pair_at] = np.arange(len(self.pair))
        chosen = pair_number[pairs_at]
        option = self.pair[chosen].copy()
        if not self.single:
            least = np.minimum.reduceat(value, self.pair)
            end = np.append(self.pair[1:], len(value))[chosen]
            open_ = np.nonzero(value[option] > least[chosen])[0]
            while len(open_):
                option[open_] += 1
                open_ = open_[(value[option[open_]] > least[chosen][open_]) & (option[open_] < end[open_] - 1)]
        return np.bincount(
            self.interval[option], weights=self.quantity[self.option_line[option]], minlength=len(self.usable)
        ).astype(np.int64)

    def excess(self, taken: Ints) -> Ints:
        """How far the takes up to each interval go beyond its usable stock: the subgradient."""
        total = np.append(0, np.cumsum(taken))
        before = total[self.model.intervals.first[:-1]][self.cell_of]
        excess: Ints = total[1:] - before - self.usable
        return excess

    def exact_bound(self, multiplier: Floats) -> int:
        """The bound at these multipliers (rounded to fixed point) in integers, rounded up to a whole cent."""
        fixed = np.maximum(np.rint(multiplier * SCALE), 0).astype(np.int64)
        values, _ = self.solve(fixed, SCALE)
        priced = np.nonzero(fixed)[0]
        paid: int = sum(m * u for m, u in zip(fixed[priced].tolist(), self.usable[priced].tolist(), strict=True))
        found: int = sum(values.tolist())
        bound = -((paid - found) // SCALE)
        return bound if len(self.option_cost) and self.option_cost.min() < 0 else max(0, bound)


def stock_prices(
    model: Model, upper_cents: int, iterations: int, deadline: float, start: Floats | None = None
) -> Prices:
    """Subgradient ascent from ``start`` (default zero) towards the best bound.

    Parameters
    ----------
    model
        The translated problem.
    upper_cents
        Cost of any feasible plan: aims the step length.
    iterations
        Evaluations of the relaxed problem.
    deadline
        `time.monotonic` value at which the fuse blows.
    """
    relaxation = Relaxation(model)
    size = len(model.intervals.usable_milli)
    multiplier = np.zeros(size)
    if not size or not relaxation.orders:
        return Prices(multiplier, relaxation.exact_bound(multiplier), 0, False)
    typical = _typical_quantity(model)[relaxation.cell_of]
    best, best_multiplier = -np.inf, multiplier
    direction = np.zeros(size)
    step, stale, done, fuse = 1.0, 0, 0, False
    for _ in range(iterations):
        if monotonic() > deadline:
            fuse = True
            break
        values, taken = relaxation.solve(multiplier)
        bound = float(values.sum() - (multiplier * model.intervals.usable_milli).sum())
        done += 1
        if bound > best:
            best, best_multiplier, stale = bound, multiplier, 0
        else:
            stale += 1
            if stale >= 6:
                step, stale = step * 0.7, 0
        slope = relaxation.excess(taken) / typical
        slope[(slope < 0) & (multiplier <= 0)] = 0.0
        direction = slope + 0.6 * direction
        direction[(direction < 0) & (multiplier <= 0)] = 0.0
        norm = float((direction * direction).sum())
        if norm == 0.0:
            break
        length = step * max(upper_cents - bound, 1.0) / norm
        multiplier = np.maximum(multiplier + length * direction / typical, 0.0)
    return Prices(best_multiplier, relaxation.exact_bound(best_multiplier), done, fuse)


def _typical_quantity(model: Model) -> Floats:
    """Mean line quantity of each cell's SKU: prices of kilograms and of pieces climb alike."""
    problem = model.problem
    skus = len(problem.sku_ids)
    lines = np.bincount(problem.line_sku, minlength=skus)
    total = np.bincount(problem.line_sku, weights=problem.line_quantity_milli, minlength=skus)
    return np.repeat(np.maximum(total, 1) / np.maximum(lines, 1), len(problem.location_ids))
