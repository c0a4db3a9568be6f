"""dbt's own unit tests, run once in this process against a warehouse of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dbt_here import dbt_on

from oms_dagster.warehouse.connect import create


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Any]]:
    """Results of every unit test. dbt takes the columns of their inputs from the (empty) relations upstream."""
    folder: Path = tmp_path_factory.mktemp("dbt_unit_tests")
    create(folder / "warehouse.duckdb")
    with dbt_on(folder / "warehouse.duckdb", folder / "target") as dbt:
        tested = sorted({f"+{test.model}" for test in dbt.manifest.unit_tests.values()})
        dbt("build", "--select", *tested, "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
        yield list(dbt("test", "--select", "test_type:unit", may_fail=True))


def test_every_dbt_unit_test_passes(results: list[Any]) -> None:
    failed = [
        f"{result.node.name} ({result.status}): {result.message}" for result in results if str(result.status) != "pass"
    ]
    assert not failed, "\n".join(failed)


def test_the_rules_of_screening_are_among_them(results: list[Any]) -> None:
    assert len([result for result in results if "screening" in result.node.original_file_path]) >= 24
