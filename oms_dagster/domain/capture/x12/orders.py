"""Purchase orders (850) and their changes (860) as canonical rows.

Belongs here: the meaning of the two sets. Does not belong here: segments and envelopes (`syntax`), other transaction sets
(NOT_AN_ORDER) or judging values (`warehouse.gate`).

Source: ASC X12 releases 003040 to 005010, segments BEG, BCH, CUR, REF, FOB, DTM, N1-N4, PO1, POC, PID, ITD, TD5, SAC, TXI,
AMT, CTT.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from oms_dagster.domain.capture.amounts import number, per_unit, plain
from oms_dagster.domain.capture.interchanges import read_interchanges
from oms_dagster.domain.capture.messages import Message, ParseFailure, control_count
from oms_dagster.domain.capture.x12.syntax import Segment, TransactionSet, at, read

#: Fields of an order that an 850 or 860 can give.
FIELDS = (
    "channel_order_id", "order_version", "message_kind", "customer_code", "customer_name", "placed_at",
    "requested_from", "requested_to", "customer_tax_id", "ship_after", "ship_by", "cancel_after", "incoterm", "incoterm_place", "currency", "payment_method", "payment_status", "is_test",
    "bill_to_name", "bill_to_street", "bill_to_postcode", "bill_to_city", "bill_to_region", "bill_to_country",
    "purchase_order_number", "note", "ship_to_name", "ship_to_street", "ship_to_postcode", "ship_to_city",
    "ship_to_region", "ship_to_country",
    "declared_total", "row_kind", "line_number", "sku_code", "barcode", "description", "unit", "quantity", "unit_price",
    "amount",
)  # fmt: skip

#: Product id qualifiers (X12 element 235), the seller's own number first.
_SKU_QUALIFIERS = ("VN", "VP", "SK", "VC", "MG", "IN", "BP", "CB", "PN", "ST", "MN")
_BARCODE_QUALIFIERS = ("UP", "EN", "UK", "UA", "UI", "EO")
_PER_UNITS = {"HP": "100", "TP": "1000", "HF": "100", "TF": "1000"}

#: Kinds of date (element 374) -> fields; of a requested window the end that comes first stays.
_DATES = {
    "001": ("cancel_after",), "002": ("requested_from", "requested_to"), "010": ("ship_after", "ship_by"), "037": ("ship_after",),
    "038": ("ship_by",), "063": ("requested_to",), "064": ("requested_from",),
}  # fmt: skip
#: Kinds of reference (element 128) that are a tax id, and parties whose tax id is the buyer's.
_TAX_IDS = ("TJ", "VX")
_BUYERS = ("", "BY", "BT")

#: Purpose (element 353) -> what the message asks for. An 850 is whole whatever its purpose; an 860 names what changes.
_PURPOSES = {"01": "cancel", "03": "cancel"}
_WHOLE = ("00", "05", "06", "07")
#: Kinds of set read here, and the segment that begins each.
_HEADS = {"850": "BEG", "860": "BCH"}


def parse_x12(source: bytes | BinaryIO) -> Iterator[Message | ParseFailure]:
    """Read a file of one or more interchanges.

    Parameters
    ----------
    source
        UTF-8 or Latin-1 bytes, or a seekable binary stream of them, with or without byte order mark and line breaks after
        the terminators.

    Returns
    -------
    iterator of Message or ParseFailure
        One a transaction set, in the order of the file. A wrong count or control number fails its set, its group's sets
        or its interchange's, with the segment named; a stretch that is no interchange is one failure.
    """
    return read_interchanges(source, read, _message, envelope="ISA", start="ST", name="transaction set")


def _message(number: int, item: TransactionSet) -> Message | ParseFailure:
    head = _HEADS.get(item.kind)
    order = next((at(s, 3) for s in item.segments if s[0] == head), "") or None
    where = f"message {number} (ST {item.control})"
    if head is None:
        kind = item.kind[:20] or "?"
        detail = f"{where}: transaction set {kind} is not an order, expected 850 or 860; take it out of this channel"
        return ParseFailure(number, "NOT_AN_ORDER", "ST01", detail, order)
    if item.fault is not None:
        code, field_name, detail = item.fault
        return ParseFailure(number, code, field_name, f"{where}: {detail}; ask the partner to send it again", order)
    rows = _rows(item)
    asked = rows[0].get("message_kind") if rows else None
    line = "PO1" if item.kind == "850" else "POC"
    if not order or not rows or (asked == "order" and not any(row["row_kind"] == "line" for row in rows)):
        missing = line if order else f"{head}03"
        return ParseFailure(
            number, "MISSING_FIELD", missing, f"{where}: {missing} is missing; ask the partner to send it again", order
        )
    declared = next((at(s, 1) for s in item.segments if s[0] == "CTT"), "")
    lines = sum(1 for segment in item.segments if segment[0] == line)
    if declared and control_count(declared) != lines:
        detail = f"{where}: CTT says {declared[:20]!r} lines, found {lines}; ask the partner to send it again"
        return ParseFailure(number, "CONTROL_MISMATCH", "CTT01", detail, order)
    return Message(number, tuple(rows))


def _rows(item: TransactionSet) -> list[dict[str, str | None]]:
    header: dict[str, str | None] = {"is_test": "true" if item.is_test else "false"}
    rows: list[dict[str, str | None]] = []
    party = ""
    shown: dict[str, dict[str, str]] = {}
    for segment in item.segments:
        tag = segment[0]
        if tag == "PO1":
            rows.append(_line(segment))
        elif tag == "POC":
            rows.append(_changed_line(segment, at(item.interchange, 16)))
        elif tag == "PID" and rows and at(segment, 5):
            rows[-1]["description"] = rows[-1].get("description") or at(segment, 5)
        elif tag == "SAC":
            _allowance(segment, rows)
        elif tag == "TXI" and at(segment, 2):
            rows.append({"row_kind": "tax", "sku_code": at(segment, 1) or None, "amount": at(segment, 2)})
        elif tag == "N1":
            party = at(segment, 1)
            shown.setdefault(party, {"name": at(segment, 2), "id": at(segment, 4)})
        elif tag in ("N2", "N3", "N4") and party:
            _address(segment, shown[party])
        elif tag == "REF" and at(segment, 1) in _TAX_IDS:
            if not rows and party in _BUYERS:
                header["customer_tax_id"] = at(segment, 2) or None
        elif not rows or tag in ("AMT", "BEG", "BCH"):
            _header(segment, header, item)
    header |= _parties(shown, item)
    if header.get("message_kind") == "cancel":
        rows = rows or [{"row_kind": "line"}]
    elif header.get("message_kind") == "change":
        # The total of a change is that of the changed lines with one partner, of the whole order with another.
        header.pop("declared_total", None)
    return [{**header, **row} for row in rows]


def _header(segment: Segment, header: dict[str, str | None], item: TransactionSet) -> None:
    tag, first = segment[0], at(segment, 1)
    if tag in ("BEG", "BCH"):
        release = at(segment, 4)
        header["channel_order_id"] = at(segment, 3) + (f"-{release}" if release else "")
        header["purchase_order_number"] = at(segment, 3) or None
        kind = "order" if tag == "BEG" or first in _WHOLE else "change"
        header["message_kind"] = _PURPOSES.get(first, kind)
        # An original has no version of its own (sent twice it is a duplicate); changes carry the group's time.
        sent = f"{_iso_digits(at(item.group, 4))}{at(item.group, 5)[:4]}"
        if tag == "BCH":
            sequence = at(segment, 5)
            header["order_version"] = f"{sent}.{sequence:0>4}" if control_count(sequence) >= 0 else sent
            header["placed_at"] = header.get("placed_at") or _iso(at(segment, 6) or at(segment, 11))
        else:
            header["order_version"] = None if first in ("00", "") else sent
            header["placed_at"] = header.get("placed_at") or _iso(at(segment, 5))
    elif tag == "CUR":
        header["currency"] = at(segment, 2) or None
    elif tag == "DTM" and first == "004":
        header["placed_at"] = _iso(at(segment, 2), at(segment, 3))
    elif tag == "DTM" and first in _DATES:
        for name in _DATES[first]:
            header[name] = header.get(name) or _iso(at(segment, 2), at(segment, 3))
    elif tag == "FOB" and at(segment, 5):
        header["incoterm"] = at(segment, 5)
        header["incoterm_place"] = at(segment, 7) or at(segment, 3) or None
    elif tag == "REF" and first in ("CO", "ZZ", "IA") and at(segment, 2):
        header["note"] = ", ".join(filter(None, (header.get("note"), f"{first} {at(segment, 2)}")))
    elif tag == "ITD":
        header["payment_method"] = at(segment, 12) or (f"net {at(segment, 7)} days" if at(segment, 7) else "terms")
        header["payment_status"] = "on_account"
    elif tag == "TD5" and (at(segment, 5) or at(segment, 3)):
        header["note"] = ", ".join(filter(None, (header.get("note"), f"carrier {at(segment, 5) or at(segment, 3)}")))
    elif tag == "AMT" and first in ("TT", "1", "GV"):
        header["declared_total"] = at(segment, 2) or None


def _line(segment: Segment) -> dict[str, str | None]:
    """PO1: number, quantity, unit, price with its basis, then pairs of qualifier and product id."""
    return _product(segment[6:]) | {
        "row_kind": "line",
        "line_number": at(segment, 1) or None,
        "quantity": at(segment, 2) or None,
        "unit": at(segment, 3) or None,
        "unit_price": per_unit(at(segment, 4), _PER_UNITS.get(at(segment, 5))),
    }


def _changed_line(segment: Segment, component: str) -> dict[str, str | None]:
    """POC: as PO1, with a code of what changes (element 670); quantity 0 takes the line off the order."""
    unit = at(segment, 5).split(component or ">")[0]
    return _product(segment[8:]) | {
        "row_kind": "line",
        "line_number": at(segment, 1) or None,
        "quantity": "0" if at(segment, 2) == "DI" else at(segment, 3) or None,
        "unit": unit or None,
        "unit_price": per_unit(at(segment, 6), _PER_UNITS.get(at(segment, 7))),
    }


def _product(ids: Segment) -> dict[str, str | None]:
    pairs = dict(zip(ids[::2], ids[1::2], strict=False))
    sku = next((pairs[key] for key in _SKU_QUALIFIERS if pairs.get(key)), None)
    barcode = next((pairs[key] for key in _BARCODE_QUALIFIERS if pairs.get(key)), None)
    return {"sku_code": sku or barcode, "barcode": barcode}


def _allowance(segment: Segment, rows: list[dict[str, str | None]]) -> None:
    """SAC: an allowance is a discount, a charge a charge; the amount (SAC05) is in hundredths, without a point."""
    amount = at(segment, 5)
    if at(segment, 1) not in ("A", "C") or not amount:
        return
    hundredths = number(amount)
    text = amount if hundredths is None else plain(hundredths / 100)
    kind = "discount" if at(segment, 1) == "A" else "charge"
    kind = "shipping" if kind == "charge" and at(segment, 2) in ("D240", "G821") else kind
    rows.append(
        {"row_kind": kind, "sku_code": at(segment, 2) or None, "description": at(segment, 15) or None, "amount": text}
    )


def _address(segment: Segment, party: dict[str, str]) -> None:
    if segment[0] == "N2":
        party.setdefault("name2", at(segment, 1))
    elif segment[0] == "N3":
        lines = [party.get("street", ""), at(segment, 1), at(segment, 2)]
        party["street"] = ", ".join(filter(None, lines))
    else:
        party |= {
            "city": at(segment, 1),
            "region": at(segment, 2),
            "postcode": at(segment, 3),
            "country": at(segment, 4),
        }


def _parties(shown: dict[str, dict[str, str]], item: TransactionSet) -> dict[str, str | None]:
    """Buyer (BY, else BT, else the sender of the group), bill-to and ship-to."""
    buyer = shown.get("BY") or shown.get("BT") or {}
    bill, ship = shown.get("BT") or {}, shown.get("ST") or shown.get("BY") or {}
    return {
        "customer_code": buyer.get("id") or bill.get("id") or at(item.group, 2) or None,
        "customer_name": buyer.get("name") or bill.get("name") or None,
        **_place("bill_to", bill),
        **_place("ship_to", ship),
    }


def _place(party: str, shown: dict[str, str]) -> dict[str, str | None]:
    fields = ("street", "postcode", "city", "region", "country")
    name = shown.get("name") or shown.get("name2") or None
    return {f"{party}_name": name, **{f"{party}_{field}": shown.get(field) or None for field in fields}}


def _iso_digits(date: str) -> str:
    """CCYYMMDD of a date with or without century; X12 before 4010 writes YYMMDD."""
    if re.fullmatch(r"\d{6}", date):
        return ("20" if int(date[:2]) < 70 else "19") + date
    return date


def _iso(date: str, time: str = "") -> str | None:
    """ISO 8601 of CCYYMMDD and HHMM[SS]; what isn't one stays as it is, for the gate to refuse."""
    digits = _iso_digits(date)
    if not re.fullmatch(r"\d{8}", digits):
        return date or None
    day = f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"
    clock = re.fullmatch(r"(\d\d)(\d\d)(\d\d)?\d*", time)
    return f"{day}T{clock[1]}:{clock[2]}:{clock[3] or '00'}" if clock else day
