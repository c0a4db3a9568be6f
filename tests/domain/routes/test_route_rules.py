"""Rules of the road and of the door: skills, access, gaps in windows, goods apart, overtime, lateness, breaks."""

from __future__ import annotations

from dataclasses import replace

import pytest
from routing_days import DEPOT, HOUR, calm_day, parcel, van

from oms_dagster.domain.routes import verify
from oms_dagster.domain.routes.plan import Plan
from oms_dagster.domain.routes.problem import BreakRule, Problem
from oms_dagster.domain.routes.roads import RoadMatrix
from oms_dagster.domain.routes.solve import solve
from oms_dagster.domain.solving import Budget

EU = BreakRule()


def planned(problem: Problem, effort: int = 150) -> Plan:
    """A plan that the checker accepts at the price stated."""
    plan = solve(problem, Budget(effort))
    assert verify.check(problem, plan) == ()
    assert verify.objective(problem, plan) == plan.objective_cents <= (plan.report.baseline_objective or 0)
    return plan


def rides(plan: Plan) -> dict[str, str]:
    return {s: load.vehicle_id for load in plan.loads for s in load.shipment_ids}


def test_a_visit_that_needs_a_tail_lift_gets_the_van_that_has_one():
    goods = (parcel(1), parcel(2, skills=("tail-lift",)), parcel(3, skills=("tail-lift", "two-person")))
    problem = calm_day(shipments=goods, vehicles=(van(1), van(2, skills=("tail-lift",))))
    plan = planned(problem)
    assert rides(plan)["S02"] == "V2"
    (drop,) = plan.dropped
    assert (drop.shipment_id, drop.reason, drop.cheapest_fix.text) == ("S03", "SKILL", "give V2 two-person")


def test_a_street_for_vans_alone_gets_no_truck():
    goods = (parcel(1, vehicle_classes=("van",)), parcel(2, vehicle_classes=("cart",)), parcel(3))
    problem = calm_day(shipments=goods, vehicles=(van(1, vehicle_class="7.5t", fixed_cost_cents=0), van(2)))
    plan = planned(problem)
    assert rides(plan)["S01"] == "V2"
    (drop,) = plan.dropped
    assert (drop.reason, drop.cheapest_fix.text) == ("ACCESS", "let a van in at the address of S02")


def test_an_address_with_two_windows_is_served_in_one_of_them():
    lunch = ((9 * HOUR, 14 * HOUR),)
    goods = tuple(parcel(n, north, 5, closed=lunch) for n, north in ((1, 0), (2, 20), (3, -25)))
    problem = calm_day(shipments=goods, vehicles=(van(1),))
    plan = planned(problem)
    assert not plan.dropped
    starts = [stop.service_start_s for load in plan.loads for stop in load.stops]
    assert all(start <= 9 * HOUR or start >= 14 * HOUR for start in starts)


def test_two_shipments_share_a_stop_only_where_their_windows_meet():
    lunch, late = ((9 * HOUR, 14 * HOUR),), {"window_from_s": 10 * HOUR, "window_to_s": 12 * HOUR}
    goods = (parcel(1, closed=lunch), replace(parcel(2, **late), address_key="A01"))
    plan = planned(calm_day(shipments=goods, vehicles=(van(1, shift_end_s=20 * HOUR),)))
    assert sum(len(load.stops) for load in plan.loads) == 2


def test_food_and_poison_leave_on_two_vans_or_on_two_trips():
    goods = tuple(parcel(n, goods_classes=("food" if n % 2 else "toxic",)) for n in range(1, 7))
    apart = {"shipments": goods, "apart": (("food", "toxic"),)}
    for fleet in ((van(1), van(2)), (van(1, max_trips=2, shift_end_s=20 * HOUR),)):
        plan = planned(calm_day(vehicles=fleet, **apart))
        assert not plan.dropped
        assert len(plan.loads) == 2
    assert {drop.reason for drop in planned(calm_day(vehicles=(van(1),), **apart)).dropped} == {"NO_VEHICLE"}


def test_overtime_is_used_when_it_pays_and_is_on_the_load():
    far = (parcel(1, 60, 60),)
    short = {"shift_end_s": 11 * HOUR}
    assert planned(calm_day(shipments=far, vehicles=(van(1, **short),))).dropped
    longer = van(1, **short, max_overtime_s=2 * HOUR, overtime_per_hour_cents=3_000)
    (load,) = planned(calm_day(shipments=far, vehicles=(longer,))).loads
    assert load.overtime_s == load.return_s - 11 * HOUR > 0
    assert (load.binding_dimension, load.utilisation_permille <= 1_000) == ("time", True)
    dear = replace(longer, overtime_per_hour_cents=300_000)
    assert planned(calm_day(shipments=far, vehicles=(dear,))).dropped


