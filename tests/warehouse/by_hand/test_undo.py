"""Taking a command back: the plan is shown with the former values, and applying it brings back what was."""

from __future__ import annotations

from typing import Any

import pytest
from house import MUG, ORDER, SITE, TEA, House

from oms_dagster.operations.catalogue import COMMAND_TYPES, parse_payload
from oms_dagster.warehouse.commands.undo import PLANS, Plan, plan


def done(house: House, kind: str, target: str, **payload: Any) -> Plan:
    """Send a command, let a cycle accept it, and plan how to take it back in the next one."""
    command_id = f"undo-{house.numbers}"
    outcome = house.command(kind, target, command_id=command_id, **payload)
    assert outcome[0] == "accepted", outcome
    house.next_cycle()
    found = plan(house.connection, command_id)
    for step in found.steps:
        parse_payload(step.type, step.payload)  # the catalogue takes it as it is
    assert not found.steps or found.steps[-1].type == COMMAND_TYPES[kind].inverse
    return found


def take_back(house: House, found: Plan) -> None:
    for step in found.steps:
        outcome = house.command(step.type, step.target, seen_hash=step.seen_hash, **step.payload)
        assert outcome[0] == "accepted", outcome
    house.next_cycle()


def test_there_is_a_plan_for_each_type_that_the_catalogue_gives_an_inverse() -> None:
    assert set(PLANS) == {name for name, command in COMMAND_TYPES.items() if command.inverse}


@pytest.mark.parametrize("wanted", ["4", "15"])
def test_an_amended_quantity_comes_back(house: House, wanted: str) -> None:
    found = done(house, "order.amend", TEA, scope="line", quantity=wanted)
    assert found.steps[0].said == f"ask for 10 of {TEA} again, not {wanted}"
    take_back(house, found)
    assert house.buckets()["open"] == 10


def test_a_hold_placed_by_hand_is_released_and_only_once(house: House) -> None:
    found = done(house, "hold.place", ORDER, scope="order")
    assert found.steps[0].target == f"MANUAL_USER-{ORDER}-1"
    take_back(house, found)
    command_id = house.rows("select command_id from facts.commands where type = 'hold.place'")[0][0]
    assert plan(house.connection, command_id).refused == f"hold MANUAL_USER-{ORDER}-1 is released already"


def test_corrected_stock_goes_back(house: House) -> None:
    found = done(house, "stock.adjust", "TEA", location_id=SITE, quantity="-3", reason_code="LOST")
    assert found.steps[0].said == f"book +3 of TEA at {SITE}"
    take_back(house, found)
    assert house.on_hand() == 0


def test_a_policy_gets_its_former_value_whoever_set_it(house: House) -> None:
    key, shipped = house.rows(
        "select policy_key, value from staging.policies where kind = 'number' and coalesce(scope, '') = '' limit 1"
    )[0]
    first = done(house, "policy.change", key, key=key, value="7")
    assert first.steps[0].payload["value"] == shipped
    second = done(house, "policy.change", key, key=key, value="9")
    assert second.steps[0].payload["value"] == "7"


def test_a_priority_and_a_date_go_back_to_what_they_were(house: House) -> None:
    house.connection.execute(
        f"update facts.orders set priority = 5, requested_to = '2026-03-09 12:00+00' where order_id = '{ORDER}'"
    )
    assert done(house, "order.priority", ORDER, priority=1).steps[0].payload == {"priority": 5}
    assert done(house, "order.priority", ORDER, priority=2).steps[0].payload == {"priority": 1}
    moved = done(house, "order.amend", ORDER, scope="order", requested_to="2026-03-20T12:00:00+00:00")
    assert moved.steps[0].payload["requested_to"] == "2026-03-09T12:00:00+00:00"


