"""Which engine plans: PyVRP, and OR-Tools after it where a rule matters that PyVRP can't be told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from routing_days import HOUR, calm_day, parcel, van

from oms_dagster.domain.routes import ortools_engine, verify
from oms_dagster.domain.routes.draft import Prepared, draft_objective
from oms_dagster.domain.routes.plan import Plan
from oms_dagster.domain.routes.problem import BreakRule, PositionLock, PreviousLoad, Problem
from oms_dagster.domain.routes.search import accepted_cost, polished, read_loads
from oms_dagster.domain.routes.solve import solve
from oms_dagster.domain.solving import Budget
from tests.bench.routes import clustered_day

QUICK = Budget(200)


def mixed_day(stops: int = 40, seed: int = 3, **changes: object) -> Problem:
    """A clustered day of which a third is food and a third is what may not ride with it."""
    day = clustered_day(stops, seed)
    classes = (("food",), ("toxic",), ())
    goods = tuple(replace(s, goods_classes=classes[n % 3]) for n, s in enumerate(day.shipments))
    return replace(day, shipments=goods, apart=(("food", "toxic"),), **changes)  # type: ignore[arg-type]


def content(plan: Plan) -> list[object]:
    return [(x.load_id, x.departure_s, x.shipment_ids) for x in plan.loads]


def test_a_plain_day_is_planned_by_pyvrp_alone():
    assert solve(calm_day(), QUICK).report.engine.startswith("pyvrp ")
    assert "or-tools" not in solve(calm_day(breaks=BreakRule()), QUICK).report.engine


def test_goods_to_keep_apart_bring_in_ortools_and_the_plan_says_so():
    problem = mixed_day()
    plan = solve(problem, QUICK)
    assert verify.check(problem, plan) == ()
    assert "pyvrp" in plan.report.engine
    assert "or-tools" in plan.report.engine
    assert len(plan.dropped) < len(problem.shipments) / 10


def test_lateness_that_would_help_brings_it_in():
    goods = tuple(parcel(n, 0, 30 if n % 2 else -30, window_to_s=8 * HOUR, max_late_s=3 * HOUR) for n in range(1, 5))
    problem = calm_day(shipments=goods, vehicles=(van(1),), late_per_hour_cents=1_000)
    plan = solve(problem, QUICK)
    assert verify.check(problem, plan) == ()
    assert not plan.dropped


@pytest.mark.parametrize("breaks", [None, BreakRule()])
def test_it_takes_up_a_plan_and_makes_it_no_dearer(breaks: BreakRule | None):
    problem = mixed_day(breaks=breaks)
    prepared = Prepared(problem)
    loads = [
        PreviousLoad(x.vehicle_id, x.trip, tuple(s.shipment_ids for s in x.stops))
        for x in solve(problem, Budget(1)).loads
    ]
    draft = read_loads(prepared, loads)
    improved = ortools_engine.improve(prepared, draft, QUICK)
    assert improved is not None
    assert not improved.fuse
    found = {v: (prepared.arrange(v, 1, stops),) for v, stops in improved.trips.items() if stops}
    after = polished(prepared, {**{v: t for v, t in draft.items() if v not in improved.trips}, **found})
    assert accepted_cost(prepared, after) is not None
    assert draft_objective(prepared, after) <= draft_objective(prepared, draft)


def test_ortools_knows_two_depots_overtime_and_a_limit_of_duty_too():
    """All at once, on a plan that it takes up: what comes back keeps every rule."""
    problem = mixed_day()
    east = (problem.depot.latitude + 0.3, problem.depot.longitude + 0.3)
    fleet = tuple(
        replace(v, base=east if n % 2 else None, max_duty_s=8 * HOUR, shift_end_s=15 * HOUR, max_overtime_s=HOUR,
                overtime_per_hour_cents=3_000)
        for n, v in enumerate(problem.vehicles)
    )  # fmt: skip
    plan = solve(replace(problem, vehicles=fleet), QUICK)
    assert verify.check(replace(problem, vehicles=fleet), plan) == ()
    assert "or-tools" in plan.report.engine


def test_the_same_effort_gives_the_same_plan():
    one, other = (content(solve(mixed_day(breaks=BreakRule()), QUICK, seed=4)) for _ in range(2))
    assert one == other


def test_it_leaves_locked_loads_and_second_trips_as_they_are():
    day = calm_day(vehicles=(van(1, max_trips=2, max_stops=3), van(2, max_stops=3), van(3)))
    plan = solve(day, QUICK)
    twice = [x for x in plan.loads if x.trip == 2]
    locks = (PositionLock(plan.loads[0].shipment_ids[0], plan.loads[0].vehicle_id, plan.loads[0].trip, 1),)
    prepared = Prepared(replace(day, locks=locks))
    loads = [PreviousLoad(x.vehicle_id, x.trip, tuple(s.shipment_ids for s in x.stops)) for x in plan.loads]
    improved = ortools_engine.improve(prepared, read_loads(prepared, loads), QUICK)
    left_alone = {plan.loads[0].vehicle_id, *(x.vehicle_id for x in twice)}
    assert improved is None or not left_alone & set(improved.trips)


def test_a_day_that_is_too_big_for_it_is_left_to_pyvrp(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ortools_engine, "MOST", 10)
    assert "or-tools" not in solve(mixed_day(), QUICK).report.engine
