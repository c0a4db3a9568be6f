"""Pick-ups on the way: what is collected rides from its stop on, in the room that deliveries have left."""

from __future__ import annotations

from dataclasses import replace

import pytest
from routing_days import HOUR, calm_day, parcel, pickup_day, van

from oms_dagster.domain.routes import ortools_engine, verify
from oms_dagster.domain.routes.draft import Prepared, draft_objective
from oms_dagster.domain.routes.plan import Plan
from oms_dagster.domain.routes.problem import FrozenLoad, PreviousLoad, Problem, Shipment
from oms_dagster.domain.routes.replan import replan
from oms_dagster.domain.routes.search import accepted_cost, polished, read_loads
from oms_dagster.domain.routes.solve import solve
from oms_dagster.domain.solving import Budget
from tests.bench.routes import clustered_day

QUICK = Budget(effort=150)


def pickup(number: int, north_km: float = 0.0, east_km: float = 5.0, **changes: object) -> Shipment:
    values: dict[str, object] = {"shipment_id": f"P{number:02d}", "is_pickup": True, "penalty_cents": 2_000}
    return parcel(number, north_km, east_km, **{**values, **changes})


def accepted(problem: Problem, plan: Plan) -> Plan:
    assert verify.check(problem, plan) == ()
    assert plan.report.objective <= (plan.report.baseline_objective or 0)
    return plan


def test_a_pickup_shares_the_stop_of_a_delivery_and_has_no_place_at_the_departure():
    problem = calm_day(shipments=(parcel(1), pickup(1), parcel(2, 3, 5)))
    (load,) = accepted(problem, solve(problem, QUICK)).loads
    shared = next(stop for stop in load.stops if "P01" in stop.shipment_ids)
    assert dict(zip(shared.shipment_ids, shared.load_positions, strict=True))["P01"] == 0
    assert "S01" in shared.shipment_ids
    assert len(load.stops) == 2
    assert load.weight_g == 200_000  # on board at the departure


def test_a_pickup_is_a_stop_of_its_own_where_nothing_is_delivered():
    problem = calm_day(shipments=(parcel(1), pickup(2, 1, 4)))
    (load,) = accepted(problem, solve(problem, QUICK)).loads
    assert sorted(stop.shipment_ids for stop in load.stops) == [("P02",), ("S01",)]


def test_a_full_van_collects_once_it_has_delivered_enough():
    """The pick-up lies on the way out, but there is room for it only on the way back."""
    problem = calm_day(
        vehicles=(van(1, capacity_g=200_000),),
        shipments=(pickup(1, 0, 2, weight_g=150_000), parcel(2, 0, 4), parcel(3, 0, 6)),
    )
    (load,) = accepted(problem, solve(problem, QUICK)).loads
    assert load.shipment_ids[-1] == "P01"
    assert load.utilisation_permille == 1_000
    assert load.binding_dimension == "weight"


def test_what_is_not_worth_the_way_stays_behind_with_its_fix():
    problem = calm_day(shipments=(parcel(1), pickup(2, 40, 0)))
    plan = accepted(problem, solve(problem, QUICK))
    assert [(d.shipment_id, d.reason) for d in plan.dropped] == [("P02", "NOT_WORTH")]
    assert plan.left_behind == ()  # it waits where it is


def test_a_cold_pickup_rides_only_on_a_cold_vehicle_and_apart_from_what_it_must_not_meet():
    cold = pickup(2, 1, 4, temperature_class="chilled")
    problem = calm_day(shipments=(parcel(1), cold))
    assert [d.reason for d in accepted(problem, solve(problem, QUICK)).dropped] == ["TEMPERATURE"]
    toxic = pickup(2, 1, 4, goods_classes=("toxic",))
    food = parcel(1, goods_classes=("food",))
    problem = calm_day(shipments=(food, toxic), vehicles=(van(1),), apart=(("food", "toxic"),))
    assert [d.shipment_id for d in accepted(problem, solve(problem, QUICK)).dropped] == ["P02"]


