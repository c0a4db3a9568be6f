"""Order documents in JSON as canonical rows, by the paths that a channel's YAML names.

Belongs here: which of the channel's shapes a document has, the rows that it becomes, times of versions. Does not belong
here: the language of the mapping (`channel`, `json_paths`), what a text is worth (`warehouse.gate`), any one shop's
format (its YAML in `channels/`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, BinaryIO

from oms_dagster.domain.capture.channel import Channel, DocumentRow, Shape
from oms_dagster.domain.capture.json_documents import Broken, documents
from oms_dagster.domain.capture.json_paths import BadValue, Node, Read, found_by, matches, reads, text_of
from oms_dagster.domain.capture.messages import Message, ParseFailure, unstorable

_REST = ("discount", "tax")
_CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class _Rows:
    """One kind of rows of a shape, ready to read."""

    kind: str
    each: str | None
    unless: tuple[str, ...]
    only: str | None
    fields: tuple[tuple[str, Read], ...]


@dataclass(frozen=True, slots=True)
class _Shape:
    has: tuple[str, ...]
    header: tuple[tuple[str, Read], ...]
    rows: tuple[_Rows, ...]


class _Fault(Exception):
    """One document can't be used."""

    def __init__(self, code: str, field: str, detail: str, order: str | None = None) -> None:
        super().__init__(detail)
        self.code, self.field, self.detail, self.order = code, field, detail, order


def fields_of(channel: Channel) -> tuple[str, ...]:
    """Fields of an order that the channel's shapes can give."""
    names = {"row_kind"}
    for shape in channel.documents:
        names |= set(shape.fields).union(*(row.fields for row in shape.rows))
    return tuple(name for name in channel.contract.field_names if name in names)


def parse_json_orders(source: bytes | BinaryIO, channel: Channel) -> Iterator[Message | ParseFailure]:
    """Read a file of order documents, one message a document, in the order of the file.

    Parameters
    ----------
    source
        One document, a list, one a line, or any of them inside the channel's wrappers.
    channel
        With its shapes.

    Yields
    ------
    Message or ParseFailure
        One bad document fails alone: UNREADABLE, NOT_AN_ORDER, MISSING_FIELD, BAD_NUMBER.
    """
    shapes = tuple(_shape(shape) for shape in channel.documents)
    for number, item in enumerate(documents(source, lambda text: _unwrap(text, shapes, channel.wrappers)), 1):
        if isinstance(item, Broken):
            yield ParseFailure(number, "UNREADABLE", "file", item.detail)
            continue
        try:
            yield unstorable(Message(number, tuple(_rows(item, shapes, channel))))
        except _Fault as fault:
            yield ParseFailure(number, fault.code, fault.field, f"message {number}: {fault.detail}", fault.order)


def _shape(shape: Shape) -> _Shape:
    return _Shape(shape.has, reads(shape.fields), tuple(_row_reads(row) for row in shape.rows))


def _row_reads(row: DocumentRow) -> _Rows:
    return _Rows(row.row_kind, row.each, row.unless, row.only, reads(row.fields))


def _fits(item: Any, shape: _Shape) -> bool:
    return isinstance(item, dict) and all(found_by(path, Node(item)) is not None for path in shape.has)


def _unwrap(document: Any, shapes: tuple[_Shape, ...], wrappers: tuple[str, ...], depth: int = 0) -> list[Any]:
    """The orders inside a document; itself when it is one, or holds none."""
    if depth > 4 or any(_fits(document, shape) for shape in shapes):
        return [document]
    if isinstance(document, list):
        inside = [order for item in document for order in _unwrap(item, shapes, wrappers, depth + 1)]
        return inside or [Broken("the list of orders is empty; nothing to capture")]
    if isinstance(document, dict):
        for path in wrappers:
            inner = found_by(path, Node(document))
            if isinstance(inner, dict) or (isinstance(inner, list) and _may_be_orders(inner, shapes)):
                return _unwrap(inner, shapes, wrappers, depth + 1)
    return [document]


