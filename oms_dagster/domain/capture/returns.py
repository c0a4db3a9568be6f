"""Returns that name a customer and a SKU but no order line: to which lines do their units belong?

Belongs here: the matching rule. Does not belong here: where purchases are read or returns written (`warehouse.gate`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Purchase:
    """Units of an order line that haven't come back.

    Attributes
    ----------
    group
        Customer and SKU.
    at
        When it was placed; any ordered integer (microseconds of the epoch).
    milli
        Thousandths of a unit.
    """

    order_line_id: str
    group: Hashable
    at: int
    milli: int


@dataclass(frozen=True, slots=True)
class ReturnedRow:
    """A row that says that so many units of a SKU came back from a customer."""

    number: int
    group: Hashable
    at: int
    milli: int


@dataclass(frozen=True, slots=True)
class Match:
    """Units of a returned row laid on an order line."""

    number: int
    order_line_id: str
    milli: int


def match_returns(purchases: Sequence[Purchase], returned: Sequence[ReturnedRow]) -> list[Match]:
    """Lay each returned row on the group's latest lines placed at or before it, with units not yet returned.

    Rows are taken in the order of time (ties: by number). A row whose units aren't all found is left unmatched whole,
    and takes nothing from the rows after it.

    Parameters
    ----------
    purchases
        With the units still out.
    returned
        Rows to match.

    Returns
    -------
    list of Match
        One or more a matched row, latest line first, summing to the row's units.
    """
    stock: dict[Hashable, list[list[int | str]]] = defaultdict(list)
    for purchase in sorted(purchases, key=lambda p: (p.at, p.order_line_id)):
        stock[purchase.group].append([purchase.at, purchase.order_line_id, purchase.milli])
    matches: list[Match] = []
    for row in sorted(returned, key=lambda r: (r.at, r.number)):
        wanted, taken = row.milli, []
        for lot in reversed(stock.get(row.group, [])):
            if int(lot[0]) > row.at or not int(lot[2]):
                continue
            units = min(wanted, int(lot[2]))
            taken.append((lot, units))
            wanted -= units
            if not wanted:
                break
        if wanted:
            continue
        for lot, units in taken:
            lot[2] = int(lot[2]) - units
            matches.append(Match(row.number, str(lot[1]), units))
    return matches
