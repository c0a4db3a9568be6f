"""Fields of an order that came later: how their texts are read, and that they don't make strangers of known orders."""

from __future__ import annotations

from gate_desk import Desk


def test_a_bare_date_is_the_beginning_of_ship_after_and_the_end_of_the_others(desk: Desk) -> None:
    desk.capture("phone", '[{"channel_order_id": "A", "placed_at": "2025-06-01", "currency": "EUR", "sku_code": "T", "quantity": 1, "unit_price": 1,'
                 ' "ship_after": "2025-06-05", "ship_by": "2025-06-07", "cancel_after": "2025-06-10", "incoterm": "dap"}]')  # fmt: skip
    found = desk.rows("select ship_after::varchar, ship_by::varchar, cancel_after::varchar from facts.orders")
    assert found == [("2025-06-05 00:00:00+00", "2025-06-07 23:59:59+00", "2025-06-10 23:59:59+00")]


def test_an_order_without_them_has_the_content_that_it_always_had(desk: Desk) -> None:
    """Regression: with a new field in every hash, what a home captured before would come back as a conflict."""
    text = '[{"channel_order_id": "A", "placed_at": "2025-06-01", "currency": "EUR", "sku_code": "T", "quantity": 1, "unit_price": 1%s}]'
    desk.capture("phone", text % "")
    desk.capture("phone", text % ', "ship_by": "", "incoterm": null')
    desk.capture("phone", text % ', "ship_by": "2025-06-07"')
    assert [row[0] for row in desk.rows("select outcome from facts.capture_messages where channel = 'phone' order by rowid")] == [
        "accepted", "duplicate", "conflict",
    ]  # fmt: skip
    known = desk.rows(
        "select content_hash from facts.capture_messages where channel = 'phone' and outcome = 'accepted'"
    )
    assert known == [("fb0197c32f38a0b18f5b8c9c3c9934f4050ae0190cfefeb6b9a247de8317f1df",)]
