"""ORDERS and ORDCHG as canonical rows.

Belongs here: which message is an order and what it asks for. Does not belong here: segments and envelopes (`syntax`), the
meaning of each segment (`segments`), judging values (`warehouse.gate`).

Source: UN/EDIFACT directories D.96A and D.01B, EANCOM 2002 for the use of qualifiers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from oms_dagster.domain.capture.edifact.segments import Row, Sheet, moment
from oms_dagster.domain.capture.edifact.syntax import Envelope, part, read
from oms_dagster.domain.capture.interchanges import read_interchanges
from oms_dagster.domain.capture.messages import Message, ParseFailure, control_count

#: Fields of an order that an ORDERS or ORDCHG can give.
FIELDS = (
    "channel_order_id", "order_version", "message_kind", "customer_code", "customer_name", "customer_email",
    "customer_phone", "placed_at", "requested_from", "requested_to", "customer_tax_id", "ship_after", "ship_by", "cancel_after", "incoterm", "incoterm_place", "currency", "payment_method", "payment_status",
    "bill_to_name", "bill_to_street", "bill_to_postcode", "bill_to_city", "bill_to_region", "bill_to_country",
    "is_test", "purchase_order_number", "note", "ship_to_name", "ship_to_street", "ship_to_postcode", "ship_to_city",
    "ship_to_region", "ship_to_country", "declared_total", "row_kind", "line_number", "sku_code", "barcode",
    "description", "unit", "quantity", "unit_price", "discount_amount", "tax_amount", "amount",
)  # fmt: skip

_KINDS = ("ORDERS", "ORDCHG")
#: Message function (element 1225) -> what the message asks for; an ORDERS is whole whatever its function.
_FUNCTIONS = {"1": "cancel", "3": "cancel"}
_WHOLE = ("5", "9", "7", "31")


def parse_edifact(source: bytes | BinaryIO) -> Iterator[Message | ParseFailure]:
    """Read a file of one or more interchanges.

    Parameters
    ----------
    source
        Bytes in the character set that UNB names, or a seekable binary stream of them, with or without UNA, byte order mark
        and line breaks.

    Returns
    -------
    iterator of Message or ParseFailure
        One a message (UNH), in the order of the file. A wrong count or control reference fails its message, its group's
        or its interchange's messages, with the element named; a stretch that is no interchange is one failure.
    """
    return read_interchanges(source, read, _message, envelope="UNB", start="UNH", name="message")


def _message(number: int, envelope: Envelope) -> Message | ParseFailure:
    where = f"message {number} (UNH {envelope.reference[:20]})"
    if envelope.kind not in _KINDS:
        kind = envelope.kind[:20] or "?"
        detail = f"{where}: message {kind} is not an order, expected ORDERS or ORDCHG; take it out of this channel"
        return ParseFailure(number, "NOT_AN_ORDER", "UNH 0065", detail)
    order = order_number(envelope)
    if envelope.fault is not None:
        code, field, detail = envelope.fault
        return ParseFailure(number, code, field, f"{where}: {detail}; ask the partner to send it again", order)
    heads = sum(1 for segment in envelope.segments if segment[0][0] == "BGM")
    if heads > 1:
        detail = f"{where}: {heads} BGM in one message, expected one; ask the partner to send each order in its own UNH"
        return ParseFailure(number, "UNREADABLE", "BGM", detail, order)
    sheet = Sheet(envelope.service.decimal)
    for segment in envelope.segments:
        sheet.read(segment)
    rows = _rows(sheet, envelope, order)
    asked = rows[0]["message_kind"] if rows else None
    if not order or not rows or (asked == "order" and not sheet.lines):
        missing = "LIN" if order else "BGM 1004"
        return ParseFailure(
            number, "MISSING_FIELD", missing, f"{where}: {missing} is missing; ask the partner to send it again", order
        )
    if sheet.declared_lines and control_count(sheet.declared_lines.lstrip("0") or "0") != len(sheet.lines):
        said = sheet.declared_lines[:20]
        detail = f"{where}: CNT says {said!r} lines, found {len(sheet.lines)}; ask the partner to send it again"
        return ParseFailure(number, "CONTROL_MISMATCH", "CNT 6066", detail, order)
    return Message(number, tuple(rows))


def order_number(envelope: Envelope) -> str | None:
    """The buyer's number of the order: of an ORDCHG the one that it refers to (RFF+ON), else the document's own."""
    own = referred = ""
    for segment in envelope.segments:
        tag = segment[0][0]
        if tag == "BGM":
            own = own or "".join(segment[2][:1] if len(segment) > 2 else ())
        elif tag == "RFF" and part(segment, 1) == "ON":
            referred = referred or part(segment, 1, 1)
        elif tag == "LIN":
            break
    return (referred if envelope.kind == "ORDCHG" and referred else own) or None


def _rows(sheet: Sheet, envelope: Envelope, order: str | None) -> list[Row]:
    function = sheet.function
    kind = "order" if envelope.kind == "ORDERS" or function in _WHOLE else "change"
    kind = _FUNCTIONS.get(function, kind)
    header: Row = {
        "channel_order_id": order,
        "purchase_order_number": order,
        "message_kind": kind,
        "is_test": "true" if envelope.is_test else "false",
        # An original has no version of its own (sent twice it is a duplicate); changes carry the interchange's time.
        "order_version": None if envelope.kind == "ORDERS" and function in ("9", "7", "31", "") else _sent(envelope),
    }
    header |= sheet.header(part(envelope.interchange, 2))
    rows = [*sheet.lines, *sheet.charges()]
    if kind == "cancel":
        rows = rows or [{"row_kind": "line"}]
    elif kind == "change":
        # The total of a change is that of the changed lines with one partner, of the whole order with another.
        header["declared_total"] = None
    return [{**header, **row} for row in rows]


def _sent(envelope: Envelope) -> str | None:
    """When the interchange was made (UNB S004), as digits that sort."""
    date, time = part(envelope.interchange, 4), part(envelope.interchange, 4, 1)
    day = moment(date, "102" if len(date) == 8 else "101")
    return f"{day.replace('-', '')}{time[:4]}" if day and time.isascii() and time.isdigit() else date or None
