"""An order that names a store is sourced there alone: at once where the store has it, when it comes where it has not."""

from __future__ import annotations

from planning import Planning


def test_what_the_customer_collects_is_promised_at_the_store_for_the_same_day_at_no_freight(planning: Planning) -> None:
    planning.location("SHOP", kind="store", city="Leeds", latitude="53.8", longitude="-1.5", cutoff="18:00")
    planning.stock("TEA", 50, location="LON")
    planning.stock("TEA", 2, location="SHOP")
    planning.order("o", "C1", [("TEA", 2, 10)], pickup_location_code="SHOP")
    planning.cycle()
    (promise,) = planning.rows("select * from plans.promises")
    assert (promise["location_id"], promise["quantity"]) == ("SHOP", 2)
    assert promise["ship_date"] == promise["deliver_date"]


def test_a_shop_may_call_the_store_by_its_name(planning: Planning) -> None:
    planning.location("SHOP", kind="store", name="Leeds Market", city="Leeds", latitude="53.8", longitude="-1.5")
    planning.stock("TEA", 2, location="SHOP")
    planning.order("o", "C1", [("TEA", 2, 10)], pickup_location_code="leeds market")
    planning.cycle()
    assert planning.promised()["o-1"][0] == "SHOP"


def test_it_waits_for_a_transfer_to_the_store_however_much_lies_elsewhere(planning: Planning) -> None:
    planning.location("SHOP", kind="store", city="Leeds", latitude="53.8", longitude="-1.5")
    planning.stock("TEA", 50, location="LON")
    planning.order("o", "C1", [("TEA", 2, 10)], pickup_location_code="SHOP")
    planning.cycle()
    assert set(planning.waiting()) == {"o-1"}
    planning.supply("TR1", "TEA", 2, 2, location="SHOP")
    planning.cycle()
    assert planning.promised()["o-1"][0] == "SHOP"


def test_a_store_that_nobody_knows_serves_nothing(planning: Planning) -> None:
    planning.stock("TEA", 50, location="LON")
    planning.order("o", "C1", [("TEA", 2, 10)], pickup_location_code="NOWHERE")
    planning.cycle()
    assert (planning.promised(), set(planning.waiting())) == ({}, {"o-1"})
