"""A change that names only what changes, applied to the order as it was: the order as it is now.

Belongs here: the rules of applying. Does not belong here: finding the order that is changed, or storing the result
(`warehouse.gate.changes`), documents that show the whole order again (they are versions as they stand).

Source: ASC X12 860 (segment POC), UN/EDIFACT ORDCHG (segment LIN, action code).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from oms_dagster.domain.quantities import round_half_up

#: Typed values by field of `records.ORDER`; the header's repeated on each row.
TypedRow = Mapping[str, Any]

_KEPT = ("channel_order_id", "placed_at")
_SHARED = ("discount_amount", "tax_amount")


@dataclass(frozen=True, slots=True)
class Inapplicable:
    """Why a change can't be applied: code, field, what was found and what is expected."""

    code: str
    field: str
    detail: str


def amended(
    order: Sequence[TypedRow], change: Sequence[TypedRow], header: Sequence[str]
) -> tuple[TypedRow, ...] | Inapplicable:
    """The rows of the order after the change.

    Parameters
    ----------
    order
        Rows of the version before.
    change
        Rows of the change. A line keeps what the change leaves out; quantity 0 takes it off; a line number that the
        order doesn't have is a new line. Charges replace those of their kind.
    header
        Names of the fields that belong to the order as a whole.

    Returns
    -------
    tuple of TypedRow, or Inapplicable
        Message kind ``order``, or ``cancel`` when no line is left. The declared total is dropped: partners state the
        total of the changed lines or that of the order.
    """
    top = {name: order[0].get(name) for name in header}
    top |= {name: change[0][name] for name in header if name not in _KEPT and change[0].get(name) is not None}
    top |= {"message_kind": "order", "declared_total": None, "order_version": change[0].get("order_version")}
    lines = {_key(row): row for row in _numbered(order)}
    for row in change:
        if row.get("row_kind") != "line":
            continue
        key = _key(row)
        if not key:
            return Inapplicable("MISSING_FIELD", "line_number", "found nothing; expected the number of the line")
        if row.get("quantity") == 0:
            lines.pop(key, None)
            continue
        line = _line(lines.get(key), row)
        missing = next((name for name in ("quantity", "unit_price") if line.get(name) is None), None)
        if missing:
            detail = f"found nothing for line {key[:20]}, which the order doesn't have; expected all of a new line"
            return Inapplicable("MISSING_FIELD", missing, detail)
        lines[key] = line
    replaced = {row["row_kind"] for row in change if row.get("row_kind") != "line"}
    charges = [row for row in order if row.get("row_kind") != "line" and row.get("row_kind") not in replaced]
    charges += [row for row in change if row.get("row_kind") != "line"]
    if not lines:
        top["message_kind"] = "cancel"
        lines = {"": {"row_kind": "line"}}
    return tuple({**row, **top} for row in (*lines.values(), *charges))


def _numbered(order: Sequence[TypedRow]) -> list[TypedRow]:
    """Lines of an order; one without a number has its place, as the gate numbers it."""
    lines = [row for row in order if row.get("row_kind") == "line" and row.get("quantity") is not None]
    return [row if _key(row) else {**row, "line_number": str(place)} for place, row in enumerate(lines, 1)]


def _key(row: TypedRow) -> str:
    """A line's number, however many zeros stand before it."""
    number = str(row.get("line_number") or "")
    return number.lstrip("0") or number


def _line(before: TypedRow | None, row: TypedRow) -> TypedRow:
    """The line with what the change says of it; of discount and tax it keeps the share of the units left."""
    if before is None:
        return row
    merged = {**before, **{name: value for name, value in row.items() if value is not None}}
    merged["line_number"] = before.get("line_number")
    was = before.get("quantity")
    if was and merged["quantity"] != was:
        for name in _SHARED:
            if row.get(name) is None and before.get(name) is not None:
                merged[name] = round_half_up(Decimal(before[name]) * merged["quantity"] / was)
    return merged
