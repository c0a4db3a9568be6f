"""dbt's own unit tests, run once in this process against a warehouse of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from oms_dagster import settings
from oms_dagster.warehouse.connect import create


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Any]]:
    """Results of every unit test. dbt takes the columns of their inputs from the (empty) relations upstream."""
    from dbt.cli.main import dbtRunner

    folder: Path = tmp_path_factory.mktemp("dbt_unit_tests")
    create(folder / "warehouse.duckdb")
    before = dict(os.environ)
    os.environ.update(OMS_WAREHOUSE=str(folder / "warehouse.duckdb"), DO_NOT_TRACK="1")
    project = str(settings.DBT_PROJECT)
    fixed = [
        "--project-dir",
        project,
        "--profiles-dir",
        project,
        "--target-path",
        str(folder / "target"),
        "--quiet",
        "--log-level-file",
        "none",
    ]
    try:
        parsed = dbtRunner().invoke(["parse", *fixed]).result
        runner = dbtRunner(manifest=parsed)
        tested = sorted({f"+{test.model}" for test in parsed.unit_tests.values()})
        built = runner.invoke(
            [
                "build",
                "--select",
                *tested,
                "--exclude-resource-type",
                "test",
                "--exclude-resource-type",
                "unit_test",
                *fixed,
            ]
        )
        broken = [f"{r.node.name}: {r.message}" for r in built.result if str(r.status) == "error"]
        assert not broken, broken
        yield list(runner.invoke(["test", "--select", "test_type:unit", *fixed]).result)
    finally:
        os.environ.clear()
        os.environ.update(before)


def test_every_dbt_unit_test_passes(results: list[Any]) -> None:
    failed = [
        f"{result.node.name} ({result.status}): {result.message}" for result in results if str(result.status) != "pass"
    ]
    assert not failed, "\n".join(failed)


def test_the_rules_of_screening_are_among_them(results: list[Any]) -> None:
    assert len([result for result in results if "screening" in result.node.original_file_path]) >= 24
