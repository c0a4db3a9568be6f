"""ANSI X12 850 purchase orders as canonical rows.

Belongs here: splitting interchanges into segments, their envelopes and control counts, the meaning of the 850. Does not
belong here: other transaction sets (UNSUPPORTED) or judging values (`warehouse.gate`).

Source: ASC X12 releases 003040 to 005010, segments ISA, GS, ST, BEG, CUR, REF, DTM, N1-N4, PO1, PID, ITD, TD5, SAC,
TXI, AMT, CTT.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from oms_dagster.domain.capture.messages import Message, ParseFailure, unstorable

Segment = tuple[str, ...]

#: Fields of an order that an 850 can give.
FIELDS = (
    "channel_order_id", "order_version", "message_kind", "customer_code", "customer_name", "placed_at",
    "requested_from", "requested_to", "currency", "payment_method", "payment_status", "is_test",
    "purchase_order_number", "note", "ship_to_name", "ship_to_street", "ship_to_postcode", "ship_to_city",
    "ship_to_region", "ship_to_country",
    "declared_total", "row_kind", "line_number", "sku_code", "barcode", "description", "unit", "quantity", "unit_price",
    "amount",
)  # fmt: skip

#: Product id qualifiers (X12 element 235), the seller's own number first.
_SKU_QUALIFIERS = ("VN", "VP", "SK", "VC", "MG", "IN", "BP", "CB", "PN", "ST", "MN")
_BARCODE_QUALIFIERS = ("UP", "EN", "UK", "UA", "UI", "EO")
_PER_UNITS = {"HP": 100, "TP": 1000, "HF": 100, "TF": 1000}
_PURPOSES = {"01": "cancel", "03": "cancel"}


@dataclass(slots=True)
class _Set:
    """One transaction set, with the first thing that is wrong with it or its envelopes."""

    kind: str
    control: str
    segments: list[Segment] = field(default_factory=list)
    group: Segment = ()
    is_test: bool = False
    fault: tuple[str, str, str] | None = None

    def blame(self, code: str, where: str, detail: str) -> None:
        self.fault = self.fault or (code, where, detail)


class _Broken(Exception):
    """An interchange that can't be split into segments."""


