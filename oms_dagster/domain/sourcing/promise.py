"""A promise for one order on its own, at once: for an order taken by telephone between two cycles.

Belongs here: one order against today's remaining stock at the last plan's prices. Does not belong here: keeping it;
the next cycle decides again, jointly.
"""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic

import numpy as np

from oms_dagster.domain.solving import SolveReport
from oms_dagster.domain.sourcing.exact import cheapest, with_all_days
from oms_dagster.domain.sourcing.model import StockAccount, order_models, translate
from oms_dagster.domain.sourcing.outcome import outcome, take_price_of
from oms_dagster.domain.sourcing.problem import SourcingError, SourcingPlan, SourcingProblem, StockPrice, canonical


def promise_one(problem: SourcingProblem, prices: Sequence[StockPrice]) -> SourcingPlan:
    """Source one order alone: cheapest at true cost plus what the stock is worth to the others.

    Parameters
    ----------
    problem
        A problem of exactly one order, over the stock that the last plan left (`outcome.left_after`) and with as many
        or as few SKUs as it needs.
    prices
        Of the last plan; SKUs that the order doesn't ask for are ignored.

    Returns
    -------
    SourcingPlan
        Costs are true costs, without the prices that guided the choice. ``optimal`` in the report means: at these
        prices.

    Raises
    ------
    SourcingError
        The problem holds none or several orders.
    """
    began = monotonic()
    model = translate(canonical(problem))
    models = order_models(model)
    if len(models) != 1:
        raise SourcingError(f"promise_one: {len(models)} orders with lines, expected 1")
    one = with_all_days(model, models[0])
    price = np.append(take_price_of(model.problem, prices), 0.0).tolist()
    priced = [
        [cents + round(price[i] * quantity) for cents, i in zip(row, at, strict=True)]
        for row, at, quantity in zip(one.cost, one.interval, one.quantity, strict=True)
    ]
    stock = StockAccount(model.intervals)
    choice, proved = cheapest(one, priced, stock)
    for i, quantity in choice.takes:
        stock.take(i, quantity)
    result = outcome(model, [one], [choice], stock)
    report = SolveReport(
        "oms sourcing 1: one order at stock prices", "optimal" if proved else "feasible", result.costs.total, "none",
        None, None, "none", 1, 0, monotonic() - began, False, model.problem.size,
    )  # fmt: skip
    return result.plan(tuple(prices), report)
