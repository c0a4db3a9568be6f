"""One planning cycle from a program: the Dagster job in this process, and a summary of what it did.

Belongs here: what `oms cycle`, the demo and the tests share.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from oms_dagster import cycle as cycles
from oms_dagster import home as homes
from oms_dagster.settings import Home
from oms_dagster.warehouse import publish


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
    with cycles.lock(home, "a cycle about to start", wait_s=wait_s, tell=tell):
        pass
    import dagster as dg

    logging.getLogger("dagster").setLevel(logging.WARNING)
    began = time.monotonic()
    with dg.DagsterInstance.from_config(str(home.dagster)) as instance:
        result = (
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
    if not result.success:
        raise CycleFailed(_failure(result, home))
    return summary(home, time.monotonic() - began)


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
    message = " ".join(str(cause.message).split())
    publish.write_status(
        home,
        {**publish.read_status(home), "outcome": "failed", "failed_asset": event.step_key, "message": message[:500]},
    )
    return f"{event.step_key}: {message}"


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