def test_a_delivery_left_behind_for_pickups_is_said_to_be():
    """The van goes to one side only: where the pick-ups are worth more than the delivery, that is the reason told."""
    one = van(1, max_stops=2, max_drive_s=8 * HOUR)
    rich = tuple(pickup(n, 20, n, penalty_cents=90_000) for n in (1, 2))
    problem = calm_day(shipments=(*rich, parcel(3, -20, 0, penalty_cents=20_000)), vehicles=(one,))
    plan = accepted(problem, solve(problem, QUICK))
    (drop,) = plan.dropped
    assert (drop.shipment_id, drop.reason) == ("S03", "PICKUP")
    assert drop.cheapest_fix.text in ("leave P01 for another day", "leave P02 for another day")


def test_no_delivery_stays_behind_for_pickups_that_are_worth_less():
    problem = pickup_day(1)
    goods = tuple(replace(s, penalty_cents=100 if s.is_pickup else 10_000_000) for s in problem.shipments)
    plan = accepted(replace(problem, shipments=goods), solve(replace(problem, shipments=goods), QUICK))
    without = replace(problem, shipments=tuple(s for s in goods if not s.is_pickup))
    alone = solve(without, QUICK)
    deliveries = {s.shipment_id for s in goods if not s.is_pickup}
    left = [d for d in plan.dropped if d.shipment_id in deliveries]
    assert len(left) == len(alone.dropped)
    assert all(d.reason != "PICKUP" for d in left)


@pytest.mark.parametrize("seed", range(12))
def test_random_days_with_pickups_keep_all_rules_and_beat_the_naive_way(seed: int):
    accepted(pickup_day(seed), solve(pickup_day(seed), QUICK, seed))


def test_a_vehicle_that_loads_again_is_empty_in_between():
    goods = tuple(parcel(n, 0, n) for n in range(1, 5)) + tuple(pickup(n, 0, n) for n in range(1, 5))
    problem = calm_day(shipments=goods, vehicles=(van(1, capacity_g=200_000, max_trips=3),))
    plan = accepted(problem, solve(problem, QUICK))
    assert plan.dropped == ()
    assert len(plan.loads) == 2


def test_ortools_takes_pickups_up_under_the_same_limits():
    day = clustered_day(40, 3)
    goods = tuple(replace(s, is_pickup=n % 3 == 0) for n, s in enumerate(day.shipments))
    problem = replace(day, shipments=goods)
    prepared = Prepared(problem)
    loads = [
        PreviousLoad(x.vehicle_id, x.trip, tuple(s.shipment_ids for s in x.stops))
        for x in solve(problem, Budget(20)).loads
    ]
    draft = read_loads(prepared, loads)
    improved = ortools_engine.improve(prepared, draft, Budget(800))
    assert improved is not None
    fresh = {v: (prepared.arrange(v, 1, stops),) for v, stops in improved.trips.items() if stops}
    assert all(prepared.evaluate(prepared.vehicles[v], trips)[1].none for v, trips in fresh.items())
    cost = accepted_cost(prepared, polished(prepared, fresh))
    assert cost is not None
    assert cost <= draft_objective(prepared, draft)


def test_a_frozen_load_keeps_its_pickups_and_a_new_plan_of_the_day_too():
    problem = calm_day(shipments=(parcel(1), pickup(1), pickup(3, 1, 6)))
    plan = solve(problem, QUICK)
    frozen = tuple(FrozenLoad(x.vehicle_id, x.trip, tuple(s.shipment_ids for s in x.stops)) for x in plan.loads)
    again = accepted(problem, solve(replace(problem, locks=frozen), QUICK))
    assert again.loads[0].shipment_ids == plan.loads[0].shipment_ids
    previous = tuple(PreviousLoad(x.vehicle_id, x.trip, tuple(s.shipment_ids for s in x.stops)) for x in plan.loads)
    warm = replan(replace(problem, previous=previous), QUICK)
    assert [x.shipment_ids for x in warm.loads] == [x.shipment_ids for x in plan.loads]


def test_the_same_effort_gives_the_same_plan():
    one, other = (solve(pickup_day(1), QUICK, seed=3) for _ in range(2))
    assert (one.loads, one.dropped) == (other.loads, other.dropped)
