"""Which day a location plans, and what it remembers of its plan."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from house import SITE, House

from oms_dagster.cycle import Cycle
from oms_dagster.domain.routes.problem import Depot, Problem, Shipment, Vehicle
from oms_dagster.domain.routes.solve import solve
from oms_dagster.domain.routes.what_ifs import WhatIf
from oms_dagster.domain.solving import Budget
from oms_dagster.warehouse import dispatch, route_plans, transport
from oms_dagster.warehouse.transport import Yard

DAY = date(2026, 3, 5)
OPTION = WhatIf("vehicle", "one more van like V1", 8_420, -12_000, 1, 0)


def instant(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, 5, hour, minute, tzinfo=UTC)


@pytest.fixture
def site(house: House) -> House:
    """One location with two vehicles that leave at nine."""
    for name, rows in (
        ("int_policies__in_force", "('loads.departure_time', '', '09:00'), ('loads.commit_ahead_min', '', '30'), ('reporting.currency', '', 'GBP')) as p(policy_key, scope, value)"),
        ("int_drivers__in_force", "('D1', '07:00', '18:00', 480, null, 60, 9.00)) as d(driver_id, shift_from, shift_to, max_drive_min, skills, max_overtime_min, overtime_hour)"),
        ("int_vehicles__in_force", f"('V1', 'D1', '{SITE}', true, 'tail-lift', 'EUR'), ('V2', null, '{SITE}', true, null, 'GBP')) as v(vehicle_id, driver_id, location_id, is_active, skills, currency)"
         " cross join (values (0.50, 0.10, 20.00, 55.00, 999999999999.00)) as c(cost_km, toll_km, cost_hour, cost_day, max_value)"),
        ("int_locations__in_force", f"('{SITE}', 'UTC')) as l(location_id, timezone)"),
    ):  # fmt: skip
        house.connection.execute(f"create table intermediate.{name} as select * from (values {rows}")
    return house


def yard(house: House, at: datetime) -> Yard:
    return transport.yards(house.connection, Cycle(9, at, 1))[0]


@pytest.mark.parametrize(
    ("at", "day", "is_due"),
    [(instant(7), 5, False), (instant(9), 5, True), (instant(10, 59), 5, True), (instant(11, 1), 6, False)],
)
def test_a_location_plans_today_until_its_departure_and_then_tomorrow(
    site: House, at: datetime, day: int, is_due: bool
):
    found = yard(site, at)
    assert (found.day.day, found.is_due) == (day, is_due)


def test_a_load_sent_before_the_departure_time_does_not_hold_the_others_back(site: House):
    """Regression: after one early dispatch the rest of the day was planned for tomorrow, and the vehicle twice for today."""
    site.put(
        "facts.loads",
        load_id=f"{SITE}-20260305-V1-1",
        mode="own_fleet",
        location_id=SITE,
        vehicle_id="V1",
        departed_at=instant(8, 30),
    )
    found = yard(site, instant(9, 15))
    assert (found.day, found.is_due) == (DAY, True)
    assert [v["vehicle_id"] for v in found.vehicles] == ["V2"]


def test_after_the_day_has_left_the_next_one_is_planned_with_all_vehicles(site: House):
    site.put(
        "facts.loads",
        load_id=f"{SITE}-20260305-V1-1",
        mode="own_fleet",
        location_id=SITE,
        vehicle_id="V1",
        departed_at=instant(9),
    )
    found = yard(site, instant(9, 30))
    assert (found.day.day, found.is_due, len(found.vehicles)) == (6, False, 2)


def a_load(house: House, vehicle_id: str, departed: datetime, **more: object) -> None:
    house.put("facts.loads", load_id=f"{SITE}-20260305-{vehicle_id}-1", mode="own_fleet", location_id=SITE, vehicle_id=vehicle_id,
              departed_at=departed, **more)  # fmt: skip


def told(house: House, **departures_s: int) -> None:
    """The last plan of the day: a load of each vehicle."""
    loads = [{"vehicle_id": v, "trip": 1, "stops": [["S1"]], "departure_s": at} for v, at in departures_s.items()]
    content = json.dumps({"day": DAY.isoformat(), "loads": loads})
    remembered(house, stage=f"routes:{SITE}", content=content, content_hash="told")


def test_the_day_goes_on_until_its_last_load_has_left(site: House):
    """Regression: all loads left at the departure time of their location, or waited for tomorrow."""
    told(site, V1=9 * 3600 + 1800, V2=13 * 3600)
    a_load(site, "V1", instant(9))
    found = yard(site, instant(12))
    assert (found.day, found.is_due) == (DAY, True)
    assert [v["vehicle_id"] for v in found.vehicles] == ["V2"]
    a_load(site, "V2", instant(13))
    assert yard(site, instant(13, 30)).day == date(2026, 3, 6)


def test_what_did_not_leave_in_two_hours_is_planned_for_tomorrow(site: House):
    told(site, V1=9 * 3600 + 1800, V2=10 * 3600)
    a_load(site, "V1", instant(9))
    assert yard(site, instant(12)).day == DAY
    assert yard(site, instant(12, 1)).day == date(2026, 3, 6)


def test_a_load_is_committed_when_its_loading_or_else_its_departure_is_near(site: House):
    (load,) = a_plan().loads
    found = yard(site, instant(9))
    near, far = 9 * 3600 + 1800, 9 * 3600 + 1801
    assert found.leaves(replace(load, departure_s=near))
    assert not found.leaves(replace(load, departure_s=far))
    assert found.leaves(replace(load, departure_s=far, door=1, loading_s=near, loaded_s=far))
    assert not yard(site, instant(8)).leaves(replace(load, departure_s=near))


def test_a_dock_is_taken_by_the_loads_that_are_committed(site: House):
    a_load(site, "V1", instant(9), planned_dock=2, planned_loading_end=instant(9, 50))
    told(site, V1=9 * 3600, V2=10 * 3600)
    assert yard(site, instant(9, 30)).docks_taken_s == (0, 9 * 3600 + 50 * 60)


def a_plan(weight_g: int = 100_000):
    van = Vehicle("V1", "D1", 800_000, 5_000, 8, 10**9, 8 * 3600, 17 * 3600, 8 * 3600, 60, 2_400, 5_000)
    goods = tuple(
        Shipment(f"S{n}", (f"O{n}",), f"A{n}", 51.5 + n / 50, -0.1, f"{n}", "GB", weight_g, 100, 1_000) for n in (1, 2)
    )
    return solve(Problem(Depot(SITE, 51.5, -0.1), DAY.isoformat(), (van,), goods), Budget(50))


def remembered(house: House, **row: str) -> None:
    house.put("facts.plan_snapshots", **row)


def test_the_plan_remembered_is_where_the_next_one_of_that_day_begins(house: House):
    plan = a_plan()
    remembered(house, **route_plans.snapshot(plan, SITE, DAY, [OPTION]))
    (load,) = route_plans.previous_loads(house.connection, SITE, DAY)
    assert (load.vehicle_id, load.trip) == ("V1", 1)
    assert load.stops == tuple(stop.shipment_ids for stop in plan.loads[0].stops)
    assert route_plans.previous_loads(house.connection, SITE, date(2026, 3, 6)) == ()
    assert route_plans.previous_loads(house.connection, "KAS", DAY) == ()


def test_options_are_worked_out_again_only_when_the_plan_has_changed(house: House):
    plan = a_plan()
    remembered(house, **route_plans.snapshot(plan, SITE, DAY, [OPTION]))
    before = route_plans.last(house.connection, SITE, DAY)
    assert route_plans.known_what_ifs(before, plan) == (OPTION,)
    assert route_plans.known_what_ifs(before, a_plan(weight_g=700_000)) is None
    assert route_plans.known_what_ifs({}, plan) is None


def test_a_plan_kept_before_plans_had_figures_is_still_a_beginning(house: House):
    old = json.dumps({"day": "2026-03-05", "loads": [{"vehicle_id": "V1", "trip": 1, "stops": [["S1"]]}]})
    remembered(house, stage=f"routes:{SITE}", content=old, content_hash="old")
    assert route_plans.previous_loads(house.connection, SITE, DAY)[0].stops == (("S1",),)
    assert route_plans.known_what_ifs(route_plans.last(house.connection, SITE, DAY), a_plan()) is None


def test_leaving_a_shipment_behind_costs_its_carrier_and_how_late_that_is(site: House):
    """Regression: what no carrier brings in time was held to cost 400 when left, and a van drove 138 km for 2.3 kg.

    Planned for Thursday the 5th, each with one line, at priority 5: one promised for Friday, one for Thursday, one late already.
    """
    site.connection.execute(
        "create table intermediate.int_shipments__waiting as select * from (values ('IN_TIME', date '2026-03-06'), ('LATE', date '2026-03-05'),"
        " ('OVERDUE', date '2026-03-02'), ('NOBODY', date '2026-03-05')) as w(shipment_id, deliver_date)"
        f" cross join (values ('{SITE}', 1, 5, 50.00, 'EUR')) as more(location_id, lines, priority, value, currency)"
    )
    site.connection.execute("insert into intermediate.int_rates__in_force values ('EUR', 0.8)")
    for shipment_id in ("IN_TIME", "LATE", "OVERDUE", "NOBODY"):
        for service, day, quote in (("economy", 9, "5.00"), ("express", 6, "9.00"), ("dear", 6, "11.00")):
            reason = "too heavy" if shipment_id == "NOBODY" else ""
            site.put("plans.freight_quotes", shipment_id=shipment_id, carrier_id="DASH", service=service, quote=quote, quote_base=quote,
                     arrives_on=date(2026, 3, day), reason=reason)  # fmt: skip
    prices = {
        "sourcing.lateness_cost_per_day": "1.50",
        "sourcing.backorder_cost_per_day": "2.00",
        "sourcing.backorder_value_share": "0.10",
        "loads.broken_promise_cost": "60.00",
    }
    found = transport.prices_of_leaving(site.connection, yard(site, instant(8)), prices)
    assert found == {"IN_TIME": 900, "LATE": 900 + 350 + 400 + 6_000, "OVERDUE": 900 + 350 + 400 + 6_000}


def test_vehicles_are_priced_and_limited_in_the_currency_that_all_is_compared_in(site: House):
    """Regression: a van in euros was set against carriers in pounds, one for one, and its most goods value against orders in pounds."""
    names = ("cost_km", "toll_km", "cost_hour", "cost_day", "overtime_hour", "max_value", "currency")

    def priced() -> tuple[Any, ...]:
        van = yard(site, instant(7)).vehicles[0]
        return tuple(van[name] for name in names)

    as_written = tuple(map(Decimal, ("0.50", "0.10", "20.00", "55.00", "9.00", "999999999999.00")))
    assert priced() == (*as_written, "EUR")  # no rate is known: as it is written
    site.connection.execute("insert into intermediate.int_rates__in_force values ('EUR', 0.8), ('GBP', 1)")
    assert priced() == (*(amount * Decimal("0.8") for amount in as_written), "GBP")
    assert yard(site, instant(7)).vehicles[1]["cost_km"] == Decimal("0.50")


def test_what_rides_counts_with_its_value_in_that_currency_too(site: House):
    """Regression: goods for 100 yen took as much of what a van may carry as goods for 100 pounds; so did returns."""
    site.connection.execute("insert into intermediate.int_rates__in_force values ('JPY', 0.005), ('GBP', 1)")
    site.connection.execute(
        "create table intermediate.int_shipments__waiting as select * from (values ('YEN', 'JPY', 100.00), ('POUNDS', 'GBP', 100.00),"
        " ('NO_RATE', 'XAU', 100.00), ('CARRIER', 'GBP', 100.00)) as w(shipment_id, currency, value)"
    )
    for shipment_id, mode in (("YEN", "own_fleet"), ("POUNDS", "own_fleet"), ("NO_RATE", "own_fleet"), ("CARRIER", "carrier")):  # fmt: skip
        site.put("plans.shipment_modes", shipment_id=shipment_id, mode=mode)
    counted = {row["shipment_id"]: row["value_base"] for row in dispatch.own_waiting(site.connection)}
    assert counted == {"NO_RATE": 100, "POUNDS": 100, "YEN": Decimal("0.5")}


def test_returns_and_empties_count_with_their_value_in_that_currency(site: House):
    site.connection.execute(
        "create table intermediate.int_pickups__tracked as select * from (values ('R1', 'O1', 100.00), ('EMPTIES', null, 0)) as p(pickup_id, order_id, value)"
        f" cross join (values ('C1', 'A1', 'open', '{SITE}', 51.5)) as more(customer_id, address_id, status, location_id, latitude)"
    )
    site.connection.execute(
        "create table intermediate.int_orders__current as select * from (values ('O1', 0.005)) as o(order_id, rate)"
    )
    for table in ("int_addresses__in_force", "int_delivery_windows__in_force"):
        site.connection.execute(
            f"create table intermediate.{table} (customer_id varchar, address_id varchar, weekday integer, window_from varchar,"
            " window_to varchar, closed_from varchar, closed_to varchar, skills varchar, vehicle_classes varchar)"
        )
    found = dispatch.open_pickups(site.connection, yard(site, instant(7)))
    assert {row["pickup_id"]: row["value_base"] for row in found} == {"R1": Decimal("0.5"), "EMPTIES": 0}
