"""From choices to a plan: the rows, the cost terms, why a line waits and when it could be covered.

Belongs here: what a finished set of choices means. Does not belong here: making or judging them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from oms_dagster.domain.quantities import largest_remainder
from oms_dagster.domain.solving import SolveReport
from oms_dagster.domain.sourcing.choose import Choice, share
from oms_dagster.domain.sourcing.model import Model, OrderModel, StockAccount, intervals_of
from oms_dagster.domain.sourcing.problem import (
    Assignment,
    Backorder,
    CostTerms,
    Floats,
    Ints,
    SourcingPlan,
    SourcingProblem,
    StockPrice,
)

TERMS = ("shipment", "line_freight", "split", "lateness", "backorder", "stability")


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """Rows and cost terms of a set of choices, before the report is known."""

    assignments: tuple[Assignment, ...]
    backorders: tuple[Backorder, ...]
    costs: CostTerms

    def plan(self, prices: tuple[StockPrice, ...], report: SolveReport) -> SourcingPlan:
        """The finished plan."""
        return SourcingPlan(self.assignments, self.backorders, self.costs, prices, report)


def outcome(model: Model, models: Sequence[OrderModel], choices: Sequence[Choice], stock: StockAccount) -> Outcome:
    """Rows and costs of one choice an order; ``stock`` is what they leave."""
    terms = dict.fromkeys(TERMS, 0)
    assignments: list[Assignment] = []
    backorders: list[Backorder] = []
    for one, choice in zip(models, choices, strict=True):
        _add_assignments(model, one, choice, terms, assignments)
        _add_backorders(model, one, choice, stock, terms, backorders)
    return Outcome(tuple(assignments), tuple(backorders), CostTerms(**terms))


def _add_assignments(
    model: Model, one: OrderModel, choice: Choice, terms: dict[str, int], rows: list[Assignment]
) -> None:
    """Rows of one order: each part bears its own costs, an even share of its shipment's and of the order's splits."""
    if not choice.parts:
        return
    problem = model.problem
    opened = sorted({k for _, k, _ in choice.parts})
    split = one.split_cost * (len(opened) - 1)
    split_shares = largest_remainder(split, [1] * len(choice.parts))
    terms["split"] += split
    opening_shares: dict[int, list[int]] = {}
    for k in opened:
        parts = sum(slot == k for _, slot, _ in choice.parts)
        opening_shares[k] = largest_remainder(one.opening[k], [1] * parts)[::-1]
        terms["shipment"] += one.opening[k]
    for (line, k, amount), split_share in zip(choice.parts, split_shares, strict=True):
        row, (location, day) = one.first_line + line, one.slots[k]
        own = share(one.cost[line][k], amount, one.quantity[line])
        freight = int(problem.freight_cents[row, location])
        stability = int(model.base_cost[row, location]) - freight
        weights = [freight, one.cost[line][k] - freight - stability, stability]
        for term, cents in zip(("line_freight", "lateness", "stability"), largest_remainder(own, weights), strict=True):
            terms[term] += cents
        rows.append(
            Assignment(
                problem.line_ids[row],
                problem.location_ids[location],
                amount,
                day,
                day + int(problem.transit_days[row, location]),
                own + opening_shares[k].pop() + split_share,
            )
        )


def _add_backorders(
    model: Model, one: OrderModel, choice: Choice, stock: StockAccount, terms: dict[str, int], rows: list[Backorder]
) -> None:
    left = one.quantity.copy()
    for line, _, amount in choice.parts:
        left[line] -= amount
    for line, amount in enumerate(left):
        if amount:
            row = one.first_line + line
            cost = share(one.backorder[line], amount, one.quantity[line])
            terms["backorder"] += cost
            rows.append(
                Backorder(
                    model.problem.line_ids[row],
                    amount,
                    _reason(model, one, row),
                    _cover_day(model, row, amount, stock),
                    cost,
                )
            )


def _reason(model: Model, one: OrderModel, row: int) -> str:
    problem = model.problem
    allowed = problem.blocked[row] == 0
    if problem.line_pinned[row] >= 0:
        allowed = allowed & (np.arange(len(allowed)) == problem.line_pinned[row])
    if not allowed.any():
        return "blocked"
    if (model.first_interval[row] < 0).all():
        return "no_stock"
    mates = range(one.first_line, one.first_line + len(one.quantity))
    if one.ship_complete and any((model.first_interval[mate] < 0).all() for mate in mates if mate != row):
        return "ship_complete"
    return "outbid"


def _cover_day(model: Model, row: int, amount: int, stock: StockAccount) -> int | None:
    """First day that one location could ship what is short, from what is left."""
    problem, first = model.problem, None
    for location in np.nonzero(model.first_interval[row] >= 0)[0].tolist():
        for i in range(int(model.first_interval[row, location]), int(model.end_interval[row, location])):
            if stock.available[i] >= amount:
                day = max(int(problem.earliest_ship_day[row, location]), int(model.intervals.day[i]))
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
    for row in sorted(rows, key=lambda r: r.from_day):
        by_cell.setdefault((row.sku_id, row.location_id), []).append(row)
    price = np.zeros(len(intervals.day))
    for cell in np.nonzero(np.diff(intervals.first))[0].tolist():
        sku, location = divmod(cell, len(problem.location_ids))
        known = by_cell.get((problem.sku_ids[sku], problem.location_ids[location]))
        for i in range(int(intervals.first[cell]), int(intervals.first[cell + 1])) if known else ():
            began = [r for r in known or () if r.from_day <= intervals.day[i]] or known
            price[i] = began[-1].millicents_per_unit / 1_000_000 if began else 0.0
    return price
