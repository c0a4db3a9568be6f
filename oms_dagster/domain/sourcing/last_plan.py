"""The last plan as a start: promises stay where they are possible, and only what is new sets the search in motion.

Belongs here: which of the last promises can be kept, and which orders are new. Does not belong here: what it costs to
move a promise (`model`), or improving the plan (`search`).
"""

from __future__ import annotations

from collections.abc import Sequence

from oms_dagster.domain.sourcing.choose import Choice, chosen, true_cost
from oms_dagster.domain.sourcing.model import Model
from oms_dagster.domain.sourcing.plan import SourcingPlan
from oms_dagster.domain.sourcing.problem import LastPromise
from oms_dagster.domain.sourcing.slots import OrderModel
from oms_dagster.domain.sourcing.stock import StockAccount

#: An order's last promises: line offset, location, day, quantity.
Last = list[tuple[int, int, int, int]]


def keep(
    model: Model, models: Sequence[OrderModel], sequence: Sequence[int], stock: StockAccount
) -> tuple[dict[int, Choice], list[int]]:
    """Take the last promises, order by order.

    A promise whose day has passed, or whose stock comes later now, moves to the first day that its location can.

    Returns
    -------
    kept
        Choices of orders that keep anything; ``stock`` has their takes.
    new
        Orders, ascending, with a line that no plan has seen or a promise that is no longer possible.
    """
    last = _by_order(model)
    kept: dict[int, Choice] = {}
    new: set[int] = set()
    for order in sequence:
        one = models[order]
        promises = last.get(order, [])
        parts = _possible(one, promises, stock)
        promised = {line for line, _, _, _ in promises}
        lines = range(len(one.own_quantity))
        known = model.problem.line_known[one.first_line : one.first_line + len(one.own_quantity)].tolist()
        held = {line for unit, _, _ in parts for line in one.members[unit]}
        if promised - held or any(line not in promised and not known[line] for line in lines):
            new.add(order)
        if parts and not (one.ship_complete and sum(amount for _, _, amount in parts) < sum(one.quantity)):
            kept[order] = chosen(one, true_cost(one, parts), parts)
            stock.take_all(kept[order].takes)
        elif promises:
            new.add(order)
    return kept, sorted(new)


def _by_order(model: Model) -> dict[int, Last]:
    problem = model.problem
    line = {name: row for row, name in enumerate(problem.line_ids)}
    location = {name: row for row, name in enumerate(problem.location_ids)}
    found: dict[int, Last] = {}
    for p in problem.last_promises:
        if p.line_id in line and p.location_id in location:
            row = line[p.line_id]
            order = int(problem.line_order[row])
            offset = row - int(model.order_first_line[order])
            found.setdefault(order, []).append((offset, location[p.location_id], p.ship_day, p.quantity_milli))
    return found


def _possible(one: OrderModel, promises: Last, stock: StockAccount) -> list[tuple[int, int, int]]:
    """Parts (line, slot, quantity) that keep the promises as far as stock, room and the order's own rules allow."""
    unit_of = {line: unit for unit, lines in enumerate(one.members) for line in lines}
    left = one.quantity.copy()
    parts: dict[tuple[int, int], int] = {}
    opened: set[int] = set()
    booked: list[tuple[int, int]] = []
    for line, location, day, quantity in promises:
        unit = unit_of[line]
        amount = min(left[unit], quantity) if one.divisible[unit] else left[unit]
        k = _slot(one, unit, location, day, amount, stock)
        if amount <= 0 or k is None or (k not in opened and len(opened) == one.max_shipments):
            continue
        if (unit, k) in parts:
            parts[unit, k] += amount
            takes = [(one.interval[unit][k], amount)]
        else:
            parts[unit, k] = amount
            takes = one.takes(unit, k, amount)
        opened.add(k)
        left[unit] -= amount
        stock.take_all(takes)
        booked += takes
    stock.take_all(booked, -1)
    return [(unit, k, amount) for (unit, k), amount in sorted(parts.items())]


def _slot(one: OrderModel, unit: int, location: int, day: int, amount: int, stock: StockAccount) -> int | None:
    """The slot of a location on that day, or the first later one, that has it."""
    for k, (place, when) in enumerate(one.slots):
        has_it = place == location and when >= day and stock.available[one.interval[unit][k]] >= amount
        if has_it and one.has_room(unit, k, stock.available):
            return k
    return None


def promised(plan: SourcingPlan, days_since: int = 0) -> tuple[LastPromise, ...]:
    """A plan as the last one of a problem that starts so many days later."""
    return tuple(
        LastPromise(a.line_id, a.location_id, a.ship_day - days_since, a.quantity_milli) for a in plan.assignments
    )
