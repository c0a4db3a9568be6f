"""A promise for one order on its own, at once: for an order taken by telephone between two cycles.

Belongs here: one order against today's remaining stock at the last plan's prices. Does not belong here: keeping it;
the next cycle decides again, jointly.
"""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic

from oms_dagster.domain.solving import SolveReport
from oms_dagster.domain.sourcing.exact import cheapest
from oms_dagster.domain.sourcing.model import translate
from oms_dagster.domain.sourcing.outcome import outcome, take_price_of
from oms_dagster.domain.sourcing.plan import SourcingPlan, StockPrice
from oms_dagster.domain.sourcing.prices import priced_costs
from oms_dagster.domain.sourcing.problem import SourcingError, SourcingProblem, canonical
from oms_dagster.domain.sourcing.slots import order_models


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
    if len(model.same_day) != 1:
        raise SourcingError(f"promise_one: {len(model.same_day)} orders with lines, expected 1")
    one = order_models(model, days_per_location=None)[0]
    stock = model.account()
    choice, proved = cheapest(one, priced_costs(model, [one], take_price_of(model.problem, prices))[0], stock)
    stock.take_all(choice.takes)
    result = outcome(model, [one], [choice], stock)
    report = SolveReport(
        "oms sourcing 1: one order at stock prices", "optimal" if proved else "feasible", result.costs.total, "none",
        None, None, "none", 1, 0, monotonic() - began, False, model.problem.size,
    )  # fmt: skip
    return SourcingPlan(result.assignments, result.backorders, result.costs, tuple(prices), report, {})
