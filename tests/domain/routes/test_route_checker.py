"""Each rule of the checker has a broken plan that it alone catches."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from routing_days import HOUR, calm_day, parcel, van

from oms_dagster.domain.routes import verify
from oms_dagster.domain.routes.doors import Docks
from oms_dagster.domain.routes.plan import Change, Dropped, Fix, Plan
from oms_dagster.domain.routes.problem import BreakRule, FrozenLoad, PositionLock, Problem, VehicleLock
from oms_dagster.domain.routes.solve import solve
from oms_dagster.domain.solving import Budget

Broken = tuple[Problem, Plan]
BROKEN: dict[str, Callable[[], Broken]] = {}
QUICK = Budget(effort=60)


def breaks(rule: str) -> Callable[[Callable[[], Broken]], Callable[[], Broken]]:
    def register(make: Callable[[], Broken]) -> Callable[[], Broken]:
        BROKEN[rule] = make
        return make

    return register


def good(**changes: object) -> Broken:
    """A small day and a plan that the checker accepts."""
    problem = calm_day(**{"shipments": calm_day().shipments[:3], **changes})
    plan = solve(problem, QUICK)
    assert verify.check(problem, plan) == ()
    return problem, plan


def with_load(plan: Plan, **changes: object) -> Plan:
    """The plan with its first load changed, and the objective in line with it."""
    load = replace(plan.loads[0], **changes)  # type: ignore[arg-type]
    objective = plan.objective_cents + load.cost_cents - plan.loads[0].cost_cents
    return replace(plan, loads=(load, *plan.loads[1:]), objective_cents=objective)


def with_stop(plan: Plan, number: int, **changes: object) -> Plan:
    stops = list(plan.loads[0].stops)
    stops[number] = replace(stops[number], **changes)  # type: ignore[arg-type]
    return with_load(plan, stops=tuple(stops))


def with_fleet(problem: Problem, **changes: object) -> Problem:
    """The same day after the fleet's data changed under the plan."""
    return replace(problem, vehicles=tuple(replace(v, **changes) for v in problem.vehicles))  # type: ignore[arg-type]


@breaks("ROUTE-01")
def a_shipment_rides_twice() -> Broken:
    """Two vans set out to the same door with the same parcel."""
    problem, plan = good(shipments=(parcel(1),))
    first = plan.loads[0]
    second = replace(first, load_id="LON-20250305-V2-1", vehicle_id="V2", driver_id="D2")
    return problem, replace(plan, loads=(first, second), objective_cents=2 * plan.objective_cents)


@breaks("ROUTE-02")
def a_shipment_is_forgotten() -> Broken:
    problem, plan = good()
    return replace(problem, shipments=(*problem.shipments, parcel(9, penalty_cents=0))), plan


@breaks("ROUTE-03")
def the_payload_is_exceeded() -> Broken:
    problem, plan = good()
    return with_fleet(problem, capacity_g=299_999), plan


@breaks("ROUTE-04")
def the_volume_is_exceeded() -> Broken:
    problem, plan = good()
    return with_fleet(problem, capacity_dm3=1_499), plan


@breaks("ROUTE-05")
def there_are_too_many_stops() -> Broken:
    problem, plan = good()
    return with_fleet(problem, max_stops=2), plan


@breaks("ROUTE-06")
def the_insured_value_is_exceeded() -> Broken:
    problem, plan = good()
    return with_fleet(problem, max_value_cents=149_999), plan


@breaks("ROUTE-07")
def the_shift_ends_before_the_return() -> Broken:
    problem, plan = good()
    return with_fleet(problem, shift_end_s=plan.loads[0].return_s - 1), with_load(plan, overtime_s=1)


@breaks("ROUTE-08")
def the_driving_limit_is_exceeded() -> Broken:
    problem, plan = good()
    return with_fleet(problem, max_drive_s=plan.loads[0].drive_s - 1), plan


@breaks("ROUTE-09")
def service_is_late_without_a_lock() -> Broken:
    problem, plan = good()
    late = plan.loads[0].stops[-1]
    goods = tuple(
        replace(s, window_to_s=late.service_start_s - 60) if s.shipment_id in late.shipment_ids else s
        for s in problem.shipments
    )
    return replace(problem, shipments=goods), with_load(with_stop(plan, -1, late_s=60), late_s=60)


@breaks("ROUTE-10")
def lateness_is_hidden() -> Broken:
    problem, plan = good()
    frozen = FrozenLoad("V1", 1, tuple(stop.shipment_ids for stop in plan.loads[0].stops))
    late = plan.loads[0].stops[-1]
    goods = tuple(
        replace(s, window_to_s=late.service_start_s - 60) if s.shipment_id in late.shipment_ids else s
        for s in problem.shipments
    )
    return replace(problem, shipments=goods, locks=(frozen,)), plan


