"""The sourcing solver: all open lines at once.

Belongs here: the order of the steps and the report. Does not belong here: how each step works: naive plans
(`baseline`), stock prices and the bound (`prices`), one order (`choose`), the ejection search (`search`).

1. Every baseline, each a feasible plan.
2. Stock prices by subgradient ascent; they give the bound.
3. Orders placed one by one at true cost plus stock price, the biggest first, and as placed.
4. Ejection search from the cheapest plan so far: the answer is never dearer than any baseline.
5. Each order once more by branch and bound, given the others, until none gains or three
   passes are done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import monotonic

import numpy as np

from oms_dagster.domain.solving import Budget, SolveReport
from oms_dagster.domain.sourcing.baseline import BASELINES, HEADLINE, as_placed, big_first, place_all
from oms_dagster.domain.sourcing.choose import Choice, Menu, choose, menu
from oms_dagster.domain.sourcing.exact import cheapest
from oms_dagster.domain.sourcing.model import Model, OrderModel, StockAccount, order_models, translate
from oms_dagster.domain.sourcing.outcome import outcome, price_rows
from oms_dagster.domain.sourcing.prices import Prices, stock_prices, take_prices
from oms_dagster.domain.sourcing.problem import Floats, SourcingPlan, SourcingProblem, canonical
from oms_dagster.domain.sourcing.search import Search

ENGINE = "oms sourcing 1: stock prices and ejection search"
#: Iterations of the price ascent.
PRICE_ITERATIONS = 150
#: Nodes of branch and bound that each order gets at the end, and passes over all orders.
SETTLE_NODES, SETTLE_PASSES = 300, 3


def default_budget(problem: SourcingProblem, fuse_s: float = 120.0) -> Budget:
    """Effort that suits the size: every line placed about 30 times, at most 3 million placings."""
    return Budget(min(30 * len(problem.line_ids), 3_000_000), fuse_s)


def solve(problem: SourcingProblem, budget: Budget, seed: int = 0) -> SourcingPlan:
    """Decide which location ships each line, and when, jointly for all lines.

    Parameters
    ----------
    problem
        Rows in any order: the plan depends on ids and values alone.
    budget
        ``effort`` counts lines placed by the search (`default_budget`, `search.effort_of`); 0 gives the best plan
        without a search.
    seed
        Of the search's draws.

    Returns
    -------
    SourcingPlan
        Assignments and backorders in order of (order, line), stock prices, and the report. The report's bound is a
        relaxation's: no plan costs less, whatever its number of shipments.
    """
    began = monotonic()
    model = translate(canonical(problem))
    models = order_models(model)
    menus = [menu(one, one.cost) for one in models]
    plans = {name: _placed(model, models, menus, name) for name in BASELINES}
    costs = {name: sum(c.cost for c in choices) for name, (choices, _) in plans.items()}
    deadline = began + budget.fuse_s
    prices = stock_prices(model, min(costs.values(), default=0), PRICE_ITERATIONS, deadline)
    priced = priced_menus(model, models, take_prices(model, prices.per_milli))
    for name, sequence in (("priced_big_first", big_first(model)), ("priced_as_placed", as_placed(model))):
        stock = StockAccount(model.intervals)
        plans[name] = place_all(models, priced, sequence, choose, stock), stock
        costs[name] = sum(c.cost for c in plans[name][0])
    start = min(costs, key=lambda name: (costs[name], name))
    choices, stock = plans[start]
    choices, spent, blown = Search(models, menus, choices, stock).improve(budget.effort, seed, deadline)
    choices, stock = _settled(model, models, menus, choices, deadline)
    result = outcome(model, models, choices, stock)
    report = _report(model, result.costs.total, costs, prices, spent, seed, monotonic() - began, prices.fuse or blown)
    return result.plan(price_rows(model.problem, take_prices(model, prices.per_milli)), report)


def baseline_plan(problem: SourcingProblem, name: str) -> SourcingPlan:
    """The plan of one naive rule (a key of `baseline.BASELINES`), on the same problem."""
    began = monotonic()
    model = translate(canonical(problem))
    models = order_models(model)
    menus = [menu(one, one.cost) for one in models]
    choices, stock = _placed(model, models, menus, name)
    result = outcome(model, models, choices, stock)
    report = SolveReport(
        engine=f"oms sourcing 1: baseline {name}",
        status="feasible" if models else "empty",
        objective=result.costs.total,
        baseline=name,
        baseline_objective=result.costs.total,
        bound=None,
        bound_kind="none",
        effort=0,
        seed=0,
        wall_s=monotonic() - began,
        fuse=False,
        size=model.problem.size,
    )
    return result.plan((), report)


def _placed(
    model: Model, models: Sequence[OrderModel], menus: Sequence[Menu], name: str
) -> tuple[list[Choice], StockAccount]:
    sequence, rule = BASELINES[name]
    stock = StockAccount(model.intervals)
    return place_all(models, menus, sequence(model), rule, stock), stock


def priced_menus(model: Model, models: Sequence[OrderModel], take_price: Floats) -> list[Menu]:
    """Menus at true cost plus stock price, in whole cents; ``take_price`` has one price a milli an interval."""
    price = np.append(take_price, 0.0).tolist()
    return [
        menu(
            one,
            [
                [cents + round(price[i] * quantity) for cents, i in zip(row, at, strict=True)]
                for row, at, quantity in zip(one.cost, one.interval, one.quantity, strict=True)
            ],
        )
        for one in models
    ]


def _settled(
    model: Model, models: Sequence[OrderModel], menus: Sequence[Menu], choices: list[Choice], deadline: float
) -> tuple[list[Choice], StockAccount]:
    """Every order at its cheapest given the others, as far as a few hundred nodes can tell."""
    stock = StockAccount(model.intervals)
    for choice in choices:
        for i, quantity in choice.takes:
            stock.take(i, quantity)
    for _ in range(SETTLE_PASSES):
        gained = False
        for order, one in enumerate(models):
            if choices[order].cost <= menus[order].floor:
                continue
            for i, quantity in choices[order].takes:
                stock.take(i, -quantity)
            found, _ = cheapest(one, one.cost, stock, SETTLE_NODES)
            if found.cost < choices[order].cost:
                choices[order], gained = found, True
            for i, quantity in choices[order].takes:
                stock.take(i, quantity)
        if not gained or monotonic() > deadline:
            break
    return choices, stock


def _report(
    model: Model,
    objective: int,
    baselines: Mapping[str, int],
    prices: Prices,
    spent: int,
    seed: int,
    wall_s: float,
    fuse: bool,
) -> SolveReport:
    lines = len(model.problem.line_ids)
    proved = prices.bound_cents >= objective
    return SolveReport(
        engine=ENGINE,
        status="empty" if not lines else "optimal" if proved else "feasible",
        objective=objective,
        baseline=HEADLINE,
        baseline_objective=baselines[HEADLINE],
        bound=prices.bound_cents,
        bound_kind="proved" if proved else "relaxation",
        effort=spent,
        seed=seed,
        wall_s=wall_s,
        fuse=fuse,
        size=model.problem.size,
    )
