"""Naive plans on the same input, under the same pins, exclusions, limits and stock: what planning is measured against.

Belongs here: one function a rule, each looking at one order at a time. Does not belong here: anything that lets an
order make room for another.

==================  ==================================================================================
``first_come``      orders as placed; the cheapest location that ships the whole order, failing that
                    line by line, each where it adds least (the headline baseline)
``priority``        the same, by the best rank among an order's lines, then as placed
``nearest``         orders as placed; each line from the fastest, then cheapest, shipment that has it
``fewest_splits``   orders as placed; most lines in one shipment first, then most of the rest, …
``order_by_order``  orders as placed, each at its own least cost: the best that one can do alone
==================  ==================================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from oms_dagster.domain.sourcing.choose import IMPOSSIBLE, Choice, Menu, choose, true_cost
from oms_dagster.domain.sourcing.model import Model
from oms_dagster.domain.sourcing.problem import share
from oms_dagster.domain.sourcing.slots import OrderModel
from oms_dagster.domain.sourcing.stock import StockAccount

Rule = Callable[[OrderModel, Menu, StockAccount], Choice]


def place_all(
    models: Sequence[OrderModel], menus: Sequence[Menu], sequence: Sequence[int], rule: Rule, stock: StockAccount
) -> list[Choice]:
    """Place the orders one after another by a rule; costs come back without stock prices, the stock account filled."""
    choices = [Choice(0, [], [])] * len(models)
    for order in sequence:
        found = rule(models[order], menus[order], stock)
        stock.take_all(found.takes)
        found.cost = true_cost(models[order], found.parts)
        choices[order] = found
    return choices


def as_placed(model: Model) -> list[int]:
    """Orders as placed, ties by id."""
    placed = model.problem.order_placed.tolist()
    return sorted(range(len(placed)), key=lambda o: (placed[o], o))


def by_priority(model: Model) -> list[int]:
    """Orders by the best rank among their lines, then as placed."""
    rank = _best_rank(model)
    placed = model.problem.order_placed.tolist()
    return sorted(range(len(placed)), key=lambda o: (rank[o], placed[o], o))


def big_first(model: Model) -> list[int]:
    """Orders with most lines first: they are the hardest to keep together. Then by rank, as placed."""
    rank, first = _best_rank(model), model.order_first_line.tolist()
    placed = model.problem.order_placed.tolist()
    return sorted(range(len(placed)), key=lambda o: (first[o] - first[o + 1], rank[o], placed[o], o))


def _best_rank(model: Model) -> list[int]:
    first, priority = model.order_first_line.tolist(), model.problem.line_priority.tolist()
    return [min(priority[a:b]) for a, b in pairwise(first)]


def whole_or_line_by_line(one: OrderModel, offer: Menu, stock: StockAccount) -> Choice:
    """The cheapest slot for the whole order, failing that each line where it adds least."""
    for _, k in offer.singles:
        whole = _serve(one, stock, lambda line, opened, k=k: [(0, k)] if opened <= {k} else [])  # type: ignore[misc]
        if sum(amount for _, _, amount in whole.parts) == sum(one.quantity):
            return whole

    def least_extra(line: int, opened: set[int]) -> list[tuple[int, int]]:
        extra = []
        for k, opening in enumerate(one.opening):
            add = 0 if k in opened else opening + (one.split_cost if opened else 0)
            extra.append((one.cost[line][k] + add, k))
        return sorted(extra)

    return _serve(one, stock, least_extra)


def nearest_first(one: OrderModel, offer: Menu, stock: StockAccount) -> Choice:
    """Each line from the slot with the lowest day, then the cheapest opening."""
    near = sorted((day, opening, k) for k, ((_, day), opening) in enumerate(zip(one.slots, one.opening, strict=True)))
    return _serve(one, stock, lambda line, opened: [(0, k) for _, _, k in near])


def most_lines_first(one: OrderModel, offer: Menu, stock: StockAccount) -> Choice:
    """Open the slot that holds most of the lines still to serve, cheapest on a tie, until none holds any."""
    sequence: list[int] = []
    left = set(range(len(one.quantity)))
    while left and len(sequence) < one.max_shipments:
        best: tuple[int, int, int] | None = None
        for k, opening in enumerate(one.opening):
            can = [line for line in left if stock.available[one.interval[line][k]] >= one.quantity[line]]
            value = (-len(can), opening + sum(one.cost[line][k] for line in can), k)
            if can and k not in sequence and (best is None or value < best):
                best = value
        if best is None:
            break
        k = best[2]
        sequence.append(k)
        left = {line for line in left if stock.available[one.interval[line][k]] < one.quantity[line]}
    rest = [k for k in range(len(one.opening)) if k not in sequence]
    return _serve(one, stock, lambda line, opened: list(enumerate(sequence + rest)))


def _serve(one: OrderModel, stock: StockAccount, ranked: Callable[[int, set[int]], list[tuple[int, int]]]) -> Choice:
    """Lines in their order, each from the first ranked slot that has it whole, or in parts if it is divisible."""
    parts: list[tuple[int, int, int]] = []
    takes: list[tuple[int, int]] = []
    opened: set[int] = set()
    for line, quantity in enumerate(one.quantity):
        left, slots = quantity, [k for _, k in ranked(line, opened)]
        whole = [k for k in slots if stock.available[one.interval[line][k]] >= quantity]
        for k in [*whole, *slots] if one.divisible[line] else whole:
            amount = min(left, stock.available[one.interval[line][k]])
            if amount <= 0 or (k not in opened and len(opened) >= one.max_shipments):
                continue
            if not one.has_room(line, k, stock.available):
                continue
            if share(one.cost[line][k], amount, quantity) > one.waiting(line, left) - one.waiting(line, left - amount):
                continue
            parts.append((line, k, amount))
            used = one.takes(line, k, amount)
            takes += used
            stock.take_all(used)
            opened.add(k)
            left -= amount
            if not left:
                break
    stock.take_all(takes, -1)
    if one.ship_complete and sum(amount for _, _, amount in parts) < sum(one.quantity):
        return Choice(IMPOSSIBLE, [], [])
    return Choice(0, parts, takes)


#: Name of each baseline, the order in which it serves orders, and its rule.
BASELINES: dict[str, tuple[Callable[[Model], list[int]], Rule]] = {
    "first_come": (as_placed, whole_or_line_by_line),
    "priority": (by_priority, whole_or_line_by_line),
    "nearest": (as_placed, nearest_first),
    "fewest_splits": (as_placed, most_lines_first),
    "order_by_order": (as_placed, choose),
}
HEADLINE = "first_come"
