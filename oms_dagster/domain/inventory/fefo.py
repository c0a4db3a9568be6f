"""First expired, first out: which lots the units of a line are taken from, and why.

Belongs here: the choice for one SKU at one location. Does not belong here: which lots are usable at all, or free (the
intermediate model `int_lots__free` says so).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Lot:
    """Free units of a lot; ``lot_id`` None: units of no lot.

    Attributes
    ----------
    expiry
        Last day on which a unit may be used; None: it lasts.
    from_day
        Day on which the units are there; None: they are.
    """

    lot_id: str | None
    quantity: Decimal
    expiry: date | None = None
    from_day: date | None = None


@dataclass(frozen=True, slots=True)
class Want:
    """Units asked for: when they leave, when they are delivered, and how many days they must last after that."""

    key: str
    quantity: Decimal
    ship_date: date
    deliver_date: date
    min_life_days: int = 0

    @property
    def last_day(self) -> date:
        """Day on which a unit must still be usable."""
        return self.deliver_date + timedelta(days=self.min_life_days)


@dataclass(frozen=True, slots=True)
class Taken:
    """Units of one lot for one want, and why this lot."""

    key: str
    lot_id: str | None
    quantity: Decimal
    because: str


def take(lots: Iterable[Lot], wants: Sequence[Want]) -> tuple[list[Taken], dict[str, Decimal]]:
    """Give each want, in order, the units that expire first of those that last long enough.

    A unit that one want may take, a want that asks for less life may take too, so no order of the wants serves more of
    them: what stays uncovered here no other choice of lots could cover.

    Returns
    -------
    tuple
        What was taken, and the units by want that no lot could give (wants that got all are not in it).

    Examples
    --------
    >>> day = date(2026, 3, 2)
    >>> lots = [Lot("B", Decimal(5), date(2026, 4, 1)), Lot("A", Decimal(2), date(2026, 3, 9))]
    >>> [(t.lot_id, t.quantity) for t in take(lots, [Want("L", Decimal(3), day, day)])[0]]
    [('A', Decimal('2')), ('B', Decimal('1'))]
    """
    shelf = sorted(lots, key=lambda lot: (lot.expiry or date.max, lot.lot_id is None, lot.lot_id or ""))
    left = _less_owed([lot.quantity for lot in shelf])
    taken: list[Taken] = []
    short: dict[str, Decimal] = {}
    for want in wants:
        missing = want.quantity
        passed_by = 0
        for place, lot in enumerate(shelf):
            if left[place] <= 0 or missing <= 0 or (lot.from_day and lot.from_day > want.ship_date):
                continue
            if lot.expiry and lot.expiry < want.last_day:
                passed_by += 1
                continue
            units = min(left[place], missing)
            left[place] -= units
            missing -= units
            taken.append(Taken(want.key, lot.lot_id, units, _because(lot, want, passed_by)))
        if missing > 0:
            short[want.key] = missing
    return taken, short


def _less_owed(quantities: list[Decimal]) -> list[Decimal]:
    """A loss that was counted without naming a lot is taken to be of the lots that expire first."""
    owed = -sum((q for q in quantities if q < 0), Decimal(0))
    free = []
    for quantity in quantities:
        gone = min(owed, max(quantity, Decimal(0)))
        owed -= gone
        free.append(max(quantity, Decimal(0)) - gone)
    return free


def _because(lot: Lot, want: Want, passed_by: int) -> str:
    if lot.expiry is None:
        words = "no lot of it is known to expire" if lot.lot_id is None else f"lot {lot.lot_id} does not expire"
    else:
        days = (lot.expiry - want.deliver_date).days
        words = f"lot {lot.lot_id} expires first, on {lot.expiry.isoformat()}, {days} days after delivery"
        words += f" ({want.min_life_days} are asked for)" if want.min_life_days else ""
    if passed_by:
        words += f"; {passed_by} earlier {'lot does' if passed_by == 1 else 'lots do'} not last that long"
    return words
