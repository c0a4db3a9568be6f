"""The checker: reads a problem and a plan, believes nothing, and says what is broken.

Belongs here: every rule that a plan must keep, recomputed from the problem's columns. Imports nothing of the solver.

=======  ====================================================================================
SRC-01   stock: cumulative ATP stays at least 0 from the first take of a SKU at a location on
SRC-02   quantity: each line's assignments and backorder sum to what it asks for
SRC-03   complete: a ship-complete order has no backorder, or nothing else
SRC-04   splits: no order has more shipments than its limit
SRC-05   pin: a pinned line ships from its pin alone
SRC-06   exclusion: nothing ships from an excluded location
SRC-07   feasibility: nothing ships from a location blocked for another reason
SRC-08   days: not before the earliest ship day; delivery = ship day + transit
SRC-09   divisible: an indivisible line is in one piece
SRC-10   cost: terms, shares and the report's objective equal the recomputed cost
SRC-11   rows: known ids, positive quantities, at most one backorder a line
SRC-12   bound: the report's bound is not above its objective
=======  ====================================================================================
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, fields
from fractions import Fraction
from math import ceil

from oms_dagster.domain.sourcing.problem import Assignment, Blocked, SourcingPlan, SourcingProblem


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken rule: its id, the subject, and what was found."""

    rule: str
    subject: str
    message: str


def verify(problem: SourcingProblem, plan: SourcingPlan) -> list[Finding]:
    """Everything that is wrong with a plan; empty if nothing is."""
    rows = _check_rows(problem, plan)
    if rows:
        return rows  # the other rules need known ids
    view = _View(problem, plan)
    findings: list[Finding] = []
    for rule in (_stock, _quantity, _complete, _splits, _places, _days, _pieces, _cost, _bound):
        findings += rule(view)
    return findings


class _View:
    """The plan's rows with the problem's row numbers."""

    def __init__(self, problem: SourcingProblem, plan: SourcingPlan) -> None:
        self.problem, self.plan = problem, plan
        line = {name: row for row, name in enumerate(problem.line_ids)}
        location = {name: row for row, name in enumerate(problem.location_ids)}
        self.ships: list[tuple[int, int, Assignment]] = [
            (line[a.line_id], location[a.location_id], a) for a in plan.assignments
        ]
        self.waits = [(line[b.line_id], b) for b in plan.backorders]
        self.shipments: dict[int, set[tuple[int, int]]] = defaultdict(set)
        for row, place, a in self.ships:
            self.shipments[int(problem.line_order[row])].add((place, a.ship_day))


def _check_rows(problem: SourcingProblem, plan: SourcingPlan) -> list[Finding]:
    lines, places, found = set(problem.line_ids), set(problem.location_ids), []
    for a in plan.assignments:
        if a.line_id not in lines or a.location_id not in places:
            found.append(Finding("SRC-11", a.line_id, f"unknown line or location {a.location_id}"))
        elif a.quantity_milli <= 0:
            found.append(Finding("SRC-11", a.line_id, f"ships {a.quantity_milli} milli"))
    waiting = Counter(b.line_id for b in plan.backorders)
    for b in plan.backorders:
        if b.line_id not in lines:
            found.append(Finding("SRC-11", b.line_id, "unknown line on backorder"))
        elif b.quantity_milli <= 0 or waiting[b.line_id] > 1:
            found.append(Finding("SRC-11", b.line_id, f"{waiting[b.line_id]} backorders, {b.quantity_milli} milli"))
    return found


def _stock(view: _View) -> list[Finding]:
    problem = view.problem
    takes: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for row, place, a in view.ships:
        takes[int(problem.line_sku[row]), place].append((a.ship_day, a.quantity_milli))
    found = []
    for (sku, place), taken in sorted(takes.items()):
        atp = problem.atp_milli[sku, place].tolist()
        last = len(atp) - 1
        first = min(min(day for day, _ in taken), last)
        for day in range(first, last + 1):
            left = atp[day] - sum(q for at, q in taken if min(at, last) <= day)
            if left < 0:
                subject = f"{problem.sku_ids[sku]} at {problem.location_ids[place]}"
                found.append(Finding("SRC-01", subject, f"day {day}: {-left} milli oversold"))
                break
    return found


def _quantity(view: _View) -> list[Finding]:
    planned: Counter[int] = Counter()
    for row, _, a in view.ships:
        planned[row] += a.quantity_milli
    for row, b in view.waits:
        planned[row] += b.quantity_milli
    return [
        Finding("SRC-02", view.problem.line_ids[row], f"asks for {asked} milli, planned {planned[row]}")
        for row, asked in enumerate(view.problem.line_quantity_milli.tolist())
        if planned[row] != asked
    ]


