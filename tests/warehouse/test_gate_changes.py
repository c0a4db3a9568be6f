"""Changes that name only what changes: the gate makes a whole version of the order of each."""

from __future__ import annotations

from decimal import Decimal

import pytest
from gate_desk import Desk, csv_text, edifact, edifact_order, purchase_order, x12

from oms_dagster.domain.capture.channel_file import parse_text

LINES = (
    "PO1*1*10*EA*3.00**VN*TEA-1",
    "PO1*2*4*EA*5.00**VN*TEA-2",
)


def change(*lines: str, purpose: str = "04", order: str = "PO1") -> list[str]:
    return [f"BCH*{purpose}*SA*{order}***20250602", *lines]


def x860(*bodies: list[str], at: str = "0905") -> str:
    return x12(*bodies).replace("ST*850", "ST*860").replace("*0900*7*X", f"*{at}*7*X").replace("GS*PO*", "GS*PC*")


def lines(desk: Desk) -> list[tuple[object, ...]]:
    """Lines of the newest version."""
    return desk.rows(
        """
        select line_number, sku_code, quantity::integer, quantity_added::integer, unit_price::decimal(9,2) from facts.order_lines
        where order_version is not distinct from (select max(order_version) from facts.orders) order by line_number
        """
    )


def outcomes(desk: Desk) -> list[object]:
    return [
        row[0] for row in desk.rows("select coalesce(error_code, outcome) from facts.capture_messages order by rowid")
    ]


def test_a_change_of_one_line_keeps_the_others_and_adds_only_what_is_more(desk: Desk) -> None:
    desk.capture("x12", x12(purchase_order("PO1", *LINES)))
    desk.capture("x12", x860(change("POC*1*QI*12**EA*3.00")))
    assert outcomes(desk) == ["accepted", "accepted"]
    assert lines(desk) == [("1", "TEA-1", 12, 2, Decimal("3.00")), ("2", "TEA-2", 4, 0, Decimal("5.00"))]
    header = desk.rows("select message_kind, customer_name, ship_to_city, order_total from facts.orders order by rowid")
    assert header == [("order", "Buyer", "Bonn", Decimal("50.00")), ("order", "Buyer", "Bonn", Decimal("56.00"))]


def test_a_line_is_taken_off_and_another_put_on(desk: Desk) -> None:
    desk.capture("x12", x12(purchase_order("PO1", *LINES)))
    desk.capture("x12", x860(change("POC*001*DI*10**EA*3.00", "POC*3*AI*7**EA*2.00**VN*CUP-4")))
    assert lines(desk) == [("2", "TEA-2", 4, 0, Decimal("5.00")), ("3", "CUP-4", 7, 7, Decimal("2.00"))]


def test_an_order_and_two_changes_in_one_file_are_applied_in_their_order(desk: Desk) -> None:
    whole = edifact(edifact_order("A", "LIN+1++T:SA", "QTY+21:5", "PRI+AAA:2"))
    first = edifact(["BGM+230+C1+4", "RFF+ON:A", "LIN+1+3", "QTY+21:6"], kind="ORDCHG", sent="250602:0910")
    second = edifact(
        ["BGM+230+C2+4", "RFF+ON:A", "LIN+2+1+U:SA", "QTY+21:1", "PRI+AAA:9"], kind="ORDCHG", sent="250602:0920"
    )
    desk.capture("edifact", second + first + whole)
    assert outcomes(desk) == ["accepted"] * 3
    assert lines(desk) == [("1", "T", 6, 0, Decimal("2.00")), ("2", "U", 1, 1, Decimal("9.00"))]


def test_a_change_sent_twice_is_a_duplicate(desk: Desk) -> None:
    desk.capture("x12", x12(purchase_order("PO1", *LINES)))
    desk.capture("x12", x860(change("POC*1*DI*10**EA*3.00")))
    desk.capture("x12", x860(change("POC*1*DI*10**EA*3.00")) + "\n")
    assert outcomes(desk) == ["accepted", "accepted", "duplicate"]


def test_a_change_of_an_order_that_nobody_sent_waits(desk: Desk) -> None:
    desk.capture("x12", x860(change("POC*1*QI*12**EA*3.00")))
    assert desk.errors() == [("REF_NOT_FOUND", "channel_order_id")]


def test_a_change_older_than_one_applied_waits_instead_of_undoing_it(desk: Desk) -> None:
    desk.capture("x12", x12(purchase_order("PO1", *LINES)))
    desk.capture("x12", x860(change("POC*1*QI*12**EA*3.00"), at="1000"))
    desk.capture("x12", x860(change("POC*1*QI*11**EA*3.00"), at="0930"))
    assert outcomes(desk) == ["accepted", "accepted", "OUT_OF_ORDER"]


