"""The small world, built by dbt in this process: once before its commit, once after."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
import world
from dbt_here import dbt_on

from oms_dagster.warehouse import connect

#: What the laws and the published tables need of the bands before the commit.
BEFORE = (
    "fqn:oms.staging",
    "fqn:oms.intermediate.capture",
    "+int_wave_lines__planned",
    "+int_customers__exposure",
    "+int_atp__by_day",
    "int_line_pins__in_force",
    "+int_substitutions__suggested",
    "int_demand__daily",
    "+int_lines__waiting",
    "+int_pickups__tracked",
)
#: The report band, without the KPIs (their worked day has a world of its own).
AFTER = (
    "fqn:oms.marts",
    *(f"fqn:oms.intermediate.{stage}" for stage in ("fulfilment", "delivery", "settlement", "returns", "reporting")),
    "--exclude",
    "kpi_daily",
    "fqn:oms.intermediate.reporting.int_kpi*",
)


@dataclass(frozen=True, slots=True)
class World:
    """The built project: the warehouse before and after the commit, the compiled laws, and dbt itself."""

    before: Path
    after: Path
    laws: dict[str, str]
    tests: dict[str, str]
    dbt: Callable[..., Any]
    manifest: Any

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a query on the published tables."""
        with connect.reader(self.after) as connection:
            return connection.execute(sql).fetchall()

    def row(self, sql: str) -> dict[str, Any]:
        """The one row of a query, by column."""
        with connect.reader(self.after) as connection:
            cursor = connection.execute(sql)
            names = [c[0] for c in cursor.description or ()]
            found = cursor.fetchall()
        assert len(found) == 1, f"{len(found)} rows: {sql}"
        return dict(zip(names, found[0], strict=True))

    def inline(self, sql: str) -> str:
        """A query with macros, compiled."""
        return str(self.dbt("compile", "--inline", sql).results[0].node.compiled_code)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The world as cycle 5 published it."""
    folder = tmp_path_factory.mktemp("dbt")
    warehouse = folder / "warehouse.duckdb"
    with dbt_on(warehouse, folder / "target") as dbt:
        connect.create(warehouse)
        with connect.writer(warehouse) as connection:
            world.reference_data(connection)
            world.history(connection)
            world.candidates(connection)
        dbt("seed")
        dbt("run", "--select", *BEFORE)
        before = folder / "before" / "warehouse.duckdb"
        before.parent.mkdir()
        shutil.copy(warehouse, before)
        with connect.writer(warehouse) as connection:
            world.commit(connection)
        dbt("run", "--select", *AFTER)
        compiled = dbt(
            "compile",
            "--select",
            "tag:invariant",
            "fqn:oms.marts,test_type:generic",
            "--exclude",
            "kpi_daily,test_type:generic",
        ).results
        sql = {r.node.name: r.node.compiled_code for r in compiled if r.node.resource_type == "test"}
        laws = {name: sql[name] for name in sorted(sql) if name.startswith("inv_")}
        yield World(
            before, warehouse, laws, {name: sql[name] for name in sorted(sql) if name not in laws}, dbt, dbt.manifest
        )


@pytest.fixture
def unbuilt(built: World) -> Iterator[duckdb.DuckDBPyConnection]:
    """The world before the commit, to be broken: nothing of it is kept."""
    with connect.writer(built.before) as connection:
        connection.execute("begin")
        yield connection
        connection.execute("rollback")
