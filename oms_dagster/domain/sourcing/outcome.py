"""From choices to a plan: the rows, the cost terms, why a line waits and when it could be covered.

Belongs here: what a finished set of choices means. Does not belong here: making or judging them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from oms_dagster.domain.quantities import largest_remainder
from oms_dagster.domain.sourcing.choose import Choice
from oms_dagster.domain.sourcing.model import Model
from oms_dagster.domain.sourcing.plan import (
    MAX_SPLITS,
    TERMS,
    Assignment,
    Backorder,
    CostTerms,
    SourcingPlan,
    StockPrice,
)
from oms_dagster.domain.sourcing.problem import Blocked, Floats, Ints, SourcingProblem, share
from oms_dagster.domain.sourcing.slots import OrderModel
from oms_dagster.domain.sourcing.stock import StockAccount, intervals_of


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """Rows and cost terms of a set of choices, before the report is known."""

    assignments: tuple[Assignment, ...]
    backorders: tuple[Backorder, ...]
    costs: CostTerms


def outcome(model: Model, models: Sequence[OrderModel], choices: Sequence[Choice], stock: StockAccount) -> Outcome:
    """Rows and costs of one choice an order; ``stock`` is what they leave."""
    assignments: list[Assignment] = []
    backorders: list[Backorder] = []
    for one, choice in zip(models, choices, strict=True):
        _add_assignments(model, one, choice, assignments)
        _add_backorders(model, one, choice, stock, backorders)
    total = dict.fromkeys(TERMS, 0)
    for a in assignments:
        for name, cents in a.costs.named().items():
            total[name] += cents
    total["backorder"] += sum(b.cost_cents for b in backorders)
    return Outcome(tuple(assignments), tuple(backorders), CostTerms(**total))


def _add_assignments(model: Model, one: OrderModel, choice: Choice, rows: list[Assignment]) -> None:
    """Rows of one order: each bears its own costs, an even share of its shipment's and of the order's splits."""
    problem = model.problem
    own = sorted(row for unit, k, quantity in choice.parts for row in _lines(one, unit, k, quantity))
    opened = sorted({k for _, k, _ in own}, key=lambda k: (-sum(slot == k for _, slot, _ in own), k))
    above = set(opened[one.free_shipments :])
    splits = one.split_cost * max(0, len(opened) - 1)
    shares = {name: [0] * len(own) for name in ("shipment", "split", "relaxation")}
    if own:
        shares["split"] = largest_remainder(splits, [1] * len(own))
    for k in opened:
        at = [i for i, (_, slot, _) in enumerate(own) if slot == k]
        _share_out(shares["shipment"], at, one.opening[k])
        if k in above:
            _share_out(shares["relaxation"], at, one.relaxation_cost)
    for i, (line, k, amount) in enumerate(own):
        row, (location, day) = one.first_line + line, one.slots[k]
        terms = _line_terms(model, row, location, day, amount)
        relaxed = [MAX_SPLITS] if k in above else []
        if model.freed is not None and model.freed[row, location]:
            relaxed.insert(0, Blocked(int(problem.blocked[row, location])).name.lower())
        for name, cents in shares.items():
            terms[name] = terms.get(name, 0) + cents[i]
        deliver = int(problem.deliver_day(row, location, day))
        rows.append(
            Assignment(
                problem.line_ids[row],
                problem.location_ids[location],
                amount,
                day,
                deliver,
                CostTerms(**terms),
                tuple(relaxed),
            )
        )


def _lines(one: OrderModel, unit: int, slot: int, quantity: int) -> list[tuple[int, int, int]]:
    """The lines of a part: itself, or all that ship together, each whole."""
    first, *others = one.members[unit]
    return [(first, slot, quantity), *((line, slot, one.own_quantity[line]) for line in others)]


def _share_out(shares: list[int], at: Sequence[int], cents: int) -> None:
    for i, part in zip(at, largest_remainder(cents, [1] * len(at)), strict=True):
        shares[i] += part


def _line_terms(model: Model, row: int, location: int, day: int, amount: int) -> dict[str, int]:
    """A line's own costs by name; of a part each its share, a missing cent on the terms that lost most by rounding."""
    problem = model.problem
    whole = {name: int(column[row, location]) for name, column in problem.line_terms.items()}
    relaxation = problem.relaxation_cost_cents if model.freed is not None and model.freed[row, location] else 0
    freight = int(problem.freight_cents[row, location])
    whole |= {
        "freight": freight,
        "lateness": int(problem.cost_of_lateness(row, problem.deliver_day(row, location, day))),
        "stability": int(model.base_cost[row, location]) - freight - sum(whole.values()) - relaxation
        + model.day_cost(row, location, day),
        "relaxation": relaxation,
    }  # fmt: skip
    quantity = int(problem.line_quantity_milli[row])
    if amount == quantity:
        return whole
    terms = {name: cents * amount // quantity for name, cents in whole.items()}
    missing = share(sum(whole.values()), amount, quantity) - sum(terms.values())
    for name in sorted(whole, key=lambda n: (-(whole[n] * amount % quantity), n))[:missing]:
        terms[name] += 1
    return terms


def _add_backorders(model: Model, one: OrderModel, choice: Choice, stock: StockAccount, rows: list[Backorder]) -> None:
    left = one.quantity.copy()
    for unit, _, amount in choice.parts:
        left[unit] -= amount
    for unit, short in enumerate(left):
        for line, _, amount in _lines(one, unit, 0, short) if short else ():
            row = one.first_line + line
            cost = model.problem.cost_of_waiting(row, amount)
            reason, cover = _reason(model, one, row), _cover_day(model, row, amount, stock)
            rows.append(Backorder(model.problem.line_ids[row], amount, reason, cover, cost))


def _reason(model: Model, one: OrderModel, row: int) -> str:
    problem = model.problem
    allowed = (problem.blocked[row] == 0) | (problem.blocked[row] == Blocked.SHOP_FLOOR)
    if model.freed is not None:
        allowed = allowed | model.freed[row]
    if problem.line_pinned[row] >= 0:
        allowed = allowed & (np.arange(len(allowed)) == problem.line_pinned[row])
    if not allowed.any():
        return "blocked"
    if (model.first_interval[row] < 0).all():
        return "no_stock"
    mates = range(one.first_line, one.first_line + len(one.own_quantity))
    if one.ship_complete and any((model.first_interval[mate] < 0).all() for mate in mates if mate != row):
        return "ship_complete"
    return "outbid"


def _cover_day(model: Model, row: int, amount: int, stock: StockAccount) -> int | None:
    """First day that one location could ship what is short, from what is left."""
    first = None
    for location in np.nonzero(model.first_interval[row] >= 0)[0].tolist():
        for i in range(int(model.first_interval[row, location]), int(model.end_interval[row, location])):
            if stock.available[i] >= amount:
                day = max(int(model.first_day[row, location]), int(model.intervals.day[i]))
                if day < model.next_open.shape[1]:
                    day = int(model.next_open[location, day])
                first = day if first is None else min(first, day)
                break
    return first


def left_after(problem: SourcingProblem, plan: SourcingPlan) -> Ints:
    """Cumulative ATP (SKUs, locations, days) that a plan leaves, in the problem's own row order."""
    sku_of = dict(zip(problem.line_ids, problem.line_sku.tolist(), strict=True))
    location_of = {name: row for row, name in enumerate(problem.location_ids)}
    left = problem.atp_milli.copy()
    last = left.shape[2] - 1
    for a in plan.assignments:
        left[sku_of[a.line_id], location_of[a.location_id], min(a.ship_day, last) :] -= a.quantity_milli
    return left


def price_rows(problem: SourcingProblem, take_price: Floats) -> tuple[StockPrice, ...]:
    """Prices as rows, cells without any left out; ``take_price`` has one price a milli an interval, in cents."""
    intervals = intervals_of(problem.atp_milli)
    cells = np.repeat(np.arange(len(intervals.first) - 1), np.diff(intervals.first))
    price = np.rint(take_price * 1_000_000).astype(np.int64)
    priced = np.isin(cells, cells[price > 0])
    locations = len(problem.location_ids)
    return tuple(
        StockPrice(problem.sku_ids[cell // locations], problem.location_ids[cell % locations], day, cents)
        for cell, day, cents in zip(
            cells[priced].tolist(), intervals.day[priced].tolist(), price[priced].tolist(), strict=True
        )
    )


def take_price_of(problem: SourcingProblem, rows: Sequence[StockPrice]) -> Floats:
    """The take price of each interval of a canonical problem, in cents a milli, from the rows of an earlier plan.

    Stock may have moved since: an interval takes the price of the last row that begins on or before its day.
    """
    intervals = intervals_of(problem.atp_milli)
    by_cell: dict[tuple[str, str], list[StockPrice]] = {}
    asked = set(problem.sku_ids)
    for row in sorted((r for r in rows if r.sku_id in asked), key=lambda r: r.from_day):
        by_cell.setdefault((row.sku_id, row.location_id), []).append(row)
    price = np.zeros(len(intervals.day))
    for cell in np.nonzero(np.diff(intervals.first))[0].tolist():
        sku, location = divmod(cell, len(problem.location_ids))
        known = by_cell.get((problem.sku_ids[sku], problem.location_ids[location]))
        for i in range(int(intervals.first[cell]), int(intervals.first[cell + 1])) if known else ():
            began = [r for r in known or () if r.from_day <= intervals.day[i]] or known
            price[i] = began[-1].millicents_per_unit / 1_000_000 if began else 0.0
    return price
