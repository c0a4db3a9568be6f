"""The daily report for managers: one self-contained HTML file, no script, no network, prints on A4.

Belongs here: turning a DailyReport into words, tiles and charts. Does not belong here: the formulas (dbt), the
drawing of charts (charts.py), style and markup (report.html.j2).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from oms_dagster.domain.documents.figures import grouped, kilometres, local, money, quantity
from oms_dagster.domain.quantities import round_half_up
from oms_dagster.domain.reporting.charts import Bar, bars, sparkline
from oms_dagster.domain.reporting.daily import (
    EXCEPTION_KINDS,
    DailyReport,
    ExceptionItem,
    Kpi,
    PlanGain,
    worst_first,
)

TEMPLATE_VERSION = "daily_report/1"
#: Rows shown in the exceptions table and the vehicle chart; what is left out is counted.
EXCEPTION_ROWS, VEHICLE_ROWS = 40, 20
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MINUS = "\u2212"


@dataclass(frozen=True, slots=True)
class _Tile:
    title: str
    value: str
    ratio: str
    change: str
    verdict: str
    spark: Markup
    range: str


@dataclass(frozen=True, slots=True)
class _Figure:
    title: str
    unit: str
    legend: tuple[str, ...]
    drawing: Markup | None
    empty: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class _GainRow:
    stage: str
    baseline: str
    naive: str
    planned: str
    saved: str
    share: str
    gap: str


def percent(part: int | Decimal, whole: int | Decimal, digits: int = 1) -> str:
    """A share in percent, half up: ``93.4 %``; a dash where there is no whole."""
    if not whole:
        return "–"
    return f"{grouped(round_half_up(Decimal(part) * 100 / Decimal(whole), digits), digits)}\u00a0%"


def _signed(number: Decimal, digits: int) -> str:
    rounded = round_half_up(number, digits)
    sign = "+" if rounded > 0 else _MINUS if rounded < 0 else "±"
    return f"{sign}{grouped(abs(rounded), digits)}"


def _plain(number: Decimal) -> str:
    return grouped(number).replace("-", _MINUS)


def kpi_value(kpi: Kpi, value: Decimal | None) -> str:
    """A KPI's value with its unit; a dash where there was nothing to measure."""
    if value is None:
        return "–"
    if kpi.unit == "share":
        return percent(value, 1, kpi.digits)
    return f"{grouped(round_half_up(value, kpi.digits), kpi.digits)}\u00a0{kpi.unit}".strip()


def _change(kpi: Kpi) -> tuple[str, str]:
    """The change against the day before in words, and whether it is better, worse or neither."""
    if kpi.value is None:
        return "nothing to measure on this day", "none"
    if kpi.previous is None:
        return "no value for the day before", "none"
    step = kpi.value - kpi.previous
    scaled, unit = (step * 100, "pp") if kpi.unit == "share" else (step, kpi.unit)
    rounded = round_half_up(scaled, kpi.digits)
    words = f"{_signed(scaled, kpi.digits)}\u00a0{unit} against the day before"
    if rounded == 0 or kpi.better == "none":
        return words, "none"
    return words, "better" if (rounded > 0) == (kpi.better == "up") else "worse"


def _tile(kpi: Kpi, index: int) -> _Tile:
    title = f"{kpi.title} ({kpi.anchor})" if kpi.anchor else kpi.title
    ratio = f"{_plain(kpi.numerator)} {kpi.numerator_name} / {_plain(kpi.denominator)} {kpi.denominator_name}"
    words = [kpi_value(kpi, value) for value in kpi.trend]
    spark = sparkline(f"spark-{index}", f"{title}, last {len(words)} days", kpi.trend, words) if words else Markup("")
    known = [value for value in kpi.trend if value is not None]
    span = f"last {len(words)} days: {kpi_value(kpi, min(known))} to {kpi_value(kpi, max(known))}" if known else ""
    return _Tile(title, kpi_value(kpi, kpi.value), ratio, *_change(kpi), spark, span)


def _orders(data: DailyReport) -> _Figure:
    rows = [Bar(status.replace("_", " "), (Decimal(n),), grouped(n)) for status, n in data.orders_by_status]
    return _figure("orders", "Orders by status", "orders", (), rows, "No orders yet.")


def _otif(data: DailyReport) -> _Figure:
    legend = ("on time, in full", "late", "short", "late and short")
    due = [row for row in data.otif if row.due]
    rows = [
        Bar(
            f"by {row.anchor} date",
            tuple(Decimal(n) / row.due for n in (row.on_time_in_full, row.late, row.short, row.late_and_short)),
            f"{percent(row.on_time_in_full, row.due)} of {grouped(row.due)}",
        )
        for row in due
    ]
    missed = [f"{row.anchor}: {row.late} late, {row.short} short, {row.late_and_short} both" for row in due]
    note = f"Missed, by anchor. {'; '.join(missed)}." if missed else ""
    empty = "No order was due on this day."
    return _figure("otif", "On time, in full (OTIF)", "% of the orders due", legend, rows, empty, note=note)


