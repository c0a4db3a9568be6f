"""The project's SQL, compiled once, and a desk of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from desk import Desk, prepare

from oms_dagster.warehouse import connect


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[str, str, str]]]:
    """A warehouse with seeds and views, and what a cycle builds in it."""
    return prepare(
        tmp_path_factory.mktemp("screening"), "int_holds__planned", "int_release__lines", "int_holds__blocking"
    )


@pytest.fixture
def desk(prepared: tuple[Path, list[tuple[str, str, str]]]) -> Iterator[Desk]:
    """A desk without a fact; nothing of it is kept."""
    warehouse, compiled = prepared
    with connect.writer(warehouse) as connection:
        connection.execute("begin")
        yield Desk(connection, compiled)
        connection.execute("rollback")
