"""What scans, drivers, cancellations and returns do to the book.

Belongs here: turning an outside event into moves of the `Book`, and into an exception for what it can't follow. Nothing
is refused silently and nothing is moved twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise

from oms_dagster.domain.fulfilment.book import ZERO, Book, Cause
from oms_dagster.domain.ledger import OPEN, RESERVED


def cancel(book: Book, line: str, quantity: Decimal | None, cause: Cause) -> Decimal:
    """Cancel up to ``quantity`` units (None: all that are not on the road), the least worked-on first."""
    left = quantity if quantity is not None else Decimal("Infinity")
    done = ZERO
    for bucket in (OPEN, "released", "picked", "packed"):
        for shipment in [""] if bucket == OPEN else book.shipments_of(line, bucket):
            done += book.move(
                line, (bucket, "cancelled"), min(left - done, book.held(line, bucket, shipment)), shipment, cause
            )
    return done


def pick(
    book: Book, line: str, shipment: str, asked: Decimal, picked: Decimal, cause: Cause, lot: str | None = None
) -> None:
    """A pick scan of a task (of a lot): what was picked goes on; what could not be found goes back to planning and off the stock."""
    moved = book.move(line, ("released", "picked"), picked, shipment, cause, lot=lot)
    if moved < picked:
        book.contradict("OVER_PICK", line, moved, picked, picked - moved,
                        f"{picked} scanned as picked, {moved} were released: the rest was not booked", cause)  # fmt: skip
    short = min(asked - picked, book.held(line, "released", shipment)) if cause.reason_code else ZERO
    if short > 0:
        before = len(book.moves)
        book.move(line, ("released", OPEN), short, shipment, cause, lot=lot)
        book.restock(line, book.moves[before:], book.location_of[shipment], "variance", cause, sign=-1)


def pack(book: Book, line: str, shipment: str, quantity: Decimal, cause: Cause, lot: str | None = None) -> None:
    """A pack scan of a task (of a lot)."""
    moved = book.move(line, ("picked", "packed"), quantity, shipment, cause, lot=lot)
    if moved < quantity:
        book.contradict("OVER_PACK", line, moved, quantity, quantity - moved,
                        f"{quantity} scanned as packed, {moved} were picked: the rest was not booked", cause)  # fmt: skip


def deliver(book: Book, shipment: str, lines: Mapping[str, Decimal | None], outcome: str, cause: Cause) -> None:
    """A driver's or carrier's result for lines of a shipment (None: all that is on the road).

    Absent brings the goods back packed, to go out again; refused and damaged bring them back to be received as a
    return; lost ends them.
    """
    target = {"delivered": "delivered", "refused": "refused", "damaged": "refused", "lost": "lost", "absent": "packed"}[
        outcome
    ]
    for line, asked in sorted(lines.items()):
        wanted = asked if asked is not None else book.held(line, "shipped", shipment)
        before = len(book.moves)
        moved = book.move(line, ("shipped", target), wanted, shipment, cause)
        if moved < wanted or wanted == 0:
            book.contradict("DELIVERY_UNKNOWN", line, moved, wanted, wanted - moved,
                            f"{outcome} {wanted} of shipment {shipment}, but {moved} were on the road", cause)  # fmt: skip
        if target == "packed" and moved > 0:
            book.restock(line, book.moves[before:], book.location_of[shipment], "return_restock", cause)


def hand_over(book: Book, shipment: str, lines: Mapping[str, Decimal | None], cause: Cause) -> None:
    """The customer collects what is packed at the store (None: all of it): it leaves without a load, and off the stock."""
    for line, asked in sorted(lines.items()):
        there = book.held(line, "packed", shipment) if asked is None else asked
        before = len(book.moves)
        for pair in (("packed", "loaded"), ("loaded", "shipped")):
            there = book.move(line, pair, there, shipment, cause, assumed=True)
        left = [move for move in book.moves[before:] if move.to_bucket == "shipped"]
        book.restock(line, left, book.location_of[shipment], "ship", cause, sign=-1)


def refuse(book: Book, line: str, quantity: Decimal | None, shipment: str, cause: Cause) -> None:
    """A vendor will not ship (None: none of it): the line goes back to planning."""
    there = book.held(line, "released", shipment)
    asked = there if quantity is None else quantity
    moved = book.move(line, ("released", OPEN), asked, shipment, cause)
    if moved < asked:
        book.contradict("VENDOR_UNKNOWN", line, moved, asked, asked - moved,
                        f"refused {asked} of shipment {shipment}, but {moved} waited for the vendor", cause)  # fmt: skip


def ship_direct(book: Book, line: str, quantity: Decimal | None, shipment: str, cause: Cause) -> None:
    """A vendor has shipped (None: all that waited for it): on the road, and off what the vendor has."""
    waited = [bucket for bucket in RESERVED if book.held(line, bucket, shipment) > 0]
    there = sum((book.held(line, bucket, shipment) for bucket in waited), ZERO)
    left = there if quantity is None else quantity
    before, moved = len(book.moves), ZERO
    for bucket in reversed(waited):
        part = min(left - moved, book.held(line, bucket, shipment))
        way = (*RESERVED[RESERVED.index(bucket) :], "shipped")
        for pair in pairwise(way):
            part = book.move(line, pair, part, shipment, cause, assumed=True)
        moved += part
    gone = [move for move in book.moves[before:] if move.to_bucket == "shipped"]
    book.restock(line, gone, book.location_of[shipment], "ship", cause, sign=-1)
    if moved < left or left == 0:
        book.contradict("VENDOR_UNKNOWN", line, moved, left, left - moved,
                        f"the vendor shipped {left or 'the rest'} of shipment {shipment}, but {moved} waited for it", cause)  # fmt: skip


def open_half_shipped(book: Book, line: str, quantity: Decimal, shipment: str, last: str, cause: Cause) -> Decimal:
    """Units that had left before the system started, on to ``last`` (shipped or delivered); all moves are assumed.

    Returns how many there were to move.
    """
    way = (OPEN, "released", "picked", "packed", "loaded", "shipped", "delivered")
    moved = quantity
    for pair in zip(way, way[1 : way.index(last) + 1], strict=False):
        moved = book.move(line, pair, moved, shipment, cause, assumed=True)
    return moved


def receive_return(book: Book, line: str, quantity: Decimal, cause: Cause) -> Decimal:
    """Goods received back: refused ones first, then delivered ones. Returns how many the ledger could follow."""
    done = ZERO
    for bucket in ("refused", "delivered"):
        for shipment in book.shipments_of(line, bucket):
            done += book.move(line, (bucket, "returned"), quantity - done, shipment, cause)
    if done < quantity:
        book.contradict("RETURN_OVER", line, done, quantity, quantity - done,
                        f"{quantity} received back, {done} were with the customer: the surplus is unexpected", cause)  # fmt: skip
    return done


def inspect_return(
    book: Book, line: str, quantity: Decimal, disposition: str | None, location: str | None, cause: Cause
) -> None:
    """Where returned goods go: fit ones are usable again, those to be refurbished stand in quarantine, others leave no stock."""
    status = {"restock": "usable", "refurbish": "quarantine"}.get(disposition or "")
    if status and location:
        for lot, units in _came_back(book, line, quantity):
            book.put(line, units, location, "return_restock", cause, status, lot)


def _came_back(book: Book, line: str, quantity: Decimal) -> list[tuple[str | None, Decimal]]:
    """Lots of returned units: those that the line had when it came back; what is of no lot, or more than came, of none."""
    left = quantity
    found: list[tuple[str | None, Decimal]] = []
    for shipment in book.shipments_of(line, "returned"):
        for lot, units in sorted(book.lots.get((line, "returned", shipment), {}).items(), key=lambda p: p[0] or ""):
            if lot and left > 0 and units > 0:
                found.append((lot, min(left, units)))
                left -= min(left, units)
    return [*found, (None, left)] if left > 0 else found
