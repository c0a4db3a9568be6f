"""Plan a day again that has a plan: start from it, and move a stop to another vehicle only where that pays.

The running plan (`Problem.previous`) without what is gone, what is new put at its cheapest place, then searches around
what changed, in which a stop that changes vehicle costs. What a search finds falls into parts: vehicles that exchange
stops, directly or through others. Each part is taken for itself, when it saves more than its moved stops are held to
cost. Belongs here: that weighing. Does not belong here: what happened (running.py), the search (search.py).
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import cos, radians

from oms_dagster.domain.routes import engine, verify
from oms_dagster.domain.routes.assemble import assemble
from oms_dagster.domain.routes.baseline import NAME as BASELINE
from oms_dagster.domain.routes.baseline import postal_code_draft
from oms_dagster.domain.routes.diagnosis import diagnose
from oms_dagster.domain.routes.docks import staggered
from oms_dagster.domain.routes.draft import Draft, Prepared, missing, placed
from oms_dagster.domain.routes.plan import Plan
from oms_dagster.domain.routes.problem import Problem, Shipment
from oms_dagster.domain.routes.rounds import part
from oms_dagster.domain.routes.search import (
    accepted_cost,
    as_loads,
    from_last_plan,
    read_loads,
    search,
    unreported,
)
from oms_dagster.domain.routes.solve import solve
from oms_dagster.domain.solving import Budget, SolveReport

#: Stops up to which the whole day is searched again.
WHOLE = 250
#: Stops of a group around something that changed, in a bigger day.
GROUP = 120


def replan(problem: Problem, budget: Budget, seed: int = 0, workers: int = 1) -> Plan:
    """The plan of the day from its running plan.

    Parameters
    ----------
    problem
        What is asked now; `previous` is the running plan, `locks` hold what is history or fixed by hand,
        `stability_cents` is what a stop that changes vehicle is held to cost.
    budget
        PyVRP iterations of each group; 0 only mends the plan and puts in what is new.
    seed
        Same problem, effort and seed: same plan.
    workers
        Processes, where the running plan is given up: it has less than half of the shipments, or is dearer now than
        the naive one.
    """
    if problem.docks is not None:
        return staggered(problem, lambda day: replan(day, budget, seed, workers))
    known = {s for load in problem.previous for stop in load.stops for s in stop}
    if 2 * sum(s.shipment_id in known for s in problem.shipments) < len(problem.shipments):
        return solve(problem, budget, seed, workers)
    began = time.monotonic()
    prepared = Prepared(_at_home(problem))
    baseline_cents = verify.objective(problem, unreported(prepared, postal_code_draft(prepared)))
    draft: Draft = from_last_plan(prepared)
    iterations, fuse, engines = 0, False, engine.NAME
    groups = list(_groups(prepared, draft)) if budget.effort > 0 else []
    for number, (vehicle_ids, left) in enumerate(groups):
        here = [s for v in vehicle_ids for trip in draft.get(v, ()) for stop in trip.visits for s in stop.shipments]
        asked = part(prepared, draft, vehicle_ids, [*here, *left])
        fuse_s = max(0.1, (budget.fuse_s - time.monotonic() + began) / (len(groups) - number))
        small = Prepared(asked)
        begun = from_last_plan(small)
        ceiling = sum(s.penalty_cents for s in asked.shipments) + sum(
            small.evaluate(small.vehicles[v], t)[2] for v, t in begun.items()
        )
        found = search(small, begun, Budget(budget.effort, fuse_s), seed + number, ceiling)
        iterations, fuse = iterations + found.iterations, fuse or found.fuse
        engines = max(engines, found.engines, key=len)
        if found.draft is not None:
            others = as_loads({v: trips for v, trips in draft.items() if v not in vehicle_ids})
            after = read_loads(prepared, [*others, *as_loads(found.draft)])
            draft = adopted(prepared, draft, after)
    objective = accepted_cost(prepared, draft)
    if objective is None or objective > baseline_cents:
        return solve(problem, budget, seed, workers)
    report = SolveReport(
        engine=f"{engines}, from the running plan", status="feasible" if problem.shipments else "empty",
        objective=objective, baseline=BASELINE, baseline_objective=baseline_cents, bound=None, bound_kind="none",
        effort=iterations, seed=seed, wall_s=time.monotonic() - began, fuse=fuse,
        size=problem.in_words,
    )  # fmt: skip
    return assemble(prepared, draft, diagnose(prepared, draft), report)


def moved(problem: Problem, plan: Plan) -> tuple[str, ...]:
    """Shipments of the running plan that ride on another vehicle now, or on none, in id order.

    Those of a vehicle that takes no part any more had to move and aren't counted.
    """
    now = {s: load.vehicle_id for load in plan.loads for s in load.shipment_ids}
    homes = {s.shipment_id: s.home_vehicle_id for s in _at_home(problem).shipments if s.home_vehicle_id}
    return tuple(s for s, home in sorted(homes.items()) if now.get(s) != home)


def _at_home(problem: Problem) -> Problem:
    """The problem in which each shipment knows its vehicle of the running plan, where that still takes part."""
    fleet = {v.vehicle_id for v in problem.vehicles}
    homes = {s: x.vehicle_id for x in problem.previous for stop in x.stops for s in stop if x.vehicle_id in fleet}
    goods = (replace(s, home_vehicle_id=homes.get(s.shipment_id, "")) for s in problem.shipments)
    return replace(problem, shipments=tuple(goods))


def adopted(prepared: Prepared, before: Draft, after: Draft) -> Draft:
    """`before` with those parts of `after` that save more than their moved stops are held to cost."""
    result = dict(before)
    for vehicle_ids in _exchanging(before, after):
        one = {v: before[v] for v in vehicle_ids if v in before}
        other = {v: after[v] for v in vehicle_ids if v in after}
        goods = placed(one) | placed(other)
        if _held_to_cost(prepared, other, goods) < _held_to_cost(prepared, one, goods):
            for vehicle_id in vehicle_ids:
                result.pop(vehicle_id, None)
            result.update(other)
    return result


def _held_to_cost(prepared: Prepared, draft: Draft, goods: set[str]) -> int:
    """Cents of some vehicles' day: routes, penalties of those of `goods` that don't ride, stops away from home."""
    cost = sum(prepared.evaluate(prepared.vehicles[v], trips)[2] for v, trips in draft.items() if trips)
    cost += sum(prepared.shipments[s].penalty_cents for s in goods - placed(draft))
    stops = ((v, stop) for v, trips in draft.items() for trip in trips for stop in trip.visits)
    away = sum(any(s.home_vehicle_id not in ("", v) for s in stop.shipments) for v, stop in stops)
    return cost + prepared.problem.stability_cents * away


def _exchanging(before: Draft, after: Draft) -> list[list[str]]:
    """Vehicles in parts that exchange no shipment with each other; those whose day stays the same are left out."""
    group = {v: v for v in (*before, *after)}

    def root(vehicle_id: str) -> str:
        while group[vehicle_id] != vehicle_id:
            vehicle_id = group[vehicle_id]
        return vehicle_id

    now = {s: v for v in after for s in placed({v: after[v]})}
    for vehicle_id in before:
        for shipment_id in placed({vehicle_id: before[vehicle_id]}):
            one, other = sorted((root(vehicle_id), root(now.get(shipment_id, vehicle_id))))
            group[other] = one
    parts: dict[str, list[str]] = defaultdict(list)
    for vehicle_id in sorted(group):
        parts[root(vehicle_id)].append(vehicle_id)
    return [ids for ids in parts.values() if any(before.get(v) != after.get(v) for v in ids)]


def _groups(prepared: Prepared, draft: Draft) -> Iterator[tuple[list[str], list[Shipment]]]:
    """Vehicles to search together, with the shipments near them that ride nowhere.

    All of a small day; in a bigger one the neighbours of each vehicle whose stops changed and of each shipment left.
    Of each kind one idle vehicle takes part.
    """
    left = missing(prepared, draft)
    busy = [v for v, trips in draft.items() if trips]
    idle = list({prepared.kind[v]: v for v in reversed(prepared.vehicles) if v not in busy}.values())
    tied = [h[0] for s in left if (h := prepared.held_by.get(s.shipment_id)) and h[0] in prepared.vehicles]
    stops = {v: sum(len(trip.visits) for trip in draft[v]) for v in busy}
    if sum(stops.values()) + len(left) <= WHOLE:
        yield sorted({*busy, *idle, *tied}), left
        return
    middle = {v: _middle([s for trip in draft[v] for stop in trip.visits for s in stop.shipments]) for v in busy}
    before = {load.vehicle_id: {s for stop in load.stops for s in stop} for load in prepared.problem.previous}
    anchors = [middle[v] for v in busy if placed({v: draft[v]}) != before.get(v, set())]
    anchors += [_middle([s]) for s in left]
    while anchors:
        centre = anchors[0]
        group: list[str] = []
        for vehicle_id in sorted(busy, key=lambda v: (_apart(middle[v], centre), v)):
            if group and sum(stops[v] for v in group) + stops[vehicle_id] > GROUP:
                break
            group.append(vehicle_id)
        reach = max((_apart(middle[v], centre) for v in group), default=0.0)
        near = [s for s in left if _apart(_middle([s]), centre) <= reach]
        yield sorted({*group, *idle}), near
        left = [s for s in left if s not in near]
        anchors = [a for a in anchors[1:] if _apart(a, centre) > reach]


def _middle(goods: Sequence[Shipment]) -> tuple[float, float]:
    """Barycentre, in degrees of latitude both ways."""
    north = sum(s.latitude for s in goods) / len(goods)
    return north, sum(s.longitude for s in goods) / len(goods) * cos(radians(north))


def _apart(one: tuple[float, float], other: tuple[float, float]) -> float:
    return (one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2
