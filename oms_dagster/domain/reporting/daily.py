"""What a daily report says: the figures of one closed day, as frozen data.

Belongs here: the shape of the report's input and the order of its exceptions. Does not belong here: the formulas
of KPIs (dbt holds them), how the report looks (report.py).

Money in hundredths of ``currency`` (the reporting currency) unless a field names its own; quantities in
thousandths of the base unit; instants with a time zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

Severity = Literal["critical", "warning", "info"]
ExceptionKind = Literal["alert", "hold", "dropped_shipment", "reconciliation", "quarantine"]

SEVERITIES: tuple[Severity, ...] = ("critical", "warning", "info")
EXCEPTION_KINDS: dict[ExceptionKind, str] = {
    "alert": "Alerts",
    "hold": "Open holds",
    "dropped_shipment": "Dropped shipments",
    "reconciliation": "Reconciliation exceptions",
    "quarantine": "Quarantined messages",
}


@dataclass(frozen=True, slots=True)
class Kpi:
    """One KPI of the day.

    Attributes
    ----------
    kpi, version, definition
        Name in ``kpi_daily``, version and formula in words: which figure this is.
    title
        As managers call it; ``anchor`` (requested, first commitment, latest commitment) where it applies.
    value, numerator, denominator
        ``value`` is None where there was nothing to measure; a share is a fraction of 1.
    unit
        ``share`` is shown in percent and its change in percentage points; else a unit's name, e.g. ``days``.
    better
        Which way is good; ``none`` where neither is.
    previous
        The day before, or None.
    trend
        Up to 14 days, oldest first, the last is this day.
    digits
        Decimal places shown (of the percentage, for a share).
    """

    kpi: str
    version: str
    definition: str
    title: str
    unit: str
    value: Decimal | None
    numerator: Decimal
    denominator: Decimal
    numerator_name: str
    denominator_name: str
    better: Literal["up", "down", "none"] = "none"
    previous: Decimal | None = None
    trend: tuple[Decimal | None, ...] = ()
    anchor: str = ""
    digits: int = 1


@dataclass(frozen=True, slots=True)
class ExceptionItem:
    """Something that a person should look at: one alert, or all open holds of a type, all messages of a code.

    Attributes
    ----------
    subject
        What it is about: an id, a hold type, an error code.
    message
        What is wrong and what would mend it.
    count
        How many it stands for.
    age_days
        Of the oldest, or None.
    value_cents, currency
        Value at stake, or None.
    """

    kind: ExceptionKind
    severity: Severity
    subject: str
    message: str
    count: int = 1
    age_days: Decimal | None = None
    value_cents: int | None = None
    currency: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Otif:
    """Orders due on the day by one anchor; the four counts add up to the orders due."""

    anchor: str
    on_time_in_full: int
    late: int
    short: int
    late_and_short: int

    @property
    def due(self) -> int:
        """Orders due by this anchor."""
        return self.on_time_in_full + self.late + self.short + self.late_and_short


@dataclass(frozen=True, slots=True)
class HoldAge:
    """Open holds of one age bucket, e.g. ``3-7 days``."""

    bucket: str
    holds: int
    value_cents: int


@dataclass(frozen=True, slots=True)
class VehicleUse:
    """A load's use of its binding dimension, in thousandths of the capacity."""

    load_id: str
    vehicle: str
    use_permille: int
    binding: str


@dataclass(frozen=True, slots=True)
class BackorderAge:
    """Backordered thousandths of one age bucket, with and without dated supply."""

    bucket: str
    lines: int
    covered_milli: int
    uncovered_milli: int


@dataclass(frozen=True, slots=True)
class PlanGain:
    """A plan against the naive way under the same locks.

    Attributes
    ----------
    stage, baseline
        ``routes``, ``sourcing``, ...; the naive plan's name in words.
    unit
        ``m`` (shown as km) or ``cents`` (shown as money).
    naive, planned
        Integers of that unit.
    bound, bound_kind
        A lower bound and whether it is ``proved`` or a ``relaxation``; None and ``none`` where no honest one is.
    """

    stage: str
    unit: Literal["m", "cents"]
    baseline: str
    naive: int
    planned: int
    bound: int | None = None
    bound_kind: Literal["proved", "relaxation", "none"] = "none"
    currency: str = ""


@dataclass(frozen=True, slots=True)
class ReturnsClosed:
    """Returns closed on the day for one reason."""

    reason: str
    returns: int
    units_milli: int
    restocked_milli: int
    credited_cents: int


@dataclass(frozen=True, slots=True)
class Conservation:
    """What the invariants found: everything counted, and what has no explanation (should be nothing)."""

    unexplained_milli: int
    unexplained_cents: int
    lines_checked: int
    messages_checked: int


@dataclass(frozen=True, slots=True)
class DailyReport:
    """One closed day.

    Attributes
    ----------
    day, timezone
        The local day reported (policy ``reporting.timezone``).
    as_of, cycle_id, code_version
        What the figures were known at, and which cycle and code made them.
    currency
        The reporting currency.
    """

    day: date
    timezone: str
    as_of: datetime
    cycle_id: str
    code_version: str
    currency: str
    company: str
    conservation: Conservation
    kpis: tuple[Kpi, ...] = ()
    exceptions: tuple[ExceptionItem, ...] = ()
    orders_by_status: tuple[tuple[str, int], ...] = ()
    otif: tuple[Otif, ...] = ()
    hold_ages: tuple[HoldAge, ...] = ()
    vehicles: tuple[VehicleUse, ...] = ()
    backorders: tuple[BackorderAge, ...] = ()
    gains: tuple[PlanGain, ...] = ()
    returns: tuple[ReturnsClosed, ...] = ()


def worst_first(exceptions: tuple[ExceptionItem, ...]) -> list[ExceptionItem]:
    """Exceptions by severity, then value at stake, age and count, all falling; ties by kind and subject."""
    kinds = list(EXCEPTION_KINDS)

    def badness(item: ExceptionItem) -> tuple[int, int, Decimal, int, int, str]:
        return (
            SEVERITIES.index(item.severity),
            -(item.value_cents or 0),
            -(item.age_days or Decimal(0)),
            -item.count,
            kinds.index(item.kind),
            item.subject,
        )

    return sorted(exceptions, key=badness)
