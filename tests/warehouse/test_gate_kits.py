"""A line of a kit is captured as lines of its parts, and the kit's money is theirs to the cent."""

from __future__ import annotations

from decimal import Decimal

import pytest
from gate_desk import AS_OF, Desk, pos_csv, pos_row
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oms_dagster.domain.capture.channel import Channel
from oms_dagster.domain.capture.channel_file import parse_channel
from oms_dagster.warehouse import gate

LINES = "select order_line_id, sku_code, quantity::integer, line_total, discount_share, tax_amount from facts.order_lines order by 1, cycle_seq"


@pytest.fixture
def shop(desk: Desk) -> Desk:
    """A breakfast of two tins of tea at 3.00 and a mug at 6.00."""
    desk.capture("skus", "sku_code,name,weight_kg,volume_m3,list_price\nTEA,Tea,1,0.1,3.00\nMUG,Mug,1,0.1,6.00\n")
    desk.capture("sku_components", "sku_code,component_sku_code,quantity\nBOX,TEA,2\nBOX,MUG,1\n")
    return desk


def order(number: int, version: int = 1, **changes: object) -> str:
    row = pos_row(order_no=number, sku="BOX", qty=3, unit_price="9.99", **changes)
    return (
        pos_csv({**row, "order_version": str(version)}).replace("order_total", "order_total,order_version", 1)
        if version > 1
        else pos_csv(row)
    )


def test_a_kit_becomes_its_parts_by_list_price(shop: Desk) -> None:
    assert shop.capture("pos", order(1, discount="0.05", tax="5.98")).accepted == 1
    lines = shop.rows(LINES)
    assert [row[:3] for row in lines] == [("pos-S1-1-1-MUG", "MUG", 3), ("pos-S1-1-1-TEA", "TEA", 6)]
    assert [f"{sum(row[at] for row in lines)}" for at in (3, 4, 5)] == ["29.92", "0.05", "5.98"]
    assert [f"{row[3]}" for row in lines] == ["14.96", "14.96"]
    assert shop.rows("select items_total, discount_total, order_total from facts.orders") == [
        (Decimal("29.97"), Decimal("0.05"), Decimal("35.90"))
    ]
    assert shop.rows("select distinct kit_line_id, kit_sku_code, kit_quantity::integer from facts.order_lines") == [
        ("pos-S1-1-1", "BOX", 3)
    ]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    quantity=st.integers(1, 999), price=st.integers(0, 99_999), discount=st.integers(0, 500), tax=st.integers(0, 9_999)
)
def test_the_parts_cost_what_the_kit_costs(shop: Desk, quantity: int, price: int, discount: int, tax: int) -> None:
    number = f"{quantity}-{price}-{discount}-{tax}"
    cents = Decimal(min(discount, quantity * price)).scaleb(-2)
    row = pos_row(
        order_no=number,
        sku="BOX",
        qty=quantity,
        unit_price=Decimal(price).scaleb(-2),
        discount=cents,
        tax=Decimal(tax).scaleb(-2),
    )
    shop.capture("pos", pos_csv(row))
    (found,) = shop.rows(
        "select sum(line_total), sum(discount_share), sum(tax_amount), min(line_total), count(*) from facts.order_lines"
        f" where order_id = 'pos-S1-{number}'"
    )
    whole = Decimal(quantity * price).scaleb(-2)
    assert found == (whole - cents, cents, Decimal(tax).scaleb(-2), found[3], 2)
    assert found[3] >= 0


def test_a_kit_that_has_lost_its_parts_is_sold_as_it_is(shop: Desk) -> None:
    shop.capture("sku_components", "sku_code,component_sku_code,quantity\nBOX,TEA,0\nBOX,MUG,0\n")
    shop.capture("pos", order(1))
    assert [row[1] for row in shop.rows(LINES)] == ["BOX"]


def _trade(name: str) -> dict[str, Channel]:
    """Orders with units, and what came back as rows of no price."""
    channel = {
        "record": "order", "format": "csv", "timezone": "UTC", "currency": "EUR", "location": "MAIN",
        "fields": {"channel_order_id": "order_no", "customer_code": "customer", "placed_at": "placed_at", "line_number": "line",
                   "sku_code": "sku", "unit": "unit", "quantity": {"column": "qty", "absolute": True}, "unit_price": "price"},
        "rows": [{"row_kind": "return", "when": {"qty": {"below": 0}}}],
    }  # fmt: skip
    return {name: parse_channel(name, channel, f"{name}.yml")}


TRADE = "order_no,customer,placed_at,line,sku,unit,qty,price\n"


def test_a_kit_in_a_unit_that_nobody_knew_is_exploded_when_the_factor_comes(shop: Desk) -> None:
    shop.capture("skus", "sku_code,name,unit,weight_kg,volume_m3\nBOX,Breakfast,EA,1,0.1\n")
    shop.channels = {**shop.channels, **_trade("trade")}
    shop.capture("trade", TRADE + "O1,C1,2025-06-01,1,BOX,pallet,2,100.01\n")
    assert [row[:3] for row in shop.rows(LINES)] == [("trade-O1-1", "BOX", 2)]
    shop.capture("sku_units", "sku_code,unit,factor\nBOX,PX,3\n")
    assert gate.measure_waiting(shop.connection, 90, AS_OF) == 1
    assert gate.measure_waiting(shop.connection, 91, AS_OF) == 0
    wanted = shop.rows(
        "select order_line_id, sum(quantity_added)::integer from facts.order_lines group by 1 order by 1"
    )
    assert wanted == [("trade-O1-1", 0), ("trade-O1-1-MUG", 6), ("trade-O1-1-TEA", 12)]
    newest = shop.rows(
        "select order_line_id, line_total, kit_quantity::integer from facts.order_lines"
        " qualify row_number() over (partition by order_line_id order by cycle_seq desc) = 1 order by 1"
    )
    assert newest == [
        ("trade-O1-1", Decimal("0.00"), None),
        ("trade-O1-1-MUG", Decimal("100.01"), 6),
        ("trade-O1-1-TEA", Decimal("100.01"), 6),
    ]


def test_a_returned_kit_comes_back_in_the_parts_of_which_it_was_sold(shop: Desk) -> None:
    shop.channels = {**shop.channels, **_trade("trade")}
    shop.capture("trade", TRADE + "O1,C1,2025-06-01,1,BOX,,3,10.00\nO2,C1,2025-06-02,1,TEA,,5,3.00\n")
    shop.capture("sku_components", "sku_code,component_sku_code,quantity\nBOX,MUG,4\n")
    shop.capture("trade", TRADE + "R1,C1,2025-06-03,1,BOX,,-2,0\n")
    back = "select order_line_id, quantity::integer from facts.returns order by 1"
    assert shop.rows(back) == [("trade-O1-1-MUG", 2), ("trade-O1-1-TEA", 4)]
    shop.capture("trade", TRADE + "R2,C1,2025-06-04,1,BOX,,-2,0\n")
    assert shop.rows(back) == [("trade-O1-1-MUG", 2), ("trade-O1-1-TEA", 4)], "one kit is left with the customer"
    assert [code for code, _ in shop.errors()] == ["REF_NOT_FOUND"]
