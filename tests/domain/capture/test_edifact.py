"""UN/EDIFACT ORDERS and ORDCHG as canonical rows."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_dagster.domain.capture.edifact import FIELDS, parse_edifact
from oms_dagster.domain.capture.messages import Message, ParseFailure

BODY = [
    "BGM+220+PO1+9",
    "DTM+137:20250602:102",
    "DTM+64:202506050800:203",
    "DTM+63:20250609:102",
    "FTX+AAI+++Ring twice",
    "NAD+BY+5400110000009::9++Buyer",
    "CTA+PD+:Ann",
    "COM+ann@example.com:EM",
    "NAD+DP+S9::92++Shop+Weg 1:Hof+Bonn++53111+DE",
    "CUX+2:EUR:9",
    "PAT+1++5:3:D:30",
    "LIN+1++4006381333931:EN",
    "PIA+5+TEA-1:SA",
    "IMD+F++:::Green:tea",
    "QTY+21:2:PCE",
    "PRI+AAA:3.50",
    "UNS+S",
    "MOA+86:7.00",
    "CNT+2:1",
]


def interchange(*bodies: Sequence[str], kind: str = "ORDERS:D:96A:UN", una: str = "", after: str = "\n") -> str:
    """Bodies as messages of one interchange; ``una`` turns the service characters."""
    segments = ["UNB+UNOC:3+S:14+R:14+250602:0900+7"]
    for number, body in enumerate(bodies, 1):
        segments += [f"UNH+{number}+{kind}", *body, f"UNT+{len(body) + 2}+{number}"]
    segments.append(f"UNZ+{len(bodies)}+7")
    text = "".join(segment + "'" + after for segment in segments)
    if not una:
        return text
    component, element, _, _, _, terminator = una
    return f"UNA{una}" + text.translate(str.maketrans(":+'", component + element + terminator))


def only(text: str) -> Message:
    (message,) = parse_edifact(text.encode())
    assert isinstance(message, Message), message
    return message


def test_an_order_is_read_with_parties_dates_lines_and_total() -> None:
    row = only(interchange(BODY)).rows[0]
    expected = {
        "channel_order_id": "PO1",
        "order_version": None,
        "message_kind": "order",
        "placed_at": "2025-06-02",
        "requested_from": "2025-06-05T08:00:00",
        "requested_to": "2025-06-09",
        "note": "Ring twice",
        "customer_code": "5400110000009",
        "customer_name": "Buyer",
        "customer_email": "ann@example.com",
        "ship_to_name": "Shop",
        "ship_to_street": "Weg 1, Hof",
        "ship_to_city": "Bonn",
        "ship_to_postcode": "53111",
        "ship_to_country": "DE",
        "currency": "EUR",
        "payment_method": "net 30 days",
        "line_number": "1",
        "sku_code": "TEA-1",
        "barcode": "4006381333931",
        "description": "Green tea",
        "quantity": "2",
        "unit": "PCE",
        "unit_price": "3.50",
        "declared_total": "7.00",
        "is_test": "false",
    }
    assert {key: row[key] for key in expected} == expected


@pytest.mark.parametrize("una", [":+.? '", ":+,? '", "|*.\\ ~", "\x1f\x1d.? \x1c", ":+.? \n", ":+.  '"])
@pytest.mark.parametrize("after", ["", "\r\n"])
def test_service_characters_are_those_of_una(una: str, after: str) -> None:
    body = [segment for segment in BODY if "@" not in segment]
    assert only(interchange(body, una=una, after=after)).rows[0]["sku_code"] == "TEA-1"


def test_released_characters_are_text() -> None:
    body = [*BODY[:8], "NAD+DP+S9::92++O?'Neil ?+ Sons?: ??+Weg 1+Bonn++53111+DE", *BODY[9:]]
    assert only(interchange(body)).rows[0]["ship_to_name"] == "O'Neil + Sons: ?"


def test_lines_wrapped_at_eighty_characters_are_read_whole() -> None:
    text = interchange(BODY, after="")
    wrapped = "\r\n".join(text[place : place + 80] for place in range(0, len(text), 80))
    assert only(wrapped) == only(text)


def test_the_character_set_is_the_one_that_unb_names() -> None:
    body = [*BODY[:8], "NAD+DP+S9::92++Łódź+Weg 1+Bonn++53111+PL", *BODY[9:]]
    text = interchange(body)
    for identifier, encoding in (("UNOD", "iso8859-2"), ("UNOW", "utf-8"), ("UNOC", "utf-8")):
        (message,) = parse_edifact(text.replace("UNOC", identifier).encode(encoding))
        assert isinstance(message, Message)
        assert message.rows[0]["ship_to_name"] == "Łódź"


def test_a_decimal_comma_is_a_point() -> None:
    body = [segment.replace("3.50", "3,50") for segment in BODY]
    assert only(interchange(body, una=":+,? '")).rows[0]["unit_price"] == "3.50"


@pytest.mark.parametrize(
    ("old", "new", "fields"),
    [
        ("UNT+21+1", "UNT+20+1", ["UNT 0074", None]),
        ("UNT+21+2", "UNT+21+9", [None, "UNT 0062"]),
        ("UNZ+2+7", "UNZ+3+7", ["UNZ 0036", "UNZ 0036"]),
        ("UNZ+2+7", "UNZ+2+8", ["UNZ 0020", "UNZ 0020"]),
        ("UNZ+2+7'\n", "", ["UNZ", "UNZ"]),
        ("CNT+2:1'", "CNT+2:3'", ["CNT 6066", "CNT 6066"]),
    ],
)
def test_a_wrong_count_or_reference_fails_what_it_closes(old: str, new: str, fields: list[str | None]) -> None:
    text = interchange(BODY, BODY)
    assert old in text
    found = list(parse_edifact(text.replace(old, new).encode()))
    assert [item.field if isinstance(item, ParseFailure) else None for item in found] == fields
    assert {item.code for item in found if isinstance(item, ParseFailure)} == {"CONTROL_MISMATCH"}


def test_a_message_without_trailer_fails_alone() -> None:
    text = interchange(BODY, BODY, BODY).replace("UNT+21+2'\n", "")
    found = list(parse_edifact(text.encode()))
    assert [item.field if isinstance(item, ParseFailure) else None for item in found] == [None, "UNT", None]


def test_a_broken_interchange_leaves_the_others_whole() -> None:
    good = interchange(BODY)
    text = good + "UNB+UNOC:3+S+R+250602:0900+8'\nUNH+1+ORDERS:D:96A:UN'\nBGM+220" + "'\n" + good + "rubbish'\n" + good
    kinds = [item.code if isinstance(item, ParseFailure) else "read" for item in parse_edifact(text.encode())]
    assert kinds == ["read", "CONTROL_MISMATCH", "read", "UNREADABLE", "read"]


def test_another_message_is_not_an_order_and_named() -> None:
    (failure,) = parse_edifact(interchange(["BGM+380+1+9"], kind="INVOIC:D:96A:UN").encode())
    assert isinstance(failure, ParseFailure)
    assert failure.code == "NOT_AN_ORDER"
    assert "INVOIC" in failure.detail


def test_a_change_names_the_order_that_it_refers_to_and_deletes_with_quantity_0() -> None:
    body = ["BGM+230+C77+4", "RFF+ON:PO1", "LIN+1+3", "QTY+21:9", "LIN+2+2", "UNS+S", "CNT+2:2"]
    rows = only(interchange(body, kind="ORDCHG:D:01B:UN")).rows
    assert [(row["line_number"], row["quantity"]) for row in rows] == [("1", "9"), ("2", "0")]
    assert {(row["channel_order_id"], row["message_kind"], row["order_version"]) for row in rows} == {
        ("PO1", "change", "202506020900")
    }


def test_a_cancelling_change_needs_no_line() -> None:
    rows = only(interchange(["BGM+230+C77+1", "RFF+ON:PO1"], kind="ORDCHG:D:96A:UN")).rows
    assert [(row["message_kind"], row["row_kind"]) for row in rows] == [("cancel", "line")]


def test_allowances_count_on_gross_prices_only_and_those_of_the_order_are_rows() -> None:
    body = [
        *BODY[:10],
        "ALC+A",
        "PCD+3:10",
        "ALC+C++++FC:::Freight",
        "MOA+23:5.00",
        "LIN+1++A:SA",
        "QTY+21:10",
        "PRI+AAB:2.00",
        "ALC+A",
        "PCD+3:20",
        "LIN+2++B:SA",
        "QTY+21:10",
        "PRI+AAB:2.00",
        "PRI+AAA:1.50",
        "ALC+A",
        "PCD+3:25",
        "UNS+S",
    ]
    rows = only(interchange(body)).rows
    kinds = [(row["row_kind"], row.get("unit_price"), row.get("discount_amount"), row.get("amount")) for row in rows]
    assert kinds == [
        ("line", "2.00", "4", None),
        ("line", "1.50", None, None),
        ("discount", None, None, "3.5"),
        ("shipping", None, None, "5.00"),
    ]


def test_a_price_per_hundred_is_a_price_per_unit_and_a_line_amount_gives_one() -> None:
    body = [*BODY[:10], "LIN+1++A:SA", "QTY+21:200", "PRI+AAA:350:CT::100", "LIN+2++B:SA", "QTY+21:4", "MOA+203:10"]
    assert [row["unit_price"] for row in only(interchange([*body, "UNS+S"])).rows] == ["3.5", "2.5"]


def test_a_date_that_all_lines_share_is_the_orders() -> None:
    head = [segment for segment in BODY[:11] if not segment.startswith(("DTM+64", "DTM+63"))]
    lines = ["LIN+1++A:SA", "QTY+21:1", "DTM+2:20250610:102", "LIN+2++B:SA", "QTY+21:1", "DTM+2:20250610:102"]
    assert only(interchange([*head, *lines, "UNS+S"])).rows[0]["requested_to"] == "2025-06-10"
    differing = [*lines[:-1], "DTM+2:20250611:102"]
    assert only(interchange([*head, *differing, "UNS+S"])).rows[0].get("requested_to") is None


def test_a_test_indicator_marks_the_order() -> None:
    text = interchange(BODY).replace("250602:0900+7'", "250602:0900+7++++++1'")
    assert only(text).rows[0]["is_test"] == "true"


def test_no_field_is_given_that_is_not_said_to_be() -> None:
    body = [*BODY[:10], "TAX+7+VAT", "ALC+C", "MOA+23:1", *BODY[11:17], "MOA+176:3", "CNT+2:1"]
    assert {key for row in only(interchange(body)).rows for key in row} <= set(FIELDS)


@given(st.text(max_size=200))
def test_whatever_stands_in_a_file_is_answered(text: str) -> None:
    """No input raises: each file gives at least one message or failure with one line."""
    for raw in (text.encode(), ("UNA" + text).encode(), ("UNB+" + text).encode(), interchange([*BODY, text]).encode()):
        found = list(parse_edifact(raw))
        assert found
        assert all("\n" not in item.detail for item in found if isinstance(item, ParseFailure))
