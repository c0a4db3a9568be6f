"""What a drop-ship vendor does with purchase orders: it accepts most, moves some days, refuses a few lines, ships the rest.

Belongs here: rows of the feed `vendors`. Does not belong here: what the carrier does with the parcel (`doors`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from oms_dagster.simulate.dice import between, chance, token
from oms_dagster.simulate.published import Published, Row

VENDOR = ("event_id", "purchase_order_id", "kind", "line_number", "ship_date", "carrier_code", "tracking_number",
          "reason_code", "event_at", "source")  # fmt: skip
REJECTED_CHANCE, MOVED_CHANCE = 0.04, 0.08
_HOUR = 3600


def vendor_answers(copy: Published, seed: int, until: int, counts: Counter[str]) -> Iterator[tuple[Any, ...]]:
    """Answers some hours after a purchase order was issued, ship notices in the afternoon of the day that was told."""
    columns = (
        "purchase_order_id",
        "line_number",
        "kind",
        "status",
        "due_date",
        "issued_at",
        "answered_at",
        "shipment_id",
    )
    for line in copy.rows("purchase_order_lines", columns, ("purchase_order_id", "line_number")):
        if line["kind"] == "dropship" and line["status"] in ("issued", "accepted"):
            yield from _line(line, seed, until, counts)


def _line(line: Row, seed: int, until: int, counts: Counter[str]) -> Iterator[tuple[Any, ...]]:
    """All lines of a purchase order are answered and shipped at one time."""
    order, number = str(line["purchase_order_id"]), int(line["line_number"])
    answered = int(line["issued_at"]) + between(seed, _HOUR, 3 * _HOUR, "answer", order)
    is_refused = chance(seed, "refused", order, str(number)) < REJECTED_CHANCE
    is_moved = chance(seed, "moved", order) < MOVED_CHANCE
    day = date.fromisoformat(line["due_date"]) + timedelta(days=int(is_moved))
    afternoon = int(datetime(day.year, day.month, day.day, 13, tzinfo=UTC).timestamp())
    shipped = max(answered + _HOUR, afternoon + between(seed, 0, 2 * _HOUR, "collected", order))

    def told(kind: str, *said: Any) -> tuple[Any, ...]:
        counts[f"vendor_{kind}"] += 1
        return (token("VND", kind, order, str(number)), order, kind, number, *said)

    if line["answered_at"] is None and answered <= until:
        if is_refused:
            yield told("rejected", None, None, None, "sold_out", answered)
            return
        yield told("accepted", day.isoformat(), None, None, "no_staff" if is_moved else None, answered)
    if not is_refused and shipped <= until:
        yield told("shipped", None, "HANSE", token("HP", str(line["shipment_id"])), None, shipped)