def test_a_new_line_without_price_is_refused_and_the_order_stays(desk: Desk) -> None:
    desk.capture("x12", x12(purchase_order("PO1", *LINES)))
    desk.capture("x12", x860(change("POC*9*AI*7**EA***VN*CUP-4")))
    assert desk.errors() == [("MISSING_FIELD", "unit_price")]
    assert desk.rows("select count(*) from facts.orders") == [(1,)]


def test_a_change_that_breaks_a_rule_of_the_channel_is_quarantined_under_it(full_desk: Desk) -> None:
    full_desk.capture("x12", x12(purchase_order("PO1", *LINES)))
    full_desk.capture("x12", x860(change("POC*1*QI*2000000**EA*3.00")))
    assert outcomes(full_desk) == ["accepted", "QUANTITY_TOO_LARGE"]


def test_a_negative_quantity_is_no_deletion(desk: Desk) -> None:
    desk.capture("x12", x12(purchase_order("PO1", *LINES)))
    desk.capture("x12", x860(change("POC*1*QD*-2**EA*3.00")))
    assert outcomes(desk) == ["accepted", "QUANTITY_NOT_POSITIVE"]


@pytest.mark.parametrize("purpose", ["01", "03"])
def test_an_860_that_cancels_needs_no_line(desk: Desk, purpose: str) -> None:
    desk.capture("x12", x12(purchase_order("PO1", *LINES)))
    desk.capture("x12", x860(change(purpose=purpose)))
    assert desk.rows("select message_kind from facts.orders order by rowid") == [("order",), ("cancel",)]


def test_taking_off_every_line_cancels_the_order(desk: Desk) -> None:
    desk.capture("x12", x12(purchase_order("PO1", *LINES)))
    desk.capture("x12", x860(change("POC*1*DI*0**EA*0", "POC*2*DI*0**EA*0")))
    assert desk.rows("select message_kind from facts.orders order by rowid") == [("order",), ("cancel",)]


def test_a_csv_channel_changes_its_orders_too(desk: Desk) -> None:
    desk.channels = {"shop": parse_text("shop", "record: order\nformat: csv\ncurrency: EUR\n", "shop.yml")}
    row = {"channel_order_id": "1", "order_version": "1", "message_kind": "order", "placed_at": "2025-06-01"}
    row |= {"line_number": "1", "sku_code": "TEA-1", "quantity": "4", "unit_price": "3.00"}
    desk.capture("shop", csv_text([row, row | {"line_number": "2", "quantity": "1"}]))
    change = dict.fromkeys(row, "") | {"channel_order_id": "1", "order_version": "2", "message_kind": "change"}
    desk.capture(
        "shop",
        csv_text([change | {"line_number": "1", "quantity": "6"}, change | {"line_number": "2", "quantity": "0"}]),
    )
    assert outcomes(desk) == ["accepted", "accepted"]
    assert lines(desk) == [("1", "TEA-1", 6, 2, Decimal("3.00"))]


def test_a_change_speaks_of_the_kit_and_of_the_other_lines_the_parts_stay(desk: Desk) -> None:
    """Regression: the parts of a kit were put back as lines of their own, and the kit came on top of them."""
    desk.capture("skus", "sku_code,name,weight_kg,volume_m3\nTEA-1,Box,1,0.1\nTEA-2,Tea,1,0.1\n")
    desk.capture("sku_components", "sku_code,component_sku_code,quantity\nTEA-1,LEAF,2\nTEA-1,TIN,1\n")
    desk.capture("x12", x12(purchase_order("PO1", *LINES)))
    desk.capture("x12", x860(change("POC*1*QI*12**EA*3.00")))
    found = [line[:4] for line in lines(desk)]
    assert found == [("1-LEAF", "LEAF", 24, 4), ("1-TIN", "TIN", 12, 2), ("2", "TEA-2", 4, 0)]
    desk.capture("x12", x860(change("POC*2*QI*5**EA*5.00"), at="0930"))
    found = [line[:4] for line in lines(desk)]
    assert found == [("1-LEAF", "LEAF", 24, 0), ("1-TIN", "TIN", 12, 0), ("2", "TEA-2", 5, 1)]
    assert desk.rows("select distinct kit_sku_code from facts.order_lines where sku_code = 'LEAF'") == [("TEA-1",)]
