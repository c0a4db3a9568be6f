"""From rows to the routing of a day: what reference data and policies say is what the plan must obey."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from oms_dagster.domain.routes.doors import DAY_S, Docks
from oms_dagster.domain.routes.problem import BreakRule, Problem
from oms_dagster.domain.routes.running import Underway
from oms_dagster.domain.routes.speeds import SlowHours
from oms_dagster.warehouse.route_problem import problem
from oms_dagster.warehouse.transport import Yard

POLICIES = {
    "loads.detour_factor": "1.30", "loads.speed_kmh": "48", "loads.apart": "food+toxic|food+dusty", "loads.break_min": "45",
    "loads.drive_before_break_min": "270", "loads.work_before_break_min": "360", "loads.max_late_min": "15", "loads.cost_late_hour": "30", "loads.stability_cost": "2",
    "loads.dock_minutes": "10", "release.dock_minutes_m3": "8",
    "loads.slow_hours": "none", "loads.reload_min": "30", "loads.pickup_worth": "20",
}  # fmt: skip


def asked(
    vehicle: dict[str, Any],
    shipment: dict[str, Any],
    place: dict[str, Any] | None = None,
    out: Underway | None = None,
    **policies: str,
) -> Problem:
    location = {"location_id": "DC", "latitude": Decimal("52.2"), "longitude": Decimal("-1.1"), "docks": None} | (
        place or {}
    )
    van = {
        "vehicle_id": "V1", "driver_id": "D1", "payload_kg": Decimal(1000), "volume_m3": Decimal(9), "max_stops": 30, "max_value": None,
        "shift_from": "06:00", "shift_to": "15:00", "max_drive_min": 540, "cost_km": Decimal("0.42"), "cost_hour": Decimal(16), "cost_day": None,
        "temperature_classes": None, "hazard_ok": None, "vehicle_class": "van", "toll_km": None, "skills": "", "max_overtime_min": None,
        "overtime_hour": None, "max_trips": None, "max_duty_min": None, "base_latitude": None, "base_longitude": None,
    }  # fmt: skip
    goods = {
        "shipment_id": "S1", "order_id": "O1", "customer_id": "C1", "address_id": "A", "latitude": Decimal("52.3"), "longitude": Decimal("-1.2"),
        "postcode": "NN1", "country": "GB", "weight_kg": Decimal(1), "volume_m3": Decimal("0.01"), "value_base": Decimal(10), "window_from": time(8),
        "window_to": time(12, 30), "service_min": 8, "temperature_class": "ambient", "hazard_class": "none", "priority": 5, "skills": None,
        "vehicle_classes": None, "goods_classes": "", "closed_from": None, "closed_to": None,
    }  # fmt: skip
    monday = date(2026, 3, 2)
    yard = Yard(
        location,
        ZoneInfo("Europe/London"),
        monday,
        monday,
        9 * 3600,
        8 * 3600,
        False,
        (van | vehicle,),
        {"V1": out} if out else {},
    )
    return problem(yard, [goods | shipment], POLICIES | policies, (), (), {})


def test_what_nobody_stated_binds_nobody():
    day = asked({}, {})
    (van,), (goods,) = day.vehicles, day.shipments
    assert (van.skills, van.max_overtime_s, van.overtime_per_hour_cents, van.cost_per_km_cents) == ((), 0, 0, 42)
    assert (goods.skills, goods.vehicle_classes, goods.goods_classes, goods.closed) == ((), (), (), ())
    assert day.docks is None


def test_the_docks_of_a_location_and_what_loading_takes_there():
    day = asked({}, {}, {"docks": 2, "dock_opens": "06:30", "dock_closes": None})
    assert day.docks == Docks(2, 23_400, DAY_S, 600, 480)


def test_the_vehicle_has_its_own_skills_and_its_drivers_and_toll_is_paid_by_the_km():
    stated = {
        "skills": "tail-lift|two-person|tail-lift",
        "toll_km": Decimal("0.19"),
        "max_overtime_min": 60,
        "overtime_hour": 9,
    }
    (van,) = asked(stated, {}).vehicles
    assert van.skills == ("tail-lift", "two-person")
    assert (van.cost_per_km_cents, van.max_overtime_s, van.overtime_per_hour_cents) == (61, 3_600, 900)


def test_a_vehicle_may_go_several_times_from_a_base_of_its_own():
    day = asked(
        {"max_trips": 3, "max_duty_min": 480, "base_latitude": Decimal("52.25"), "base_longitude": Decimal("-1.15")}, {}
    )
    (van,) = day.vehicles
    assert (van.max_trips, van.max_duty_s, van.base, van.trips_done) == (3, 28_800, (52.25, -1.15), 0)
    assert day.reload_s == 1_800


def test_a_vehicle_on_the_road_goes_on_from_its_return():
    day = asked({"max_trips": 2, "cost_day": Decimal(55)}, {}, out=Underway(1, 32_400, 43_200, 7_200))
    (van,) = day.vehicles
    assert (van.trips_done, van.shift_start_s, van.max_drive_s, van.fixed_cost_cents) == (1, 45_000, 25_200, 0)
    assert asked({"max_trips": 2}, {}, out=Underway(1, 32_400, 53_000, 7_200)).vehicles == ()


def test_slow_hours_are_circles_with_hours_that_may_last_until_midnight():
    day = asked({}, {}, **{"loads.slow_hours": "51.51,-0.12,20,07:00,09:30,1.45;52.5,13.4,8,22:00,00:00,2"})
    assert day.travel.slow == (
        SlowHours(51.51, -0.12, 20_000, 25_200, 34_200, 1_450),
        SlowHours(52.5, 13.4, 8_000, 79_200, DAY_S, 2_000),
    )
    assert asked({}, {}).travel.slow == ()


def test_a_closed_hour_counts_only_inside_the_window():
    """The customer asked for delivery until 12:30; the address is closed from 12:00 to 13:15."""
    (goods,) = asked({}, {"closed_from": time(12), "closed_to": time(13, 15)}).shipments
    assert goods.closed == ((12 * 3600, 12 * 3600 + 1800),)
    (outside,) = asked({}, {"closed_from": time(14), "closed_to": time(15)}).shipments
    assert outside.closed == ()


def test_an_address_says_what_may_come_and_what_a_visit_needs():
    (goods,) = asked(
        {}, {"skills": "tail-lift", "vehicle_classes": "van|chilled", "goods_classes": "dusty|food"}
    ).shipments
    assert (goods.skills, goods.vehicle_classes, goods.goods_classes) == (
        ("tail-lift",),
        ("van", "chilled"),
        ("dusty", "food"),
    )


def test_policies_say_what_may_not_travel_together_when_to_rest_and_what_lateness_costs():
    day = asked({}, {})
    assert day.apart == (("food", "toxic"), ("food", "dusty"))
    assert day.breaks == BreakRule(16_200, 21_600, 2_700)
    assert (day.shipments[0].max_late_s, day.late_per_hour_cents) == (900, 3_000)
    free = asked({}, {}, **{"loads.apart": "none", "loads.break_min": "0"})
    assert (free.apart, free.breaks) == ((), None)
