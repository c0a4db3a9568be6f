"""Ejection search: an order that wants what others hold gets it, the others look again, the better plan stays.

Belongs here: the improvement of a whole plan. Does not belong here: the choice for one order (`choose`).

Method: ruin and recreate after Schrimpf et al. (2000), Record breaking optimization results using the ruin and
recreate principle, J. Comput. Phys. 159, with ejections aimed at the one thing that blocks an order: it leaves the
plan, aims at one of its cheapest sets of slots were stock unlimited, and as many holders of the missing stock leave
with it as it takes. All are planned again, it first. The threshold for accepting falls geometrically.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from time import monotonic

import numpy as np

from oms_dagster.domain.sourcing.choose import IMPOSSIBLE, Choice, Menu, choose, ranked_sets
from oms_dagster.domain.sourcing.slots import OrderModel
from oms_dagster.domain.sourcing.stock import StockAccount

#: Acceptance threshold at the start, as a share of the mean cost of an order, and what is left of it at the end.
WARM, COOLING = 0.045, 0.04
#: Share of rounds in which the order that wants something is not served first but by lot.
LOT = 0.25
#: Share of rounds in which it goes for one stock cell only.
GENTLE = 0.5
#: Share of those in which the cell is any that could serve one of its lines, instead of one that it aims at.
ANYWHERE = 0.25
#: Share of placings in which one stock cell is hidden from the order.
BLINK = 0.1
#: Sets of slots that an order aims at, and holders asked to leave a cell.
TARGETS, HOLDERS_ASKED = 8, 12
#: Rounds after which the list of orders that could gain is drawn up again.
ROUNDS_A_POOL = 1000
#: Rounds between two looks at the fuse.
ROUNDS_A_LOOK = 50


@dataclass(slots=True, eq=False)
class Search:
    """A plan in the making: one choice an order, and the stock account that they leave."""

    models: list[OrderModel]
    menus: list[Menu]
    choices: list[Choice]
    stock: StockAccount
    _efforts: list[int] = field(init=False)
    _floors: list[int] = field(init=False)
    _holders: list[list[int]] = field(init=False)
    _aims: dict[int, list[Aim]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._efforts = [effort_of(one) for one in self.models]
        self._floors = [min(offer.rest, *(t for t, _ in offer.singles[:1]), offer.nothing) for offer in self.menus]
        self._holders = [[] for _ in self.stock.available]
        for order, choice in enumerate(self.choices):
            for i, _ in choice.takes:
                self._holders[self.stock.last_of_cell(i)].append(order)

    def improve(self, seekers: list[int], effort: int, seed: int, deadline: float) -> tuple[list[Choice], int, bool]:
        """Let the seekers look for something better until the effort is spent (see `effort_of`).

        Returns
        -------
        choices
            The best plan met, one choice an order.
        spent
            Effort.
        fuse
            True when ``deadline`` (of `time.monotonic`) ended the search.
        """
        draw = random.Random(seed)
        cost = best_cost = sum(choice.cost for choice in self.choices)
        best = self.choices.copy()
        warm = WARM * cost / max(len(best), 1)
        spent, rounds = 0, 0
        pool: list[int] = []
        while spent < effort:
            if rounds % ROUNDS_A_POOL == 0:
                pool = [o for o in seekers if self.choices[o].cost > self._floors[o]]
                if not pool:
                    break
            if rounds % ROUNDS_A_LOOK == 0 and monotonic() > deadline:
                return best, spent, True
            rounds += 1
            order = pool[int(draw.random() * len(pool))]
            slack = -math.log(draw.random() + 1e-12) * warm * COOLING ** (spent / effort)
            change, work = self._round(order, slack, draw)
            cost += change
            spent += work + self._efforts[order]
            if cost < best_cost:
                best, best_cost = self.choices.copy(), cost
        return best, spent, False

    def _round(self, order: int, slack: float, draw: random.Random) -> tuple[int, int]:
        """One order tries to get what it aims at; the change of cost if it stays, else 0, and the effort."""
        out, contested = self._eject(order, draw)
        if not out:
            return 0, 0
        before = sum(self.choices[o].cost for o in out)
        sequence = out[1:]
        draw.shuffle(sequence)
        sequence.insert(0 if contested or draw.random() >= LOT else int(draw.random() * len(out)), order)
        kept = [take for o in sequence[1:] for take in self.choices[o].takes] if contested else []
        kept = [(i, quantity) for i, quantity in kept if self.stock.last_of_cell(i) not in contested]
        placed: list[Choice] = []
        after, to_come = 0, sum(self._floors[o] for o in sequence)
        for o in sequence:
            hidden = [] if placed else kept
            self.stock.take_all(hidden)
            blink = self._blink(o, draw) if draw.random() < BLINK else []
            self.stock.take_all(blink)
            found = choose(self.models[o], self.menus[o], self.stock)
            self.stock.take_all(blink, -1)
            self.stock.take_all(hidden, -1)
            self.stock.take_all(found.takes)
            placed.append(found)
            after += found.cost
            to_come -= self._floors[o]
            if after + to_come >= before + slack:
                break
        work = sum(self._efforts[o] for o in sequence[: len(placed)])
        if len(placed) == len(out) and after < before + slack:
            for o, found in zip(sequence, placed, strict=True):
                self._replace(o, found)
            return after - before, work
        for found in placed:
            self.stock.take_all(found.takes, -1)
        for o in out:
            self.stock.take_all(self.choices[o].takes)
        return 0, work

    def _eject(self, order: int, draw: random.Random) -> tuple[list[int], set[int]]:
        """Take an order and whoever blocks its aim out of the plan; nobody if it has nothing better to aim at.

        In `GENTLE` rounds it goes for one stock cell only, which is returned: of the rest that the holders of that
        cell hold, it gets nothing.
        """
        choices, stock = self.choices, self.stock
        if order not in self._aims:
            self._aims[order] = aims(self.models[order], self.menus[order])
        better = [aim.takes for aim in self._aims[order] if aim.floor < choices[order].cost]
        if not better:
            return [], set()
        wanted = better[int(len(better) * draw.random() ** 2)]
        out, contested = [order], set()
        self.stock.take_all(choices[order].takes, -1)
        if draw.random() < GENTLE:
            if draw.random() < ANYWHERE:
                wanted = self._anything(order, draw)
            missing = [take for take in wanted if stock.available[take[0]] < take[1]]
            if missing:
                wanted = [missing[int(draw.random() * len(missing))]]
                contested = {stock.last_of_cell(wanted[0][0])}
        for i, quantity in wanted:
            cell = self._holders[stock.last_of_cell(i)]
            for _ in range(HOLDERS_ASKED):
                if not cell or stock.available[i] >= quantity:
                    break
                holder = cell[int(draw.random() * len(cell))]
                if holder not in out:
                    out.append(holder)
                    self.stock.take_all(choices[holder].takes, -1)
        return out, contested

    def _blink(self, order: int, draw: random.Random) -> list[tuple[int, int]]:
        """All that is left in one stock cell that the order could use: hidden from it, others may use it better."""
        some = self._anything(order, draw)
        i = some[int(draw.random() * len(some))][0] if some else -1
        return [(i, self.stock.available[i])] if some and self.stock.available[i] > 0 else []

    def _anything(self, order: int, draw: random.Random) -> list[tuple[int, int]]:
        """What one line, drawn by lot, would take from each slot that may ship it."""
        one = self.models[order]
        line = int(draw.random() * len(one.quantity))
        return [(i, one.quantity[line]) for i in one.interval[line] if i >= 0]

    def _replace(self, order: int, found: Choice) -> None:
        for i, _ in self.choices[order].takes:
            self._holders[self.stock.last_of_cell(i)].remove(order)
        for i, _ in found.takes:
            self._holders[self.stock.last_of_cell(i)].append(order)
        self.choices[order] = found


def effort_of(one: OrderModel) -> int:
    """Effort to place an order once: its lines, three times that where it has several days or lines that compete."""
    several_days = len(one.slots) > len({location for location, _ in one.slots})
    return len(one.quantity) * (1 if one.plain and not several_days else 3)


@dataclass(frozen=True, slots=True)
class Aim:
    """A plan of an order were stock unlimited: a lower bound of its cost, and what it would take."""

    floor: int
    takes: list[tuple[int, int]]


def aims(one: OrderModel, offer: Menu) -> list[Aim]:
    """The cheapest plans of an order were stock unlimited."""
    rows = [
        [price if i >= 0 else IMPOSSIBLE for price, i in zip(row, at, strict=True)]
        for row, at in zip(offer.cost, one.interval, strict=True)
    ]
    if not one.opening:
        return []
    costs = np.array(rows, dtype=np.int64).T
    short = np.array([IMPOSSIBLE if one.ship_complete else b for b in one.backorder], dtype=np.int64)
    ranked = ranked_sets(one, np.minimum(costs, short), np.array(one.opening, dtype=np.int64))[:TARGETS]
    found = []
    for floor, members in ranked:
        wanted = []
        for line, quantity in enumerate(one.quantity):
            price, k = min((rows[line][k], k) for k in members)
            if price < min(IMPOSSIBLE, short[line]):
                wanted += one.takes(line, k, quantity)
        found.append(Aim(floor, wanted))
    return found
