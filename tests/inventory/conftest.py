"""The models of stock as dbt runs them in a first cycle and in a later one, and a stock room of its own for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk import prepare
from stockroom import MODELS, Fold, Stockroom, folds

from oms_dagster.warehouse import connect


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[str, str, str]], Fold]:
    """A warehouse with seeds and views, what a first cycle builds in it, and how dbt adds to the balances later."""
    folder = tmp_path_factory.mktemp("inventory")
    warehouse, compiled = prepare(folder, *MODELS)
    return warehouse, compiled, folds(folder)


@pytest.fixture
def stockroom(prepared: tuple[Path, list[tuple[str, str, str]], Fold], tmp_path: Path) -> Iterator[Stockroom]:
    """A warehouse in which nothing has moved yet."""
    warehouse, compiled, fold = prepared
    own = tmp_path / "warehouse.duckdb"
    shutil.copyfile(warehouse, own)
    with connect.writer(own) as connection:
        yield Stockroom(connection, compiled, fold=fold)
