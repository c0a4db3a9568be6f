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
SRC-13   open: nothing ships on a day that the location is closed
SRC-14   capacity: no location ships more lines on a day than it may
SRC-15   group: lines that ship together come whole from one location on one day, or all wait
SRC-16   relaxed: a promise names the soft rules that gave way for it, and no others
SRC-17   floor: what is shipped leaves a store what it keeps on its floor
=======  ====================================================================================
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from oms_dagster.domain.sourcing.plan import Assignment, SourcingPlan
from oms_dagster.domain.sourcing.problem import Blocked, Ints, SourcingProblem


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
    for rule in (_stock, _quantity, _complete, _splits, _places, _days, _pieces, _capacity, _groups, _cost, _bound):
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
    found = _oversold(view, problem.atp_milli, "SRC-01", [True] * len(problem.line_ids))
    if problem.shipped_atp_milli.size:
        found += _oversold(view, problem.shipped_atp_milli, "SRC-17", (~problem.line_collected).tolist())
    return found


def _oversold(view: _View, cumulative: Ints, rule: str, counts: list[bool]) -> list[Finding]:
    """Where the lines that count take more than there is, from the first day on which they take any."""
    problem = view.problem
    takes: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for row, place, a in view.ships:
        if counts[row]:
            takes[int(problem.line_sku[row]), place].append((a.ship_day, a.quantity_milli))
    found = []
    for (sku, place), taken in sorted(takes.items()):
        atp = cumulative[sku, place].tolist()
        last = len(atp) - 1
        first = min(min(day for day, _ in taken), last)
        for day in range(first, last + 1):
            left = atp[day] - sum(q for at, q in taken if min(at, last) <= day)
            if left < 0:
                subject = f"{problem.sku_ids[sku]} at {problem.location_ids[place]}"
                found.append(Finding(rule, subject, f"day {day}: {-left} milli oversold"))
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
    """Shipments above the limit only where that is soft, and then each names the rule in all of its lines."""
    problem, found = view.problem, []
    named: dict[int, set[tuple[int, int]]] = defaultdict(set)
    for row, place, a in view.ships:
        if "max_splits" in a.relaxed:
            named[int(problem.line_order[row])].add((place, a.ship_day))
    for order, shipments in sorted(view.shipments.items()):
        above = max(0, len(shipments) - 1 - int(problem.order_max_splits[order]))
        if above and not problem.soft_max_splits:
            found.append(Finding("SRC-04", problem.order_ids[order], f"{len(shipments)} shipments"))
        elif above != len(named[order]):
            said = f"{len(named[order])} shipments relax max_splits, {above} are above the limit"
            found.append(Finding("SRC-16", problem.order_ids[order], said))
    return found


def _places(view: _View) -> list[Finding]:
    problem, found = view.problem, []
    for row, place, a in view.ships:
        pin, why = int(problem.line_pinned[row]), Blocked(int(problem.blocked[row, place]))
        if pin >= 0 and pin != place:
            found.append(Finding("SRC-05", a.line_id, f"{a.location_id}, pinned to {problem.location_ids[pin]}"))
        if why is not Blocked.FREE and why not in problem.soft_blocked:
            rule = "SRC-06" if why is Blocked.EXCLUDED else "SRC-07"
            found.append(Finding(rule, a.line_id, f"{a.location_id}: {why.name}"))
        elif {name for name in a.relaxed if name != "max_splits"} != ({why.name.lower()} if why else set()):
            found.append(Finding("SRC-16", a.line_id, f"{a.location_id}: {why.name}, relaxed {a.relaxed}"))
    return found


def _days(view: _View) -> list[Finding]:
    problem, found = view.problem, []
    last = problem.location_open.shape[1] - 1
    for row, place, a in view.ships:
        earliest, arrives = int(problem.earliest_ship_day[row, place]), _arrives(problem, row, place, a.ship_day)
        if not problem.location_open[place, min(a.ship_day, last)]:
            found.append(Finding("SRC-13", a.line_id, f"{a.location_id} is closed on day {a.ship_day}"))
        if a.ship_day < earliest:
            found.append(Finding("SRC-08", a.line_id, f"ships on day {a.ship_day}, earliest {earliest}"))
        elif a.deliver_day != arrives:
            found.append(Finding("SRC-08", a.line_id, f"delivers on day {a.deliver_day}, expected {arrives}"))
    return found


def _arrives(problem: SourcingProblem, row: int, place: int, ship_day: int) -> int:
    lane = int(problem.lane[row, place])
    if lane >= 0 and ship_day < problem.lane_delivery_day.shape[1]:
        return int(problem.lane_delivery_day[lane, ship_day])
    return ship_day + int(problem.transit_days[row, place])


def _capacity(view: _View) -> list[Finding]:
    problem = view.problem
    last = problem.location_open.shape[1] - 1
    lines = Counter((place, min(a.ship_day, last)) for _, place, a in view.ships)
    return [
        Finding("SRC-14", problem.location_ids[place], f"day {day}: {count} lines, {limit} possible")
        for (place, day), count in sorted(lines.items())
        if count > (limit := int(problem.location_capacity_lines[place, day]))
    ]


