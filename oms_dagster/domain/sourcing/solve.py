"""The sourcing solver: all open lines at once.

Belongs here: the order of the steps and the report. Does not belong here: how each step works: naive plans
(`baseline`), stock prices and the bound (`prices`), the last plan (`last_plan`), one order (`choose`), the ejection
search (`search`), soft rules (`relax`).

1. Every baseline, each a feasible plan.
2. Stock prices by subgradient ascent; they give the bound.
3. The last promises, kept; then new orders placed one by one at true cost plus stock price, the biggest first, and as
   placed. Without a last plan every order is new.
4. Ejection search for the new orders, from the cheapest plan so far: the answer is never dearer than any baseline. An
   old promise moves only if that saves more than its stability costs.
5. Each order once more by branch and bound, given the others, until none gains. Where nothing is new: only those that
   are late or short, and the others only once one of these got more or sooner.
6. What is left on backorder, with soft rules relaxed.

So the same facts give the same promises. Baselines don't know the last plan, but pay for what they move.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from time import monotonic

from oms_dagster.domain.solving import Budget, SolveReport
from oms_dagster.domain.sourcing.baseline import BASELINES, HEADLINE, as_placed, big_first, by_priority, place_all
from oms_dagster.domain.sourcing.choose import Choice, Menu, choose, menu, true_cost
from oms_dagster.domain.sourcing.exact import cheapest
from oms_dagster.domain.sourcing.last_plan import keep
from oms_dagster.domain.sourcing.model import Model, translate
from oms_dagster.domain.sourcing.outcome import outcome, price_rows
from oms_dagster.domain.sourcing.plan import SourcingPlan
from oms_dagster.domain.sourcing.prices import Relaxation, priced_costs, stock_prices, take_prices
from oms_dagster.domain.sourcing.problem import SourcingProblem, canonical, share
from oms_dagster.domain.sourcing.relax import relaxed
from oms_dagster.domain.sourcing.search import Search
from oms_dagster.domain.sourcing.slots import OrderModel, order_models
from oms_dagster.domain.sourcing.stock import StockAccount

ENGINE = "oms sourcing 2: stock prices and ejection search"
#: Iterations of the price ascent.
PRICE_ITERATIONS = 150
#: Nodes of branch and bound that each order gets at the end.
SETTLE_NODES = 300


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
        ``effort`` counts lines placed by the search (`default_budget`, `search.effort_of`) were all lines new; of it
        the share of the new ones is spent. 0 gives the best plan without a search.
    seed
        Of the search's draws.

    Returns
    -------
    SourcingPlan
        Assignments and backorders in order of (order, line), stock prices, and the report. The report's bound is a
        relaxation's: no plan that keeps the rules costs less, whatever its number of shipments; where soft rules gave
        way, none that relaxes them for the same lines does.
    """
    clock = _Clock(budget.fuse_s)
    model = translate(canonical(problem))
    models = order_models(model)
    menus = [menu(one, one.cost) for one in models]
    clock.lap("translate")
    naive = _without_last_plan(model, models)
    plans = {name: _placed(model, models, naive, name) for name in BASELINES}
    costs = {name: sum(c.cost for c in choices) for name, (choices, _) in plans.items()}
    baselines = costs.copy()
    clock.lap("baselines")
    prices = stock_prices(model, min(costs.values(), default=0), PRICE_ITERATIONS, clock.deadline)
    clock.lap("prices")
    take_price = take_prices(model, prices.per_milli)
    priced = [menu(one, rows) for one, rows in zip(models, priced_costs(model, models, take_price), strict=True)]
    new: list[int] = []
    for name, sequence in (("priced_big_first", big_first(model)), ("priced_as_placed", as_placed(model))):
        choices, stock, new = _from_last_plan(model, models, priced, sequence)
        plans[name], costs[name] = (choices, stock), sum(c.cost for c in choices)
    clock.lap("priced greedy")
    start = min(costs, key=lambda name: (costs[name], name))
    choices, stock = plans[start]
    effort = budget.effort * sum(len(models[o].quantity) for o in new) // max(sum(len(m.quantity) for m in models), 1)
    choices, spent, blown = Search(models, menus, choices, stock).improve(new, effort, seed, clock.deadline)
    clock.lap("search")
    if new or start in BASELINES or _hurried(model, models, choices, stock):
        choices, stock = _settled(model, models, menus, choices, clock.deadline)
    second = relaxed(model, models, choices, stock, by_priority(model))
    clock.lap("settle")
    result = outcome(second.model, second.models, second.choices, stock)
    bound = prices.bound_cents
    if second.orders:
        bound = min(bound, Relaxation(second.model).exact_bound(prices.per_milli))
    clock.lap("outcome")
    report = _report(
        model.problem, ENGINE, result.costs.total, baselines[HEADLINE], bound, spent, seed, clock, prices.fuse or blown
    )
    return SourcingPlan(
        result.assignments,
        result.backorders,
        result.costs,
        price_rows(model.problem, take_price),
        report,
        baselines,
        clock.laps,
    )


