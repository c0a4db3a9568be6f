"""The marts of a test, and two cycles on the day with one after it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from marts_by_hand import AS_OF, OPENS, Marts, empty

from oms_dagster import settings
from oms_dagster.settings import Home
from oms_dagster.warehouse import connect


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("blank") / "warehouse.duckdb"
    empty(path)
    return path


@pytest.fixture
def marts(tmp_path: Path, blank: Path) -> Iterator[Marts]:
    path = tmp_path / "home" / "warehouse.duckdb"
    path.parent.mkdir()
    shutil.copy(blank, path)
    with connect.writer(path) as connection:
        yield Marts(connection)


@pytest.fixture
def told(marts: Marts) -> Marts:
    """Two cycles on the day and one after it."""
    marts.cycle(1, OPENS + timedelta(hours=7))
    marts.cycle(2, OPENS + timedelta(hours=19))
    marts.cycle(3, AS_OF)
    return marts


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return settings.home(tmp_path / "home")