@breaks("ROUTE-11")
def the_van_is_faster_than_its_speed() -> Broken:
    problem, plan = good()
    return replace(problem, stop_service_s=60), plan


@breaks("ROUTE-12")
def a_locked_stop_moved() -> Broken:
    problem, plan = good()
    return replace(problem, locks=(PositionLock(plan.loads[0].shipment_ids[0], "V1", 1, 2),)), plan


@breaks("ROUTE-13")
def a_frozen_load_lost_a_stop() -> Broken:
    problem, plan = good()
    return replace(problem, locks=(FrozenLoad("V1", 1, (plan.loads[0].stops[0].shipment_ids,)),)), plan


@breaks("ROUTE-14")
def a_tied_shipment_rides_elsewhere() -> Broken:
    problem, plan = good()
    return replace(problem, locks=(VehicleLock("S01", "V2"),)), plan


@breaks("ROUTE-15")
def the_second_trip_leaves_before_the_first_is_reloaded() -> Broken:
    problem, plan = good(vehicles=(van(1, max_stops=2, max_trips=2),))
    assert len(plan.loads) == 2
    gap = plan.loads[1].departure_s - plan.loads[0].return_s
    return replace(problem, reload_s=gap + 1), plan


@breaks("ROUTE-16")
def one_driver_is_on_two_vans() -> Broken:
    problem, plan = good(vehicles=(van(1, max_stops=2), van(2, max_stops=2)))
    assert len(plan.loads) == 2
    both = tuple(replace(load, driver_id="ANN") for load in plan.loads)
    return with_fleet(problem, driver_id="ANN"), replace(plan, loads=both)


@breaks("ROUTE-17")
def chilled_goods_ride_warm() -> Broken:
    problem, plan = good()
    return with_fleet(problem, temperature_classes=("chilled",)), plan


@breaks("ROUTE-18")
def hazardous_goods_ride_on_a_van_that_is_not_admitted() -> Broken:
    problem, plan = good(vehicles=(van(1, hazard_ok=True),), shipments=(parcel(1, hazard_class="3"),))
    return with_fleet(problem, hazard_ok=False), plan


@breaks("ROUTE-19")
def a_distance_is_overstated() -> Broken:
    problem, plan = good(vehicles=(van(1, cost_per_km_cents=0),))
    longer = with_stop(plan, 0, distance_m=plan.loads[0].stops[0].distance_m + 5_000)
    return problem, with_load(longer, distance_m=plan.loads[0].distance_m + 5_000)


@breaks("ROUTE-20")
def the_first_stop_is_loaded_first() -> Broken:
    problem, plan = good()
    return problem, with_stop(with_stop(plan, 0, load_positions=(1,)), 2, load_positions=(3,))


@breaks("ROUTE-21")
def the_cost_is_understated() -> Broken:
    problem, plan = good()
    return problem, with_load(plan, cost_cents=plan.loads[0].cost_cents - 1_000)


@breaks("ROUTE-22")
def a_stop_delivers_next_door() -> Broken:
    problem, plan = good()
    return problem, with_stop(plan, 0, address_key="A99")


@breaks("ROUTE-23")
def a_load_id_is_made_up() -> Broken:
    problem, plan = good()
    return problem, with_load(plan, load_id="LOAD 1")


@breaks("ROUTE-24")
def the_tail_lift_is_missing() -> Broken:
    problem, plan = good(vehicles=(van(1, skills=("tail-lift",)),), shipments=(parcel(1, skills=("tail-lift",)),))
    return with_fleet(problem, skills=("two-person",)), plan


@breaks("ROUTE-25")
def a_truck_goes_down_a_lane_for_vans() -> Broken:
    problem, plan = good(shipments=(parcel(1, vehicle_classes=("van", "bike")),))
    return with_fleet(problem, vehicle_class="7.5t"), plan


@breaks("ROUTE-26")
def food_rides_beside_poison() -> Broken:
    goods = (parcel(1, goods_classes=("food",)), parcel(2, goods_classes=("dry", "toxic")))
    problem, plan = good(shipments=goods)
    assert len(plan.loads) == 1
    return replace(problem, apart=(("toxic", "food"),)), plan


@breaks("ROUTE-27")
def the_driver_does_not_rest() -> Broken:
    problem, plan = good()
    most = max(stop.drive_s for stop in plan.loads[0].stops)
    return replace(problem, breaks=BreakRule(most, 24 * HOUR, 2_700)), plan


