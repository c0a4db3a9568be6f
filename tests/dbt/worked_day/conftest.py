"""One warehouse with the worked day in it, built once by dbt in this process."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dbt_here import dbt_on
from fact_builders import AS_OF, CYCLES, at
from worked_day_facts import worked_day

from oms_dagster.warehouse.connect import create, reader, writer
from oms_dagster.warehouse.write import append

FACTS = ("int_kpi__line_facts", "int_kpi__order_facts", "int_kpi__event_facts")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, list[Any]]]:
    """The warehouse of the worked day, and what dbt's own tests of the KPIs said."""
    folder = tmp_path_factory.mktemp("worked_day")
    warehouse = folder / "warehouse.duckdb"
    create(warehouse)
    with writer(warehouse) as connection:
        append(connection, "plans.cycle", [{"cycle_seq": max(CYCLES), "as_of": at(AS_OF), "seed": 1}])
        for table, rows in worked_day().items():
            append(connection, table, rows)
    others = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
    with dbt_on(warehouse, folder / "target") as dbt:
        dbt("build", "--select", "+kpi_daily", "kpi_definitions", *others)
        guarded = ("kpi_daily", "kpi_definitions", *FACTS)
        yield warehouse, list(dbt("test", "--select", *guarded, "--indirect-selection", "cautious", may_fail=True))


@pytest.fixture(scope="session")
def day(built: tuple[Path, list[Any]]) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection to it, as to a published copy."""
    with reader(built[0]) as connection:
        yield connection


Figure = tuple[Decimal, Decimal, int, Decimal | None]


@pytest.fixture(scope="session")
def figures(day: duckdb.DuckDBPyConnection) -> dict[tuple[str, str, int, str, str], Figure]:
    """(kpi, anchor, day of June, dimension, value of it) -> numerator, denominator, n, value."""
    rows = day.execute(
        "select kpi, coalesce(anchor, ''), day, dimension, dimension_value, numerator, denominator, n, value"
        " from marts.kpi_daily"
    ).fetchall()
    found: dict[tuple[str, str, int, str, str], Figure] = {}
    for kpi, anchor, when, dimension, value, *figure in rows:
        assert isinstance(when, date) and (when.year, when.month) == (2024, 6)
        found[kpi, anchor, when.day, dimension, value] = tuple(figure)
    assert len(found) == len(rows)
    return found
