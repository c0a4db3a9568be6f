"""The laws of a line: its ledger buckets, which moves between them exist, and the statuses they project.

Every unit of an order line is in exactly one bucket. Only events move units. Status is never stored: it is
read off the buckets, each axis on its own (money never moves goods, goods never move money).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

OPEN = "open"
BUCKETS = (
    "open", "released", "picked", "packed", "loaded", "shipped",
    "delivered", "cancelled", "refused", "lost", "returned",
)  # fmt: skip

#: (from, to) -> what makes the move. A reservation exists from released to loaded; on-hand falls at shipped.
MOVES: Mapping[tuple[str, str], str] = {
    ("open", "released"): "commit: the line's wave is released, stock is reserved",
    ("open", "cancelled"): "customer, amendment or planner",
    ("released", "open"): "wave stopped, short pick or stock loss: back to planning",
    ("released", "picked"): "floor scan",
    ("released", "cancelled"): "cancelled before the pick",
    ("picked", "packed"): "floor scan",
    ("picked", "open"): "put back: check divergence or wave stopped",
    ("picked", "cancelled"): "cancelled before packing",
    ("packed", "loaded"): "loading scan, or assumed at dispatch",
    ("packed", "open"): "unpacked and put back",
    ("packed", "cancelled"): "cancelled before loading",
    ("loaded", "packed"): "taken off the load",
    ("loaded", "shipped"): "dispatch of the load",
    ("shipped", "delivered"): "driver or carrier",
    ("shipped", "refused"): "refused at the door",
    ("shipped", "lost"): "carrier or driver",
    ("shipped", "packed"): "absent: came back, waits for redelivery",
    ("refused", "returned"): "received back in the warehouse",
    ("delivered", "returned"): "customer's return, received",
}

RESERVED = ("released", "picked", "packed", "loaded")
ENDED = ("delivered", "cancelled", "refused", "lost", "returned")


@dataclass(frozen=True, slots=True)
class Move:
    """One event of a line's ledger: ``quantity`` units went ``from_bucket`` -> ``to_bucket``."""

    from_bucket: str
    to_bucket: str
    quantity: Decimal


class LedgerError(ValueError):
    """A move that the laws of a line do not allow."""


def fold(ordered: Decimal, moves: Iterable[Move]) -> dict[str, Decimal]:
    """Quantity in each bucket after ``moves``, in their order.

    Raises
    ------
    LedgerError
        An unknown move, a quantity that is not positive, or more units than the bucket holds.
    """
    buckets = {bucket: Decimal(0) for bucket in BUCKETS}
    buckets[OPEN] = ordered
    for move in moves:
        pair = (move.from_bucket, move.to_bucket)
        if pair not in MOVES:
            raise LedgerError(f"no move {pair[0]} -> {pair[1]}")
        if move.quantity <= 0:
            raise LedgerError(f"{pair[0]} -> {pair[1]}: quantity {move.quantity} must be above 0")
        if buckets[move.from_bucket] < move.quantity:
            raise LedgerError(f"{pair[0]} -> {pair[1]}: {move.quantity} of {buckets[move.from_bucket]} there")
        buckets[move.from_bucket] -= move.quantity
        buckets[move.to_bucket] += move.quantity
    return buckets


def fulfilment_status(buckets: Mapping[str, Decimal]) -> str:
    """Fulfilment status of a line or an order, first rule that fits (the SQL twin is `int_order_lines__balanced`)."""
    total = sum(buckets.values(), Decimal(0))
    ended = sum((buckets[b] for b in ENDED), Decimal(0))
    gone = total - sum((buckets[b] for b in ("open", *RESERVED, "cancelled")), Decimal(0))
    arrived = gone - buckets["shipped"]
    if buckets["cancelled"] == total:
        return "cancelled"
    if ended == total:
        return "delivered" if buckets["delivered"] + buckets["returned"] > 0 else "closed"
    if arrived > 0:
        return "partially_delivered"
    if gone + buckets["cancelled"] == total:
        return "shipped"
    if gone > 0:
        return "partially_shipped"
    return "released" if sum((buckets[b] for b in RESERVED), Decimal(0)) > 0 else "open"
