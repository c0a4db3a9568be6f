"""The command line as a second process, in a process group of its own that a test may kill.

Belongs here: starting, killing and awaiting `oms`. Does not belong here: what is expected of it.
"""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
#: A second process that is not done by then hangs.
PATIENCE_S = 600.0
POLL_S = 0.05
_NUMBER = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended: exit code (negative: the signal), what it said, processor and wall seconds."""

    code: int
    out: str
    err: str
    cpu_s: float
    wall_s: float


def environment(home: Path, **more: str) -> dict[str, str]:
    """This process's environment, pointed at another home."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("OMS_")}
    return {**plain, "OMS_HOME": str(home), "DAGSTER_HOME": str(home / "dagster"), "DO_NOT_TRACK": "1", **more}


class Process:
    """A program on a home, leader of its own process group; its words go to files beside the home."""

    def __init__(
        self, home: Path, command: list[str], env: Mapping[str, str], before: Callable[[], None] | None = None
    ) -> None:
        words = home.parent / f"{home.name}-{next(_NUMBER):03d}"
        self._out, self._err = words.with_suffix(".out"), words.with_suffix(".err")
        self._began = time.monotonic()
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self._process = subprocess.Popen(
                command,
                cwd=CHECKOUT,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
                preexec_fn=before,
            )
        self._ended: Ended | None = None

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def err(self) -> str:
        """Standard error so far."""
        return self._err.read_text(errors="replace")

    def kill(self, with_signal: signal.Signals = signal.SIGKILL) -> None:
        """Signal the whole process group."""
        if self.poll() is None:
            os.killpg(self.pid, with_signal)

    def poll(self) -> Ended | None:
        """How it ended, if it did."""
        if self._ended is None:
            pid, status, used = os.wait4(self.pid, os.WNOHANG)
            if pid:
                self._process.returncode = os.waitstatus_to_exitcode(status)
                self._ended = Ended(
                    self._process.returncode,
                    self._out.read_text(errors="replace"),
                    self.err,
                    used.ru_utime + used.ru_stime,
                    time.monotonic() - self._began,
                )
        return self._ended

    def wait(self, patience_s: float = PATIENCE_S) -> Ended:
        """How it ended; one that outlives the patience is killed and the test fails."""
        try:
            until(lambda: self.poll() is not None, "the process to end", patience_s)
        except AssertionError:
            self.kill()
            raise AssertionError(f"{self._process.args} hangs; it said: {self.err[-2000:]}") from None
        assert self._ended is not None
        return self._ended


def until(true: Callable[[], object], what: str, patience_s: float = PATIENCE_S) -> None:
    """Look again and again until it is so."""
    deadline = time.monotonic() + patience_s
    while not true():
        assert time.monotonic() < deadline, f"waited {patience_s:.0f} s for {what}"
        time.sleep(POLL_S)


def oms(home: Path, *arguments: str, before: Callable[[], None] | None = None, **env: str) -> Process:
    """Start `oms` on a home."""
    return Process(home, [sys.executable, "-m", "oms_dagster.cli", *arguments], environment(home, **env), before)


def cycle(home: Path, as_of: str, *arguments: str, crash_at: str = "") -> Process:
    """Start one planning cycle; with ``crash_at`` it kills its own process group at that boundary."""
    return oms(home, "cycle", "--as-of", as_of, *arguments, **({"OMS_CRASH_AT": crash_at} if crash_at else {}))
