"""Each figure drills to its rows: the definition's SQL brings them, and they give the figure back."""

from __future__ import annotations

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from math import prod

import duckdb
import pytest

from oms_dagster import settings
from oms_dagster.domain.reporting.definitions import Definition, read_definitions

SEED = settings.DBT_PROJECT / "seeds" / "reference" / "kpi_definitions.csv"
DEFINITIONS = {(d.kpi, d.anchor): d for d in read_definitions(SEED.read_text())}
COLUMNS = {"channel": "channel", "location": "location_id", "segment": "segment"}
PARTS = ("is_on_time_requested", "is_in_full", "is_damage_free", "is_documents_ok", "is_invoice_ok")
MILLIONTH = Decimal("0.000001")


def _percentile(values: list[Decimal], share: Decimal) -> Decimal:
    ranked = sorted(values)
    place = share * (len(ranked) - 1)
    below = int(place)
    above = min(below + 1, len(ranked) - 1)
    return ranked[below] + (place - below) * (ranked[above] - ranked[below])


def _figure(definition: Definition, rows: list[dict]) -> tuple[Decimal, Decimal, Decimal | None]:
    """Numerator, denominator and value that the rows give."""
    denominator = (
        Decimal(1) if definition.aggregate == "count" else sum((Decimal(r["denominator"]) for r in rows), Decimal(0))
    )
    if definition.aggregate == "product":
        value = prod((Decimal(sum(r[part] for r in rows)) / len(rows) for part in PARTS), start=Decimal(1))
        return (value * denominator).quantize(Decimal("0.001"), ROUND_HALF_UP), denominator, value
    numerator = sum((Decimal(r["numerator"]) for r in rows), Decimal(0))
    if definition.aggregate in ("p50", "p90", "p95"):
        values = [Decimal(r["numerator"]) for r in rows]
        return numerator, denominator, _percentile(values, Decimal(definition.aggregate[1:]) / 100)
    return numerator, denominator, numerator / denominator if denominator else None


@pytest.fixture(scope="module")
def by_kpi(figures):
    grouped = defaultdict(list)
    for (kpi, anchor, when, dimension, value), figure in figures.items():
        grouped[kpi, anchor].append((when, dimension, value, figure))
    return grouped


@pytest.mark.parametrize("key", DEFINITIONS, ids=lambda key: "-".join(filter(None, key)))
def test_the_rows_behind_a_figure_give_it_back(key, by_kpi, day: duckdb.DuckDBPyConnection):
    definition, brought = DEFINITIONS[key], {}
    assert by_kpi[key], "the worked day does not measure it"
    assert {dimension for _, dimension, _, _ in by_kpi[key]} == {"all", *definition.dimensions}
    for when, dimension, value, figure in by_kpi[key]:
        if when not in brought:
            found = day.execute(definition.drill_sql, {"day": f"2024-06-{when:02}"})
            names = [column[0] for column in found.description]
            brought[when] = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        rows = brought[when]
        if dimension != "all":
            rows = [r for r in rows if (r[COLUMNS[dimension]] or "unassigned") == value]
        numerator, denominator, share = _figure(definition, rows)
        shown = None if share is None else share.quantize(MILLIONTH, ROUND_HALF_UP)
        assert (numerator, denominator, len(rows), shown) == figure, (when, dimension, value)


def test_every_figure_has_a_definition_and_every_definition_its_facts(by_kpi):
    assert set(by_kpi) == set(DEFINITIONS)
    for definition in DEFINITIONS.values():
        assert definition.drill_table in definition.drill_sql