def _may_be_orders(items: list[Any], shapes: tuple[_Shape, ...]) -> bool:
    """A list under a wrapper holds orders when one of its elements has what names an order, or when it is empty."""
    return not items or any(
        isinstance(item, dict)
        and (found_by(shape.has[0], Node(item)) is not None or isinstance(item.get("order"), dict))
        for item in items
        for shape in shapes
    )


def _rows(item: Any, shapes: tuple[_Shape, ...], channel: Channel) -> list[dict[str, str | None]]:
    shape = next((shape for shape in shapes if _fits(item, shape)), None)
    if shape is None:
        seen = ", ".join(str(key) for key in list(item)[:6]) if isinstance(item, dict) else repr(item)
        expected = " or ".join(", ".join(path for path in shape.has) for shape in shapes)
        raise _Fault("NOT_AN_ORDER", "order", f"expected an order with {expected}, found {seen:.80}; send orders only")
    top = Node(item)
    header = _values(shape.header, top)
    if header.get("order_version"):
        header["order_version"] = _utc(str(header["order_version"]))
    cancelled = header.get("message_kind") == _CANCEL
    rows: list[dict[str, str | None]] = []
    for kind in shape.rows:
        for node in _elements(kind, top):
            row = _values(kind.fields, node)
            row["row_kind"] = kind.kind
            if _is_kept(kind, row, cancelled):
                rows.append(row)
    lines = next((kind for kind in shape.rows if kind.kind == "line"), None)
    if not cancelled and lines is not None and not any(row["row_kind"] == "line" for row in rows):
        which = header.get("channel_order_id") or "without a number"
        raise _Fault(
            "MISSING_FIELD", lines.each or "line", f"order {which} has no line with a quantity in {lines.each}; send the"
            " whole order, or cancel it", header.get("channel_order_id"),
        )  # fmt: skip
    return [{**header, **row} for row in rows or [{"row_kind": "line"}]]


def _values(fields: tuple[tuple[str, Read], ...], node: Node) -> dict[str, str | None]:
    values: dict[str, str | None] = {}
    for name, read in fields:
        try:
            values[name] = read(node)
        except BadValue as bad:
            raise _Fault("BAD_NUMBER", name, f"{name}: {bad}; mend it and send the order again") from None
    return values


def _elements(kind: _Rows, top: Node) -> Iterator[Node]:
    if kind.each is None:
        yield top
        return
    found = found_by(kind.each, top)
    if found is None:
        return
    if not isinstance(found, list):
        detail = f"{kind.each} is {found!r:.40}, expected a list; mend it and send the order again"
        raise _Fault("UNREADABLE", kind.each, detail)
    for element in found:
        if not isinstance(element, dict):
            detail = f"{kind.each} holds {element!r:.40}, expected objects; mend it and send the order again"
            raise _Fault("UNREADABLE", kind.each, detail)
        node = Node(element, top)
        left_out = any(_says(path, node) for path in kind.unless)
        if not left_out and (kind.only is None or _says(kind.only, node)):
            yield node


def _says(path: str, node: Node) -> bool:
    return any(_is_said(value) for value in matches(path, node))


def _is_said(value: Any) -> bool:
    return value not in (None, "", False, [], {}) and not _is_zero(text_of(value))


def _is_kept(kind: _Rows, row: dict[str, str | None], cancelled: bool) -> bool:
    """A line of no units was taken out of the order; an amount of nothing is no charge."""
    if kind.kind == "line":
        return cancelled or not _is_zero(row.get("quantity"))
    amount = row.get("amount")
    if amount is None or _is_zero(amount):
        return False
    return not (kind.each is None and kind.kind in _REST and amount.startswith("-"))


@lru_cache(maxsize=1024)
def _is_zero(text: str | None) -> bool:
    if text is None:
        return False
    try:
        return Decimal(text) == 0
    except InvalidOperation:
        return False


def _utc(text: str) -> str:
    """A time as UTC, so that one moment is one version whatever its offset; another text stays."""
    try:
        moment = datetime.fromisoformat(text)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return text
    return moment.isoformat(timespec="microseconds" if moment.microsecond else "seconds").replace("+00:00", "Z")
