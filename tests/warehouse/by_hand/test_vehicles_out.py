"""Vehicles that break down and drivers who call in sick: who goes today, and what comes back from the road."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from house import SHIPMENT, SITE, TEA, House, at

from oms_dagster.warehouse import crew
from oms_dagster.warehouse.crew import Absences
from oms_dagster.warehouse.underway import left_loads, underway

DAY = date(2026, 3, 5)
FLEET = [
    {"location_id": SITE, "vehicle_id": "V1", "driver_id": "D1", "shift_from": "07:00", "shift_to": "16:00", "max_drive_min": 480},
    {"location_id": SITE, "vehicle_id": "V2", "driver_id": None, "shift_from": None, "shift_to": None, "max_drive_min": None},
]  # fmt: skip


def going(absent: Absences, day: date = DAY) -> dict[str, Any]:
    return {v["vehicle_id"]: v["driver_id"] for v in crew.ready(FLEET, absent, day)}


@pytest.fixture
def park(house: House) -> House:
    """The house with two vehicles and three drivers."""
    for entity, keys in (("vehicles", ("V1", "V2")), ("drivers", ("D1", "D2", "D3"))):
        for key in keys:
            house.put(
                "facts.reference_versions",
                message_id=key,
                entity=entity,
                key=key,
                version=1,
                attributes="{}",
                valid_from=at(0),
            )
    house.connection.execute(
        "create table intermediate.int_drivers__in_force as select * from (values ('D1', '07:00', '16:00', 480), ('D2', '09:00', '18:00', 300),"
        " ('D3', '07:00', '16:00', 480)) as d(driver_id, shift_from, shift_to, max_drive_min)"
    )
    return house


def test_a_vehicle_is_out_until_its_last_day_or_until_it_is_resumed(park: House):
    assert park.command("vehicle.stop", "V2", until="2026-03-05")[0] == "accepted"
    out = crew.absences(park.connection)
    assert going(out) == {"V1": "D1"}
    assert going(out, date(2026, 3, 6)) == {"V1": "D1", "V2": None}
    park.next_cycle()
    park.command("vehicle.stop", "V1")
    assert going(crew.absences(park.connection), date(2027, 1, 1)) == {"V2": None}
    park.next_cycle()
    park.command("vehicle.resume", "V1")
    assert going(crew.absences(park.connection)) == {"V1": "D1"}


def test_a_driver_who_is_ill_is_stood_in_for_with_the_other_shift_or_the_vehicle_stays(park: House):
    assert park.command("driver.absent", "D1") == ("accepted", "noted: the vehicle stays until the driver is back")
    assert going(crew.absences(park.connection)) == {"V2": None}
    park.next_cycle()
    assert park.command("driver.absent", "D1", stand_in="D2") == ("accepted", "noted: D2 stands in")
    (first, _) = crew.ready(FLEET, crew.absences(park.connection), DAY)
    assert (first["driver_id"], first["shift_from"], first["max_drive_min"]) == ("D2", "09:00", 300)
    park.next_cycle()
    park.command("driver.absent", "D2")
    assert going(crew.absences(park.connection)) == {"V2": None}


def test_a_vehicle_that_left_for_the_day_is_not_planned_for_it_again(park: House):
    park.put("facts.loads", load_id=f"{SITE}-20260305-V1-1", mode="own_fleet", location_id=SITE, vehicle_id="V1")
    assert going(crew.absences(park.connection)) == {"V2": None}
    assert "V1" in going(crew.absences(park.connection), date(2026, 3, 6))


def test_a_vehicle_with_another_trip_to_make_goes_on(park: House):
    fleet = [{**FLEET[0], "max_trips": 2}]
    park.put("facts.loads", load_id=f"{SITE}-20260305-V1-1", mode="own_fleet", location_id=SITE, vehicle_id="V1")
    assert len(crew.ready(fleet, crew.absences(park.connection), DAY)) == 1
    park.put("facts.loads", load_id=f"{SITE}-20260305-V1-2", mode="own_fleet", location_id=SITE, vehicle_id="V1")
    assert crew.ready(fleet, crew.absences(park.connection), DAY) == ()


@pytest.mark.parametrize(
    ("events", "back"),
    [
        ({}, (12, 30)),  # left at nine for three and a half hours
        ({"gate_out": (9, 20)}, (12, 50)),
        ({"gate_out": (9, 20), "door": (10, 40)}, (13, 10)),  # forty minutes late at its last stop
        ({"door": (9, 50)}, (12, 20)),
        ({"gate_out": (9, 20), "door": (10, 40), "returned": (12, 5)}, (12, 5)),
    ],
)
def test_a_vehicle_is_expected_back_by_what_gate_and_doors_say(
    park: House, events: dict[str, tuple[int, int]], back: tuple[int, int]
):
    def moment(hour: int, minute: int = 0) -> datetime:
        return datetime(2026, 3, 5, hour, minute, tzinfo=UTC)

    load = f"{SITE}-20260305-V1-1"
    park.put("facts.loads", load_id=load, mode="own_fleet", location_id=SITE, vehicle_id="V1", departed_at=moment(9),
             planned_departure=moment(9), duration_min=210, drive_min=90)  # fmt: skip
    park.put("facts.load_stops", load_id=load, stop_sequence=1, shipment_ids=["S1"], eta=moment(10))
    for kind, at_ in events.items():
        if kind == "door":
            park.put(
                "facts.deliveries",
                message_id=kind,
                event_id=kind,
                shipment_id="S1",
                outcome="delivered",
                event_at=moment(*at_),
            )
        else:
            park.put(
                "facts.yard",
                message_id=kind,
                event_id=kind,
                visit_id="1",
                load_id=load,
                kind=kind,
                event_at=moment(*at_),
            )
    loads = left_loads(park.connection, moment(12, 10))
    (out,) = underway(loads, SITE, DAY, moment(0)).values()
    left = events.get("gate_out", (9, 0))
    assert (out.trips, out.departure_s, out.drive_s) == (1, left[0] * 3600 + left[1] * 60, 5_400)
    assert out.back_s == back[0] * 3600 + back[1] * 60
    late = underway(left_loads(park.connection, moment(15)), SITE, DAY, moment(0))["V1"].back_s
    assert late == (out.back_s if "returned" in events else 15 * 3600)
    assert underway(loads, "KAS", DAY, moment(0)) == {}


def test_what_a_broken_vehicle_has_not_delivered_is_packed_again_and_waits(park: House):
    park.released(to="shipped")
    park.put("facts.loads", load_id="L1", mode="own_fleet", location_id=SITE, vehicle_id="V1", departed_at=at(9))
    park.put("facts.load_shipments", load_id="L1", shipment_id=SHIPMENT, stop_sequence=1)
    park.move(TEA, "shipped", "delivered", 4)
    assert park.command("vehicle.stop", "V2") == ("accepted", "out of service; 0 shipments on the road go with others")
    assert park.command("vehicle.stop", "V1") == ("accepted", "out of service; 1 shipments on the road go with others")
    assert park.buckets() == {"packed": 6, "delivered": 4}
    assert park.rows(
        "select distinct reason_code from facts.line_events where to_bucket = 'packed' and from_bucket = 'shipped'"
    ) == [("VEHICLE_STOPPED",)]


def test_only_vehicles_and_drivers_that_are_known_go_out(park: House):
    for kind, target, more in (
        ("vehicle.stop", "V9", {}),
        ("vehicle.resume", "V9", {}),
        ("driver.absent", "D9", {}),
        ("driver.absent", "D1", {"stand_in": "D9"}),
    ):
        outcome, reason = park.command(kind, target, **more)
        assert outcome == "rejected"
        assert "9 is no" in reason
