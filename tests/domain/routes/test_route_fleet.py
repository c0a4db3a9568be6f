"""A plan with a vehicle fewer: found where its stops fit elsewhere and that is cheaper, else the plan stays as it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oms_dagster.domain.routes import engine, fleet
from oms_dagster.domain.routes.draft import Prepared, units
from oms_dagster.domain.routes.problem import PreviousLoad, Problem
from oms_dagster.domain.routes.search import from_last_plan
from oms_dagster.domain.routes.solve import solve
from oms_dagster.domain.routes.verify import check
from oms_dagster.domain.solving import Budget
from tests.bench.routes import clustered_day

EFFORT = Budget(60)


def scattered(problem: Problem) -> Problem:
    """The day with a running plan that has its stops on twice as many vehicles as it takes."""
    plan = solve(problem, EFFORT, seed=1)
    loads = [PreviousLoad(x.vehicle_id, 1, tuple(s.shipment_ids for s in x.stops)) for x in plan.loads]
    idle = [v.vehicle_id for v in problem.vehicles if v.vehicle_id not in {load.vehicle_id for load in loads}]
    halves = []
    for load, spare in zip(loads, idle, strict=False):
        middle = len(load.stops) // 2
        halves += [replace(load, stops=load.stops[:middle]), replace(load, vehicle_id=spare, stops=load.stops[middle:])]
    return replace(problem, previous=tuple(halves))


def routed(problem: Problem) -> int:
    prepared = Prepared(problem)
    goods = units(prepared, prepared.free)
    fleet_ = list(prepared.vehicles.values())
    everything = {s.shipment_id for s in problem.shipments}
    return len(engine.route(prepared, goods, fleet_, from_last_plan(prepared), Budget(1), 1, everything).trips)


def test_a_search_of_one_iteration_gives_vehicles_up_that_a_plan_does_without(monkeypatch: pytest.MonkeyPatch):
    problem = scattered(clustered_day(120, seed=2))
    spared = routed(problem)
    monkeypatch.setattr(fleet, "TRIES", 0)
    assert spared < routed(problem)


def test_a_vehicle_that_costs_nothing_by_the_day_is_not_given_up(monkeypatch: pytest.MonkeyPatch):
    problem = scattered(clustered_day(120, seed=2))
    free = replace(problem, vehicles=tuple(replace(v, fixed_cost_cents=0) for v in problem.vehicles))
    tried = routed(free)
    monkeypatch.setattr(fleet, "TRIES", 0)
    assert tried == routed(free)


def test_the_plan_keeps_all_rules_and_is_the_same_each_time():
    problem = scattered(clustered_day(120, seed=2))
    plan = solve(problem, EFFORT, seed=4)
    assert check(problem, plan) == ()
    assert plan.loads == solve(problem, EFFORT, seed=4).loads
