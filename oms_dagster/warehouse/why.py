"""Why a line ships from there, asked of a published copy: every location with what a pin there would cost.

Belongs here: one order's part of the plan, put to the domain's questions. Does not belong here: the questions
(`domain.sourcing.explain`), drawing.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import duckdb

from oms_dagster.domain.quantities import from_cents, from_milli, to_milli
from oms_dagster.domain.solving import SolveReport
from oms_dagster.domain.sourcing.explain import PlanInQuestion
from oms_dagster.domain.sourcing.plan import Assignment, Backorder, CostTerms, SourcingPlan
from oms_dagster.domain.sourcing.problem import SourcingProblem
from oms_dagster.warehouse.left_over import left_by_others
from oms_dagster.warehouse.read import rows, value
from oms_dagster.warehouse.sourcing import problem


def places(connection: duckdb.DuckDBPyConnection, order_line_id: str) -> list[dict[str, Any]]:
    """Every location for a line of the plan: how it stands, and the order's cost by name if the line were pinned to it.

    Returns
    -------
    list
        The cheapest first, those that may not ship it last; amounts in the reporting currency. Empty: the line is not open.
    """
    found = rows(
        connection,
        "select order_id from intermediate.int_demand__open where order_line_id = $line",
        {"line": order_line_id},
    )
    asked = problem(connection, found[0]["order_id"]) if found else None
    if asked is None:
        return []
    question = PlanInQuestion(left_by_others(connection, asked), _planned(connection, asked))
    today = value(connection, "select cast(as_of as date) from plans.cycle")
    told = []
    for candidate in question.candidates(order_line_id):
        if candidate.standing == "blocked":
            told.append({"location_id": candidate.location_id, "standing": candidate.reason})
            continue
        offer = question.offer(order_line_id, candidate.location_id)
        told.append({
            "location_id": candidate.location_id, "standing": candidate.standing,
            "deliver_date": None if offer.deliver_day is None else today + timedelta(days=offer.deliver_day),
            "waiting": from_milli(offer.waiting_milli), "order_cost": from_cents(offer.costs.total),
            "extra": from_cents(offer.extra_cents),
            **{name: from_cents(cents) for name, cents in offer.costs.named().items() if cents},
        })  # fmt: skip
    return sorted(
        told, key=lambda row: (row["standing"] != "chosen", "extra" not in row, row.get("extra", 0), row["location_id"])
    )


def _planned(connection: duckdb.DuckDBPyConnection, asked: SourcingProblem) -> SourcingPlan:
    """The order's promises and backorders as the plan has them."""
    today = value(connection, "select cast(as_of as date) from plans.cycle")
    assignments = tuple(
        Assignment(
            row["order_line_id"], row["location_id"], to_milli(row["quantity"]), (row["ship_date"] - today).days,
            (row["deliver_date"] - today).days, CostTerms(**json.loads(row["cost_terms"] or "{}")),
        )
        for row in rows(connection, "select * from plans.promises where order_id = $order order by order_line_id, location_id, ship_date",
                        {"order": asked.order_ids[0]})
    )  # fmt: skip
    waiting = dict(zip(asked.line_ids, asked.line_quantity_milli.tolist(), strict=True))
    for a in assignments:
        waiting[a.line_id] -= a.quantity_milli
    row = {line: i for i, line in enumerate(asked.line_ids)}
    backorders = tuple(
        Backorder(line, left, "", None, asked.cost_of_waiting(row[line], left))
        for line, left in waiting.items()
        if left
    )
    report = SolveReport("published", "feasible", 0, "none", None, None, "none", 0, 0, 0.0, False, asked.size)
    return SourcingPlan(assignments, backorders, CostTerms(), (), report, {})
