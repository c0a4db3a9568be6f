"""X12 850 purchase orders as canonical rows."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_dagster.domain.capture.messages import Message, ParseFailure
from oms_dagster.domain.capture.x12 import FIELDS, parse_x12

BODY = [
    "BEG*00*SA*PO1**20250602",
    "CUR*BY*USD",
    "N1*BY*Buyer*92*B7",
    "N1*ST*Shop*92*S9",
    "N3*Weg 1*Hof",
    "N4*Bonn**53111*DE",
    "PO1*1*2*EA*3.50**VN*TEA-1*UP*4006381333931",
    "PID*F****Tea",
    "CTT*1",
    "AMT*TT*7.00",
]


def interchange(
    *bodies: Sequence[str], element: str = "*", end: str = "~", after: str = "\n", kind: str = "850"
) -> str:
    segments = [
        "ISA*00*          *00*          *ZZ*SENDER         *ZZ*US             *250602*0900*U*00401*000000007*0*P*>",
        "GS*PO*SENDER*US*20250602*0900*7*X*004010",
    ]
    for number, body in enumerate(bodies, 1):
        segments += [f"ST*{kind}*{number:04}", *body, f"SE*{len(body) + 2}*{number:04}"]
    segments += [f"GE*{len(bodies)}*7", "IEA*1*000000007"]
    return "".join(segment.replace("*", element) + end + after for segment in segments)


def test_an_order_is_read_with_parties_lines_and_total() -> None:
    (message,) = parse_x12(interchange(BODY).encode())
    assert isinstance(message, Message)
    expected = {
        "channel_order_id": "PO1",
        "order_version": None,
        "message_kind": "order",
        "placed_at": "2025-06-02",
        "currency": "USD",
        "customer_code": "B7",
        "ship_to_street": "Weg 1, Hof",
        "ship_to_city": "Bonn",
        "ship_to_country": "DE",
        "line_number": "1",
        "quantity": "2",
        "unit_price": "3.50",
        "sku_code": "TEA-1",
        "barcode": "4006381333931",
        "description": "Tea",
        "declared_total": "7.00",
        "is_test": "false",
    }
    assert {key: message.rows[0][key] for key in expected} == expected


@pytest.mark.parametrize(
    ("element", "end", "after"),
    [("|", "'", ""), ("\x1d", "\x1c", ""), ("*", "\n", ""), ("*", "\r\n", ""), ("^", "\x15", "\r\n"), ("*", "Ö", "")],
)
def test_delimiters_are_those_of_the_isa(element: str, end: str, after: str) -> None:
    (message,) = parse_x12(interchange(BODY, element=element, end=end, after=after).encode())
    assert isinstance(message, Message), message
    assert message.rows[0]["quantity"] == "2"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_a_byte_order_mark_and_latin_1_are_no_obstacle(encoding: str) -> None:
    (message,) = parse_x12(interchange([*BODY[:3], "N1*ST*Müller*92*S9", *BODY[4:]]).encode(encoding))
    assert isinstance(message, Message)
    assert message.rows[0]["ship_to_name"] == "Müller"


def test_several_interchanges_in_a_file_are_read_in_order() -> None:
    text = interchange(BODY) + interchange(BODY, BODY, element="|", end="'")
    assert [(item.number, type(item)) for item in parse_x12(text.encode())] == [
        (1, Message),
        (2, Message),
        (3, Message),
    ]


@pytest.mark.parametrize(
    ("old", "new", "fields"),
    [
        ("SE*12*0001", "SE*13*0001", ["SE01", None]),
        ("SE*12*0002", "SE*12*0009", [None, "SE02"]),
        ("GE*2*7", "GE*3*7", ["GE01", "GE01"]),
        ("GE*2*7", "GE*2*8", ["GE02", "GE02"]),
        ("IEA*1*", "IEA*2*", ["IEA01", "IEA01"]),
        ("IEA*1*000000007", "IEA*1*000000008", ["IEA02", "IEA02"]),
        ("CTT*1~", "CTT*2~", ["CTT01", "CTT01"]),
        ("GE*2*7~\nIEA*1*000000007~\n", "", ["IEA", "IEA"]),
    ],
)
def test_a_wrong_count_or_control_number_fails_what_it_closes(old: str, new: str, fields: list[str | None]) -> None:
    text = interchange(BODY, BODY)
    assert old in text
    found = list(parse_x12(text.replace(old, new).encode()))
    assert [item.field if isinstance(item, ParseFailure) else None for item in found] == fields
    assert {item.code for item in found if isinstance(item, ParseFailure)} == {"CONTROL_MISMATCH"}


def test_another_transaction_set_is_not_an_order_and_named() -> None:
    (failure,) = parse_x12(interchange(["BIG*20250602*1"], kind="810").encode())
    assert isinstance(failure, ParseFailure)
    assert (failure.code, failure.field) == ("NOT_AN_ORDER", "ST01")
    assert "transaction set 810" in failure.detail


def test_a_change_carries_the_groups_time_and_a_cancellation_says_so() -> None:
    change, cancel = parse_x12(
        interchange(["BEG*05" + BODY[0][6:], *BODY[1:]], ["BEG*01" + BODY[0][6:], *BODY[1:]]).encode()
    )
    assert isinstance(change, Message)
    assert isinstance(cancel, Message)
    assert (change.rows[0]["message_kind"], change.rows[0]["order_version"]) == ("order", "202506020900")
    assert cancel.rows[0]["message_kind"] == "cancel"


def test_a_price_per_hundred_is_a_price_per_unit() -> None:
    (message,) = parse_x12(interchange([*BODY[:6], "PO1*1*200*EA*350*HP*VN*TEA-1", "CTT*1"]).encode())
    assert isinstance(message, Message)
    assert message.rows[0]["unit_price"] == "3.5"


@given(st.text(max_size=200))
def test_whatever_stands_in_a_file_is_answered(text: str) -> None:
    """No input raises: each file gives at least one message or failure with one line."""
    for raw in (text.encode(), ("ISA*00*" + text).encode(), interchange([*BODY, text]).encode()):
        found = list(parse_x12(raw))
        assert found
        assert all("\n" not in item.detail for item in found if isinstance(item, ParseFailure))


def test_no_field_is_given_that_is_not_said_to_be() -> None:
    body = [
        *BODY[:3],
        "DTM*002*20250603",
        "ITD*14*3*****30",
        "TD5*O*2*UPSN",
        "REF*IA*77",
        *BODY[3:7],
        "SAC*A*C310***100",
        "TXI*ST*2.00",
        "CTT*1",
    ]
    (message,) = parse_x12(interchange(body).encode())
    assert isinstance(message, Message)
    assert {key for row in message.rows for key in row} <= set(FIELDS)


def change(*lines: str, purpose: str = "04") -> list[str]:
    return [f"BCH*{purpose}*SA*PO1***20250602", *lines]


def test_an_860_names_the_lines_that_change_and_deletes_with_quantity_0() -> None:
    body = change("POC*1*QI*12**EA*3.00**VN*TEA-1", "POC*2*DI*4**EA*5.00", "CTT*2", "AMT*TT*36.00")
    (message,) = parse_x12(interchange(body, kind="860").encode())
    assert isinstance(message, Message)
    found = [(row["line_number"], row["quantity"], row["unit"], row["unit_price"]) for row in message.rows]
    assert found == [("1", "12", "EA", "3.00"), ("2", "0", "EA", "5.00")]
    head = message.rows[0]
    assert (head["message_kind"], head["order_version"], head["placed_at"]) == ("change", "202506020900", "2025-06-02")
    assert "declared_total" not in head, "of the changed lines or of the order? partners differ"


@pytest.mark.parametrize(("purpose", "kind"), [("01", "cancel"), ("05", "order"), ("04", "change")])
def test_the_purpose_of_an_860_says_what_it_asks_for(purpose: str, kind: str) -> None:
    (message,) = parse_x12(interchange(change("POC*1*CA*12**EA*3.00", purpose=purpose), kind="860").encode())
    assert isinstance(message, Message)
    assert message.rows[0]["message_kind"] == kind


def test_changes_of_one_minute_sort_by_their_sequence() -> None:
    (message,) = parse_x12(interchange([BODY[0].replace("BEG*00", "BCH*04") + "*2"], kind="860").encode())
    assert isinstance(message, ParseFailure), "no line changes"
    body = ["BCH*04*SA*PO1**12*20250602", "POC*1*CA*12**EA*3.00"]
    (message,) = parse_x12(interchange(body, kind="860").encode())
    assert isinstance(message, Message)
    assert message.rows[0]["order_version"] == "202506020900.0012"


def test_a_broken_interchange_leaves_the_others_whole() -> None:
    """Regression: an interchange without IEA swallowed the next one, and a stretch of rubbish ended the file."""
    good = interchange(BODY)
    text = good + good[: good.index("GE*")] + good + "rubbish~\n" + good + "ISA*00*" + "\n" + good
    kinds = [item.code if isinstance(item, ParseFailure) else "read" for item in parse_x12(text.encode())]
    assert kinds == ["read", "CONTROL_MISMATCH", "read", "UNREADABLE", "read", "UNREADABLE", "read"]