def _groups(view: _View) -> list[Finding]:
    problem = view.problem
    found: dict[tuple[int, int], set[tuple[object, ...]]] = defaultdict(set)
    asked = problem.line_quantity_milli
    rows = [(row, (place, a.ship_day), a.quantity_milli) for row, place, a in view.ships]
    for row, where, quantity in [*rows, *((row, ("waits",), b.quantity_milli) for row, b in view.waits)]:
        if problem.line_group[row] >= 0:
            whole = () if quantity == asked[row] else ("part", row)
            found[int(problem.line_order[row]), int(problem.line_group[row])].add((where, whole))
    return [
        Finding("SRC-15", problem.order_ids[order], f"group {group}: {len(places)} ways to ship")
        for (order, group), places in sorted(found.items())
        if len(places) > 1 or any(part for _, part in places)
    ]


def _pieces(view: _View) -> list[Finding]:
    pieces = Counter([row for row, _, _ in view.ships] + [row for row, _ in view.waits])
    return [
        Finding("SRC-09", view.problem.line_ids[row], f"in {count} pieces")
        for row, count in sorted(pieces.items())
        if count > 1 and not view.problem.line_divisible[row]
    ]


def _cost(view: _View) -> list[Finding]:
    problem, plan = view.problem, view.plan
    found: list[Finding] = []
    last: dict[str, set[tuple[str, int]]] = defaultdict(set)
    for p in problem.last_promises:
        if p.location_id in problem.location_ids:
            last[p.line_id].add((p.location_id, p.ship_day))
    rows: Counter[str] = Counter()
    fellows = Counter((int(problem.line_order[row]), place, a.ship_day) for row, place, a in view.ships)
    for row, place, a in view.ships:
        own = _line_costs(problem, row, place, a, last[a.line_id])
        said = a.costs.named()
        rows.update(said)
        quantity = int(problem.line_quantity_milli[row])
        paid = sum(said[name] for name in own)
        due = Fraction(ceil(Fraction(sum(own.values()) * a.quantity_milli, quantity)))
        if "max_splits" in a.relaxed:
            due += Fraction(problem.relaxation_cost_cents, fellows[int(problem.line_order[row]), place, a.ship_day])
        if abs(paid - due) >= 1:
            found.append(Finding("SRC-10", a.line_id, f"own costs of {paid} cents, recomputed {own}"))
        for name in own:
            exact = Fraction(own[name] * a.quantity_milli, quantity)
            if abs(said[name] - exact) >= 1 and not (name == "relaxation" and "max_splits" in a.relaxed):
                found.append(Finding("SRC-10", a.line_id, f"{name} {said[name]} cents, recomputed {float(exact)}"))
    rows["backorder"] += sum(b.cost_cents for b in plan.backorders)
    opened = [(order, place) for order, shipments in view.shipments.items() for place, _ in shipments]
    above = sum(max(0, len(s) - 1 - int(problem.order_max_splits[order])) for order, s in view.shipments.items())
    blocked = sum(bool(problem.blocked[row, place]) for row, place, _ in view.ships)
    totals = {
        "shipment": sum(int(problem.shipment_cost_cents[order, place]) for order, place in opened),
        "split": sum(len(shipments) - 1 for shipments in view.shipments.values()) * problem.split_cost_cents,
        "backorder": sum(
            int(problem.line_remainder_cents[row])
            + ceil(
                Fraction(
                    int(problem.line_backorder_cents[row] - problem.line_remainder_cents[row]) * b.quantity_milli,
                    int(problem.line_quantity_milli[row]),
                )
            )
            for row, b in view.waits
        ),
    }
    if not any(problem.line_divisible):
        totals["relaxation"] = (above + blocked) * problem.relaxation_cost_cents
    found += [
        Finding("SRC-10", name, f"{rows[name]} cents, recomputed {right}")
        for name, right in totals.items()
        if rows[name] != right
    ]
    named = plan.costs.named()
    found += [
        Finding("SRC-10", name, f"{said} cents, its rows sum to {rows[name]}")
        for name, said in named.items()
        if said != rows[name]
    ]
    if plan.report.objective != sum(named.values()):
        found.append(
            Finding("SRC-10", "objective", f"{plan.report.objective} cents, terms sum to {sum(named.values())}")
        )
    return found


def _line_costs(
    problem: SourcingProblem, row: int, place: int, a: Assignment, last: set[tuple[str, int]]
) -> dict[str, int]:
    """What the whole line would cost by name, were it shipped like this assignment."""
    arrives = _arrives(problem, row, place, a.ship_day)
    late = max(0, arrives - int(problem.line_due_day[row]))
    costs = {name: int(column[row, place]) for name, column in problem.line_terms.items()}
    costs["freight"] = int(problem.freight_cents[row, place])
    costs["lateness"] = late * int(problem.line_late_cents_per_day[row])
    if arrives > problem.line_promised_day[row]:
        costs["lateness"] += problem.late_promise_cents
    costs["relaxation"] = problem.relaxation_cost_cents if problem.blocked[row, place] else 0
    costs["stability"] = 0
    if last and a.location_id not in {location for location, _ in last}:
        costs["stability"] = problem.stability_cost_cents
    elif last and (a.location_id, a.ship_day) not in last:
        costs["stability"] = problem.stability_day_cost_cents
    return costs


def _bound(view: _View) -> list[Finding]:
    report = view.plan.report
    if report.bound is None or report.bound <= report.objective:
        return []
    return [Finding("SRC-12", "report", f"bound {report.bound} above objective {report.objective}")]
