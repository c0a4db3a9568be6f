"""One planning cycle from a program: the Dagster job in this process, and a summary of what it did.

Belongs here: what `oms cycle`, the demo and the tests share.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable
from typing import Any

from oms_dagster import cycle as cycles
from oms_dagster import home as homes
from oms_dagster.settings import Home
from oms_dagster.warehouse import publish

#: How the system, SQLite and DuckDB say that a disk is full.
NO_SPACE = ("No space left on device", "disk is full", "File too large", "Disk quota exceeded")
#: SQLite says no more than this when it can't grow the file that its readers share.
IO_ERROR, NEXT_TO_NOTHING = "disk I/O error", 4_000_000


class CycleFailed(RuntimeError):
    """The cycle ended with a failed asset: its name and message."""


def run_cycle(
    home: Home,
    *,
    as_of: str = "",
    seed: int = 1,
    wait_s: float | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Run the job `planning_cycle` on a home.

    Parameters
    ----------
    as_of
        Effective time, ISO 8601 with offset; empty: now (in a home that holds the demo: shortly after its last cycle).
    wait_s
        Seconds to wait for another cycle; None: for ever, 0: not at all.

    Returns
    -------
    dict
        cycle_id, as_of, outcome, and what was captured, planned and committed.

    Raises
    ------
    CycleFailed, cycle.CycleBusy, cycle.CycleRefused, home.HomeError
    """
    homes.require(home)
    if as_of:
        cycles.instant(as_of)  # a bad one is refused before anything is loaded
    with cycles.lock(home, "oms cycle", wait_s=wait_s, tell=tell):
        began = time.monotonic()
        try:
            result = _execute(home, as_of, seed)
        except Exception as error:  # Dagster itself could not go on: its storage may lie on the same full disk
            raise CycleFailed(_failed(home, "planning_cycle", _root(error))) from error
        if not result.success:
            raise CycleFailed(_failure(result, home))
        return summary(home, time.monotonic() - began)


def _execute(home: Home, as_of: str, seed: int) -> Any:
    logging.getLogger("dagster").setLevel(logging.WARNING)
    with _instance(home) as instance:
        return (
            _definitions()
            .resolve_job_def("planning_cycle")
            .execute_in_process(
                instance=instance,
                run_config={
                    "ops": {"cycle": {"config": {"as_of": as_of, "seed": seed}}},
                    "resources": {"warehouse": {"config": {"home_path": str(home.root)}}},
                    "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
                },
                raise_on_error=False,
            )
        )


def _instance(home: Home) -> Any:
    """Dagster's instance of a home, with the event log that compiles each insert once (`defs.event_log`)."""
    import dagster as dg
    from dagster._core.instance.ref import InstanceRef

    log = {
        "module": "oms_dagster.defs.event_log",
        "class": "EventLog",
        "config": {"base_dir": str(home.dagster / "history" / "runs")},
    }
    return dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(home.dagster), overrides={"event_log_storage": log}))


_LOADED: list[Any] = []


def _definitions() -> Any:
    """The code location, put together once a process."""
    if not _LOADED:
        from oms_dagster.definitions import build_defs

        _LOADED.append(build_defs())
    return _LOADED[0]


def _failure(result: Any, home: Home) -> str:
    failed = [event for event in result.all_events if event.is_step_failure]
    if not failed:
        return "the run failed before its first asset: see the Dagster UI"
    event = failed[0]
    error = event.event_specific_data.error
    cause = error.cause or error
    return _failed(home, event.step_key, str(cause.message))


def _root(error: BaseException) -> str:
    """What began it: Dagster wraps an error of the code location in some that only say where they were."""
    while error.__cause__ is not None:
        error = error.__cause__
    return f"{type(error).__name__}: {error}"


def _failed(home: Home, asset: str, message: str) -> str:
    """Write down what failed, and say it in one line."""
    line = " ".join(message.split())
    free = shutil.disk_usage(home.root).free
    if any(sign in line for sign in NO_SPACE) or (IO_ERROR in line and free < NEXT_TO_NOTHING):
        line = f"no space left on the disk of {home.root} ({free // 1_000_000} MB free): free some, then run `oms cycle` again"
    publish.write_status(
        home, {**publish.read_status(home), "outcome": "failed", "failed_asset": asset, "message": line[:500]}
    )
    return f"{asset}: {line}"


def summary(home: Home, seconds: float) -> dict[str, Any]:
    """What the last cycle did, from the status file and the warehouse's newest copy."""
    status = publish.read_status(home)
    told: dict[str, Any] = {
        "cycle_id": status.get("cycle_id", ""),
        "as_of": status.get("as_of", ""),
        "outcome": status.get("outcome", ""),
    }
    if home.current.exists() and status.get("outcome") == "published":
        from oms_dagster.warehouse.connect import reader

        with reader(home.current) as connection:
            seq = int(status["cycle_id"])
            told |= dict(
                connection.execute(
                    """
                    select 'messages_' || outcome, count(*) from facts.capture_messages
                        where cycle_seq = $seq group by 1
                    union all select 'line_events', count(*) from facts.line_events where cycle_seq = $seq
                    union all select 'holds_' || event, count(*) from facts.hold_events
                        where cycle_seq = $seq group by 1
                    union all select 'lines_promised', count(*) from plans.promises
                    union all select 'lines_backordered', count(*) from plans.backorders
                    union all select 'lines_released', count(*) from facts.pick_tasks where cycle_seq = $seq
                    union all select 'loads_dispatched', count(*) from facts.loads where cycle_seq = $seq
                    union all select 'documents', count(*) from facts.documents where cycle_seq = $seq
                    """,
                    {"seq": seq},
                ).fetchall()
            )
    told["seconds"] = round(seconds, 1)
    return told
