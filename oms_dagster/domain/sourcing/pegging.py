"""Which supply each line waits for: promises that ship from what is still to come, and backorders.

Belongs here: dividing dated supply among lines. Does not belong here: what is promised (`solve`), or who is served first
when it arrives (`queue`): the same order of priority and age, so that a peg says who will get it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from oms_dagster.domain.sourcing.plan import SourcingPlan
from oms_dagster.domain.sourcing.problem import NOWHERE, Blocked, SourcingProblem

#: Reasons against a location that stock coming in would end.
_STOCK_WOULD_END = (Blocked.FREE, Blocked.NOT_CARRIED, Blocked.QUEUED, Blocked.SHOP_FLOOR)


@dataclass(frozen=True, slots=True)
class Supply:
    """What is to come to a location. ``due_day`` counts from the planning day, below 0 where it is overdue."""

    supply_id: str
    sku_id: str
    location_id: str
    due_day: int
    quantity_milli: int
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class Peg:
    """A part of a supply that a line waits for. ``is_promised``: the line is promised from it, else it is on backorder."""

    supply_id: str
    line_id: str
    location_id: str
    quantity_milli: int
    due_day: int
    is_promised: bool


def pegs(
    problem: SourcingProblem, plan: SourcingPlan, supplies: Sequence[Supply], waiting_milli: Mapping[str, int]
) -> list[Peg]:
    """Divide the supplies: first among the plan's promises, then among the lines on backorder.

    Parameters
    ----------
    problem
        Before the queue, so that no line is blocked by it.
    waiting_milli
        What of each line is on backorder. They are served by priority, then by age, from the earliest confirmed supply
        on that comes to a location which may ship the line; what is only planned (a draft) comes last.
    """
    left = {s.supply_id: s.quantity_milli for s in supplies}
    found = list(_promised(problem, plan, supplies, left))
    return found + list(_backordered(problem, supplies, waiting_milli, left))


def _take(supply: Supply, left: dict[str, int], wanted: int) -> int:
    taken = min(wanted, left[supply.supply_id])
    left[supply.supply_id] -= taken
    return taken


def _promised(
    problem: SourcingProblem, plan: SourcingPlan, supplies: Sequence[Supply], left: dict[str, int]
) -> Iterator[Peg]:
    """The first to ship takes what is there, the others what comes, in order of its day."""
    row = {name: i for i, name in enumerate(problem.line_ids)}
    sku = {name: i for i, name in enumerate(problem.sku_ids)}
    place = {name: i for i, name in enumerate(problem.location_ids)}
    coming: dict[tuple[int, int], list[Supply]] = {}
    for s in sorted(supplies, key=lambda s: (s.due_day, s.supply_id)):
        if s.is_confirmed and s.sku_id in sku and s.location_id in place:
            coming.setdefault((sku[s.sku_id], place[s.location_id]), []).append(s)
    ships = sorted(plan.assignments, key=lambda a: (a.ship_day, *_rank(problem, row[a.line_id])))
    there = {cell: int(problem.atp_milli[cell][0]) for cell in coming}
    for cell, level in there.items():  # what is reserved beyond the stock takes of what comes first
        for s in coming[cell] if level < 0 else ():
            level += _take(s, left, -level)
    for a in ships:
        cell = int(problem.line_sku[row[a.line_id]]), place[a.location_id]
        if cell not in coming:
            continue
        wanted = a.quantity_milli - min(a.quantity_milli, max(0, there[cell]))
        there[cell] -= a.quantity_milli - wanted
        for s in coming[cell]:
            if wanted and (taken := _take(s, left, wanted)):
                wanted -= taken
                yield Peg(s.supply_id, a.line_id, a.location_id, taken, s.due_day, True)


def _backordered(
    problem: SourcingProblem, supplies: Sequence[Supply], waiting_milli: Mapping[str, int], left: dict[str, int]
) -> Iterator[Peg]:
    row = {name: i for i, name in enumerate(problem.line_ids)}
    place = {name: i for i, name in enumerate(problem.location_ids)}
    by_sku: dict[str, list[Supply]] = {}
    for s in sorted(supplies, key=lambda s: (not s.is_confirmed, s.due_day, s.supply_id)):
        by_sku.setdefault(s.sku_id, []).append(s)
    for line in sorted(waiting_milli, key=lambda line: _rank(problem, row[line])):
        wanted, at = waiting_milli[line], row[line]
        pin = int(problem.line_pinned[at])
        for s in by_sku.get(problem.sku_ids[problem.line_sku[at]], ()):
            there = place.get(s.location_id, NOWHERE)
            if not wanted or there == NOWHERE or pin not in (NOWHERE, there):
                continue
            if problem.blocked[at, there] in _STOCK_WOULD_END and (taken := _take(s, left, wanted)):
                wanted -= taken
                yield Peg(s.supply_id, line, s.location_id, taken, s.due_day, False)


def _rank(problem: SourcingProblem, line: int) -> tuple[int, int, str]:
    placed = int(problem.order_placed[problem.line_order[line]])
    return int(problem.line_priority[line]), placed, problem.line_ids[line]
