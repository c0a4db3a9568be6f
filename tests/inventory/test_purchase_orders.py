"""What a planner accepts goes to its supplier once: one purchase order for a place of arrival, and one word when it is taken back."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from stockroom import Stockroom

from oms_dagster.cycle import Cycle
from oms_dagster.warehouse import commands, papers, purchase_orders
from oms_dagster.warehouse.commands import Issued

NUMBERS = count(1)


@pytest.fixture
def room(stockroom: Stockroom) -> Stockroom:
    """Two suppliers, two places, three SKUs."""
    for place in ("LON", "MAN"):
        stockroom.location(place)
    for supplier in ("SUP", "BIS"):
        stockroom.reference("suppliers", supplier, supplier_code=supplier, name=f"{supplier} Ltd")
    for sku in ("TEA", "MUG", "CUP"):
        stockroom.sku(sku, cost="2.50")
    return stockroom


def send(room: Stockroom, kind: str, target: str, payload: dict[str, str]) -> str:
    """A command and its outcome in words."""
    number = next(NUMBERS)
    sent = Issued(f"b{number}", number, kind, target, payload, "paul", "needed", room.as_of, None, None)
    commands.record(room.connection, [sent], Cycle(room.cycle_seq, room.as_of, 1))
    (outcome,) = room.rows(f"select outcome, outcome_reason from facts.commands where command_id = 'b{number}'")
    return f"{outcome['outcome']}: {outcome['outcome_reason']}"


def accept(room: Stockroom, sku: str, source: str, place: str = "LON", kind: str = "purchase") -> str:
    """A suggestion is ordered; the supply line that it became."""
    said = {"kind": kind, "location_id": place, "source": source, "quantity": "12", "due_date": "2026-03-09"}
    outcome, supply, *_ = send(room, "replenishment.accept", sku, said).split(": ")
    assert outcome == "accepted", supply
    return supply


def issue(room: Stockroom) -> dict[str, int]:
    """What the commit of the running cycle does; then time passes."""
    room.open()
    done = purchase_orders.issue(room.connection, Cycle(room.cycle_seq, room.as_of, 1))
    room.next_cycle()
    return done


def said(room: Stockroom) -> dict[str, list[tuple[int, str, float]]]:
    """Lines of each document: number, SKU, units."""
    found: dict[str, list[tuple[int, str, float]]] = {}
    for row in room.rows("select * from facts.purchase_order_lines order by document_id, line_number"):
        found.setdefault(row["document_id"], []).append((row["line_number"], row["sku_id"], float(row["quantity"])))
    return found


def test_what_is_accepted_for_a_place_goes_to_its_supplier_on_one_paper_once(room: Stockroom) -> None:
    for sku, source, place in (
        ("TEA", "SUP", "LON"),
        ("MUG", "SUP", "LON"),
        ("CUP", "SUP", "MAN"),
        ("CUP", "BIS", "LON"),
    ):
        accept(room, sku, source, place)
    assert issue(room) == {"purchase_orders": 3, "purchase_order_changes": 0}
    assert list(said(room).values()) == [[(1, "CUP", 12)], [(1, "TEA", 12), (2, "MUG", 12)], [(1, "CUP", 12)]]
    room.connection.execute("delete from plans.promises")
    for _ in range(3):
        assert issue(room) == {"purchase_orders": 0, "purchase_order_changes": 0}
    (document,) = room.rows("select * from facts.documents where number = 2")
    told: dict[str, Any] = papers.content(room.connection, {**document, "timezone": None, "location_name": None}) or {}
    assert (told["kind"], told["seller"], told["ship_to"][0]) == ("replenishment", ["SUP Ltd"], "LON")
    assert [(line["sku_id"], line["line_total"]) for line in told["lines"]] == [("TEA", "30.00"), ("MUG", "30.00")]


def test_a_transfer_and_a_supplier_s_own_word_need_no_purchase_order(room: Stockroom) -> None:
    room.stock("TEA", 20, location="MAN")
    accept(room, "TEA", "MAN", kind="transfer")
    room.supply("PO-OF-THE-ERP", "MUG", 5, days=3)
    assert issue(room)["purchase_orders"] == 0


def test_what_is_cancelled_is_called_off_once_and_an_order_without_lines_is_void(room: Stockroom) -> None:
    tea, mug = accept(room, "TEA", "SUP"), accept(room, "MUG", "SUP")
    issue(room)
    send(room, "replenishment.cancel", tea, {})
    assert issue(room)["purchase_order_changes"] == 1
    assert room.rows("select * from facts.document_events") == []
    send(room, "replenishment.cancel", mug, {})
    assert issue(room)["purchase_order_changes"] == 1
    assert issue(room)["purchase_order_changes"] == 0
    assert [row["document_id"] for row in room.rows("select document_id from facts.document_events")] == [
        "purchase_order-A-000001"
    ]


def test_what_is_cancelled_before_it_was_ordered_is_never_ordered(room: Stockroom) -> None:
    tea = accept(room, "TEA", "SUP")
    send(room, "replenishment.cancel", tea, {})
    assert issue(room) == {"purchase_orders": 0, "purchase_order_changes": 0}


@pytest.mark.parametrize(
    ("kind", "source", "place"), [("purchase", "SUP", "MILL"), ("transfer", "MILL", "LON"), ("transfer", "LON", "MILL")]
)
def test_nothing_is_bought_for_a_vendor_or_moved_from_or_to_it(
    room: Stockroom, kind: str, source: str, place: str
) -> None:
    room.location("MILL", kind="vendor")
    room.stock("TEA", 50, location="MILL")
    said = {"kind": kind, "location_id": place, "source": source, "quantity": "12", "due_date": "2026-03-09"}
    assert send(room, "replenishment.accept", "TEA", said).startswith("rejected: MILL is a drop-ship vendor's")


def test_the_stock_of_a_vendor_has_no_value_no_level_and_no_verdict(room: Stockroom) -> None:
    room.location("MILL", kind="vendor")
    room.sku("TEA", cost="2.50", safety_stock=20, reorder_point=30, supplier_code="SUP")
    for place in ("LON", "MILL"):
        room.stock("TEA", 10, location=place)
    room.run(everything=True)
    found = {row["location_id"]: row for row in room.rows("select * from marts.inventory_positions")}
    named = ("value_base", "safety_stock", "reorder_point", "stock_status", "shortage", "online_atp")
    assert [found["LON"][name] for name in named] == [25, 20, 30, "low", 20, 0]
    assert [found["MILL"][name] for name in named] == [None, None, None, "ok", 0, 10]
    assert {row["location_id"] for row in room.rows("select location_id from marts.replenishment_suggestions")} == {
        "LON"
    }


def at_vendor(room: Stockroom) -> None:
    """Three tins of an order are released to a vendor."""
    room.location("MILL", kind="vendor", handling_cost="1.20")
    room.customer("C1")
    room.order("o", "C1", [("TEA", 3, 10)])
    room.put(
        "shipments", shipment_id="S1", order_id="o", location_id="MILL", mode="dropship", ship_date=room.as_of.date()
    )
    room.put("shipment_lines", shipment_id="S1", order_line_id="o-1", sku_id="TEA", quantity=3)
    room.put("line_events", event_id="r", order_line_id="o-1", from_bucket="open", to_bucket="released", quantity=3, location_id="MILL",
             document_id="S1", event_at=room.as_of)  # fmt: skip


def test_a_purchase_order_that_is_taken_back_opens_its_lines_and_is_called_off(room: Stockroom) -> None:
    at_vendor(room)
    issue(room)
    order = "purchase_order-A-000001"
    assert said(room) == {order: [(1, "TEA", 3)]}
    assert send(room, "purchase_order.withdraw", order, {}) == "accepted: 3 units back to planning"
    assert issue(room) == {"purchase_orders": 0, "purchase_order_changes": 1}
    assert said(room)["purchase_order_change-A-000001"] == [(1, "TEA", -3)]
    assert [row["document_id"] for row in room.rows("select document_id from facts.document_events")] == [order]
    fees = room.rows("select cast(sum(fee) as integer) as fee from facts.purchase_order_lines")
    assert fees == [{"fee": 0}], "no handling is paid for what was called off whole"
    assert (
        send(room, "purchase_order.withdraw", order, {})
        == f"rejected: nothing of {order} waits for the vendor any more"
    )


def test_only_a_purchase_order_to_a_vendor_is_taken_back_by_hand(room: Stockroom) -> None:
    accept(room, "TEA", "SUP")
    issue(room)
    for target in ("purchase_order-A-000001", "purchase_order-A-9"):
        assert send(room, "purchase_order.withdraw", target, {}).startswith(
            f"rejected: {target} is no purchase order to a vendor"
        )


def test_a_purchase_order_is_not_made_void_behind_its_order_s_back(room: Stockroom) -> None:
    at_vendor(room)
    issue(room)
    for kind in ("document.void", "document.reissue"):
        assert send(room, kind, "purchase_order-A-000001", {}).startswith(
            "rejected: a purchase order follows what it is for"
        )
