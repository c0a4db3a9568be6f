"""What each KPI means: the definitions that pages, reports and docs/kpis.md share, read from their seed.

Belongs here: a definition, reading all of them from the seed's text, printing them for people. Does not belong here:
computing a KPI (`models/marts/reporting/kpi_daily.sql`), opening files or databases.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Aggregate = Literal["ratio", "count", "p50", "p90", "p95", "product"]
AGGREGATES: dict[str, str] = {
    "ratio": "numerator / denominator; over several days Σ numerators / Σ denominators",
    "count": "the count of one day; the denominator is that day",
    "p50": "the median of the rows; the numerator is their sum, the denominator their number",
    "p90": "the 90th percentile of the rows, between two of them in proportion; numerator and denominator as with p50",
    "p95": "the 95th percentile of the rows, likewise",
    "product": "the product of the rates of its parts; the numerator is this share of the denominator",
}


@dataclass(frozen=True, slots=True)
class Definition:
    """One KPI of one version and anchor.

    Attributes
    ----------
    anchor
        requested, first commitment, latest commitment; empty where none applies.
    unit
        share (a fraction of 1), hours, days, km, orders, or currency (the reporting currency).
    digits
        Decimal places shown (of the percentage, for a share).
    aggregate
        How the value comes from the rows that `drill_sql` brings: a key of ``AGGREGATES``.
    dimensions
        Dimensions by which it is broken down, beside ``all``.
    higher_is_better
        None where neither is.
    drill_sql
        Brings the rows of one day (parameter ``$day``), each with its share of ``numerator`` and ``denominator`` and
        the columns of its dimensions (``location_id`` for location; null there is ``unassigned``).
    """

    kpi: str
    kpi_version: str
    anchor: str
    title: str
    formula: str
    unit: str
    digits: int
    numerator: str
    denominator: str
    population_date: str
    aggregate: Aggregate
    dimensions: tuple[str, ...]
    higher_is_better: bool | None
    owner: str
    drill_table: str
    drill_sql: str


def read_definitions(text: str) -> tuple[Definition, ...]:
    """All definitions, in the order of the seed.

    Raises
    ------
    ValueError
        A row whose aggregate or direction is none that we know, or a key that occurs twice.
    """
    definitions = tuple(_read(row) for row in csv.DictReader(io.StringIO(text)))
    keys = [(d.kpi, d.kpi_version, d.anchor) for d in definitions]
    for key in keys:
        if keys.count(key) > 1:
            raise ValueError(f"kpi_definitions: {key} is defined twice")
    return definitions


def _read(row: dict[str, str]) -> Definition:
    aggregate, better = row["aggregate"], row["higher_is_better"]
    if aggregate not in AGGREGATES or better not in ("true", "false", ""):
        raise ValueError(
            f"kpi_definitions: {row['kpi']}: aggregate {aggregate!r} or direction {better!r} is none that we know"
        )
    return Definition(
        kpi=row["kpi"],
        kpi_version=row["kpi_version"],
        anchor=row["anchor"],
        title=row["title"],
        formula=row["formula"],
        unit=row["unit"],
        digits=int(row["digits"]),
        numerator=row["numerator"],
        denominator=row["denominator"],
        population_date=row["population_date"],
        aggregate=aggregate,  # type: ignore[arg-type]
        dimensions=tuple(filter(None, row["dimensions"].split("|"))),
        higher_is_better={"true": True, "false": False, "": None}[better],
        owner=row["owner"],
        drill_table=row["drill_table"],
        drill_sql=row["drill_sql"],
    )


_INTRODUCTION = """# KPIs

Printed from `dbt_project/seeds/reference/kpi_definitions.csv` by `python docs/print_kpis.py`; a test compares the two.

Figures are rows of `marts.kpi_daily`: KPI, version, anchor, day, dimension and its value, with numerator, denominator,
`n` (rows measured) and value (empty where the denominator is 0). Each brings its rows by its definition's `drill_sql`.

- **Who counts.** No test orders. Orders that the customer cancelled whole inside the remorse window
  (`orders.remorse_minutes`) are in `orders_remorse_cancelled` alone. Units cancelled on the customer's side (reasons
  CUSTOMER, AMENDED, DECLINED, DUPLICATE, EXPIRED, FRAUD) are no longer wanted; what we cancel (INVENTORY, STAFF, OTHER)
  stays in the demand.
- **Which day.** Days are local to `reporting.timezone`. Only what happened up to `as_of` counts, and what is due today
  is due when the day is over. Figures are as known now: a later delivery or return changes its cohort's day.
- **Which date.** On time is said of an anchor, never of a mix: *requested* (by the customer), *first commitment* (the
  first promise), *latest commitment* (the last one). A delivery before the window opens fails as a late one does; a
  commitment without a requested window has no early side.

A new KPI is a measure in `models/marts/reporting/kpi_daily.sql`, a row of the seed, and its figures of the worked day
in `tests/dbt/worked_day`; a new formula is a new version.
"""


def as_markdown(definitions: Iterable[Definition]) -> str:
    """The page of docs that lists them, one section a KPI."""
    parts = [_INTRODUCTION, "How a value is read:\n", *(f"- *{name}*: {words}." for name, words in AGGREGATES.items())]
    written = ""
    for one in definitions:
        if one.kpi != written:
            parts.append(f"\n## {one.kpi}")
            written = one.kpi
        parts.append(_section(one))
    return "\n".join(parts).rstrip() + "\n"


def _section(one: Definition) -> str:
    anchor = f" · anchor {one.anchor}" if one.anchor else ""
    kind = f"version {one.kpi_version} · {one.aggregate} · {one.unit}"
    better = {True: "higher is better", False: "lower is better", None: "neither way is better"}[one.higher_is_better]
    return "\n".join(
        (
            f"\n**{one.title}**{anchor} · {kind} · {better} · {one.owner}\n",
            f"{one.formula}.\n",
            f"- numerator: {one.numerator}; denominator: {one.denominator}",
            f"- day: {one.population_date}",
            f"- by: {', '.join(('all', *one.dimensions))}",
            f"- rows: `{one.drill_table}`\n",
            "```sql",
            one.drill_sql,
            "```",
        )
    )