def test_a_customer_who_takes_goods_late_is_served_late_at_a_price():
    goods = (parcel(1, 0, 30, window_to_s=8 * HOUR), parcel(2, 0, -30, window_to_s=8 * HOUR))
    problem = calm_day(shipments=goods, vehicles=(van(1),), late_per_hour_cents=1_000)
    assert len(planned(problem).dropped) == 1
    patient = replace(problem, shipments=tuple(replace(s, max_late_s=3 * HOUR) for s in goods))
    plan = planned(patient)
    assert not plan.dropped
    late_s = sum(load.late_s for load in plan.loads)
    assert 0 < late_s <= 3 * HOUR
    assert plan.objective_cents - sum(load.cost_cents for load in plan.loads) == pytest.approx(late_s / 3.6, abs=1)


def test_a_driver_rests_45_minutes_before_four_and_a_half_hours_at_the_wheel_are_over():
    problem = calm_day(
        shipments=(parcel(1, 0, 110), parcel(2, 0, 115)), breaks=EU, vehicles=(van(1, max_drive_s=9 * HOUR),)
    )
    (load,) = planned(problem).loads
    assert load.drive_s > 4.5 * HOUR
    assert load.break_s == 2_700
    assert load.duration_s == load.drive_s + load.service_s + load.wait_s + load.break_s
    (rushed,) = planned(replace(problem, breaks=None)).loads
    assert rushed.break_s == 0


def test_a_wait_as_long_as_a_break_is_the_break():
    """The customer 110 km away takes goods from noon on; the second one is next door in the morning."""
    goods = (parcel(1, 0, 5, window_to_s=8 * HOUR), parcel(2, 0, 115, window_from_s=13 * HOUR))
    problem = calm_day(shipments=goods, breaks=EU, vehicles=(van(1, max_drive_s=9 * HOUR, shift_end_s=18 * HOUR),))
    (load,) = planned(problem).loads
    assert max(stop.wait_s for stop in load.stops) >= 2_700
    assert load.break_s == 0


def test_hours_of_unloading_ask_for_a_break_without_much_driving():
    goods = tuple(parcel(n, service_s=2 * HOUR) for n in range(1, 5))
    problem = calm_day(shipments=goods, breaks=EU, vehicles=(van(1, shift_end_s=19 * HOUR),))
    plan = planned(problem)
    assert sum(load.break_s for load in plan.loads) >= 2_700


def test_a_driver_is_out_no_longer_than_allowed_over_all_trips():
    goods = tuple(parcel(n, 0, 20 * n) for n in (1, 2, 3))
    problem = calm_day(shipments=goods, vehicles=(van(1, max_trips=3, max_duty_s=3 * HOUR),))
    plan = planned(problem)
    assert max(load.return_s for load in plan.loads) - min(load.departure_s for load in plan.loads) <= 3 * HOUR
    assert {drop.reason for drop in plan.dropped} <= {"SHIFT", "NO_VEHICLE"}
    assert plan.dropped


def test_vehicles_of_two_depots_serve_what_lies_near_theirs():
    """V2 stands 60 km to the east, with goods of its own: each stop is driven from the nearer place."""
    east = (DEPOT.latitude, DEPOT.longitude + 60 / 69.2)
    goods = (parcel(1, 0, 5), parcel(2, 3, 8), parcel(3, 0, 55), parcel(4, -4, 62))
    fleet = (van(1, fixed_cost_cents=0), van(2, base=east, fixed_cost_cents=0, max_trips=2, max_stops=1))
    plan = planned(calm_day(shipments=goods, vehicles=fleet))
    assert rides(plan) == {"S01": "V1", "S02": "V1", "S03": "V2", "S04": "V2"}
    assert all(load.distance_m < 30_000 for load in plan.loads)
    assert sorted((load.vehicle_id, load.trip) for load in plan.loads) == [("V1", 1), ("V2", 1), ("V2", 2)]


def test_what_makes_no_sense_is_refused_by_name():
    for wrong, named in (
        ({"shipments": (parcel(1, closed=((7 * HOUR, 9 * HOUR),)),)}, "S01: a gap"),
        ({"shipments": (parcel(1, max_late_s=-1),)}, "S01: the most"),
        ({"vehicles": (van(1, max_overtime_s=-1),)}, "V1: a cost or the overtime"),
        ({"breaks": BreakRule(0, 1, 1)}, "breaks:"),
        ({"late_per_hour_cents": -1}, "an hour of lateness"),
        ({"vehicles": (van(1, max_duty_s=0),)}, "V1: the time on duty"),
        ({"vehicles": (van(1, base=(91.0, 0.0)),)}, "vehicle V1: 91.0"),
        ({"shipments": (parcel(1),), "roads": RoadMatrix("x", ((51.5, -0.1),), ((0,),), ((0,),))}, "no way is known"),
    ):
        with pytest.raises(ValueError, match=named):
            Problem(**{"depot": DEPOT, "day": "2025-03-05", "vehicles": (), "shipments": (), **wrong})  # type: ignore[arg-type]