def test_an_agreed_date_goes_back_to_the_one_before_it_else_to_what_the_customer_asked_for(house: House) -> None:
    nothing = done(house, "promise.set", ORDER, scope="order", deliver_by="2026-03-18")
    assert nothing.refused == f"{ORDER} had no date before: it can be changed, not taken away"
    line = done(house, "promise.set", TEA, scope="line", deliver_by="2026-03-20")
    assert line.steps[0].payload == {"scope": "line", "deliver_by": "2026-03-18"}
    house.connection.execute("delete from facts.commands")
    house.connection.execute(f"update facts.orders set requested_to = '2026-03-09 12:00+00' where order_id = '{ORDER}'")
    first = done(house, "promise.set", ORDER, scope="order", deliver_by="2026-03-18")
    assert first.steps[0].said == f"{ORDER} is due on 2026-03-09 again"
    take_back(house, first)


def test_a_count_goes_back_to_the_one_before_it_of_the_same_form(house: House) -> None:
    house.put("facts.loads", load_id="L1", mode="own_fleet", location_id="DAV")
    cash = {"part": "money", "payment_form": "cash", "expected": "50.00", "received": "45.00"}
    assert "was not counted before" in done(house, "settlement.record", "L1", **cash).refused
    assert "was not counted before" in done(house, "settlement.record", "L1", **cash | {"payment_form": "card"}).refused
    again = done(house, "settlement.record", "L1", **cash | {"received": "50.00"})
    assert again.steps[0].payload == cash
    take_back(house, again)


def test_an_address_goes_back_field_by_field_and_what_was_empty_is_said(house: House) -> None:
    house.connection.execute(f"update facts.orders set ship_to_city = 'Leeds' where order_id = '{ORDER}'")
    found = done(house, "address.correct", ORDER, city="York", street="Mill Lane 1")
    assert found.steps[0].payload == {"city": "Leeds"}
    assert "street was empty before" in found.steps[0].said
    assert "had no name before" in done(house, "address.correct", ORDER, name="Ann").refused


def test_a_vehicle_comes_back_and_goes_out_again_for_as_long_as_before(house: House) -> None:
    for entity, key in (("vehicles", "V1"), ("drivers", "D1"), ("drivers", "D2")):
        house.put("facts.reference_versions", message_id=key, entity=entity, key=key, version=1, attributes="{}")
    first = done(house, "vehicle.stop", "V1", until="2026-03-09")
    assert (first.steps[0].type, first.steps[0].payload) == ("vehicle.resume", {})
    assert done(house, "vehicle.resume", "V1").steps[0].payload == {"until": "2026-03-09"}
    away = done(house, "driver.absent", "D1", stand_in="D2")
    assert away.steps[0].type == "driver.return"
    assert done(house, "driver.return", "D1").steps[0].payload == {"stand_in": "D2"}
    take_back(house, away)


def test_a_pin_is_taken_off(house: House) -> None:
    found = done(house, "line.pin", MUG, location_id=SITE)
    assert (found.steps[0].type, found.steps[0].payload) == ("line.unpin", {"location_id": SITE})
    take_back(house, found)


def test_a_load_is_unlocked_as_it_is_now(house: House) -> None:
    house.put("plans.load_shipments", load_id="L1", shipment_id="S1", stop_sequence=1)
    for kind in ("load.lock", "load.approve"):
        found = done(house, kind, "L1")
        assert found.steps[0].seen_hash
        take_back(house, found)
    house.connection.execute("delete from plans.load_shipments")
    last = house.rows("select command_id from facts.commands where type = 'load.lock'")[0][0]
    assert plan(house.connection, last).refused == "L1 is no load of the last plan any more"


def test_what_nobody_can_know_is_said_and_not_guessed(house: House) -> None:
    assert "no outcome yet" in plan(house.connection, "nothing").refused
    house.command("order.cancel", TEA, command_id="c-cancel", scope="line", reason_code="CUSTOMER")
    assert "has no inverse" in plan(house.connection, "c-cancel").refused
    house.command("order.cancel", "nobody", command_id="c-rejected", scope="line", reason_code="CUSTOMER")
    assert "nothing to take back" in plan(house.connection, "c-rejected").refused
    assert done(house, "order.priority", ORDER, priority=1).refused == (
        f"{ORDER} had no priority before: it can be changed, not taken away"
    )
