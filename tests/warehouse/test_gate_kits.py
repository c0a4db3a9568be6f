"""A line of a kit is captured as lines of its parts, and the kit's money is theirs to the cent."""

from __future__ import annotations

from decimal import Decimal

import pytest
from gate_desk import Desk, pos_csv, pos_row
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
