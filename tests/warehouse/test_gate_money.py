"""Money of an order: to the cent, by the channel's own rounding, parts that sum to the whole."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from gate_desk import Desk, pos_csv, pos_row, purchase_order, shopify_json, shopify_order, x12
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oms_dagster.domain.capture.channel_file import load_channels
from oms_dagster.domain.quantities import largest_remainder
from oms_dagster.warehouse.gate.remainder import largest_remainder_sql

TOTALS = "items_total, discount_total, shipping_total, charge_total, tax_total, rounding_total, order_total"


@pytest.fixture(scope="module")
def parts() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(total=st.integers(-(10**9), 10**9), weights=st.lists(st.integers(0, 10**12), min_size=1, max_size=12))
def test_shares_in_sql_equal_the_domains_largest_remainder(
    parts: duckdb.DuckDBPyConnection, total: int, weights: list[int]
) -> None:
    rows = ", ".join(f"(1, {place}, {total}::bigint, {weight}::hugeint)" for place, weight in enumerate(weights))
    parts.execute(f"create or replace table parts as select * from (values {rows}) as v (g, place, total, weight)")
    sql = largest_remainder_sql("parts", "g", "place", "total", "weight", "share")
    assert [
        row[0] for row in parts.execute(f"select share from ({sql}) order by place").fetchall()
    ] == largest_remainder(total, weights)


def test_an_orders_discount_is_shared_over_its_lines_to_the_cent(desk: Desk) -> None:
    lines = [{"id": n, "sku": f"S{n}", "quantity": 1, "price": "10.00"} for n in (1, 2, 3)]
    order = shopify_order(
        line_items=lines, shipping_lines=[], total_tax=None, total_discounts="10.00", total_price="20.00"
    )
    desk.capture("shopify", shopify_json(order))
    assert [str(row[0]) for row in desk.rows("select discount_share from facts.order_lines order by line_number")] == [
        "3.34",
        "3.33",
        "3.33",
    ]
    assert [str(value) for value in desk.rows(f"select {TOTALS} from facts.orders")[0]] == [
        "30.00",
        "10.00",
        "0.00",
        "0.00",
        "0.00",
        "0.00",
        "20.00",
    ]


def test_rounding_per_line_and_per_order_differ_and_both_sum_up(tmp_path: Path) -> None:
    rows = [pos_row(line_no=n, qty="0.333", unit_price="1.00") for n in (1, 2, 3)]
    folder = tmp_path / "channels"
    folder.mkdir()
    totals = {}
    for rounding in ("line", "order"):
        (folder / "pos.yml").write_text(f"rounding: {rounding}\n")
        desk = Desk(tmp_path, load_channels(folder)[0])
        desk.capture("pos", pos_csv(*rows))
        totals[rounding] = desk.rows("select items_total from facts.orders")[0][0]
        assert desk.rows("select sum(line_total) from facts.order_lines")[0][0] == totals[rounding]
    assert totals == {"line": Decimal("0.99"), "order": Decimal("1.00")}


@pytest.mark.parametrize(
    ("declared", "rounding", "total"),
    [("7.04", "0.04", "7.04"), ("6.95", "-0.05", "6.95"), ("7.10", "0.00", "7.00"), ("", "0.00", "7.00")],
)
def test_up_to_five_cents_are_rounding_and_more_is_left_for_a_hold(
    desk: Desk, declared: str, rounding: str, total: str
) -> None:
    desk.capture("pos", pos_csv(pos_row(order_total=declared)))
    found = desk.rows("select rounding_total, order_total, declared_total from facts.orders")[0]
    assert [str(value) for value in found[:2]] == [rounding, total]
    assert str(found[2] or "") == declared


def test_prices_with_tax_inside_are_told_net_beside_the_tax(desk: Desk) -> None:
    line = {"id": 1, "sku": "A", "quantity": 2, "price": "12.00", "tax_lines": [{"price": "4.00"}]}
    post = {"code": "STD", "price": "6.00", "tax_lines": [{"price": "1.00"}]}
    order = shopify_order(
        line_items=[line], shipping_lines=[post], taxes_included=True, total_price="30.00", total_tax="5.00"
    )
    desk.capture("shopify", shopify_json(order))
    assert [str(value) for value in desk.rows(f"select {TOTALS} from facts.orders")[0]] == [
        "20.00",
        "0.00",
        "5.00",
        "0.00",
        "5.00",
        "0.00",
        "30.00",
    ]
    assert str(desk.rows("select line_total from facts.order_lines")[0][0]) == "20.00"


def test_allowances_charges_and_taxes_of_an_x12_order_reach_its_totals(desk: Desk) -> None:
    lines = ("PO1*1*10*EA*3.50**VN*TEA-1", "SAC*A*C310***500**********Promotion", "SAC*C*D240***1000", "TXI*ST*2.00")
    body = [s for s in purchase_order("A", *lines) if not s.startswith("CTT")]
    desk.capture("x12", x12([*body, "CTT*1", "AMT*TT*42.00"]))
    assert [str(value) for value in desk.rows(f"select {TOTALS} from facts.orders")[0]] == [
        "35.00",
        "5.00",
        "10.00",
        "0.00",
        "2.00",
        "0.00",
        "42.00",
    ]


def test_lines_without_numbers_are_numbered_by_place_in_their_order(desk: Desk) -> None:
    desk.capture("pos", pos_csv(pos_row(line_no=""), pos_row(order_no=2, line_no=""), pos_row(line_no="", sku="B")))
    assert [row[0] for row in desk.rows("select order_line_id from facts.order_lines order by 1")] == [
        "pos-S1-1-1",
        "pos-S1-1-2",
        "pos-S1-2-1",
    ]
