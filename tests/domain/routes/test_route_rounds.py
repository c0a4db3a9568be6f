"""A day too big for one search: groups of neighbouring routes, searched in rounds."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from oms_dagster.domain.routes import baseline, rounds
from oms_dagster.domain.routes.baseline import postal_code_draft
from oms_dagster.domain.routes.draft import Prepared
from oms_dagster.domain.routes.plan import Plan
from oms_dagster.domain.routes.problem import FrozenLoad, PreviousLoad, Problem, VehicleLock
from oms_dagster.domain.routes.solve import solve
from oms_dagster.domain.routes.travel import Travel
from oms_dagster.domain.routes.verify import check
from oms_dagster.domain.solving import Budget
from tests.bench.routes import clustered_day


@pytest.fixture(autouse=True)
def small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Days of 100 stops count as big, in groups of 30."""
    monkeypatch.setattr(rounds, "WHOLE", 60)
    monkeypatch.setattr(rounds, "GROUP", 30)
    monkeypatch.setattr(rounds, "ROUNDS", 2)


def test_a_big_day_is_accepted_by_the_checker_and_beats_postal_code_order() -> None:
    problem = clustered_day(120, seed=3)
    plan = solve(problem, Budget(300), seed=1)
    assert check(problem, plan) == ()
    assert not plan.dropped
    assert plan.report.objective == plan.objective_cents < plan.report.baseline_objective


def test_the_plan_does_not_depend_on_the_number_of_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the processes don't run the main module again, which may be a page of the tower."""
    main = ModuleType("__main__")
    main.__file__ = str(tmp_path / "page.py")
    (tmp_path / "page.py").write_text("raise SystemExit('the main module ran in a worker')")
    monkeypatch.setitem(sys.modules, "__main__", main)
    problem = clustered_day(100, seed=4)
    assert _content(problem, workers=1) == _content(problem, workers=2)


def test_the_order_of_shipments_and_vehicles_does_not_matter() -> None:
    problem = clustered_day(100, seed=5)
    turned = Problem(problem.depot, problem.day, problem.vehicles[::-1], problem.shipments[::-1])
    assert _content(problem, workers=1) == _content(turned, workers=1)


def _content(problem: Problem, workers: int) -> list[tuple[str, tuple[str, ...]]]:
    plan = solve(problem, Budget(150, fuse_s=900), seed=2, workers=workers)
    assert not plan.report.fuse
    return [(load.load_id, load.shipment_ids) for load in plan.loads]


def test_locks_hold_across_groups() -> None:
    """Two shipments from opposite ends of the map ride on the van that they are tied to; a frozen load stays as it is."""
    problem = clustered_day(100, seed=6)
    east = sorted(problem.shipments, key=lambda s: s.longitude)
    frozen = tuple((s.shipment_id,) for s in sorted(east[40:44], key=lambda s: s.window_from_s))
    locks = (
        VehicleLock(east[0].shipment_id, "V0001"),
        VehicleLock(east[-1].shipment_id, "V0001"),
        FrozenLoad("V0002", 1, frozen),
    )
    tied = Problem(problem.depot, problem.day, problem.vehicles, problem.shipments, locks)
    plan = solve(tied, Budget(200), seed=1)
    assert check(tied, plan) == ()
    on = {load.vehicle_id: load.shipment_ids for load in plan.loads}
    riding = [s for s in (east[0].shipment_id, east[-1].shipment_id) if s in on.get("V0001", ())]
    assert riding, "neither of the tied shipments rides"
    assert on["V0002"] == tuple(s for stop in frozen for s in stop)


def test_with_too_few_vehicles_what_stays_behind_has_a_reason() -> None:
    problem = clustered_day(100, seed=7)
    short = Problem(problem.depot, problem.day, problem.vehicles[:2], problem.shipments)
    plan = solve(short, Budget(150), seed=1)
    assert check(short, plan) == ()
    assert plan.dropped


def test_the_last_plan_is_kept_where_it_still_pays() -> None:
    problem = clustered_day(100, seed=8)
    first = solve(problem, Budget(400), seed=1)
    loads = rounds.as_loads(rounds.read_loads(Prepared(problem), _previous(first)))
    again = Problem(problem.depot, problem.day, problem.vehicles, problem.shipments, previous=loads)
    second = solve(again, Budget(1), seed=2)
    assert second.objective_cents <= first.objective_cents
    vehicle = {s: load.vehicle_id for load in first.loads for s in load.shipment_ids}
    out = {load.vehicle_id for load in second.loads}
    moved = [s for load in second.loads for s in load.shipment_ids if vehicle.get(s) in out - {load.vehicle_id}]
    assert len(moved) <= 10, "nine of ten stay, but for those of a vehicle that is spared"


def _previous(plan: Plan) -> list[PreviousLoad]:
    return [PreviousLoad(x.vehicle_id, x.trip, tuple(s.shipment_ids for s in x.stops)) for x in plan.loads]


def test_legs_of_a_big_day_are_those_of_a_small_one(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = clustered_day(80, seed=9)
    places = [(s.latitude, s.longitude) for s in problem.shipments]
    dense = Travel(places, problem.travel)
    monkeypatch.setattr("oms_dagster.domain.routes.travel.DENSE", 0)
    sparse = Travel(places, problem.travel)
    assert all(dense.leg(a, b) == sparse.leg(a, b) for a in range(80) for b in range(80))


def test_the_naive_plan_is_the_first_vehicle_that_can_take_a_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    """The quick look at what a vehicle can't take refuses nothing that the full timing would allow."""
    problem = clustered_day(150, seed=10)
    twice = Problem(
        problem.depot, problem.day, tuple(replace(v, max_trips=2) for v in problem.vehicles), problem.shipments
    )
    for day in (problem, twice):
        quick = postal_code_draft(Prepared(day))
        with monkeypatch.context() as patch:
            patch.setattr(baseline._Room, "may_take", lambda room, unit: room._vehicle_ids)
            assert postal_code_draft(Prepared(day)) == quick
