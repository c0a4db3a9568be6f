"""The book of line moves: balances of the lines that this cycle's events touch, and the moves between their buckets.

Belongs here: moves that the laws of a line allow, and exceptions for what they do not. Does not belong here: which moves
an outside event makes (`events`), reading events or keeping moves (`warehouse.ledger`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from oms_dagster.domain.ledger import MOVES, OPEN

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class LineMove:
    """Units of a line that go from one bucket to another, at a location, under a shipment.

    ``event_id`` is stable: the same outside event gives the same id. ``event_at`` is UTC.
    """

    event_id: str
    order_line_id: str
    from_bucket: str
    to_bucket: str
    quantity: Decimal
    location_id: str | None
    document_id: str | None
    reason_code: str | None
    event_at: datetime
    actor: str
    assumed: bool = False
    lot_id: str | None = None


@dataclass(frozen=True, slots=True)
class StockMove:
    """Signed effect on on-hand of one stock status (and lot)."""

    movement_id: str
    kind: str
    stock_status: str
    sku_id: str
    location_id: str
    quantity: Decimal
    reason_code: str | None
    reference: str | None
    event_at: datetime
    lot_id: str | None = None


@dataclass(frozen=True, slots=True)
class BookException:
    """A fact from outside that the ledger can't follow: kept, shown, and held."""

    exception_id: str
    kind: str
    key: str
    order_line_id: str | None
    expected: str
    found: str
    difference: str
    explanation: str
    event_at: datetime


@dataclass(frozen=True, slots=True)
class Cause:
    """The outside event behind a move: its id, time (UTC), who, and why."""

    event_id: str
    event_at: datetime
    actor: str
    reason_code: str | None = None


