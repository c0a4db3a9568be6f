"""A change applied to the order as it was."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from oms_dagster.domain.capture.amendments import Inapplicable, amended

HEADER = ("channel_order_id", "order_version", "message_kind", "placed_at", "currency", "note", "declared_total")
TOP = {"channel_order_id": "A", "currency": "EUR", "note": "ring", "placed_at": "monday", "declared_total": Decimal(9)}


def line(number: str, quantity: object = None, **values: object) -> dict[str, Any]:
    amount = None if quantity is None else Decimal(str(quantity))
    return TOP | {"row_kind": "line", "line_number": number, "quantity": amount, "unit_price": Decimal(3)} | values


def change(number: str, quantity: object = None, **values: object) -> dict[str, Any]:
    top = {"channel_order_id": "A", "order_version": "2", "message_kind": "change", "placed_at": "tuesday"}
    amount = None if quantity is None else Decimal(str(quantity))
    return top | {"row_kind": "line", "line_number": number, "quantity": amount} | values


def test_the_header_keeps_what_the_change_leaves_out() -> None:
    rows = amended([line("1", 2)], [change("1", 3, note="knock")], HEADER)
    assert not isinstance(rows, Inapplicable)
    shown = {name: rows[0][name] for name in HEADER}
    assert shown == TOP | {"order_version": "2", "message_kind": "order", "note": "knock", "declared_total": None}


def test_discount_and_tax_of_a_line_keep_the_share_of_the_units_left() -> None:
    before = line("1", 3, discount_amount=Decimal("1.00"), tax_amount=Decimal("0.60"))
    rows = amended([before], [change("1", 2)], HEADER)
    assert not isinstance(rows, Inapplicable)
    assert (rows[0]["discount_amount"], rows[0]["tax_amount"]) == (Decimal("0.67"), Decimal("0.40"))
    rows = amended([before], [change("1", 2, tax_amount=Decimal("0.55"))], HEADER)
    assert not isinstance(rows, Inapplicable)
    assert rows[0]["tax_amount"] == Decimal("0.55")


def test_charges_replace_those_of_their_kind() -> None:
    shipping = TOP | {"row_kind": "shipping", "amount": Decimal(5)}
    tax = TOP | {"row_kind": "tax", "amount": Decimal(2)}
    cheaper = change("", row_kind="shipping", amount=Decimal(4))
    rows = amended([line("1", 2), shipping, tax], [cheaper], HEADER)
    assert not isinstance(rows, Inapplicable)
    assert [(row["row_kind"], row.get("amount")) for row in rows] == [
        ("line", None),
        ("tax", Decimal(2)),
        ("shipping", Decimal(4)),
    ]


def test_a_changed_line_without_a_number_is_refused() -> None:
    found = amended([line("1", 2)], [change("", 3)], HEADER)
    assert isinstance(found, Inapplicable)
    assert (found.code, found.field) == ("MISSING_FIELD", "line_number")


quantities = st.dictionaries(st.integers(1, 6).map(str), st.integers(0, 5), min_size=1)


@given(quantities.map(lambda lines: {number: quantity + 1 for number, quantity in lines.items()}), quantities)
def test_the_order_after_a_change_has_the_lines_left_and_applying_it_again_changes_nothing(
    order: dict[str, int], changed: dict[str, int]
) -> None:
    changes = [change(number, quantity, unit_price=Decimal(3)) for number, quantity in changed.items()]
    once = amended([line(number, quantity) for number, quantity in order.items()], changes, HEADER)
    assert not isinstance(once, Inapplicable)
    wanted = {number: quantity for number, quantity in (order | changed).items() if quantity}
    assert {row["line_number"]: row["quantity"] for row in once if row.get("line_number")} == wanted
    assert (once[0]["message_kind"] == "cancel") == (not wanted)
    assert amended(once, changes, HEADER) == once
