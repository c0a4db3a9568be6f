"""Backorders and pre-orders: what they are pegged to, who is served when it comes, and what is said when it slips."""

from __future__ import annotations

from datetime import timedelta

from planning import Planning


def test_backorders_that_compete_are_pegged_to_dated_supply_by_priority_then_age(planning: Planning) -> None:
    """Regression: every backorder of a SKU named the first supply, whoever else waited for it."""
    planning.order("old", "C1", [("TEA", 6, 10)], minutes_ago=900)
    planning.order("new", "C1", [("TEA", 6, 10)], minutes_ago=60)
    planning.order("rush", "C1", [("TEA", 2, 10)], minutes_ago=30, priority=1)
    planning.supply("PO1", "TEA", 9, 20)
    planning.supply("PO2", "TEA", 4, 30)
    planning.cycle()
    assert planning.pegs() == {
        ("PO1", "rush-1", 2), ("PO1", "old-1", 6), ("PO1", "new-1", 1), ("PO2", "new-1", 4),
    }  # fmt: skip
    waiting = planning.waiting()
    day = (planning.as_of - timedelta(hours=6)).date()
    assert waiting["old-1"]["expected_cover_date"] == day + timedelta(days=20)
    assert (waiting["new-1"]["expected_cover_date"], waiting["new-1"]["cover_reference"]) == (None, "PO2")


def test_a_receipt_too_small_for_both_goes_to_the_backorder_that_waits_longer(planning: Planning) -> None:
    """The younger is smaller and lies nearer: by money alone it would be served first."""
    planning.order("old", "C1", [("TEA", 6, 10)], minutes_ago=900, latitude="57.1", longitude="-2.1")
    planning.order("new", "C1", [("TEA", 5, 10)], minutes_ago=60)
    planning.supply("PO1", "TEA", 6, 20)
    planning.cycle()
    assert set(planning.waiting()) == {"old-1", "new-1"}
    planning.stock("TEA", 6, reference="PO1")
    planning.cycle()
    assert {line: quantity for line, (_, quantity, _) in planning.promised().items()} == {"old-1": 6}
    assert set(planning.waiting()) == {"new-1"}


def test_a_rush_order_passes_those_who_wait_only_if_its_priority_says_so(planning: Planning) -> None:
    planning.order("old", "C1", [("TEA", 6, 10)], minutes_ago=900, latitude="57.1", longitude="-2.1")
    planning.cycle()
    planning.order("same", "C1", [("TEA", 3, 10)], minutes_ago=10)
    planning.stock("TEA", 6)
    planning.cycle()
    assert set(planning.promised()) == {"old-1"}
    assert planning.waiting()["same-1"]["reason"] == "others are ahead in the queue for what is there"

    planning.order("later", "C1", [("TEA", 4, 10)], minutes_ago=10)
    planning.cycle()
    planning.order("rush", "C1", [("TEA", 4, 10)], minutes_ago=5, priority=1)
    planning.stock("TEA", 5)
    planning.cycle()
    given = {line: quantity for line, (_, quantity, _) in planning.promised().items()}
    assert given == {"old-1": 6, "rush-1": 4, "same-1": 1}, (
        "what is promised stays; the rush order passes those who wait"
    )


def test_a_supply_that_slips_moves_the_cover_date_and_says_why(planning: Planning) -> None:
    planning.order("o", "C1", [("TEA", 6, 10)])
    planning.supply("PO1", "TEA", 6, 20)
    planning.cycle()
    planning.supply("PO1", "TEA", 6, 27)
    planning.cycle()
    first, moved = planning.story("cover_events", "o-1")
    assert first == "first told"
    assert moved.startswith("PO1 is due on 2026-03-31, before on 2026-03-24")
    planning.cycle()
    assert len(planning.story("cover_events", "o-1")) == 2


def test_a_promise_from_supply_that_slips_moves_with_it_and_says_why(planning: Planning) -> None:
    planning.order("o", "C1", [("TEA", 6, 10)])
    planning.supply("PO1", "TEA", 6, 3)
    planning.cycle()
    assert planning.pegs() == {("PO1", "o-1", 6)}
    planning.supply("PO1", "TEA", 6, 5)
    assert planning.cycle()["o-1"] == "changed: PO1 is due on 2026-03-09, before on 2026-03-07"


def test_a_pre_order_ships_no_sooner_than_its_launch_however_much_lies_there(planning: Planning) -> None:
    planning.sku("BOOK", available_from="2026-03-10")
    planning.stock("BOOK", 50)
    planning.order("o", "C1", [("BOOK", 2, 10)])
    planning.cycle()
    assert f"{planning.promised()['o-1'][2]}" == "2026-03-10"


def test_goods_that_are_there_ship_however_dear_the_freight(planning: Planning) -> None:
    """Regression: half a ton waited for ever beside its goods, since a backorder cost 48.00 whatever waited."""
    planning.sku("STOVE", weight_kg="500")
    planning.stock("STOVE", 1, location="MAN")
    planning.order("o", "C1", [("STOVE", 1, 900)], latitude="50.1", longitude="-5.5")
    planning.cycle()
    assert planning.promised()["o-1"][0] == "MAN"


def test_the_last_unit_of_a_line_ships_from_another_place_though_it_needs_a_shipment_of_its_own(
    planning: Planning,
) -> None:
    planning.policy("sourcing.cost_shipment", "45")
    planning.stock("TEA", 23, location="LON")
    planning.stock("TEA", 1, location="MAN")
    planning.order("o", "C1", [("TEA", 24, 10)])
    planning.cycle()
    assert planning.waiting() == {}


def test_of_two_lines_for_the_last_unit_the_one_that_is_worth_more_gets_it(planning: Planning) -> None:
    planning.stock("TEA", 1)
    planning.order("cheap", "C1", [("TEA", 1, 10)], minutes_ago=900)
    planning.order("dear", "C1", [("TEA", 1, 99)], minutes_ago=30)
    planning.cycle()
    assert set(planning.promised()) == {"dear-1"}


def test_an_order_that_may_be_split_ships_what_is_there(planning: Planning) -> None:
    planning.customer("C2", ship_complete=True)
    planning.stock("TEA", 5)
    planning.order("o", "C2", [("TEA", 2, 10), ("MUG", 1, 10)])
    planning.cycle()
    assert planning.promised() == {}
    planning.put(
        "commands",
        command_id="c1",
        sequence=1,
        type="order.split",
        target="o",
        outcome="accepted",
        reason="asked",
        payload="{}",
    )
    planning.cycle()
    assert set(planning.promised()) == {"o-1"}
    assert set(planning.waiting()) == {"o-2"}
