"""What it costs to leave a shipment to a carrier that is late: the yardstick of sourcing for what waits.

Belongs here: the price of lateness. Does not belong here: freight (tariffs.py), who takes what (mode.py, the routes).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LatenessPrices:
    """Prices of waiting as in sourcing.

    Attributes
    ----------
    late_day_cents, waiting_day_cents
        What a line counts that is delivered a day late, and that waits a day at priority 5.
    lost_permille
        Share of the value that leaves with customers who won't wait.
    broken_cents
        What a promise that isn't kept counts, however late.
    """

    late_day_cents: int
    waiting_day_cents: int
    lost_permille: int
    broken_cents: int


def lateness_cents(prices: LatenessPrices, days: int, lines: int, priority: int, value_cents: int) -> int:
    """What it counts that a shipment arrives so many days later than it would with own vehicles, or than promised.

    In whole cents, rounded down; nothing where it isn't late. Priority 1 waits at nearly twice the price of 5, 9 at a fifth.
    """
    if days <= 0:
        return 0
    day_fifths = 5 * prices.late_day_cents + prices.waiting_day_cents * max(1, 10 - priority)
    lost_cents = max(0, value_cents) * prices.lost_permille // 1_000
    return prices.broken_cents + days * lines * day_fifths // 5 + lost_cents
