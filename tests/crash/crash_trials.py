"""One trial: a cycle is killed somewhere, the same command is given again, and a reader polls throughout.

Belongs here: how a cycle dies and what is then seen. Does not belong here: what must hold (the tests).
"""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from crash_world import Prepared, Unharmed
from cycle_process import CHECKOUT, Ended, cycle
from published_reader import ReaderProcess

from oms_dagster.settings import Home

#: In the order of a cycle. The code calls `oms_dagster.crash.boundary` with these names.
BOUNDARIES = (
    "after archive",
    "inside capture",
    "inside commit",
    "after commit",
    "inside documents",
    "after documents",
    "before copy",
    "during copy",
    "before link",
    "after link",
)
AT_ONCE = 2
SEED = 20260303


@dataclass(frozen=True, slots=True)
class Trial:
    """Where the cycle dies: at a boundary, or after a share of its normal wall time."""

    boundary: str = ""
    share: float = 0.0

    def __str__(self) -> str:
        return self.boundary.replace(" ", "-") or f"after-{self.share:.0%}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a trial: how the cycle died, how the next one ended, what the reader saw."""

    home: Home
    died: Ended
    retry: Ended
    reader: dict[str, Any]


def moments(count: int) -> list[Trial]:
    """Random moments, one in each of ``count`` equal parts of a cycle; the same ones in each run."""
    dice = random.Random(SEED)
    return [Trial(share=(number + dice.random()) / count) for number in range(count)]


def run(trial: Trial, prepared: Prepared, unharmed: Unharmed) -> Outcome:
    """Kill, and run again without a hand."""
    home = prepared.copy(f"killed-{trial}")
    reader = ReaderProcess(home.root, CHECKOUT)
    doomed = cycle(home.root, prepared.as_of, crash_at=trial.boundary)
    if not trial.boundary:
        time.sleep(trial.share * unharmed.cycle.wall_s)
        doomed.kill()
    died = doomed.wait()
    retry = cycle(home.root, prepared.as_of).wait()
    return Outcome(home, died, retry, reader.stop())


class Trials:
    """The trials that were asked for, a few at once; each is awaited by its own test."""

    def __init__(self, asked: Sequence[Trial], prepared: Prepared, unharmed: Unharmed) -> None:
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="crash-trial")
        self._running: dict[Trial, Future[Outcome]] = {
            trial: self._pool.submit(run, trial, prepared, unharmed) for trial in asked
        }

    def outcome(self, trial: Trial) -> Outcome:
        return self._running[trial].result()

    def stop(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
        for future in self._running.values():
            if future.done() and not future.cancelled() and future.exception() is None:
                shutil.rmtree(future.result().home.root, ignore_errors=True)
