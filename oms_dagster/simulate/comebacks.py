"""What comes back: returns that customers ask for, and goods refused at the door.

Belongs here: events of the feed `returns`. Does not belong here: who pays what for them (the returns stage).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from oms_dagster.simulate.dice import between, chance, token
from oms_dagster.simulate.published import Published, Row, plain, units

RETURN = ("event_id", "return_id", "kind", "order_line_id", "quantity", "origin", "reason_code", "condition",
          "disposition", "resolution", "location_code", "method", "event_at", "source")  # fmt: skip
#: Share of delivered lines that a customer sends back, and of these with one unit more than was asked for.
RETURN_CHANCE, OVER_CHANCE = 0.05, 0.15
#: Share of the returns of what our own vehicles brought that they are asked to fetch.
FETCHED_CHANCE = 0.8
_REASONS = ("not_as_expected", "damaged", "wrong_item", "no_longer_wanted")
_HOUR = 3600


def customer_returns(copy: Published, seed: int, until: int, counts: Counter[str]) -> Iterator[tuple[Any, ...]]:
    """Requests some hours after the delivery, received a day later, inspected the same day.

    What a vehicle of ours is to fetch is received when it is back with it.
    Only shipments that were delivered whole are asked about: what went out on them is the most that can come back.
    """
    known = _known(copy)
    shipments = {
        row["shipment_id"]: row
        for row in copy.rows("shipments", ("shipment_id", "location_id", "mode"), ("shipment_id",))
    }
    collected = {
        row["pickup_id"]: row["reported_at"]
        for row in copy.rows("pickups", ("pickup_id", "outcome", "reported_at"), ("pickup_id",))
        if row["outcome"] == "collected"
    }
    delivered = {
        row["shipment_id"]: int(row["delivered_at"])
        for row in copy.rows("deliveries", ("shipment_id", "outcome", "delivered_at"), ("shipment_id",))
        if row["outcome"] == "delivered" and row["delivered_at"] is not None
    }
    sent: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in copy.rows(
        "shipment_lines", ("shipment_id", "order_line_id", "quantity"), ("shipment_id", "order_line_id")
    ):
        sent[row["shipment_id"], row["order_line_id"]] += units(row["quantity"])
    for (shipment, line), quantity in sent.items():
        if shipment in delivered and quantity >= 1 and chance(seed, "return", shipment, line) < RETURN_CHANCE:
            number, sent_from = token("RET", shipment, line), shipments.get(shipment, {})
            is_fetched = sent_from.get("mode") == "own_fleet" and chance(seed, "fetched", number) < FETCHED_CHANCE
            yield from _story(
                seed,
                until,
                counts,
                known.get(number),
                number,
                (line, quantity, sent_from.get("location_id"), delivered[shipment]),
                is_fetched,
                collected.get(number),
            )


def _story(
    seed: int,
    until: int,
    counts: Counter[str],
    known: Row | None,
    number: str,
    about: tuple[str, Decimal, str | None, int],
    is_fetched: bool,
    collected: int | None,
) -> Iterator[tuple[Any, ...]]:
    line, sent, place, delivered = about
    asked = between(seed, 1, int(sent), "back", number)
    is_over = sent >= 2 and chance(seed, "over", number) < OVER_CHANCE
    asked = min(asked, int(sent) - 1) if is_over else asked
    arrived = asked + is_over
    reason = _REASONS[between(seed, 0, len(_REASONS) - 1, "reason", number)]
    resolution = ("refund", "refund", "refund", "credit", "replacement")[between(seed, 0, 4, "resolution", number)]
    requested = delivered + between(seed, 3 * _HOUR, 14 * _HOUR, "request", number)
    sent_back = requested + between(seed, 16 * _HOUR, 30 * _HOUR, "arrive", number)
    fetched = until + 1 if collected is None else collected + between(seed, 3 * _HOUR, 6 * _HOUR, "home", number)
    received = fetched if is_fetched else sent_back
    inspected = received + between(seed, 2 * _HOUR, 5 * _HOUR, "inspect", number)
    end = _verdict(seed, number, reason)
    rows = (
        ("requested", asked, None, None, resolution, place, requested),
        ("received", arrived, None, None, None, place, received),
        ("inspected", arrived, *end, None, place, inspected),
    )
    for kind, quantity, condition, disposition, answer, where, at in rows:
        if at <= until and not _is_recorded(known, kind):
            counts[f"return_{kind}"] += 1
            counts["over_returned"] += is_over and kind == "received"
            method = "pickup" if is_fetched and kind == "requested" else None
            yield (token("RTE", number, kind), number, kind, line, str(quantity), "customer", reason, condition,
                   disposition, answer, where, method, at)  # fmt: skip


def door_returns(copy: Published, seed: int, until: int, counts: Counter[str]) -> Iterator[tuple[Any, ...]]:
    """Goods refused at the door: received back when the vehicle is home, then inspected."""
    known = _known(copy)
    columns = ("event_id", "order_line_id", "to_bucket", "quantity", "location_id", "reason_code", "event_at")
    for row in copy.rows("line_events", columns, ("event_id",)):
        if row["to_bucket"] != "refused" or units(row["quantity"]) <= 0:
            continue
        number = token("RET", "door", row["event_id"])
        received = int(row["event_at"]) + between(seed, 3 * _HOUR, 8 * _HOUR, "home", number)
        inspected = received + between(seed, _HOUR // 2, 3 * _HOUR, "inspect", number)
        is_broken = str(row["reason_code"] or "").lower() in ("crushed", "wet", "damaged", "damaged_goods")
        end = ("damaged", "scrap") if is_broken else ("as_new", "restock")
        for kind, condition, disposition, at in (("received", None, None, received), ("inspected", *end, inspected)):
            if at <= until and not _is_recorded(known.get(number), kind):
                counts[f"door_{kind}"] += 1
                yield (token("RTE", number, kind), number, kind, row["order_line_id"], plain(row["quantity"]), "door",
                       row["reason_code"], condition, disposition, None, row["location_id"], None, at)  # fmt: skip


def _verdict(seed: int, number: str, reason: str) -> tuple[str, str]:
    """Condition and disposition at inspection."""
    thrown = chance(seed, "verdict", number)
    if reason == "damaged":
        return "damaged", "scrap" if thrown < 0.6 else "vendor"
    if thrown < 0.75:
        return "as_new", "restock"
    return "opened", "refurbish" if thrown < 0.9 else "donate"


def _known(copy: Published) -> dict[str, Row]:
    columns = ("return_id", "status", "qty_received", "qty_inspected")
    return {row["return_id"]: row for row in copy.rows("returns", columns, ("return_id",))}


def _is_recorded(known: Row | None, kind: str) -> bool:
    if known is None:
        return False
    if kind == "requested" or known["status"] == "rejected":
        return True
    if kind == "received":
        return units(known["qty_received"]) > 0
    return units(known["qty_inspected"]) > 0 or known["status"] in ("inspected", "closed")