def parse_x12(raw: bytes) -> list[Message | ParseFailure]:
    """Read a file of one or more interchanges.

    Parameters
    ----------
    raw
        UTF-8 or Latin-1 bytes, with or without byte order mark and line breaks after the terminators.

    Returns
    -------
    list of Message or ParseFailure
        One a transaction set, in the order of the file. A wrong count or control number fails its set, its group's sets
        or its interchange's, with the segment named.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    if not text.strip():
        return [
            ParseFailure(1, "UNREADABLE", "file", f"the file has {len(raw)} bytes and no interchange; send it again")
        ]
    results: list[Message | ParseFailure] = []
    try:
        for interchange in _interchanges(text):
            for item in _sets(interchange):
                results.append(unstorable(_message(len(results) + 1, item)))
    except _Broken as error:
        results.append(ParseFailure(len(results) + 1, "UNREADABLE", "ISA", str(error)))
    if not results:
        results.append(ParseFailure(1, "UNREADABLE", "ST", "the interchange holds no transaction set; send it again"))
    return results


def _interchanges(text: str) -> Iterator[list[Segment]]:
    """Segments of each interchange. Delimiters are those of its own ISA, found by counting elements, not columns."""
    rest = text.lstrip()
    while rest:
        if not rest.startswith("ISA") or len(rest) < 20:
            raise _Broken(f"expected an interchange beginning ISA, found {rest[:20]!r}; send the whole interchange")
        separator = rest[3]
        places = [match.start() for match in re.finditer(re.escape(separator), rest[:400])][:16]
        if (separator.isascii() and separator.isalnum()) or len(places) < 16 or len(rest) < places[15] + 3:
            raise _Broken(f"ISA has {len(places)} elements of 16; send the whole interchange")
        terminator = rest[places[15] + 2]
        if (terminator.isascii() and terminator.isalnum()) or terminator == separator:
            raise _Broken(f"ISA ends in {terminator!r}, which is no segment terminator; send the whole interchange")
        end = re.search(
            f"{re.escape(terminator)}\\s*IEA{re.escape(separator)}[^{re.escape(terminator)}]*({re.escape(terminator)}|$)",
            rest,
        )
        again = rest.find(f"{terminator}ISA{separator}")
        if end is not None and 0 < again < end.start():
            end = None
        whole, rest = (rest[: end.end()], rest[end.end() :].lstrip()) if end else (rest, "")
        pieces = (piece.strip("\r\n\t ") for piece in whole.split(terminator))
        yield [tuple(element.strip() for element in piece.split(separator)) for piece in pieces if piece]


def _sets(segments: Sequence[Segment]) -> list[_Set]:
    """Transaction sets of an interchange; envelope faults are laid on the sets inside."""
    isa = segments[0]
    sets: list[_Set] = []
    group_sets: list[_Set] = []
    groups = 0
    group: Segment = ()
    current: _Set | None = None
    closed = False
    for segment in segments[1:]:
        tag = segment[0]
        if tag == "GS":
            group, group_sets, groups = segment, [], groups + 1
        elif tag == "ST":
            current = _Set(_at(segment, 1), _at(segment, 2), [segment], group, _at(isa, 15) == "T")
            if not group:
                current.blame("CONTROL_MISMATCH", "GS", "the set stands outside a group (no GS before it)")
            sets.append(current)
            group_sets.append(current)
        elif tag == "SE":
            if current is not None:
                current.segments.append(segment)
                _check_set(current, segment)
            current = None
        elif tag == "GE":
            _check_pair(group_sets, "GE", segment, len(group_sets), _at(group, 6), "sets")
            group, group_sets = (), []
        elif tag == "IEA":
            closed = True
            _check_pair(sets, "IEA", segment, groups, _at(isa, 13), "groups")
        elif current is not None:
            current.segments.append(segment)
    for item in sets:
        if item.segments[-1][0] != "SE":
            item.blame("CONTROL_MISMATCH", "SE", "the set has no SE, the file was cut short")
        if not closed:
            item.blame("CONTROL_MISMATCH", "IEA", "the interchange has no IEA, the file was cut short")
    if group_sets:
        for item in group_sets:
            item.blame("CONTROL_MISMATCH", "GE", "the group has no GE, the file was cut short")
    return sets


def _check_set(item: _Set, trailer: Segment) -> None:
    if _count(_at(trailer, 1)) != len(item.segments):
        item.blame("CONTROL_MISMATCH", "SE01", f"SE says {_at(trailer, 1)!r} segments, found {len(item.segments)}")
    if _at(trailer, 2) != item.control:
        item.blame("CONTROL_MISMATCH", "SE02", f"SE names set {_at(trailer, 2)!r}, ST {item.control!r}")


def _check_pair(sets: list[_Set], tag: str, trailer: Segment, found: int, control: str, what: str) -> None:
    for item in sets:
        if _count(_at(trailer, 1)) != found:
            item.blame("CONTROL_MISMATCH", f"{tag}01", f"{tag} says {_at(trailer, 1)!r} {what}, found {found}")
        if _at(trailer, 2).lstrip("0") != control.lstrip("0"):
            item.blame(
                "CONTROL_MISMATCH",
                f"{tag}02",
                f"{tag} carries control number {_at(trailer, 2)!r}, its header {control!r}",
            )


def _count(text: str) -> int:
    return int(text) if text.isdigit() else -1


def _at(segment: Segment, place: int) -> str:
    return segment[place] if place < len(segment) else ""


def _message(number: int, item: _Set) -> Message | ParseFailure:
    order = next((_at(s, 3) for s in item.segments if s[0] == "BEG"), "") or None
    where = f"message {number} (ST {item.control})"
    if item.kind != "850":
        detail = (
            f"{where}: transaction set {item.kind or '?'} isn't captured, expected 850; take it out of this channel"
        )
        return ParseFailure(number, "UNSUPPORTED", "ST01", detail, order)
    if item.fault is not None:
        code, field_name, detail = item.fault
        return ParseFailure(number, code, field_name, f"{where}: {detail}; ask the partner to send it again", order)
    rows = _rows(item)
    if not order or not rows:
        missing = "BEG03" if not order else "PO1"
        return ParseFailure(
            number, "MISSING_FIELD", missing, f"{where}: {missing} is missing; ask the partner to send it again", order
        )
    declared = next((_at(s, 1) for s in item.segments if s[0] == "CTT"), "")
    lines = sum(1 for row in rows if row["row_kind"] == "line")
    if declared and _count(declared) != lines:
        detail = f"{where}: CTT says {declared!r} lines, found {lines}; ask the partner to send it again"
        return ParseFailure(number, "CONTROL_MISMATCH", "CTT01", detail, order)
    return Message(number, tuple(rows))


def _rows(item: _Set) -> list[dict[str, str | None]]:
    header: dict[str, str | None] = {"is_test": "true" if item.is_test else "false"}
    rows: list[dict[str, str | None]] = []
    party = ""
    shown: dict[str, dict[str, str]] = {}
    for segment in item.segments:
        tag = segment[0]
        if tag == "PO1":
            rows.append(_line(segment))
        elif tag == "PID" and rows and _at(segment, 5):
            rows[-1]["description"] = rows[-1].get("description") or _at(segment, 5)
        elif tag == "SAC":
            _allowance(segment, rows)
        elif tag == "TXI" and _at(segment, 2):
            rows.append({"row_kind": "tax", "sku_code": _at(segment, 1) or None, "amount": _at(segment, 2)})
        elif tag == "N1":
            party = _at(segment, 1)
            shown.setdefault(party, {"name": _at(segment, 2), "id": _at(segment, 4)})
        elif tag in ("N2", "N3", "N4") and party:
            _address(segment, shown[party])
        elif not rows or tag == "AMT":
            _header(segment, header, item)
    header |= _parties(shown, item)
    return [{**header, **row} for row in rows]


def _header(segment: Segment, header: dict[str, str | None], item: _Set) -> None:
    tag, first = segment[0], _at(segment, 1)
    if tag == "BEG":
        release = _at(segment, 4)
        header["channel_order_id"] = _at(segment, 3) + (f"-{release}" if release else "")
        header["purchase_order_number"] = _at(segment, 3) or None
        header["message_kind"] = _PURPOSES.get(first, "order")
        # An original has no version of its own (sent twice it is a duplicate); changes carry the group's time.
        header["order_version"] = (
            None if first in ("00", "") else f"{_iso_digits(_at(item.group, 4))}{_at(item.group, 5)[:4]}"
        )
        header["placed_at"] = header.get("placed_at") or _iso(_at(segment, 5))
    elif tag == "CUR":
        header["currency"] = _at(segment, 2) or None
    elif tag == "DTM" and first == "004":
        header["placed_at"] = _iso(_at(segment, 2), _at(segment, 3))
    elif tag == "DTM" and first in ("002", "010", "063", "064"):
        moment = _iso(_at(segment, 2), _at(segment, 3))
        if first != "063":
            header["requested_from"] = header.get("requested_from") or moment
        if first != "064":
            header["requested_to"] = header.get("requested_to") or moment
    elif tag == "REF" and first in ("CO", "ZZ", "IA") and _at(segment, 2):
        header["note"] = ", ".join(filter(None, (header.get("note"), f"{first} {_at(segment, 2)}")))
    elif tag == "ITD":
        header["payment_method"] = _at(segment, 12) or (f"net {_at(segment, 7)} days" if _at(segment, 7) else "terms")
        header["payment_status"] = "on_account"
    elif tag == "TD5" and (_at(segment, 5) or _at(segment, 3)):
        header["note"] = ", ".join(filter(None, (header.get("note"), f"carrier {_at(segment, 5) or _at(segment, 3)}")))
    elif tag == "AMT" and first in ("TT", "1", "GV"):
        header["declared_total"] = _at(segment, 2) or None


def _line(segment: Segment) -> dict[str, str | None]:
    pairs = dict(zip(segment[6::2], segment[7::2], strict=False))
    sku = next((pairs[key] for key in _SKU_QUALIFIERS if pairs.get(key)), None)
    barcode = next((pairs[key] for key in _BARCODE_QUALIFIERS if pairs.get(key)), None)
    return {
        "row_kind": "line",
        "line_number": _at(segment, 1) or None,
        "quantity": _at(segment, 2) or None,
        "unit": _at(segment, 3) or None,
        "unit_price": _per_unit(_at(segment, 4), _at(segment, 5)),
        "sku_code": sku or barcode,
        "barcode": barcode,
    }


def _per_unit(price: str, basis: str) -> str | None:
    """A price per hundred or thousand as a price per unit."""
    if basis not in _PER_UNITS:
        return price or None
    try:
        return str(Decimal(price) / _PER_UNITS[basis])
    except InvalidOperation:
        return price or None


def _allowance(segment: Segment, rows: list[dict[str, str | None]]) -> None:
    """SAC: an allowance is a discount, a charge a charge; the amount (SAC05) is in hundredths, without a point."""
    amount = _at(segment, 5)
    if _at(segment, 1) not in ("A", "C") or not amount:
        return
    try:
        text = str(Decimal(amount).scaleb(-2))
    except InvalidOperation:
        text = amount
    kind = "discount" if _at(segment, 1) == "A" else "charge"
    kind = "shipping" if kind == "charge" and _at(segment, 2) in ("D240", "G821") else kind
    rows.append(
        {"row_kind": kind, "sku_code": _at(segment, 2) or None, "description": _at(segment, 15) or None, "amount": text}
    )


def _address(segment: Segment, party: dict[str, str]) -> None:
    if segment[0] == "N2":
        party.setdefault("name2", _at(segment, 1))
    elif segment[0] == "N3":
        lines = [party.get("street", ""), _at(segment, 1), _at(segment, 2)]
        party["street"] = ", ".join(filter(None, lines))
    else:
        party |= {
            "city": _at(segment, 1),
            "region": _at(segment, 2),
            "postcode": _at(segment, 3),
            "country": _at(segment, 4),
        }


def _parties(shown: dict[str, dict[str, str]], item: _Set) -> dict[str, str | None]:
    """Buyer (BY, else BT, else the sender of the group) and ship-to."""
    buyer = shown.get("BY") or shown.get("BT") or {}
    bill, ship = shown.get("BT") or {}, shown.get("ST") or shown.get("BY") or {}
    return {
        "customer_code": buyer.get("id") or bill.get("id") or _at(item.group, 2) or None,
        "customer_name": buyer.get("name") or bill.get("name") or None,
        "ship_to_name": ship.get("name") or ship.get("name2") or None,
        "ship_to_street": ship.get("street") or None,
        "ship_to_postcode": ship.get("postcode") or None,
        "ship_to_city": ship.get("city") or None,
        "ship_to_region": ship.get("region") or None,
        "ship_to_country": ship.get("country") or None,
    }


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