@breaks("ROUTE-28")
def the_driver_is_out_too_long() -> Broken:
    problem, plan = good()
    return with_fleet(problem, max_duty_s=plan.loads[0].duration_s - 1), plan


@breaks("ROUTE-29")
def it_leaves_while_it_is_being_loaded() -> Broken:
    problem, plan = good()
    begin = plan.loads[0].departure_s - 599
    docks = Docks(doors=1, fixed_s=600, per_m3_s=0)
    return replace(problem, docks=docks), with_load(plan, door=1, loading_s=begin, loaded_s=begin + 600)


@pytest.mark.parametrize("rule", sorted(verify.RULES))
def test_the_broken_plan_is_caught_by_its_rule_alone(rule: str):
    problem, plan = BROKEN[rule]()
    assert {finding.rule for finding in verify.check(problem, plan)} == {rule}


def test_service_in_a_gap_of_the_window_is_caught():
    problem, plan = good()
    start = plan.loads[0].stops[1].service_start_s
    closed = tuple(replace(s, closed=((start - 1, start + 1),)) for s in problem.shipments)
    findings = verify.check(replace(problem, shipments=closed), plan)
    assert "ROUTE-09" in {finding.rule for finding in findings}


def test_work_without_rest_is_caught_even_with_little_driving():
    problem, plan = good(shipments=tuple(parcel(n, service_s=HOUR) for n in (1, 2, 3)))
    calm = replace(problem, breaks=BreakRule(24 * HOUR, 4 * HOUR, 600))
    hard = replace(problem, breaks=BreakRule(24 * HOUR, 2 * HOUR, 600))
    assert verify.check(calm, plan) == ()
    assert {finding.rule for finding in verify.check(hard, plan)} == {"ROUTE-27"}


def test_rest_that_is_stated_but_not_taken_is_caught():
    problem, plan = good()
    assert {finding.rule for finding in verify.check(problem, with_load(plan, break_s=2_700))} == {"ROUTE-21"}
    rested = with_load(with_stop(plan, 1, break_s=2_700), break_s=2_700)
    assert {finding.rule for finding in verify.check(problem, rested)} == {"ROUTE-11"}


def test_overtime_and_lateness_are_priced_by_the_checker():
    problem, plan = good()
    (load,) = plan.loads
    early = with_fleet(problem, shift_end_s=load.return_s - 600, max_overtime_s=600, overtime_per_hour_cents=6_000)
    assert {finding.rule for finding in verify.check(early, plan)} == {"ROUTE-21"}
    assert verify.objective(early, plan) == verify.objective(problem, plan) + 1_000
    late = with_load(with_stop(plan, 0, late_s=60), late_s=60)
    assert verify.objective(replace(problem, late_per_hour_cents=6_000), late) == verify.objective(problem, plan) + 100


def test_every_rule_is_a_sentence_and_every_finding_says_what_was_seen():
    assert all(text.endswith(".") for text in verify.RULES.values())
    (finding,) = verify.check(*BROKEN["ROUTE-03"]())
    assert (finding.subject, finding.detail) == ("LON-20250305-V1-1", "300000 g of 299999")


def test_a_dropped_shipment_needs_a_reason_of_the_list_and_a_fix():
    problem, plan = good(shipments=(parcel(1, 0, 5), parcel(2, 40, 40, penalty_cents=1)))
    (drop,) = plan.dropped
    bare = Dropped(drop.shipment_id, drop.reason, Fix((), 0, ""))
    odd = Dropped(drop.shipment_id, "BAD_LUCK", Fix((Change("penalty_cents", "S02", 1),), 0, ""))  # type: ignore[arg-type]
    for wrong in (bare, odd):
        assert {f.rule for f in verify.check(problem, replace(plan, dropped=(wrong,)))} == {"ROUTE-02"}


def test_the_checker_imports_nothing_of_the_solver():
    """It reads the problem (with its speeds) and the plan, and nothing else of the project."""
    trees = [ast.parse(file.read_text()) for file in Path(verify.__file__).parent.glob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    imported = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    ours = {module for module in imported if module.startswith("oms_dagster")}
    others = {module for module in ours if not module.startswith(verify.__name__)}
    assert others == {f"oms_dagster.domain.routes.{name}" for name in ("plan", "problem", "speeds")}


def test_the_objective_is_recomputed_not_read():
    problem, plan = good()
    dearer = with_fleet(problem, cost_per_hour_cents=4_800)
    extra = verify.objective(dearer, plan) - verify.objective(problem, plan)
    assert abs(extra - plan.loads[0].duration_s * 2_400 / HOUR) <= 1
