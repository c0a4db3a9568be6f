"""What assets are given: the warehouse of one home, held alone for the length of a run.

Belongs here: resources and nothing that computes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dagster as dg
import duckdb
from pydantic import PrivateAttr

from oms_dagster import cycle, settings
from oms_dagster.warehouse import connect


class Warehouse(dg.ConfigurableResource):
    """The home's warehouse. Taking it takes the lock on the home; the run holds it until it ends.

    Attributes
    ----------
    home_path
        Folder of the home; empty: ``OMS_HOME``.
    wait_s
        Seconds to wait for another cycle; None: for ever.
    """

    home_path: str = ""
    wait_s: float | None = None
    _locked: bool = PrivateAttr(default=False)

    @property
    def home(self) -> settings.Home:
        return settings.home(self.home_path or None)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["Warehouse"]:
        from oms_dagster.home import require

        require(self.home)
        log = context.log
        purpose = f"dagster run {context.run_id[:8]}" if context.run_id else "dagster"
        with cycle.lock(self.home, purpose, wait_s=self.wait_s, tell=lambda line: log and log.info(line)):
            yield self

    @contextmanager
    def connect(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The writing connection; closed at the end of the block, so that dbt can open the file."""
        with connect.writer(self.home.warehouse) as connection:
            yield connection


def default_resources() -> dict[str, Any]:
    """Resources of the live code location."""
    return {"warehouse": Warehouse.configure_at_launch()}
