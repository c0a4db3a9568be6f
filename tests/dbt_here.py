"""dbt in this process on a warehouse of a test's own, parsed where the product parses: a folder of its own would cost seconds.

The warehouse's file is called warehouse.duckdb: its stem is the catalog that the parsed graph names.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from oms_dagster import settings
from oms_dagster.defs.dbt import parse


@dataclass(frozen=True, slots=True)
class Dbt:
    """The parsed project, and a way to call dbt that fails when a node does not come to its end."""

    manifest: Any
    target: Path

    def __call__(self, *command: str, may_fail: bool = False) -> Any:
        """The result of a call; of tests that may fail, each says itself how it ended."""
        from dbt.cli.main import dbtRunner

        project = str(settings.DBT_PROJECT)
        where = ["--project-dir", project, "--profiles-dir", project, "--target-path", str(self.target)]
        outcome = dbtRunner(manifest=self.manifest).invoke([*command, *where, "--quiet", "--log-level-file", "none"])
        results = getattr(outcome.result, "results", ())
        failed = [f"{r.node.name}: {r.message}" for r in results if str(r.status) in ("error", "fail")]
        assert may_fail or outcome.success, "\n".join(failed) or outcome.exception
        return outcome.result


@contextmanager
def dbt_on(warehouse: Path, target: Path) -> Iterator[Dbt]:
    """dbt on a warehouse until the block ends."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DO_NOT_TRACK", "1")
        patch.setenv("OMS_WAREHOUSE", "")  # parse() names one
        manifest = parse()
        patch.setenv("OMS_WAREHOUSE", str(warehouse))
        yield Dbt(manifest, target)
