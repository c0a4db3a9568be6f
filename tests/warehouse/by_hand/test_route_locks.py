"""What people and the yard fixed of a day, as the routing is told it."""

from __future__ import annotations

import json
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from house import SITE, House, at

from oms_dagster.domain.routes.problem import FrozenLoad, Lock, PositionLock, PreviousLoad, VehicleLock
from oms_dagster.warehouse.locks import locks
from oms_dagster.warehouse.transport import Yard

YARD = Yard(
    {"location_id": SITE},
    ZoneInfo("UTC"),
    date(2026, 3, 5),
    date(2026, 3, 5),
    9 * 3600,
    0,
    False,
    ({"vehicle_id": "V1"}, {"vehicle_id": "V2"}),
)
ONE, TWO = f"{SITE}-20260305-V1-1", f"{SITE}-20260305-V2-1"
PLAN = (PreviousLoad("V1", 1, (("A", "B"), ("C",))), PreviousLoad("V2", 1, (("D",), ("E",))))


@pytest.fixture
def floor(house: House) -> House:
    """The house with both loads of the plan."""
    house.load(ONE, "A", "B", "C")
    house.load(TWO, "D", "E")
    for shipment_id in "ABCDE":
        house.put(
            "facts.shipments",
            shipment_id=shipment_id,
            order_id="web-1",
            location_id=SITE,
            wave_id="W1",
            mode="own_fleet",
        )
    return house


def fixed(house: House, shipments: str = "ABCDE") -> tuple[Lock, ...]:
    return locks(house.connection, YARD, list(shipments), PLAN)


def test_a_load_that_is_being_loaded_stays_as_planned_with_what_is_still_there(floor: House):
    floor.put("facts.yard", message_id="y", event_id="y", kind="loading_start", load_id=ONE, event_at=at(8))
    assert fixed(floor, "ACDE") == (FrozenLoad("V1", 1, (("A",), ("C",))),)


def test_what_a_vehicle_takes_before_an_approved_load_is_fixed_with_it(floor: House):
    """Regression: with its second load approved, the first one of a vehicle could not be planned any more."""
    second = f"{SITE}-20260305-V1-2"
    floor.load(second, "D")
    assert floor.command("load.approve", second)[0] == "accepted"
    plan = (PreviousLoad("V1", 1, (("A", "B"), ("C",))), PreviousLoad("V1", 2, (("D",),)))
    assert locks(floor.connection, YARD, list("ABCDE"), plan) == (
        FrozenLoad("V1", 2, (("D",),)),
        FrozenLoad("V1", 1, (("A", "B"), ("C",))),
    )


def test_one_more_shipment_for_a_load_at_the_dock_opens_it_again(floor: House):
    floor.put("facts.yard", message_id="y", event_id="y", kind="loading_start", load_id=ONE, event_at=at(8))
    assert floor.command("shipment.move", "D", load_id=ONE)[0] == "accepted"
    assert fixed(floor) == (VehicleLock("D", "V1"),)


def test_a_stop_locked_by_its_place_alone_is_the_stop_that_the_plan_had_there(floor: House):
    """Regression: without a shipment in the command nothing was locked."""
    assert floor.command("stop.lock", TWO, stop_sequence=2)[0] == "accepted"
    assert fixed(floor) == (PositionLock("E", "V2", 1, 2),)


def test_unlocking_one_stop_leaves_the_other_in_its_place(floor: House):
    for place, shipment_id in ((1, "D"), (2, "E")):
        floor.command("stop.lock", TWO, stop_sequence=place, shipment_id=shipment_id)
    floor.command("stop.unlock", TWO, stop_sequence=1, shipment_id="D")
    assert fixed(floor) == (PositionLock("E", "V2", 1, 2),)
    floor.command("stop.unlock", TWO, stop_sequence=2)
    assert fixed(floor) == ()


def test_a_locked_load_goes_before_a_stop_of_it_and_a_move_from_it(floor: House):
    floor.command("stop.lock", TWO, stop_sequence=1, shipment_id="D")
    floor.command("shipment.move", "E", load_id=ONE)
    floor.command("load.lock", TWO)
    assert fixed(floor) == (FrozenLoad("V2", 1, (("D",), ("E",))),)


def test_the_last_move_of_a_shipment_counts_and_another_day_is_none(floor: House):
    floor.command("shipment.move", "A", load_id=TWO)
    floor.command("shipment.move", "A", load_id=ONE)
    floor.command("shipment.move", "B", load_id=TWO.replace("0305", "0306"))
    assert fixed(floor) == (VehicleLock("A", "V1"),)


def test_stops_are_served_in_the_order_given_until_one_is_unlocked(floor: House):
    floor.command("stop.resequence", TWO, shipments="E,D")
    assert fixed(floor) == (PositionLock("E", "V2", 1, 1), PositionLock("D", "V2", 1, 2))
    assert json.loads(floor.rows("select content from facts.load_events")[0][0]) == ["E", "D"]
    floor.next_cycle()
    floor.command("stop.unlock", TWO, stop_sequence=1)
    assert fixed(floor) == ()


def test_a_stop_can_not_be_locked_into_a_load_that_is_closed(floor: House):
    """Regression: the routing refuses such a pair of locks, and the cycle ended there."""
    floor.command("load.lock", TWO)
    floor.command("stop.lock", TWO, stop_sequence=1, shipment_id="A")
    assert fixed(floor) == (FrozenLoad("V2", 1, (("D",), ("E",))),)