def baseline_plan(problem: SourcingProblem, name: str) -> SourcingPlan:
    """The plan of one naive rule (a key of `baseline.BASELINES`), on the same problem."""
    clock = _Clock(0.0)
    model = translate(canonical(problem))
    models = order_models(model)
    choices, stock = _placed(model, models, _without_last_plan(model, models), name)
    result = outcome(model, models, choices, stock)
    total = result.costs.total
    report = _report(model.problem, f"oms sourcing 2: baseline {name}", total, total, None, 0, 0, clock, False, name)
    return SourcingPlan(result.assignments, result.backorders, result.costs, (), report, {name: total})


class _Clock:
    """The fuse, and how long each phase took: told, never asked by a decision."""

    def __init__(self, fuse_s: float) -> None:
        self.began = self._last = monotonic()
        self.deadline = self.began + fuse_s
        self.laps: dict[str, float] = {}

    def lap(self, phase: str) -> None:
        now = monotonic()
        self.laps[phase], self._last = now - self._last, now


def _without_last_plan(model: Model, models: list[OrderModel]) -> list[OrderModel]:
    """The same orders in the eyes of naive rules, which don't know what was promised last."""
    if not model.last_days:
        return models
    problem = replace(model.problem, stability_cost_cents=0, stability_day_cost_cents=0, late_promise_cents=0)
    return order_models(replace(translate(problem), places=model.places))


def _placed(
    model: Model, models: Sequence[OrderModel], naive: Sequence[OrderModel], name: str
) -> tuple[list[Choice], StockAccount]:
    sequence, rule = BASELINES[name]
    stock = model.account()
    choices = place_all(naive, [menu(one, one.cost) for one in naive], sequence(model), rule, stock)
    if naive is not models:
        for one, choice in zip(models, choices, strict=True):
            choice.cost = true_cost(one, choice.parts)
    return choices, stock


def _from_last_plan(
    model: Model, models: list[OrderModel], priced: Sequence[Menu], sequence: Sequence[int]
) -> tuple[list[Choice], StockAccount, list[int]]:
    """The last plan with the new orders added at stock prices; and which are new."""
    stock = model.account()
    kept, new = keep(model, models, by_priority(model), stock)
    choices = [kept.get(one.order, Choice(sum(one.backorder), [], [])) for one in models]
    adding = set(new)
    for order in (o for o in sequence if o in adding):
        one, before = models[order], choices[order]
        stock.take_all(before.takes, -1)
        found = choose(one, priced[order], stock)
        found.cost = true_cost(one, found.parts)
        choices[order] = found if found.cost < before.cost or not before.parts else before
        stock.take_all(choices[order].takes)
    return choices, stock, new


def _hurried(model: Model, models: Sequence[OrderModel], choices: list[Choice], stock: StockAccount) -> bool:
    """Where nothing is new: let orders that are late or short have what stock came free, if they get more or sooner by it.

    Changes ``choices`` and ``stock``; returns whether any did.
    """
    gained = False
    for order, one in enumerate(models):
        waits = _waiting_cost(model, one, choices[order])
        if not waits:
            continue
        stock.take_all(choices[order].takes, -1)
        found, _ = cheapest(one, one.cost, stock, SETTLE_NODES)
        if found.cost < choices[order].cost and _waiting_cost(model, one, found) < waits:
            choices[order], gained = found, True
        stock.take_all(choices[order].takes)
    return gained


def _waiting_cost(model: Model, one: OrderModel, choice: Choice) -> int:
    problem, left, total = model.problem, one.quantity.copy(), 0
    for unit, k, amount in choice.parts:
        left[unit] -= amount
        location, day = one.slots[k]
        for row in (one.first_line + line for line in one.members[unit]):
            late = int(problem.cost_of_lateness(row, problem.deliver_day(row, location, day)))
            total += share(late, amount, one.quantity[unit])
    return total + sum(one.waiting(unit, short) for unit, short in enumerate(left))


def _settled(
    model: Model, models: Sequence[OrderModel], menus: Sequence[Menu], choices: list[Choice], deadline: float
) -> tuple[list[Choice], StockAccount]:
    """Every order at its cheapest given the others, as far as a few hundred nodes can tell."""
    stock = model.account()
    for choice in choices:
        stock.take_all(choice.takes)
    gained = True
    while gained and monotonic() <= deadline:
        gained = False
        for order, one in enumerate(models):
            if choices[order].cost <= menus[order].floor:
                continue
            stock.take_all(choices[order].takes, -1)
            found, _ = cheapest(one, one.cost, stock, SETTLE_NODES)
            if found.cost < choices[order].cost:
                choices[order], gained = found, True
            stock.take_all(choices[order].takes)
    return choices, stock


def _report(
    problem: SourcingProblem,
    engine: str,
    objective: int,
    baseline_objective: int,
    bound: int | None,
    effort: int,
    seed: int,
    clock: _Clock,
    fuse: bool,
    baseline: str = HEADLINE,
) -> SolveReport:
    proved = bound is not None and bound >= objective
    return SolveReport(
        engine=engine,
        status="empty" if not problem.line_ids else "optimal" if proved else "feasible",
        objective=objective,
        baseline=baseline,
        baseline_objective=baseline_objective,
        bound=bound,
        bound_kind="none" if bound is None else "proved" if proved else "relaxation",
        effort=effort,
        seed=seed,
        wall_s=monotonic() - clock.began,
        fuse=fuse,
        size=problem.size,
    )
