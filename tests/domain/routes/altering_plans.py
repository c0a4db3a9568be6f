"""Ways to break an accepted plan, by the rule that each breaks: what all of them are made of.

Each takes Hypothesis' `draw`, a day and a plan that the checker accepts, and gives them back broken; where the day has
nothing to break that way, it says so by `assume`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from oms_dagster.domain.routes.plan import Load, Plan
from oms_dagster.domain.routes.problem import Problem, Shipment

Broken = tuple[Problem, Plan]
Draw = Callable[[st.SearchStrategy[Any]], Any]
Way = Callable[[Draw, Problem, Plan], Broken]
WAYS: dict[str, list[Way]] = {}
SECONDS = st.integers(2, 7_200) | st.integers(-7_200, -2)


def breaks(rule: str) -> Callable[[Way], Way]:
    def register(way: Way) -> Way:
        WAYS.setdefault(rule, []).append(way)
        return way

    return register


def a_load(draw: Draw, plan: Plan, stops: int = 1) -> Load:
    loads = [load for load in plan.loads if len(load.stops) >= stops]
    assume(loads)
    return draw(st.sampled_from(loads))


def with_load(plan: Plan, load: Load, **changes: Any) -> Plan:
    changed = replace(load, **changes)
    return replace(plan, loads=tuple(changed if x is load else x for x in plan.loads))


def with_stop(plan: Plan, load: Load, at: int, **changes: Any) -> Plan:
    stops = tuple(replace(stop, **changes) if n == at else stop for n, stop in enumerate(load.stops))
    return with_load(plan, load, stops=stops)


def with_vehicle(problem: Problem, load: Load, **changes: Any) -> Problem:
    fleet = (replace(v, **changes) if v.vehicle_id == load.vehicle_id else v for v in problem.vehicles)
    return replace(problem, vehicles=tuple(fleet))


def with_shipment(problem: Problem, shipment_id: str, **changes: Any) -> Problem:
    goods = (replace(s, **changes) if s.shipment_id == shipment_id else s for s in problem.shipments)
    return replace(problem, shipments=tuple(goods))


def known(problem: Problem, shipment_id: str) -> Shipment:
    return next(s for s in problem.shipments if s.shipment_id == shipment_id)
