"""What sourcing reads and remembers, compiled once, and a warehouse of its own for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk import prepare
from planning import MODELS, Planning

from oms_dagster.warehouse import connect


@pytest.fixture(scope="session")
def planned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[str, str, str]]]:
    """A warehouse with seeds and views, and what a cycle builds in it around sourcing."""
    return prepare(tmp_path_factory.mktemp("sourcing"), *MODELS)


@pytest.fixture
def planning(planned: tuple[Path, list[tuple[str, str, str]]], tmp_path: Path) -> Iterator[Planning]:
    """Two warehouses, a customer and two SKUs; the rest is up to the test."""
    warehouse, compiled = planned
    own = tmp_path / "warehouse.duckdb"
    shutil.copyfile(warehouse, own)
    with connect.writer(own) as connection:
        yield Planning.start(connection, compiled)
