"""Why a line ships from there: the runner-up and what it costs, and what stood against every other location.

Belongs here: questions about a finished plan. Does not belong here: changing it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from oms_dagster.domain.sourcing.exact import cheapest, without
from oms_dagster.domain.sourcing.model import Model, translate
from oms_dagster.domain.sourcing.outcome import outcome
from oms_dagster.domain.sourcing.plan import Assignment, CostTerms, SourcingPlan
from oms_dagster.domain.sourcing.problem import Blocked, Bools, SourcingProblem, canonical
from oms_dagster.domain.sourcing.slots import OrderModel, order_models


@dataclass(frozen=True, slots=True)
class RunnerUp:
    """The order re-planned with one location forbidden for one line, the rest of the plan fixed.

    Attributes
    ----------
    line_id, location_id
        The line, and the location that is forbidden for it.
    runner_up_location_id
        Where the line (the largest part of it) would ship from; None: it would be on backorder.
    order_cost_cents, extra_cents
        Cost of the whole order then, and by how much that is more than in the plan.
    proved
        False when the order was too large to prove that this is its cheapest alternative.
    """

    line_id: str
    location_id: str
    runner_up_location_id: str | None
    order_cost_cents: int
    extra_cents: int
    proved: bool


@dataclass(frozen=True, slots=True)
class Candidate:
    """How a location stood for a line: ``chosen``, ``blocked`` (with the reason), ``short`` or ``free``."""

    location_id: str
    standing: str
    reason: str | None
    available_milli: int
    freight_cents: int
    earliest_deliver_day: int | None


@dataclass(frozen=True, slots=True)
class Offer:
    """The order re-planned with one line kept to one location, the rest of the plan fixed: what a pin there would give.

    Attributes
    ----------
    deliver_day
        When the last part of the line would be delivered; None: none of it could ship.
    waiting_milli
        What of the line would be on backorder.
    costs, extra_cents
        Of the whole order then, by name, and by how much that is more than in the plan.
    """

    location_id: str
    deliver_day: int | None
    waiting_milli: int
    costs: CostTerms
    extra_cents: int


class PlanInQuestion:
    """A plan with its problem, ready to be asked."""

    def __init__(self, problem: SourcingProblem, plan: SourcingPlan) -> None:
        self.problem = canonical(problem)
        self.plan = plan
        self.model: Model = translate(self.problem)
        self.stock = self.model.account()
        self._line = {name: row for row, name in enumerate(self.problem.line_ids)}
        self._location = {name: row for row, name in enumerate(self.problem.location_ids)}
        orders = range(len(self.problem.order_ids))
        self._takes: list[list[tuple[int, int]]] = [[] for _ in orders]
        self._cost = [0 for _ in orders]
        self._full: tuple[int, OrderModel] | None = None
        for assignment in plan.assignments:
            order = int(self.problem.line_order[self._line[assignment.line_id]])
            takes = self._takes_of(assignment)
            self.stock.take_all(takes)
            self._takes[order] += takes
            self._cost[order] += assignment.cost_cents
        for backorder in plan.backorders:
            self._cost[int(self.problem.line_order[self._line[backorder.line_id]])] += backorder.cost_cents

    def _takes_of(self, assignment: Assignment) -> list[tuple[int, int]]:
        row, location = self._line[assignment.line_id], self._location[assignment.location_id]
        room = self.model.room_at(location, assignment.ship_day)
        cell = np.array([int(self.problem.line_sku[row]) * len(self.problem.location_ids) + location])
        day = np.array([assignment.ship_day])
        own = int(self.model.intervals.at(cell, day)[0]), assignment.quantity_milli
        return [own, (room, 1)] if room >= 0 else [own]

    def runner_up(self, line_id: str, location_id: str) -> RunnerUp:
        """Cost of the line's order re-planned with that location forbidden for that line, the rest fixed."""
        row, location = self._line[line_id], self._location[location_id]
        order = int(self.problem.line_order[row])
        if self._full is None or self._full[0] != order:
            self._full = order, order_models(self.model, [order], days_per_location=None)[0]
        full = self._full[1]
        line = next(unit for unit, lines in enumerate(full.members) if row - full.first_line in lines)
        one = without(full, line, location)
        self.stock.take_all(self._takes[order], -1)
        found, proved = cheapest(one, one.cost, self.stock)
        self.stock.take_all(self._takes[order])
        own = [(-amount, k) for part, k, amount in found.parts if part == line]
        place = self.problem.location_ids[one.slots[min(own)[1]][0]] if own else None
        return RunnerUp(line_id, location_id, place, found.cost, found.cost - self._cost[order], proved)

    def offer(self, line_id: str, location_id: str) -> Offer:
        """What it would give to pin the line to a location, soft rules kept."""
        row, location = self._line[line_id], self._location[location_id]
        order = int(self.problem.line_order[row])
        full = order_models(self.model, [order], days_per_location=None)[0]
        line = next(unit for unit, lines in enumerate(full.members) if row - full.first_line in lines)
        one = full
        for other in range(len(self.problem.location_ids)):
            one = without(one, line, other) if other != location else one
        self.stock.take_all(self._takes[order], -1)
        found, _ = cheapest(one, one.cost, self.stock)
        self.stock.take_all(found.takes)
        told = outcome(self.model, [one], [found], self.stock)
        self.stock.take_all(found.takes, -1)
        self.stock.take_all(self._takes[order])
        return Offer(
            location_id,
            max((a.deliver_day for a in told.assignments if a.line_id == line_id), default=None),
            sum(b.quantity_milli for b in told.backorders if b.line_id == line_id),
            told.costs,
            told.costs.total - self._cost[order],
        )

    def runners_up(self, assignments: Iterable[Assignment] | None = None) -> list[RunnerUp]:
        """The runner-up of each assignment (default: all of the plan)."""
        asked = self.plan.assignments if assignments is None else assignments
        return [self.runner_up(a.line_id, a.location_id) for a in asked]

    def earliest_deliver_day(self, line_id: str) -> int | None:
        """First day on which the whole line could be delivered from one place if no other line wanted its stock."""
        row, problem, model = self._line[line_id], self.problem, self.model
        found = []
        for location in np.nonzero(model.first_interval[row] >= 0)[0].tolist():
            for i in range(int(model.first_interval[row, location]), int(model.end_interval[row, location])):
                if model.intervals.usable_milli[i] >= problem.line_quantity_milli[row]:
                    ships = max(int(problem.earliest_ship_day[row, location]), int(model.intervals.day[i]))
                    found.append(int(problem.deliver_day(row, location, ships)))
                    break
        return min(found, default=None)

    def candidates(self, line_id: str) -> list[Candidate]:
        """How every location stood for a line, with the stock that the plan leaves there."""
        row, problem, model = self._line[line_id], self.problem, self.model
        chosen = {a.location_id for a in self.plan.assignments if a.line_id == line_id}
        found = []
        for location, name in enumerate(problem.location_ids):
            code = Blocked(int(problem.blocked[row, location]))
            pinned = int(problem.line_pinned[row])
            if code is Blocked.FREE and pinned >= 0 and pinned != location:
                code = Blocked.PINNED_ELSEWHERE
            start, end = int(model.first_interval[row, location]), int(model.end_interval[row, location])
            left = self.stock.available[end - 1] if start >= 0 else 0
            need = 1 if problem.line_divisible[row] else int(problem.line_quantity_milli[row])
            standing = "chosen" if name in chosen else "blocked" if code else "free" if left >= need else "short"
            enough = [i for i in range(max(start, 0), end) if start >= 0 and self.stock.available[i] >= need]
            deliver = None
            if enough:
                step = int(model.intervals.day[enough[0]])
                earliest = int(problem.earliest_ship_day[row, location])
                deliver = int(problem.deliver_day(row, location, max(earliest, step)))
            reason = code.name.lower() if code else None
            freight = int(problem.freight_cents[row, location])
            found.append(Candidate(name, standing, reason, left, freight, deliver))
        return found


def first_choices(problem: SourcingProblem) -> Bools:
    """(L, W): where each line would ship for least were it alone and stock plentiful; several places where they cost the same."""
    cost = problem.freight_cents + problem.shipment_cost_cents[problem.line_order]
    for column in problem.line_terms.values():
        cost = cost + column
    may = problem.blocked == Blocked.FREE
    cost = np.where(may, cost, np.iinfo(np.int64).max)
    return np.asarray(may & (cost == cost.min(axis=1, keepdims=True, initial=np.iinfo(np.int64).max)), dtype=np.bool_)


def explanation(assignment: Assignment, runner_up: RunnerUp) -> str:
    """One sentence for the planner, in the money of the plan (whole units with cents)."""
    said = f"{assignment.location_id} ships on day {assignment.ship_day}, delivers on day {assignment.deliver_day}"
    extra = f"{abs(runner_up.extra_cents) // 100}.{abs(runner_up.extra_cents) % 100:02d}"
    way = "more" if runner_up.extra_cents >= 0 else "less"
    if runner_up.runner_up_location_id is None:
        return f"{said}; without it the line waits on backorder, {extra} {way} for the order"
    return f"{said}; next best {runner_up.runner_up_location_id}, {extra} {way} for the order"
