"""The project's SQL, compiled once, and a desk of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from desk import Desk, statements

from oms_dagster import settings
from oms_dagster.warehouse import connect


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[str, str, str]]]:
    """A warehouse with seeds and views, and what a cycle builds in it."""
    from dbt.cli.main import dbtRunner

    folder = tmp_path_factory.mktemp("screening")
    warehouse = folder / "warehouse.duckdb"
    project = str(settings.DBT_PROJECT)
    fixed = ["--project-dir", project, "--profiles-dir", project, "--target-path", str(folder / "target"), "--quiet",
             "--log-level-file", "none"]  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMS_WAREHOUSE", str(warehouse))
        patch.setenv("DO_NOT_TRACK", "1")
        manifest = dbtRunner().invoke(["parse", *fixed]).result

        def dbt(*command: str) -> Any:
            outcome = dbtRunner(manifest=manifest).invoke([*command, *fixed])
            assert outcome.success, outcome.exception
            return outcome.result

        connect.create(warehouse)
        dbt("seed")
        compiled = statements(dbt)
    with connect.writer(warehouse) as connection:
        connection.execute("insert into plans.cycle values (1, timestamptz '2026-03-04 12:00:00+00', 1)")
        for name, materialised, sql in compiled:
            connection.execute(f"create or replace {materialised} {name} as {sql}")
    return warehouse, compiled


@pytest.fixture
def desk(prepared: tuple[Path, list[tuple[str, str, str]]]) -> Iterator[Desk]:
    """A desk without a fact; nothing of it is kept."""
    warehouse, compiled = prepared
    with connect.writer(warehouse) as connection:
        connection.execute("begin")
        yield Desk(connection, compiled)
        connection.execute("rollback")
