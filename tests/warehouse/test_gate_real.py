"""Real files end as expected: the wholesaler's year, Shopify's and X12's fixtures of other projects."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from gate_desk import Desk

RETAIL = "data/orders/online_retail_2010_2011_cc0.parquet"
END_OF_2011 = datetime(2011, 12, 31, tzinfo=UTC)


@pytest.fixture
def december(shared: Path, tmp_path: Path) -> Path:
    """The first days of the year: every kind of row occurs."""
    path = tmp_path / "slice.parquet"
    duckdb.sql(f"copy (from '{shared / RETAIL}' where line_id <= 30000) to '{path}'")
    return path


def test_the_wholesalers_rows_end_each_in_one_outcome(full_desk: Desk, december: Path) -> None:
    outcome = full_desk.capture("online-retail", december.read_bytes(), as_of=END_OF_2011)
    assert outcome.lines_read == 30000 == outcome.lines_accepted + outcome.lines_quarantined
    assert {row[0] for row in full_desk.errors()} == {"REF_NOT_FOUND", "NO_VALUE_NO_CUSTOMER"}
    source = f"read_parquet('{december}')"
    charges = "stock_code in ('POST', 'DOT', 'C2', 'D', 'M', 'm', 'S', 'B', 'BANK CHARGES', 'AMAZONFEE', 'CRUK')"
    adjustments = f"unit_price_gbp = 0 and quantity < 0 and not {charges}"
    assert full_desk.rows("select count(*) from facts.stock") == full_desk.rows(
        f"select count(*) from {source} where {adjustments}"
    )
    assert full_desk.rows("select count(*) from facts.capture_messages where record = 'returns'") == full_desk.rows(
        f"select count(*) from {source} where invoice_no like 'C%' and not {charges} and not ({adjustments})"
    )
    kinds = full_desk.rows("select distinct charge_code, charge_kind from facts.order_charges")
    assert {("POST", "shipping"), ("DOT", "shipping"), ("D", "discount"), ("M", "charge")} <= set(kinds)


def test_exact_duplicate_rows_are_lines_of_their_own(full_desk: Desk, december: Path) -> None:
    full_desk.capture("online-retail", december.read_bytes(), as_of=END_OF_2011)
    doubled = full_desk.rows(
        f"select invoice_no, stock_code, quantity, count(*) from read_parquet('{december}')"
        " where unit_price_gbp > 0 and quantity > 0 group by all having count(*) > 1 limit 20"
    )
    assert doubled
    for invoice, sku, quantity, count in doubled:
        found = full_desk.rows(
            f"select count(*) from facts.order_lines where order_id = 'online-retail-{invoice}'"
            f" and sku_code = '{sku}' and quantity = {quantity}"
        )
        assert found == [(count,)]


def test_returned_units_never_exceed_what_the_line_sold_and_come_after_it(full_desk: Desk, december: Path) -> None:
    full_desk.capture("online-retail", december.read_bytes(), as_of=END_OF_2011)
    assert full_desk.rows("select count(*) > 100 from facts.returns") == [(True,)]
    assert full_desk.rows(
        """
        select count(*) from (
            select l.order_line_id from facts.returns as r
            join facts.order_lines as l using (order_line_id) join facts.orders as o on o.message_id = l.message_id
            group by 1 having sum(r.quantity) > any_value(l.quantity) or min(r.event_at) < any_value(o.placed_at))
        """
    ) == [(0,)]
    assert full_desk.rows(
        "select count(*) from facts.returns as r anti join facts.order_lines as l using (order_line_id)"
    ) == [(0,)]


def test_the_year_fed_in_two_files_gives_the_same_facts(desk: Desk, tmp_path: Path, december: Path) -> None:
    """Returned rows of the second file find lines of the first."""
    whole, halves = desk, Desk(tmp_path)
    whole.capture("online-retail", december.read_bytes(), as_of=END_OF_2011)
    for condition in ("substr(invoice_no, -6) < '537500'", "substr(invoice_no, -6) >= '537500'"):
        part = tmp_path / "part.parquet"
        duckdb.sql(f"copy (from '{december}' where {condition} order by line_id) to '{part}'")
        halves.capture("online-retail", part.read_bytes(), as_of=END_OF_2011)
    assert halves.facts() == whole.facts()
    assert halves.capture("online-retail", december.read_bytes(), as_of=END_OF_2011).accepted == 0
    assert halves.facts() == whole.facts()


SHOPIFY = {
    "go-shopify/fixtures/order.json": ("accepted", None),
    "go-shopify/fixtures/orders.json": ("accepted", None),
    "go-shopify/fixtures/order_with_transaction.json": ("accepted", None),
    "go-shopify/fixtures/order_risk.json": ("quarantined", "NOT_AN_ORDER"),
    "go-shopify/fixtures/order_risks.json": ("quarantined", "NOT_AN_ORDER"),
    "go-shopify/fixtures/draft_order.json": ("quarantined", "NOT_AN_ORDER"),
    "go-shopify/fixtures/fulfillment_order.json": ("quarantined", "NOT_AN_ORDER"),
    "go-shopify/fixtures/orderlineitems/properties_invalid0.json": ("quarantined", "UNREADABLE"),
    # 597.00 of lines and 11.94 of tax against a total of 409.94: edited by hand, contradicts itself
    "shopify_python_api/test/fixtures/order.json": ("quarantined", "TOTAL_CONTRADICTED"),
    "shopify_python_api/test/fixtures/orders.json": ("quarantined", "MISSING_FIELD"),
    "shopify_python_api/test/fixtures/draft_orders.json": ("quarantined", "NOT_AN_ORDER"),
}


@pytest.mark.parametrize("name", SHOPIFY)
def test_real_shopify_files_end_as_judged(full_desk: Desk, shared: Path, name: str) -> None:
    full_desk.capture("shopify", (shared / "data" / "channels" / "shopify" / name).read_bytes())
    assert full_desk.rows("select outcome, error_code from facts.capture_messages") == [SHOPIFY[name]]


def test_a_real_cancelled_shopify_order_keeps_what_it_was_worth(desk: Desk, shared: Path) -> None:
    desk.capture("shopify", (shared / "data" / "channels" / "shopify" / "go-shopify/fixtures/order.json").read_bytes())
    found = desk.rows(
        "select message_kind, order_version, is_test, payment_status, items_total, discount_total, shipping_total,"
        " order_total from facts.orders"
    )
    assert [str(value) for value in found[0]] == [
        "cancel",
        "2016-05-17T08:14:36Z",
        "True",
        "voided",
        "5.00",
        "5.00",
        "10.00",
        "10.00",
    ]


GOZER = "gozer/src/test/resources"
STAEDI = "staedi/src/test/resources/x12"
X12 = {
    "oboe/5-850.x12": ["accepted"],
    # its lines carry no price
    f"{STAEDI}/invoice810_po850_dual.edi": ["NOT_AN_ORDER", "NOT_AN_ORDER", "MISSING_FIELD"],
    "edi.net/x12.850.edi": ["CONTROL_MISMATCH"],
    "edi.net/x12.850a.edi": ["CONTROL_MISMATCH"],
    "edi.net/x12.850.issue135.edi": ["CONTROL_MISMATCH", "CONTROL_MISMATCH"],
    "edi.net/x12.810a.edi": ["NOT_AN_ORDER"],
    "edi.net/x12.Issue172.edi": ["CONTROL_MISMATCH"],
    f"{GOZER}/po850/po850.txt": ["CONTROL_MISMATCH"],
    f"{GOZER}/asn856/asn856.txt": ["NOT_AN_ORDER"],
    f"{GOZER}/x12.wrong.ISA.txt": ["UNREADABLE"],
    f"{GOZER}/x12.missing.ISA.txt": ["UNREADABLE"],
    f"{GOZER}/x12.wrong.GS.txt": ["NOT_AN_ORDER"] * 3,
    f"{GOZER}/x12.no.line.break.no.delim.txt": ["UNREADABLE"],
    f"{GOZER}/x12.base.no.line.breaks.odd.char.txt": ["NOT_AN_ORDER"] * 4,
    f"{GOZER}/dex/894/dex.sample.wrong.transaction.count.txt": ["UNREADABLE"],
    f"{STAEDI}/invalid997.edi": ["NOT_AN_ORDER"],
    f"{STAEDI}/extraDelimiter997.edi": ["NOT_AN_ORDER"],
    f"{STAEDI}/simple997-multiple-interchanges.edi": ["NOT_AN_ORDER"] * 3,
}


@pytest.mark.parametrize("name", X12)
def test_real_x12_files_end_as_judged(desk: Desk, shared: Path, name: str) -> None:
    desk.capture("x12", (shared / "data" / "channels" / "edi_x12" / name).read_bytes())
    assert [
        row[0]
        for row in desk.rows("select coalesce(error_code, outcome) from facts.capture_messages order by position")
    ] == X12[name]


def test_a_real_purchase_order_with_control_characters_is_read_whole(desk: Desk, shared: Path) -> None:
    desk.capture("x12", (shared / "data" / "channels" / "edi_x12" / "oboe/5-850.x12").read_bytes())
    found = desk.rows(
        "select channel_order_id, customer_name, ship_to_country, placed_at, order_total from facts.orders"
    )[0]
    assert found == ("2308", "DAIS", "AU", datetime(2001, 5, 10, tzinfo=UTC), Decimal("38.39"))
