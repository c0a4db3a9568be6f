"""One order as the solvers see it: a short list of slots, per line its cost and stock in each.

Belongs here: which shipments an order may open. Does not belong here: choosing among them (`choose`, `exact`).

A *slot* is a location on a ship day: a shipment that an order may open. Shipping later than a line's own first day is
worth it only when a step of its stock, room at the location, the first day of another line of its order or the day that
it was last promised is waited for; only such days become slots.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from oms_dagster.domain.sourcing.model import Model
from oms_dagster.domain.sourcing.problem import NO_GROUP, Ints, share

#: Days a location that become slots of one order in the search. The exact order plan has no such limit.
DAYS_PER_LOCATION = 6

Takes = list[tuple[int, int]]


@dataclass(slots=True, eq=False)
class OrderModel:
    """One order: its lines, the slots it may open, and each line's cost and stock interval in each slot.

    Lines that ship together count as one here, never divided: ``members[l]`` are the offsets of its lines in the order,
    the first lends it quantity and interval (``own_quantity`` has each line's), ``also[l][k]`` is what else it takes in slot k: the stock of the other
    members, and room at the location where that is limited. ``also`` is empty for orders without either.

    ``interval[l][k]`` is -1 where line l can't use slot k; costs there mean nothing. ``asked[l]`` is what all its lines
    of that SKU ask for; ``shares[l]``: another line asks for the same SKU; ``plain``: none does, nothing is divisible
    and there is no ``also``. Shipments above ``free_shipments`` cost a relaxation each.
    """

    order: int
    first_line: int
    slots: list[tuple[int, int]]
    opening: list[int]
    interval: list[list[int]]
    cost: list[list[int]]
    own_quantity: list[int]
    quantity: list[int]
    backorder: list[int]
    remainder: list[int]
    divisible: list[bool]
    max_shipments: int
    free_shipments: int
    ship_complete: bool
    split_cost: int
    relaxation_cost: int
    members: list[tuple[int, ...]]
    asked: list[int]
    shares: list[bool]
    plain: bool
    also: list[list[Takes]]

    def waiting(self, line: int, quantity_milli: int) -> int:
        """What a line, or a part of it, costs on backorder."""
        fixed = self.remainder[line]
        return fixed + share(self.backorder[line] - fixed, quantity_milli, self.quantity[line]) if quantity_milli else 0

    def splitting(self, shipments: int) -> int:
        """What so many shipments cost beyond opening each."""
        above = max(0, shipments - self.free_shipments)
        return self.split_cost * max(0, shipments - 1) + self.relaxation_cost * above

    def takes(self, line: int, slot: int, quantity_milli: int) -> Takes:
        """What a line, or a part of it, takes in a slot."""
        own = (self.interval[line][slot], quantity_milli)
        return [own, *self.also[line][slot]] if self.also else [own]

    def has_room(self, line: int, slot: int, available: list[int]) -> bool:
        """Whether all that a line takes beside its own stock is there."""
        if not self.also:
            return True
        own, quantity = self.interval[line][slot], self.quantity[line]
        return all(available[i] >= amount + (quantity if i == own else 0) for i, amount in self.also[line][slot])


def order_models(
    model: Model, orders: Iterable[int] | None = None, days_per_location: int | None = DAYS_PER_LOCATION
) -> list[OrderModel]:
    """Models of orders (default: all), in their order.

    With ``days_per_location`` None they have every slot that can matter, not only those that the search looks at.
    """
    return [_order(model, o, days_per_location) for o in (range(len(model.same_day)) if orders is None else orders)]


def _order(model: Model, order: int, days_per_location: int | None) -> OrderModel:
    problem = model.problem
    a, b = int(model.order_first_line[order]), int(model.order_first_line[order + 1])
    lines = slice(a, b)
    limit = min(int(problem.order_max_splits[order]) + 1, 10**6)
    one = OrderModel(
        order=order,
        first_line=a,
        slots=[],
        opening=[],
        interval=[],
        cost=[],
        own_quantity=(quantity := problem.line_quantity_milli[lines].tolist()),
        quantity=quantity,
        backorder=problem.line_backorder_cents[lines].tolist(),
        remainder=problem.line_remainder_cents[lines].tolist(),
        divisible=problem.line_divisible[lines].tolist(),
        max_shipments=limit,
        free_shipments=limit,
        ship_complete=bool(problem.order_ship_complete[order]),
        split_cost=problem.split_cost_cents,
        relaxation_cost=problem.relaxation_cost_cents,
        members=[(i,) for i in range(b - a)],
        asked=[],
        shares=[],
        plain=False,
        also=[],
    )
    places = None if model.places is None or days_per_location is None else model.places[order]
    if model.same_day[order]:
        _open_first_days(model, one, lines, places)
    else:
        _open_slots(model, one, np.arange(a, b), places, days_per_location)
    sku: list[int] = problem.line_sku[lines].tolist()
    asked: Counter[int] = Counter()
    for s, quantity in zip(sku, one.quantity, strict=True):
        asked[s] += quantity
    one.asked = [asked[s] for s in sku]
    one.shares = [asked[s] > quantity for s, quantity in zip(sku, one.quantity, strict=True)]
    group: list[int] = problem.line_group[lines].tolist()
    if any(g != NO_GROUP for g in group):
        _join(one, group)
    _add_rooms(model, one)
    one.plain = not (one.also or any(one.shares) or any(one.divisible))
    return one


def _open_first_days(model: Model, one: OrderModel, lines: slice, places: Ints | None) -> None:
    at = slice(None) if places is None else places
    days = model.first_day[lines].max(axis=0)[at].tolist()
    where = range(len(days)) if places is None else places.tolist()
    one.slots = list(zip(where, days, strict=True))
    one.opening = model.problem.shipment_cost_cents[one.order, at].tolist()
    one.interval = model.first_interval[lines][:, at].tolist()
    one.cost = model.first_cost[lines][:, at].tolist()


def _open_slots(model: Model, one: OrderModel, lines: Ints, places: Ints | None, limit: int | None) -> None:
    """Slots over several days, at most ``limit`` a location (None: all that can matter) and those last promised.

    The day on which everything there can ship is always kept, then the days that are most lines' first.
    """
    problem, intervals = model.problem, model.intervals
    horizon = model.room.shape[1]
    slots: list[tuple[int, int]] = []
    for location in range(len(problem.location_ids)) if places is None else places.tolist():
        able = lines[model.first_interval[lines, location] >= 0]
        first_days = model.first_day[able, location].tolist()
        if not first_days:
            continue
        votes: dict[int, int] = {}
        for day in first_days:
            votes[day] = votes.get(day, 0) + 1
        starts, ends = model.first_interval[able, location].tolist(), model.end_interval[able, location].tolist()
        later = {
            max(day, step)
            for start, end, day in zip(starts, ends, first_days, strict=True)
            if end - start > 1
            for step in intervals.day[start + 1 : end].tolist()
        }
        if (model.room[location] >= 0).any():
            later.update(range(min(first_days) + 1, horizon))
        for day in later:
            opens = int(model.next_open[location, day]) if day < horizon else day
            if opens < horizon or opens == day:
                votes.setdefault(opens, 0)
        latest = max(first_days)
        days = set(sorted(votes, key=lambda d: (d != latest, -votes[d], d))[:limit])
        for line in able.tolist():
            days.update(d for d in model.last_days.get((line, location), ()) if _ships(model, line, location, d))
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
    late = problem.cost_of_lateness(lines[:, None], problem.deliver_day(lines[:, None], where, when))
    one.cost = (model.base_cost[rows] + late).tolist()
    if problem.stability_day_cost_cents:
        for costs, line in zip(one.cost, lines.tolist(), strict=True):
            for k, (location, day) in enumerate(slots):
                costs[k] += model.day_cost(line, location, day)


def _ships(model: Model, line: int, location: int, day: int) -> bool:
    """Whether a location that may ship a line can do so on a day: not before its first, not closed."""
    last = model.next_open.shape[1] - 1
    is_open = int(model.next_open[location, min(day, last)]) == min(day, last)
    return day >= int(model.first_day[line, location]) and is_open


def _join(one: OrderModel, group: list[int]) -> None:
    """Make one line of the lines of each group; a line alone in its group still ships whole or not at all."""
    rows: dict[tuple[str, int], list[int]] = {}
    for i, g in enumerate(group):
        rows.setdefault(("line", i) if g == NO_GROUP else ("group", g), []).append(i)
    members = list(rows.values())
    slots = range(len(one.slots))
    if any(len(m) > 1 for m in members):
        one.also = [
            [
                _summed([(one.interval[i][k], one.quantity[i]) for i in m[1:]]) if one.interval[m[0]][k] >= 0 else []
                for k in slots
            ]
            for m in members
        ]
    one.members = [tuple(m) for m in members]
    one.cost = [[sum(one.cost[i][k] for i in m) for k in slots] for m in members]
    one.interval = [one.interval[m[0]] for m in members]
    one.backorder = [sum(one.backorder[i] for i in m) for m in members]
    one.remainder = [sum(one.remainder[i] for i in m) for m in members]
    one.divisible = [one.divisible[m[0]] and group[m[0]] == NO_GROUP for m in members]
    one.shares = [any(one.shares[i] for i in m) for m in members]
    one.asked = [one.asked[m[0]] for m in members]
    one.quantity = [one.quantity[m[0]] for m in members]


def _summed(takes: Takes) -> Takes:
    total: Counter[int] = Counter()
    for i, quantity in takes:
        total[i] += quantity
    return list(total.items())


def _add_rooms(model: Model, one: OrderModel) -> None:
    rooms = [model.room_at(location, day) for location, day in one.slots] if model.rooms else []
    if all(room < 0 for room in rooms):
        return
    one.also = one.also or [[[] for _ in one.slots] for _ in one.quantity]
    for also, members in zip(one.also, one.members, strict=True):
        for k, room in enumerate(rooms):
            if room >= 0:
                also[k] = [*also[k], (room, len(members))]