def _complete(view: _View) -> list[Finding]:
    problem = view.problem
    waiting = {int(problem.line_order[row]) for row, _ in view.waits}
    return [
        Finding("SRC-03", problem.order_ids[order], "ships in part, must ship complete")
        for order in sorted(waiting & set(view.shipments))
        if problem.order_ship_complete[order]
    ]


def _splits(view: _View) -> list[Finding]:
    problem = view.problem
    return [
        Finding("SRC-04", problem.order_ids[order], f"{len(shipments)} shipments")
        for order, shipments in sorted(view.shipments.items())
        if len(shipments) - 1 > problem.order_max_splits[order]
    ]


def _places(view: _View) -> list[Finding]:
    problem, found = view.problem, []
    for row, place, a in view.ships:
        pin, why = int(problem.line_pinned[row]), Blocked(int(problem.blocked[row, place]))
        if pin >= 0 and pin != place:
            found.append(Finding("SRC-05", a.line_id, f"{a.location_id}, pinned to {problem.location_ids[pin]}"))
        if why is Blocked.EXCLUDED:
            found.append(Finding("SRC-06", a.line_id, f"{a.location_id} is excluded"))
        elif why is not Blocked.FREE:
            found.append(Finding("SRC-07", a.line_id, f"{a.location_id}: {why.name}"))
    return found


def _days(view: _View) -> list[Finding]:
    problem, found = view.problem, []
    for row, place, a in view.ships:
        earliest, transit = int(problem.earliest_ship_day[row, place]), int(problem.transit_days[row, place])
        if a.ship_day < earliest:
            found.append(Finding("SRC-08", a.line_id, f"ships on day {a.ship_day}, earliest {earliest}"))
        elif a.deliver_day != a.ship_day + transit:
            found.append(
                Finding("SRC-08", a.line_id, f"delivers on day {a.deliver_day}, expected {a.ship_day + transit}")
            )
    return found


def _pieces(view: _View) -> list[Finding]:
    pieces = Counter([row for row, _, _ in view.ships] + [row for row, _ in view.waits])
    return [
        Finding("SRC-09", view.problem.line_ids[row], f"in {count} pieces")
        for row, count in sorted(pieces.items())
        if count > 1 and not view.problem.line_divisible[row]
    ]


def _cost(view: _View) -> list[Finding]:
    problem, plan = view.problem, view.plan
    lines_cost = 0
    for row, place, a in view.ships:
        late = max(0, a.ship_day + int(problem.transit_days[row, place]) - int(problem.line_due_day[row]))
        previous = int(problem.line_previous[row])
        whole = int(problem.freight_cents[row, place]) + late * int(problem.line_late_cents_per_day[row])
        whole += problem.stability_cost_cents if previous >= 0 and previous != place else 0
        lines_cost += ceil(Fraction(whole * a.quantity_milli, int(problem.line_quantity_milli[row])))
    waiting = sum(
        ceil(Fraction(int(problem.line_backorder_cents[row]) * b.quantity_milli, int(problem.line_quantity_milli[row])))
        for row, b in view.waits
    )
    opened = [(order, place) for order, shipments in view.shipments.items() for place, _ in shipments]
    openings = sum(int(problem.shipment_cost_cents[order, place]) for order, place in opened)
    splits = sum(len(shipments) - 1 for shipments in view.shipments.values()) * problem.split_cost_cents
    costs = plan.costs
    named = {
        "shipment": (costs.shipment, openings),
        "split": (costs.split, splits),
        "backorder": (costs.backorder, waiting),
        "line_freight + lateness + stability": (costs.line_freight + costs.lateness + costs.stability, lines_cost),
        "shares of the rows": (
            sum(a.cost_cents for a in plan.assignments) + sum(b.cost_cents for b in plan.backorders),
            openings + splits + waiting + lines_cost,
        ),
        "objective": (plan.report.objective, openings + splits + waiting + lines_cost),
    }
    found = [
        Finding("SRC-10", name, f"{said} cents, recomputed {right}")
        for name, (said, right) in named.items()
        if said != right
    ]
    found += [Finding("SRC-10", f.name, "below 0") for f in fields(costs) if getattr(costs, f.name) < 0]
    return found


def _bound(view: _View) -> list[Finding]:
    report = view.plan.report
    if report.bound is None or report.bound <= report.objective:
        return []
    return [Finding("SRC-12", "report", f"bound {report.bound} above objective {report.objective}")]
