"""One order against the stock that is left: which slots to open, which line ships in which.

Belongs here: the choice for a single order, in the cost rows it is given (true costs, or costs with stock prices).
Does not belong here: which order comes when, or who must make room (`greedy`, `search`).

For a set of open slots every line takes its cheapest slot, so an order is the choice of a set. Sets of up to three
slots are enumerated in order of a lower bound, larger ones grown one slot at a time; a plain order (each SKU on one
line, nothing divisible) is then exact up to three shipments. Divisible lines fill the cheapest slots first; lines
that share a SKU are served one after another.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, pairwise

import numpy as np

from oms_dagster.domain.sourcing.problem import Bools, Ints, share
from oms_dagster.domain.sourcing.slots import OrderModel
from oms_dagster.domain.sourcing.stock import StockAccount

#: More than any order costs, in cents.
IMPOSSIBLE = 1 << 50
#: Slots up to which pairs and triples are enumerated; beyond, sets only grow greedily.
ENUMERATED_SLOTS = 14
#: Sets from which larger ones are grown.
SEEDS = 3
#: Sets tried in earnest: of a plain order or one of few lines, and of a long one with shared SKUs or divisible lines.
SETS_TRIED, SETS_TRIED_LOOSE, FEW_LINES = 24, 5, 8


@dataclass(slots=True, eq=False)
class Choice:
    """An order's plan: its cost in the rows it was chosen by, and its parts ``(line, slot, quantity_milli)``.

    What no part covers is on backorder. ``takes`` are the same parts as ``(stock interval, quantity_milli)``.
    """

    cost: int
    parts: list[tuple[int, int, int]]
    takes: list[tuple[int, int]]


@dataclass(slots=True, eq=False)
class Menu:
    """An order's fixed facts under one set of cost rows.

    ``singles`` are the slots that could take the whole order, cheapest first. ``rest`` is a cost that nothing beats
    but a single slot for the whole order, or a divided line; ``floor`` is one that nothing beats at all. The arrays
    are (lines, slots) and (lines,): stock interval and cost, cost of a line left short, least and most that is of use;
    ``fresh`` marks the first slot of each location.
    """

    cost: list[list[int]]
    singles: list[tuple[int, int]]
    rest: int
    floor: int
    nothing: int
    interval_at: Ints
    cost_at: Ints
    short: Ints
    need: Ints
    asked: Ints
    fresh: Bools


def menu(one: OrderModel, cost: list[list[int]]) -> Menu:
    """The menu of an order whose line l costs ``cost[l][k]`` in slot k."""
    lines = range(len(one.quantity))
    singles = []
    for k, opening in enumerate(one.opening):
        total = opening
        for line in lines:
            if one.interval[line][k] < 0:
                break
            total += cost[line][k]
        else:
            singles.append((total, k))
    singles.sort()
    nothing = sum(one.backorder)
    cheapest, spare = 0, IMPOSSIBLE
    for line in lines:
        row = [c for c, i in zip(cost[line], one.interval[line], strict=True) if i >= 0]
        low = min(row, default=IMPOSSIBLE)
        spare = min(spare, one.backorder[line] - low)
        cheapest += min(low, one.backorder[line])
    first_two = sorted(one.opening)[:2]
    with_two = cheapest + sum(first_two) + one.splitting(2) if len(first_two) == 2 else IMPOSSIBLE
    with_one = cheapest + (first_two[0] if first_two else 0)
    rest = min(nothing, with_two, IMPOSSIBLE if one.ship_complete else with_one + max(0, spare))
    floor = min(nothing, with_one) if any(one.divisible) else min(rest, *(total for total, _ in singles[:1]), nothing)
    places = [-1, *(location for location, _ in one.slots)]
    return Menu(
        cost,
        singles,
        rest,
        floor,
        nothing,
        interval_at=np.array(one.interval, dtype=np.int64).reshape(len(one.quantity), -1),
        cost_at=np.array(cost, dtype=np.int64).reshape(len(one.quantity), -1),
        short=np.array([IMPOSSIBLE if one.ship_complete else b for b in one.backorder], dtype=np.int64),
        need=np.array([1 if d else q for d, q in zip(one.divisible, one.quantity, strict=True)], dtype=np.int64),
        asked=np.array(one.asked, dtype=np.int64),
        fresh=np.array([a != b for a, b in pairwise(places)], dtype=bool),
    )


def choose(one: OrderModel, offer: Menu, stock: StockAccount) -> Choice:
    """The cheapest plan found for an order with what is left in stock; the stock account is not changed."""
    quantity, interval, available = one.quantity, one.interval, stock.available
    best_single = IMPOSSIBLE
    slot = -1
    for total, k in offer.singles:
        for line, q in enumerate(quantity):
            if available[interval[line][k]] < q:
                break
        else:
            if one.plain or _holds_repeats(one, k, available):
                best_single, slot = total, k
                break
    if best_single <= offer.rest:
        return chosen(one, best_single, [(line, slot, q) for line, q in enumerate(quantity)])
    if len(quantity) == 1 and not one.divisible[0]:
        if slot >= 0 and best_single < offer.nothing:
            return chosen(one, best_single, [(0, slot, quantity[0])])
        return Choice(offer.nothing, [], [])
    return _choose_set(one, offer, stock)


def chosen(one: OrderModel, cost: int, parts: list[tuple[int, int, int]]) -> Choice:
    """The choice of these parts."""
    return Choice(cost, parts, [take for line, k, quantity in parts for take in one.takes(line, k, quantity)])


def _holds_repeats(one: OrderModel, k: int, available: list[int]) -> bool:
    """Whether a slot holds all lines of an order that takes from one place several times."""
    need: dict[int, int] = {}
    for line, quantity in enumerate(one.quantity):
        for i, q in one.takes(line, k, quantity):
            need[i] = need.get(i, 0) + q
    return all(available[i] >= q for i, q in need.items())


def _choose_set(one: OrderModel, offer: Menu, stock: StockAccount) -> Choice:
    best = Choice(offer.nothing, [], [])
    costs, keep = offered(one, offer, stock)
    if not keep:
        return best
    opening = np.array([one.opening[k] for k in keep], dtype=np.int64)
    for floor, members in ranked_sets(one, costs, opening)[
        : SETS_TRIED if one.plain or len(one.quantity) <= FEW_LINES else SETS_TRIED_LOOSE
    ]:
        if floor >= best.cost:
            break
        found = fill(one, offer.cost, [keep[k] for k in members], stock)
        if found is not None and found.cost < best.cost:
            best = found
    return best


def offered(one: OrderModel, offer: Menu, stock: StockAccount) -> tuple[Ints, list[int]]:
    """Each line's cost in each slot worth opening, (slots, lines), at most its cost when left short; and those slots.

    A slot is worth opening if it gives some line more, or the same for less, than any earlier day of its location.
    """
    left = stock.levels[offer.interval_at]
    able = left >= offer.need[:, None]
    for line, takes in enumerate(one.also):
        for k in range(len(takes)):
            able[line, k] = able[line, k] and one.has_room(line, k, stock.available)
    costs = np.where(able, offer.cost_at, IMPOSSIBLE)
    useful: Bools = np.asarray(able.any(axis=0))
    if not offer.fresh.all():
        amount = np.where(able, np.minimum(left, offer.asked[:, None]), 0)
        least, most = costs[:, 0].copy(), amount[:, 0].copy()
        for k in range(1, costs.shape[1]):
            if offer.fresh[k]:
                least, most = costs[:, k].copy(), amount[:, k].copy()
                continue
            better = (costs[:, k] < least) | (amount[:, k] > most)
            useful[k] = better.any()
            np.minimum(least, costs[:, k], out=least)
            np.maximum(most, amount[:, k], out=most)
    keep = np.nonzero(useful)[0]
    return np.minimum(costs[:, keep], offer.short[:, None]).T.copy(), keep.tolist()


@lru_cache(maxsize=64)
def _combinations(slots: int, size: int) -> Ints:
    return np.array(list(combinations(range(slots), size)), dtype=np.int64).reshape(-1, size)


def ranked_sets(one: OrderModel, costs: Ints, opening: Ints) -> list[tuple[int, tuple[int, ...]]]:
    """Sets of slots with a lower bound of their cost, cheapest first; ``costs`` is (slots, lines)."""
    slots, lines = costs.shape
    most = min(one.max_shipments, slots, lines if one.plain else slots)
    singles = costs.sum(axis=1) + opening
    ranked: list[tuple[int, tuple[int, ...]]] = [(int(v), (k,)) for k, v in enumerate(singles.tolist())]
    if most >= 2 and slots <= ENUMERATED_SLOTS:
        pair = _combinations(slots, 2)
        pair_costs = np.minimum(costs[pair[:, 0]], costs[pair[:, 1]])
        total = pair_costs.sum(axis=1) + opening[pair[:, 0]] + opening[pair[:, 1]] + one.splitting(2)
        ranked += _lowest(total, pair)
        if most >= 3:
            floor = costs.min(axis=0).sum() + np.sort(opening)[:3].sum() + one.splitting(3)
            if floor < min(ranked)[0]:
                triple = _combinations(slots, 3)
                number = np.full((slots, slots), -1)
                number[pair[:, 0], pair[:, 1]] = np.arange(len(pair))
                total = np.minimum(pair_costs[number[triple[:, 0], triple[:, 1]]], costs[triple[:, 2]]).sum(axis=1)
                ranked += _lowest(total + opening[triple].sum(axis=1) + one.splitting(3), triple)
    ranked.sort()
    enumerated = 3 if slots <= ENUMERATED_SLOTS else 1
    if most > enumerated:
        for _, seed in ranked[:SEEDS]:
            ranked += _grown(seed, costs, opening, one, most)
        ranked = sorted(dict.fromkeys(ranked))
    return ranked


def _lowest(total: Ints, sets: Ints) -> list[tuple[int, tuple[int, ...]]]:
    at = np.argsort(total, kind="stable")[:SETS_TRIED]
    return list(zip(total[at].tolist(), map(tuple, sets[at].tolist()), strict=True))


def _grown(
    seed: tuple[int, ...], costs: Ints, opening: Ints, one: OrderModel, most: int
) -> list[tuple[int, tuple[int, ...]]]:
    """Sets grown from a seed, each time by the slot that saves most, as long as one saves."""
    members = list(seed)
    current = costs[members].min(axis=0)
    total = int(current.sum() + opening[members].sum()) + one.splitting(len(members))
    grown = []
    while len(members) < most:
        step = one.splitting(len(members) + 1) - one.splitting(len(members))
        gains = np.minimum(costs, current).sum(axis=1) + opening + step
        gains[members] = IMPOSSIBLE
        k = int(np.argmin(gains))
        change = int(gains[k]) - int(current.sum())
        if change >= 0:
            break
        total += change
        members.append(k)
        current = np.minimum(current, costs[k])
        grown.append((total, tuple(sorted(members))))
    return grown


def fill(one: OrderModel, cost: list[list[int]], members: list[int], stock: StockAccount) -> Choice | None:
    """Lines into open slots, each into its cheapest with enough left; None if a complete order comes out short."""
    available = stock.available
    total = 0
    parts: list[tuple[int, int, int]] = []
    opened: set[int] = set()
    short = False
    booked: list[tuple[int, int]] = []
    for line, q in enumerate(one.quantity):
        row, at, divisible, shares = cost[line], one.interval[line], one.divisible[line], one.shares[line]
        limit = IMPOSSIBLE if one.ship_complete else one.backorder[line]
        limit_of_part = limit if one.ship_complete else limit - one.remainder[line]
        left = q
        for price, k in sorted([(row[k], k) for k in members]):
            amount = available[at[k]]
            if amount >= left:
                amount = left
            elif amount <= 0 or not divisible:
                continue
            if not one.has_room(line, k, available):
                continue
            if price > limit:
                break
            if price > limit_of_part and amount < left:
                continue
            parts.append((line, k, amount))
            opened.add(k)
            total += price if amount == q else share(price, amount, q)
            left -= amount
            if shares or left or one.also:
                takes = one.takes(line, k, amount)
                stock.take_all(takes)
                booked += takes
            if not left:
                break
        if left:
            total += one.waiting(line, left)
            short = True
    stock.take_all(booked, -1)
    if short and one.ship_complete:
        return None
    total += sum(one.opening[k] for k in opened) + one.splitting(len(opened))
    return chosen(one, total, parts)


def true_cost(one: OrderModel, parts: list[tuple[int, int, int]]) -> int:
    """What these parts, and the backorders that they leave, cost the order without stock prices."""
    left = one.quantity.copy()
    opened = {k for _, k, _ in parts}
    total = sum(one.opening[k] for k in opened) + one.splitting(len(opened))
    for line, k, amount in parts:
        total += share(one.cost[line][k], amount, one.quantity[line])
        left[line] -= amount
    return total + sum(one.waiting(line, amount) for line, amount in enumerate(left))
