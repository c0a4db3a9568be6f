"""The cheapest plan of one order, proved: for runner-ups and promises on the telephone.

Belongs here: branch and bound over the slots that one order opens, all its days and any number of shipments.
Does not belong here: many orders (`search`), or the fast choice inside the search (`choose`).

Exact up to the rounding of divided lines, with one exception that is documented rather than enumerated: several
divisible lines of one order that ask for the same SKU are filled one after another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from oms_dagster.domain.sourcing.choose import IMPOSSIBLE, Choice, choose, chosen, fill, menu, offered
from oms_dagster.domain.sourcing.problem import share
from oms_dagster.domain.sourcing.slots import OrderModel
from oms_dagster.domain.sourcing.stock import StockAccount

#: Nodes after which the best plan so far is returned as not proved.
NODES = 20_000


def without(one: OrderModel, line: int, location: int) -> OrderModel:
    """The order with a location forbidden for one of its lines."""
    rows = list(one.interval)
    rows[line] = [-1 if place == location else i for i, (place, _) in zip(rows[line], one.slots, strict=True)]
    return replace(one, interval=rows)


def cheapest(one: OrderModel, cost: list[list[int]], stock: StockAccount, nodes: int = NODES) -> tuple[Choice, bool]:
    """Cheapest plan of an order in the given cost rows, and whether that is proved; stock is left as found."""
    tree = _Tree(one, cost, stock, nodes)
    tree.branch(0, (), tree.short, 0)
    return tree.best, tree.nodes <= nodes


class _Tree:
    """Depth-first over slots, opened or not; the bound gives every line its cheapest slot still possible."""

    def __init__(self, one: OrderModel, cost: list[list[int]], stock: StockAccount, limit: int) -> None:
        self.one, self.cost, self.stock, self.nodes, self.limit = one, cost, stock, 0, limit
        offer = menu(one, cost)
        self.best = choose(one, offer, stock)
        self.short: list[int] = offer.short.tolist()
        costs, useful = offered(one, offer, stock)
        columns = dict(zip(useful, costs.tolist(), strict=True))
        self.slots = sorted(useful, key=lambda k: (one.opening[k] + sum(columns[k]), k))
        self.columns = [columns[k] for k in self.slots]
        self.later = [self.short]
        for column in reversed(self.columns):
            self.later.append([min(a, b) for a, b in zip(self.later[-1], column, strict=True)])
        self.later.reverse()

    def branch(self, depth: int, opened: tuple[int, ...], current: list[int], paid: int) -> None:
        self.nodes += 1
        one = self.one
        if self.nodes > self.limit:
            return
        if len(opened) == one.max_shipments or depth == len(self.slots):
            if paid + sum(current) < self.best.cost:
                found = settle(one, self.cost, list(opened), self.stock)
                if found is not None and found.cost < self.best.cost:
                    self.best = found
            return
        floor = paid + sum(map(min, current, self.later[depth]))
        if floor >= self.best.cost:
            return
        column, k = self.columns[depth], self.slots[depth]
        if not one.plain or any(c < b for c, b in zip(column, current, strict=True)):
            step = one.opening[k] + one.splitting(len(opened) + 1) - one.splitting(len(opened))
            self.branch(depth + 1, (*opened, k), list(map(min, current, column)), paid + step)
        self.branch(depth + 1, opened, current, paid)


def settle(one: OrderModel, cost: list[list[int]], members: Sequence[int], stock: StockAccount) -> Choice | None:
    """Cheapest use of open slots: lines that share a SKU are enumerated together, others fill on their own."""
    shared = [line for line, shares in enumerate(one.shares) if shares]
    if not shared:
        return fill(one, cost, list(members), stock)
    best: list[tuple[int, int, int]] | None = None
    best_cost = IMPOSSIBLE

    def descend(at: int, paid: int, parts: list[tuple[int, int, int]]) -> None:
        nonlocal best, best_cost
        if paid >= best_cost:
            return
        if at == len(shared):
            best, best_cost = parts, paid
            return
        line = shared[at]
        quantity = one.quantity[line]
        if one.divisible[line]:
            own: list[tuple[int, int, int]] = []
            left, price = quantity, 0
            for cents, k in sorted((cost[line][k], k) for k in members if one.interval[line][k] >= 0):
                amount = min(left, stock.available[one.interval[line][k]])
                limit = one.backorder[line] - (one.remainder[line] if amount < left else 0)
                may = one.ship_complete or cents <= limit
                if amount > 0 and may and one.has_room(line, k, stock.available):
                    own.append((line, k, amount))
                    stock.take_all(one.takes(line, k, amount))
                    left -= amount
                    price += share(cents, amount, quantity)
            if not (left and one.ship_complete):
                descend(at + 1, paid + price + one.waiting(line, left), [*parts, *own])
            for _, k, amount in own:
                stock.take_all(one.takes(line, k, amount), -1)
            return
        for cents, k in sorted((cost[line][k], k) for k in members):
            if stock.available[one.interval[line][k]] >= quantity and one.has_room(line, k, stock.available):
                takes = one.takes(line, k, quantity)
                stock.take_all(takes)
                descend(at + 1, paid + cents, [*parts, (line, k, quantity)])
                stock.take_all(takes, -1)
        if not one.ship_complete:
            descend(at + 1, paid + one.backorder[line], parts)

    descend(0, 0, [])
    if best is None:
        return None
    alone = [line for line in range(len(one.quantity)) if line not in set(shared)]
    booked = chosen(one, best_cost, best).takes
    stock.take_all(booked)
    rest = fill(_only(one, alone), [cost[line] for line in alone], list(members), stock)
    stock.take_all(booked, -1)
    if rest is None:
        return None
    parts = [*best, *((alone[line], k, amount) for line, k, amount in rest.parts)]
    parts.sort()
    opened = {k for _, k, _ in parts}
    openings = sum(one.opening[k] for k in opened) + one.splitting(len(opened))
    used = {k for _, k, _ in rest.parts}
    already = sum(one.opening[k] for k in used) + one.splitting(len(used))
    return chosen(one, best_cost + rest.cost - already + openings, parts)


def _only(one: OrderModel, lines: Sequence[int]) -> OrderModel:
    return replace(
        one,
        interval=[one.interval[i] for i in lines],
        cost=[one.cost[i] for i in lines],
        quantity=[one.quantity[i] for i in lines],
        backorder=[one.backorder[i] for i in lines],
        remainder=[one.remainder[i] for i in lines],
        divisible=[one.divisible[i] for i in lines],
        asked=[one.asked[i] for i in lines],
        shares=[one.shares[i] for i in lines],
        also=[one.also[i] for i in lines] if one.also else [],
    )
