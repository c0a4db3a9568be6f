"""Shopify's order JSON as canonical rows."""

from __future__ import annotations

import json

import pytest

from oms_dagster.domain.capture.messages import Message, ParseFailure
from oms_dagster.domain.capture.shopify import FIELDS, parse_shopify


def order(**changes: object) -> dict[str, object]:
    return {
        "id": 1,
        "created_at": "2025-06-01T10:00:00+02:00",
        "updated_at": "2025-06-01T12:00:00+02:00",
        "currency": "EUR",
        "line_items": [{"id": 11, "sku": "TEA-1", "quantity": 3, "price": "10.00"}],
    } | changes


def rows(**changes: object) -> list[dict[str, str | None]]:
    (message,) = parse_shopify(json.dumps(order(**changes)).encode())
    assert isinstance(message, Message), message
    return [dict(row) for row in message.rows]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(order()),
        json.dumps({"order": order()}),
        json.dumps({"orders": [order()]}),
        json.dumps([order()]),
        json.dumps([{"order": order()}]),
        json.dumps(order()) + "\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_one_order_is_read_in_whatever_wrapping_it_comes(text: str, encoding: str) -> None:
    (message,) = parse_shopify(text.encode(encoding))
    assert isinstance(message, Message)


def test_one_order_a_line_is_read_and_a_broken_line_fails_alone() -> None:
    text = "\n".join([json.dumps(order()), '{"id": 2, "line_', json.dumps(order(id=3))])
    found = list(parse_shopify(text.encode()))
    assert [type(item) for item in found] == [Message, ParseFailure, Message]


def test_a_version_is_the_time_of_the_change_in_utc() -> None:
    assert rows()[0]["order_version"] == "2025-06-01T10:00:00Z"


def test_amounts_are_those_of_the_shop_not_of_the_buyer() -> None:
    line = {
        "id": 1,
        "quantity": 1,
        "price": "9.00",
        "price_set": {"shop_money": {"amount": "10.00"}, "presentment_money": {"amount": "9.00"}},
    }
    assert rows(line_items=[line])[0]["unit_price"] == "10.00"


def test_a_price_is_never_a_float() -> None:
    raw = json.dumps(order()).replace('"10.00"', "1234567890123.10")
    (message,) = parse_shopify(raw.encode())
    assert isinstance(message, Message)
    assert message.rows[0]["unit_price"] == "1234567890123.10"


def test_discounts_are_those_of_the_lines_and_the_rest_is_the_orders() -> None:
    line = {
        "id": 1,
        "quantity": 1,
        "price": "10.00",
        "total_discount": "9.99",
        "discount_allocations": [{"amount": "1.00"}, {"amount": "0.50"}],
    }
    found = rows(line_items=[line], total_discounts="2.00", discount_codes=[{"code": "MAY"}])
    assert found[0]["discount_amount"] == "1.50"
    assert (found[1]["row_kind"], found[1]["sku_code"], found[1]["amount"]) == ("discount", "MAY", "0.50")


def test_shipping_tips_and_taxes_are_rows_of_their_own() -> None:
    post = {
        "code": "STD",
        "price": "5.00",
        "discount_allocations": [{"amount": "1.00"}],
        "tax_lines": [{"price": "0.80"}],
    }
    found = rows(shipping_lines=[post], total_tip_received="2.00", total_tax="6.80")
    assert [(row["row_kind"], row.get("amount"), row.get("tax_amount")) for row in found[1:]] == [
        ("shipping", "4.00", "0.80"),
        ("charge", "2.00", "0"),
        ("tax", "6.00", "0"),
    ]


def test_an_edited_line_asks_for_what_is_left_and_keeps_its_share_of_discount_and_tax() -> None:
    line = {
        "id": 1,
        "quantity": 3,
        "current_quantity": 1,
        "price": "10.00",
        "total_discount": "1.00",
        "tax_lines": [{"price": "2.00"}],
    }
    gone = {"id": 2, "quantity": 2, "current_quantity": 0, "price": "1.00"}
    found = rows(line_items=[line, gone], total_price="31.00", current_total_price="10.34", total_tax="2.00")
    assert len(found) == 1
    assert [found[0][key] for key in ("quantity", "discount_amount", "tax_amount", "declared_total")] == [
        "1",
        "0.33",
        "0.67",
        "10.34",
    ]


def test_a_cancelled_order_is_a_cancel_message() -> None:
    line = {"id": 1, "quantity": 3, "current_quantity": 0, "price": "10.00"}
    found = rows(
        cancelled_at="2025-06-02T10:00:00Z", line_items=[line], total_price="30.00", current_total_price="0.00"
    )
    assert [found[0][key] for key in ("message_kind", "quantity", "declared_total")] == ["cancel", "3", "30.00"]


@pytest.mark.parametrize(
    ("content", "code", "field"),
    [
        (order(line_items=[{"id": 1, "quantity": "many", "price": "1"}]), "BAD_NUMBER", "quantity"),
        (order(line_items=[{"id": 1, "quantity": 1, "price": "NaN"}]), "BAD_NUMBER", "price"),
        (order(line_items=[7]), "UNREADABLE", "line_items"),
        (order(line_items={}), "UNREADABLE", "line_items"),
        (order(line_items=[]), "MISSING_FIELD", "line_items"),
        (order(shipping_lines=["½"]), "UNREADABLE", "shipping_lines"),
        (order(line_items=[{"id": 1, "quantity": 1, "price": "1", "tax_lines": [None]}]), "UNREADABLE", "tax_lines"),
        (order(updated_at="yesterday"), "BAD_TIMESTAMP", "updated_at"),
        (order(shipping_address="Bonn"), "UNREADABLE", "shipping_address"),
        (order(note="\ud800"), "UNREADABLE", "note"),
        (order(note="a\0b"), "UNREADABLE", "note"),
        ({"risk": {}}, "NOT_AN_ORDER", "order"),
        (7, "NOT_AN_ORDER", "order"),
        (None, "NOT_AN_ORDER", "order"),
    ],
)
def test_a_bad_order_is_one_failure_that_names_the_field(content: object, code: str, field: str) -> None:
    good, failure = parse_shopify(json.dumps([order(), content]).encode())
    assert isinstance(good, Message)
    assert isinstance(failure, ParseFailure)
    assert (failure.number, failure.code, failure.field) == (2, code, field)
    assert "\n" not in failure.detail


def test_no_field_is_given_that_is_not_said_to_be() -> None:
    post = {"code": "STD", "price": "5.00"}
    assert {key for row in rows(shipping_lines=[post], customer={"id": 7}) for key in row} <= set(FIELDS)
