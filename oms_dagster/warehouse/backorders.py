"""Between the tables and the queue and pegs of sourcing: what was promised before, what is to come, what waits for what.

Belongs here: rows of backorders and of pegs. Does not belong here: any choice (`domain.sourcing`), promises (`warehouse.sourcing`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import duckdb

from oms_dagster.domain.quantities import from_milli, to_milli
from oms_dagster.domain.sourcing.pegging import Peg, Supply
from oms_dagster.domain.sourcing.plan import Backorder, SourcingPlan
from oms_dagster.domain.sourcing.problem import SourcingProblem
from oms_dagster.warehouse.read import value

REASONS = {
    "blocked": "no location may ship it",
    "no_stock": "no location that may ship it has enough",
    "ship_complete": "another line of the order is short and it ships complete",
    "outbid": "other orders make better use of the stock",
    "too_dear": "there is stock, but shipping it costs more than waiting",
    "queued": "others are ahead in the queue for what is there",
}


def supplies(connection: duckdb.DuckDBPyConnection) -> list[Supply]:
    """What is still to come, with days from today."""
    found = connection.execute(
        "select supply_id, sku_id, location_id, date_diff('day', (select cast(as_of as date) from plans.cycle), due_date),"
        " quantity_open, status = 'confirmed' from intermediate.int_supply__open where due_date is not null order by due_date, supply_id"
    ).fetchall()
    return [Supply(id_, sku, place, day, to_milli(quantity), sure) for id_, sku, place, day, quantity, sure in found]


def waiting_milli(asked: SourcingProblem, plan: SourcingPlan) -> dict[str, int]:
    """What of each line no promise of the plan covers."""
    left = dict(zip(asked.line_ids, asked.line_quantity_milli.tolist(), strict=True))
    for assignment in plan.assignments:
        left[assignment.line_id] -= assignment.quantity_milli
    return {line: quantity for line, quantity in left.items() if quantity}


def backorder_rows(
    connection: duckdb.DuckDBPyConnection,
    asked: SourcingProblem,
    plan: SourcingPlan,
    queued: frozenset[str],
    pegged: Sequence[Peg],
) -> Iterator[dict[str, Any]]:
    """Rows of `plans.backorders`: what waits, why, and when all that it is pegged to has come.

    Parameters
    ----------
    queued
        Lines that the queue keeps back.
    pegged
        Pegs of the plan. A date is told only where they cover all that waits.
    """
    today = value(connection, "select cast(as_of as date) from plans.cycle")
    order_of, sku_of = facts_of_lines(asked)
    planned = {b.line_id: b for b in plan.backorders}
    pegs_of: dict[str, list[Peg]] = {}
    for peg in pegged:
        if not peg.is_promised:
            pegs_of.setdefault(peg.line_id, []).append(peg)
    for line, quantity in waiting_milli(asked, plan).items():
        mine = pegs_of.get(line, [])
        last = max(mine, key=lambda peg: (peg.due_day, peg.supply_id), default=None)
        due = last.due_day if last and sum(peg.quantity_milli for peg in mine) == quantity else None
        yield {
            "order_line_id": line, "order_id": order_of[line], "sku_id": sku_of[line], "quantity": from_milli(quantity),
            "expected_cover_date": None if due is None else today + timedelta(days=due),
            "cover_reference": last and last.supply_id,
            "reason": REASONS["queued" if line in queued else _reason(planned[line])],
        }  # fmt: skip


def _reason(backorder: Backorder) -> str:
    """Of those who are outbid, some lose to others, and some have stock that is left over."""
    dear = backorder.reason == "outbid" and backorder.expected_cover_day is not None
    return "too_dear" if dear else backorder.reason


def peg_rows(today: date, asked: SourcingProblem, pegged: Iterable[Peg]) -> Iterator[dict[str, Any]]:
    """Rows of `plans.supply_pegs`, one a supply and line."""
    order_of, sku_of = facts_of_lines(asked)
    merged: dict[tuple[str, str, bool], dict[str, Any]] = {}
    for peg in pegged:
        key = peg.supply_id, peg.line_id, peg.is_promised
        if key in merged:
            merged[key]["quantity"] += from_milli(peg.quantity_milli)
            continue
        merged[key] = {
            "supply_id": peg.supply_id, "order_line_id": peg.line_id, "order_id": order_of[peg.line_id],
            "sku_id": sku_of[peg.line_id], "location_id": peg.location_id, "quantity": from_milli(peg.quantity_milli),
            "due_date": today + timedelta(days=peg.due_day), "is_promised": peg.is_promised,
        }  # fmt: skip
    yield from merged.values()


def facts_of_lines(asked: SourcingProblem) -> tuple[dict[str, str], dict[str, str]]:
    """Order and SKU of each line."""
    order_of = {line: asked.order_ids[asked.line_order[i]] for i, line in enumerate(asked.line_ids)}
    sku_of = {line: asked.sku_ids[asked.line_sku[i]] for i, line in enumerate(asked.line_ids)}
    return order_of, sku_of
