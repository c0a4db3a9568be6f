"""One cycle at a time: the lock on the home, the number of the cycle and the states that it goes through.

Belongs here: who may write and what has been reached. Does not belong here: what a cycle computes (assets) or
commits (`warehouse.commit`).
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from oms_dagster.settings import Home

_IN_PROCESS = threading.RLock()
#: Homes that this process holds: a run inside `oms cycle` finds its own here.
_HELD: set[Path] = set()
POLL_S = 0.2


class CycleBusy(RuntimeError):
    """Another cycle holds the home."""


class CycleRefused(RuntimeError):
    """The cycle that was asked for can't be run."""


@contextmanager
def lock(
    home: Home, purpose: str, *, wait_s: float | None = None, tell: Callable[[str], None] = lambda _: None
) -> Iterator[None]:
    """Hold the home alone. Dies with the process and isn't inherited by forked solver workers (`fcntl.lockf`).

    The thread that holds a home may take it again: `oms cycle` holds it from its first moment, the run inside as well.

    Parameters
    ----------
    purpose
        Shown to whoever waits.
    wait_s
        Seconds to wait for the holder; None waits for ever, 0 does not wait.
    tell
        Called once with one line when there is somebody to wait for.

    Raises
    ------
    CycleBusy
        The holder, by process and purpose, after ``wait_s``.
    """
    deadline = None if wait_s is None else time.monotonic() + wait_s
    told = False
    holder_file = home.lock_file.with_suffix(".holder.json")
    while not _IN_PROCESS.acquire(timeout=POLL_S):
        told = _wait(home, deadline, told, tell)
    try:
        if home.root in _HELD:
            yield
            return
        descriptor = os.open(home.lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            while True:
                try:
                    fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except OSError:
                    told = _wait(home, deadline, told, tell)
                    time.sleep(POLL_S)
            holder_file.write_text(json.dumps({"pid": os.getpid(), "purpose": purpose, "since": _now()}))
            _HELD.add(home.root)
            yield
        finally:
            if home.root in _HELD:
                holder_file.unlink(missing_ok=True)
                _HELD.discard(home.root)
            os.close(descriptor)
    finally:
        _IN_PROCESS.release()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _wait(home: Home, deadline: float | None, told: bool, tell: Callable[[str], None]) -> bool:
    who = holder(home)
    is_over = deadline is not None and time.monotonic() >= deadline
    if not who and not is_over:
        return told  # it has taken the lock and not yet said who it is
    line = f"{home.root} is held by {who.get('purpose', 'another cycle')} (process {who.get('pid', '?')}, since {who.get('since', '?')})"
    if is_over:
        raise CycleBusy(f"{line}: try again when it has ended")
    if not told:
        tell(f"{line}: waiting")
    return True


def holder(home: Home) -> dict[str, Any]:
    """Who holds the home: process, purpose, since. Empty: nobody, or one that is about to say so."""
    try:
        said = dict(json.loads(home.lock_file.with_suffix(".holder.json").read_text()))
        os.kill(said["pid"], 0)
    except PermissionError:
        return said  # alive, another user's
    except (FileNotFoundError, json.JSONDecodeError, KeyError, ProcessLookupError):
        return {}  # a holder that was killed leaves its note behind
    return said


@dataclass(frozen=True, slots=True)
class Cycle:
    """The running cycle: its number (knowledge), its effective time (UTC) and its seed."""

    cycle_seq: int
    as_of: datetime
    seed: int


def unfinished(connection: duckdb.DuckDBPyConnection) -> Cycle | None:
    """The cycle that was committed and never published, if the last one died there."""
    rows = connection.execute(
        "select cycle_seq, max(as_of), max(seed) from facts.cycles group by 1"
        " having bool_or(state = 'committed') and not bool_or(state = 'published') order by 1"
    ).fetchall()
    return Cycle(*rows[-1]) if rows else None


def instant(text: str) -> datetime:
    """An ``as_of`` that somebody wrote, in UTC.

    Raises
    ------
    CycleRefused
        No time, or one without offset.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise CycleRefused(f"as_of {text!r} is no time: write it as 2026-03-02T05:30:00Z") from None
    if found.tzinfo is None:
        raise CycleRefused(f"as_of {text!r} has no offset: write it as 2026-03-02T05:30:00Z")
    return found.astimezone(UTC)


def opened(connection: duckdb.DuckDBPyConnection, as_of: datetime, seed: int) -> Cycle:
    """Number the new cycle. A cycle that died before its commit left no number behind: it is done again.

    Raises
    ------
    CycleRefused
        ``as_of`` lies before that of the last cycle.
    """
    last_seq, last_as_of = connection.execute(
        "select coalesce(max(cycle_seq), 0), max(as_of) from facts.cycles where state in ('committed', 'failed')"
    ).fetchall()[0]
    if last_as_of is not None and as_of < last_as_of:
        raise CycleRefused(
            f"as_of {as_of:%Y-%m-%dT%H:%M:%SZ} lies before the last cycle's {last_as_of:%Y-%m-%dT%H:%M:%SZ}: "
            "a live cycle never goes back; use `oms replay --as-of` to look at the past"
        )
    cycle = Cycle(last_seq + 1, as_of, seed)
    connection.execute("delete from plans.cycle")
    connection.execute("insert into plans.cycle values (?, ?, ?)", [cycle.cycle_seq, cycle.as_of, cycle.seed])
    return cycle


def current(connection: duckdb.DuckDBPyConnection) -> Cycle:
    """The running cycle, as its first asset wrote it down."""
    rows = connection.execute("select cycle_seq, as_of, seed from plans.cycle").fetchall()
    if not rows:
        raise CycleRefused("no cycle is open: run `oms cycle`, or the job planning_cycle")
    return Cycle(*rows[0])


def before_commit(connection: duckdb.DuckDBPyConnection) -> Cycle:
    """The running cycle, for what books facts up to its commit.

    Raises
    ------
    CycleRefused
        It was committed: an asset was materialised alone, and what it booked would stand in a cycle that is over.
    """
    now = current(connection)
    if _reached(connection, now):
        raise CycleRefused(f"cycle {now.cycle_seq} is over: run the job planning_cycle, or `oms cycle`")
    return now


def before_publish(connection: duckdb.DuckDBPyConnection) -> Cycle:
    """The running cycle, committed and not yet published.

    Raises
    ------
    CycleRefused
        It is not: an asset was materialised alone, and would publish what was never committed, or twice.
    """
    now = current(connection)
    if _reached(connection, now) != {"planned", "committed"}:
        raise CycleRefused(f"cycle {now.cycle_seq} has nothing to publish: run the job planning_cycle, or `oms cycle`")
    return now


def _reached(connection: duckdb.DuckDBPyConnection, now: Cycle) -> set[str]:
    """States that a cycle has reached; none before its commit."""
    rows = connection.execute("select state from facts.cycles where cycle_seq = ?", [now.cycle_seq]).fetchall()
    return {str(state) for (state,) in rows}
