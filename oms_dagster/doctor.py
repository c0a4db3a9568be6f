"""`oms doctor`: is the home whole, and if not, what to do.

Belongs here: looking at a home without changing it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass

from oms_dagster import cycle as cycles
from oms_dagster import home as homes
from oms_dagster.settings import Home
from oms_dagster.warehouse import publish

LOW_DISK_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class Examined:
    """One thing looked at."""

    ok: bool
    what: str
    remedy: str = ""


def examine(home: Home) -> list[Examined]:
    """Stores open, versions fit, conservation holds, disk space, last outcome."""
    try:
        homes.require(home)
    except homes.HomeError as error:
        return [Examined(False, "home", str(error))]
    return [
        Examined(True, f"home {home.root}"),
        *_operations(home),
        *_warehouse(home),
        *_published(home),
        *_disk(home),
        *_waiting(home),
    ]


def _operations(home: Home) -> Iterator[Examined]:
    from oms_dagster.operations.commands import list_commands
    from oms_dagster.operations.store import open_store

    try:
        store = open_store(home.operations_url)
        issued = len(list_commands(store))
        store.close()
    except Exception as error:
        yield Examined(False, "operations store", str(error))
    else:
        yield Examined(True, f"operations store: {issued} commands")


def _warehouse(home: Home) -> Iterator[Examined]:
    from oms_dagster.warehouse.connect import WarehouseBusy, writer
    from oms_dagster.warehouse.tables import TABLES

    try:
        with cycles.lock(home, "oms doctor", wait_s=0), writer(home.warehouse) as connection:
            there = {
                f"{s}.{t}"
                for s, t in connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
            }
            missing = sorted(set(TABLES) - there)
            yield Examined(not missing, "warehouse tables", f"{', '.join(missing[:5])} missing: run `oms init`")
            left = cycles.unfinished(connection)
            yield Examined(
                left is None,
                "last cycle finished",
                "it was committed and not published: the next `oms cycle` finishes it",
            )
            broken = connection.execute(
                "select count(*) from facts.capture_files where messages <>"
                " messages_accepted + messages_duplicate + messages_conflict + messages_quarantined"
            ).fetchall()[0][0]
            yield Examined(
                broken == 0,
                "messages conserved",
                f"{broken} files: query facts.capture_files, keep the archive, report it",
            )
            red = connection.execute(
                "select count(*) from facts.data_quality where stage = 'commit' and not passed and cycle_seq ="
                " (select max(cycle_seq) from facts.data_quality where stage = 'commit')"
            ).fetchall()[0][0]
            yield Examined(
                red == 0,
                "invariants of the last cycle",
                f"{red} laws found something: see the Overview page, exceptions",
            )
    except cycles.CycleBusy as busy:
        yield Examined(True, f"warehouse is in use: {busy}")
    except (WarehouseBusy, OSError) as error:
        yield Examined(False, "warehouse", str(error))


def _published(home: Home) -> Iterator[Examined]:
    status = publish.read_status(home)
    yield Examined(home.current.exists(), "published copy", "none yet: run `oms cycle`")
    failed = status.get("outcome") == "failed"
    yield Examined(
        not failed,
        f"last outcome: {status.get('outcome', 'none')}",
        f"{status.get('failed_asset')}: {status.get('message')}",
    )


def _disk(home: Home) -> Iterator[Examined]:
    free = shutil.disk_usage(home.root).free
    size = home.warehouse.stat().st_size if home.warehouse.exists() else 0
    need = max(LOW_DISK_BYTES, 2 * size)
    yield Examined(
        free > need,
        f"disk: {free >> 20} MiB free",
        f"a cycle needs up to {need >> 20} MiB: free some, or move the home",
    )


def _waiting(home: Home) -> Iterator[Examined]:
    halves = [path for path in home.inbox.glob("*/*") if path.suffix in (".part", ".tmp")]
    yield Examined(
        not halves,
        "inbox",
        f"{len(halves)} half-copied files: whoever writes them renames them when whole",
    )
