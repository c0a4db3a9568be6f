"""The second pass: soft rules give way for what would stay on backorder, and for nothing else.

Belongs here: which lines are freed of which rules, and their orders planned once more. Does not belong here: the first
pass, which keeps every rule.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from oms_dagster.domain.sourcing.choose import Choice
from oms_dagster.domain.sourcing.exact import cheapest
from oms_dagster.domain.sourcing.model import Model, translate
from oms_dagster.domain.sourcing.problem import UNLIMITED_SPLITS
from oms_dagster.domain.sourcing.slots import OrderModel, order_models
from oms_dagster.domain.sourcing.stock import StockAccount


@dataclass(frozen=True, slots=True, eq=False)
class Relaxed:
    """The plan after the second pass, and the model in which freed places may ship; ``orders`` gained by it."""

    model: Model
    models: list[OrderModel]
    choices: list[Choice]
    orders: list[int]


def relaxed(
    model: Model, models: list[OrderModel], choices: list[Choice], stock: StockAccount, ranked: list[int]
) -> Relaxed:
    """Plan the orders with lines on backorder once more, by rank, without the soft rules; the rest of the plan stays.

    ``stock`` is what the plan leaves; it is kept up to date.
    """
    problem = model.problem
    waiting = _waiting(model, models, choices)
    soft = waiting[:, None] & np.isin(problem.blocked, [int(code) for code in problem.soft_blocked])
    short = np.zeros(len(models), dtype=bool)
    short[problem.line_order[waiting]] = True
    helped = short & (problem.order_max_splits < UNLIMITED_SPLITS) & problem.soft_max_splits
    helped[problem.line_order[soft.any(axis=1)]] = True
    if not helped.any():
        return Relaxed(model, models, choices, [])
    free = translate(problem, soft)
    models, choices, gained = models.copy(), choices.copy(), []
    for order in (o for o in ranked if helped[o]):
        one = order_models(free, [order])[0]
        if problem.soft_max_splits:
            one.max_shipments = UNLIMITED_SPLITS
        stock.take_all(choices[order].takes, -1)
        found, _ = cheapest(one, one.cost, stock)
        if found.cost < choices[order].cost:
            models[order], choices[order] = one, found
            gained.append(order)
        stock.take_all(choices[order].takes)
    if problem.soft_max_splits:
        limits = problem.order_max_splits.copy()
        limits[gained] = UNLIMITED_SPLITS
        free = replace(free, problem=replace(problem, order_max_splits=limits))
    return Relaxed(free, models, choices, gained)


def _waiting(model: Model, models: list[OrderModel], choices: list[Choice]) -> np.ndarray:
    """Lines that are short of anything."""
    waiting = np.zeros(len(model.problem.line_ids), dtype=bool)
    for one, choice in zip(models, choices, strict=True):
        left = one.quantity.copy()
        for unit, _, amount in choice.parts:
            left[unit] -= amount
        for unit, amount in enumerate(left):
            if amount:
                waiting[[one.first_line + line for line in one.members[unit]]] = True
    return waiting