def _holds(data: DailyReport) -> _Figure:
    rows = [
        Bar(row.bucket, (Decimal(row.holds),), f"{grouped(row.holds)} · {money(row.value_cents, data.currency)}")
        for row in data.hold_ages
    ]
    return _figure("holds", "Age of open holds", "holds · value at stake", (), rows, "No hold is open.")


def _vehicles(data: DailyReport) -> _Figure:
    ordered = sorted(data.vehicles, key=lambda v: (v.use_permille, v.load_id))
    rows = [
        Bar(
            f"{use.vehicle} · {use.load_id}",
            (Decimal(use.use_permille),),
            f"{percent(use.use_permille, 1000)} {use.binding}",
        )
        for use in ordered[:VEHICLE_ROWS]
    ]
    left_out = len(ordered) - len(rows)
    note = f"The {len(rows)} emptiest loads; {grouped(left_out)} fuller ones are not shown." if left_out else ""
    unit, empty = "% of the binding dimension, emptiest first", "No load departed on this day."
    return _figure("vehicles", "Vehicle utilisation", unit, (), rows, empty, Decimal(1000), "capacity", note)


def _backorders(data: DailyReport) -> _Figure:
    legend = ("supply is dated", "no supply yet")
    rows = [
        Bar(
            row.bucket,
            (Decimal(row.covered_milli) / 1000, Decimal(row.uncovered_milli) / 1000),
            f"{quantity(row.covered_milli + row.uncovered_milli)} in {grouped(row.lines)} lines",
        )
        for row in data.backorders
    ]
    return _figure("backorders", "Backorders by age", "units", legend, rows, "Nothing is backordered.")


def _figure(
    chart_id: str,
    title: str,
    unit: str,
    legend: tuple[str, ...],
    rows: list[Bar],
    empty: str,
    full: Decimal | None = None,
    full_label: str = "",
    note: str = "",
) -> _Figure:
    if not rows:
        return _Figure(title, unit, (), None, empty)
    said = "; ".join(f"{row.label}: {row.figure}" for row in rows)
    drawing = bars(f"chart-{chart_id}", f"{title}, {unit}", f"{said}. {note}".strip(), rows, legend, full, full_label)
    return _Figure(title, unit, legend, drawing, empty, note)


def _gain(row: PlanGain) -> _GainRow:
    def show(value: int) -> str:
        return f"{kilometres(value)}\u00a0km" if row.unit == "m" else money(value, row.currency)

    saved = row.naive - row.planned
    if row.bound is None or row.bound_kind == "none":
        gap = "no honest bound"
    elif row.planned == row.bound:
        gap = f"optimal ({row.bound_kind} bound)"
    else:
        gap = f"gap at most {percent(row.planned - row.bound, row.planned, 2)} ({row.bound_kind} bound)"
    words = f"{show(abs(saved))} {'less' if saved >= 0 else 'more'}" if saved else "the same"
    share = percent(abs(saved), row.naive) if saved else ""
    return _GainRow(row.stage, row.baseline, show(row.naive), show(row.planned), words, share, gap)


def _age(item: ExceptionItem) -> str:
    return "" if item.age_days is None else f"{grouped(round_half_up(item.age_days, 1), 1)}\u00a0d"


@cache
def _template() -> Template:
    source = (Path(__file__).parent / "report.html.j2").read_text(encoding="utf-8")
    return Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True).from_string(
        source
    )


def render_report(data: DailyReport) -> str:
    """Render one closed day as a self-contained HTML page; the same input gives the same text.

    Raises
    ------
    ValueError
        ``as_of`` without a time zone, or an unknown ``timezone``.
    """
    worst = worst_first(data.exceptions)
    kinds = [(title, sum(e.count for e in worst if e.kind == kind)) for kind, title in EXCEPTION_KINDS.items()]
    units, cents = data.conservation.unexplained_milli, data.conservation.unexplained_cents
    return _template().render(
        report=data,
        as_of=f"{local(data.as_of, data.timezone):%Y-%m-%d %H:%M:%S} ({data.timezone})",
        weekday=_WEEKDAYS[data.day.weekday()],
        tiles=[_tile(kpi, index) for index, kpi in enumerate(data.kpis, start=1)],
        conserved=units == 0 and cents == 0,
        conservation=f"{quantity(units)} units and "
        + ("0 cents" if cents == 0 else money(cents, data.currency))
        + " unexplained",
        lines_checked=grouped(data.conservation.lines_checked),
        messages_checked=grouped(data.conservation.messages_checked),
        exceptions=[
            (
                e,
                EXCEPTION_KINDS[e.kind],
                grouped(e.count),
                _age(e),
                "" if e.value_cents is None else money(e.value_cents, e.currency or data.currency),
            )
            for e in worst[:EXCEPTION_ROWS]
        ],
        exceptions_left_out=max(len(worst) - EXCEPTION_ROWS, 0),
        kinds=[(title, grouped(n), n) for title, n in kinds],
        figures=[_orders(data), _otif(data), _holds(data), _vehicles(data), _backorders(data)],
        gains=[_gain(row) for row in data.gains],
        returns=[
            (
                r.reason,
                grouped(r.returns),
                quantity(r.units_milli),
                quantity(r.restocked_milli),
                money(r.credited_cents, data.currency),
            )
            for r in data.returns
        ],
        template_version=TEMPLATE_VERSION,
    )