@dataclass(slots=True)
class Book:
    """Balances of the lines that this cycle's events touch, and what the events did to them.

    Parameters
    ----------
    balances
        Units by (order_line_id, bucket, shipment_id); the shipment is empty in the buckets open and cancelled.
    location_of
        Location of each shipment.
    sku_of
        SKU of each line.
    done
        Ids of outside events that a cycle which died had already booked.
    lots
        Of the balances whose units are of lots: units by lot. What a move takes it takes in the order of the lots' ids,
        unless it names one.
    """

    balances: dict[tuple[str, str, str], Decimal]
    location_of: Mapping[str, str]
    sku_of: Mapping[str, str]
    done: frozenset[str] = frozenset()
    lots: dict[tuple[str, str, str], dict[str | None, Decimal]] = field(default_factory=dict)
    moves: list[LineMove] = field(default_factory=list)
    stock: list[StockMove] = field(default_factory=list)
    exceptions: list[BookException] = field(default_factory=list)
    _places: dict[str, list[tuple[str, str]]] = field(init=False, repr=False, default_factory=dict)
    _shipped: dict[str, list[str]] = field(init=False, repr=False, default_factory=dict)
    _serial: Counter[str] = field(init=False, repr=False, default_factory=Counter)

    def __post_init__(self) -> None:
        for key in self.balances:
            self._remember(key)

    def _remember(self, key: tuple[str, str, str]) -> None:
        """Where a line has balances, and which lines a shipment took on the road: no event looks through all lines."""
        line, bucket, shipment = key
        self._places.setdefault(line, []).append((bucket, shipment))
        if bucket == "shipped":
            self._shipped.setdefault(shipment, []).append(line)

    def part(self, lines: Iterable[str]) -> Book:
        """A book of some of the lines, in which moves may be tried: this one learns of them by `take_in` alone."""
        chosen = [line for line in lines if line in self.sku_of or line in self._places]
        balances = {(line, b, s): self.balances[line, b, s] for line in chosen for b, s in self._places.get(line, ())}
        skus = {line: self.sku_of[line] for line in chosen if line in self.sku_of}
        lots = {key: dict(self.lots[key]) for key in balances if key in self.lots}
        return Book(balances, self.location_of, skus, self.done, lots)

    def take_in(self, part: Book) -> None:
        """Keep what was done in a part."""
        for key, quantity in part.balances.items():
            if key not in self.balances:
                self._remember(key)
            self.balances[key] = quantity
        self.lots |= part.lots
        self.moves += part.moves
        self.stock += part.stock
        self.exceptions += part.exceptions

    def ask_for_more(self, line: str, quantity: Decimal) -> None:
        """Units that the order now asks for beyond those it did: they are open."""
        key = (line, OPEN, "")
        if key not in self.balances:
            self._remember(key)
        self.balances[key] = self.balances.get(key, ZERO) + quantity

    def held(self, line: str, bucket: str, shipment: str = "") -> Decimal:
        """Units of a line in a bucket, under a shipment."""
        return self.balances.get((line, bucket, shipment), ZERO)

    def shipments_of(self, line: str, bucket: str) -> list[str]:
        """Shipments that hold units of the line in the bucket, in order of their id."""
        return sorted(s for b, s in self._places.get(line, ()) if b == bucket and self.balances[line, b, s] > 0)

    def alive(self, line: str) -> Decimal:
        """Units of a line that nobody cancelled."""
        return sum((self.balances[line, b, s] for b, s in self._places.get(line, ()) if b != "cancelled"), ZERO)

    def on_the_road(self, shipment: str) -> list[str]:
        """Lines with units on the road under a shipment, in order of their id."""
        return sorted(line for line in self._shipped.get(shipment, ()) if self.held(line, "shipped", shipment) > 0)

    def move(
        self,
        line: str,
        pair: tuple[str, str],
        quantity: Decimal,
        shipment: str,
        cause: Cause,
        assumed: bool = False,
        lot: str | None = None,
    ) -> Decimal:
        """Move up to ``quantity`` units, those of ``lot`` first; returns how many moved (0 when the bucket is empty)."""
        if pair not in MOVES:
            raise ValueError(f"no move {pair[0]} -> {pair[1]}")
        source = (line, pair[0], "" if pair[0] == OPEN else shipment)
        target = (line, pair[1], "" if pair[1] in (OPEN, "cancelled") else shipment)
        moved = min(quantity, self.balances.get(source, ZERO))
        if moved <= 0:
            return ZERO
        self.balances[source] -= moved
        if target not in self.balances:
            self._remember(target)
        self.balances[target] = self.balances.get(target, ZERO) + moved
        event = f"{cause.event_id}#{line}"
        for taken, units in self._of_lots(source, target, moved, lot):
            serial = self._serial[event]
            self._serial[event] += 1
            self.moves.append(
                LineMove(
                    f"{event}#{serial}", line, *pair, units, self.location_of.get(shipment), shipment or None,
                    cause.reason_code, cause.event_at, cause.actor, assumed, taken,
                )
            )  # fmt: skip
        return moved

    def _of_lots(
        self, source: tuple[str, str, str], target: tuple[str, str, str], moved: Decimal, first: str | None
    ) -> list[tuple[str | None, Decimal]]:
        """The lots of the units that move, and how many of each. Units that are open again are of no lot."""
        there = self.lots.get(source)
        if not there:
            return [(None, moved)]
        taken: list[tuple[str | None, Decimal]] = []
        for lot in sorted(there, key=lambda name: (name != first, name is None, name or "")):
            units = min(there[lot], moved - sum((q for _, q in taken), ZERO))
            if units > 0:
                taken.append((lot, units))
                there[lot] -= units
                if target[1] != OPEN:
                    kept = self.lots.setdefault(target, {})
                    kept[lot] = kept.get(lot, ZERO) + units
        return taken

    def restock(
        self, line: str, moves: Sequence[LineMove], location: str, kind: str, cause: Cause, sign: int = 1
    ) -> None:
        """Put the units that some moves of a line took along back on hand, lot by lot; off it with ``sign`` -1."""
        units: dict[str | None, Decimal] = {}
        for move in moves:
            units[move.lot_id] = units.get(move.lot_id, ZERO) + sign * move.quantity
        for lot, quantity in units.items():
            self.put(line, quantity, location, kind, cause, lot=lot)

    def put(
        self,
        line: str,
        quantity: Decimal,
        location: str,
        kind: str,
        cause: Cause,
        status: str = "usable",
        lot: str | None = None,
    ) -> None:
        """One movement of a line's SKU."""
        of_lot = f"#{lot}" if lot else ""
        self.stock.append(
            StockMove(f"{cause.event_id}#{line}#{kind}{of_lot}", kind, status, self.sku_of[line], location, quantity, cause.reason_code,
                      cause.event_id, cause.event_at, lot)
        )  # fmt: skip

    def contradict(
        self, kind: str, line: str | None, expected: object, found: object, difference: object, text: str, cause: Cause
    ) -> None:
        """Keep a contradiction for a person."""
        key = line or cause.event_id
        self.exceptions.append(
            BookException(
                f"{cause.event_id}#{kind}#{key}",
                kind,
                key,
                line,
                str(expected),
                str(found),
                str(difference),
                text,
                cause.event_at,
            )
        )


def fold_balances(
    ordered: Mapping[str, Decimal], events: Iterable[tuple[str, str, str, Decimal, str | None]]
) -> dict[tuple[str, str, str], Decimal]:
    """Balances by (line, bucket, shipment) from ordered units and events (line, from, to, quantity, shipment)."""
    balances: dict[tuple[str, str, str], Decimal] = {(line, OPEN, ""): quantity for line, quantity in ordered.items()}
    for line, source, target, quantity, shipment in events:
        for bucket, sign in ((source, -1), (target, 1)):
            key = (line, bucket, "" if bucket in (OPEN, "cancelled") else shipment or "")
            balances[key] = balances.get(key, ZERO) + sign * quantity
    return balances


def fold_lots(
    events: Iterable[tuple[str, str, str, Decimal, str | None, str | None]],
) -> dict[tuple[str, str, str], dict[str | None, Decimal]]:
    """Units by lot of the balances that are of lots, from events (line, from, to, quantity, shipment, lot)."""
    found: dict[tuple[str, str, str], dict[str | None, Decimal]] = {}
    for line, source, target, quantity, shipment, lot in events:
        for bucket, sign in ((source, -1), (target, 1)):
            if bucket != OPEN:
                of_lots = found.setdefault((line, bucket, "" if bucket == "cancelled" else shipment or ""), {})
                of_lots[lot] = of_lots.get(lot, ZERO) + sign * quantity
    return {key: of_lots for key, of_lots in found.items() if of_lots.keys() != {None}}
