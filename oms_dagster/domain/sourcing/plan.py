"""What sourcing answers: promises and backorders with their cost by name, stock prices, and the report.

Belongs here: the plan as plain values. Does not belong here: the problem (`problem`) or how a plan is found (`solve`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from oms_dagster.domain.solving import SolveReport

#: `Assignment.relaxed` of a shipment above its order's limit; other rules are named as `Blocked` names them.
MAX_SPLITS = "max_splits"


@dataclass(frozen=True, slots=True)
class CostTerms:
    """A cost by name, in cents: the objective of a plan, or what one promise bears of it."""

    freight: int = 0
    shipment: int = 0
    handling: int = 0
    vendor: int = 0
    split: int = 0
    lateness: int = 0
    backorder: int = 0
    stockout_risk: int = 0
    load_balance: int = 0
    markdown: int = 0
    stability: int = 0
    relaxation: int = 0

    @property
    def total(self) -> int:
        """The sum of all terms."""
        return sum(self.named().values())

    def named(self) -> dict[str, int]:
        """Every term by its name."""
        return {name: getattr(self, name) for name in TERMS}


TERMS = tuple(f.name for f in fields(CostTerms))


@dataclass(frozen=True, slots=True)
class Assignment:
    """One promise: this much of a line from this location on this day.

    ``costs`` are its own freight, lateness and other line costs and its share of the shipment and of the order's split
    cost; over a plan, assignments and backorders sum to the objective, term by term. ``relaxed`` names the soft rules
    that gave way for it.
    """

    line_id: str
    location_id: str
    quantity_milli: int
    ship_day: int
    deliver_day: int
    costs: CostTerms
    relaxed: tuple[str, ...] = ()

    @property
    def cost_cents(self) -> int:
        """The sum of its terms."""
        return self.costs.total


@dataclass(frozen=True, slots=True)
class Backorder:
    """What of a line no location ships in this plan.

    Attributes
    ----------
    reason
        ``blocked`` (no location may ship it), ``no_stock`` (none that may has enough within the horizon),
        ``ship_complete`` (it could ship, another line of its order can't), ``outbid`` (there was stock, other lines
        make better use of it or shipping it costs more than waiting).
    expected_cover_day
        First day on which the stock that this plan leaves could cover it, at any location that may ship it; None
        if no day of the horizon can.
    """

    line_id: str
    quantity_milli: int
    reason: str
    expected_cover_day: int | None
    cost_cents: int


@dataclass(frozen=True, slots=True)
class StockPrice:
    """What a whole unit is worth to the lines that compete for it, taken from this day until the next priced one.

    A dual price of the stock: cells with enough for all cost nothing and have no row.
    """

    sku_id: str
    location_id: str
    from_day: int
    millicents_per_unit: int


@dataclass(frozen=True, slots=True)
class SourcingPlan:
    """The answer: each line's quantity is in its assignments and its backorder, nothing left over.

    ``baselines`` has the objective of every naive rule on the same problem, ``phases`` the seconds that each took.
    """

    assignments: tuple[Assignment, ...]
    backorders: tuple[Backorder, ...]
    costs: CostTerms
    prices: tuple[StockPrice, ...]
    report: SolveReport
    baselines: Mapping[str, int]
    phases: Mapping[str, float] = field(default_factory=dict)
