"""Starting a cycle as a second process, and seeing whether one runs.

Belongs here: the process and the lock looked at from outside. Does not belong here: the cycle itself, which never runs
in the tower's process.
"""

from __future__ import annotations

import fcntl
import os
import struct
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from oms_dagster import cycle
from oms_dagster.settings import Home

#: Where the started cycle writes what it says.
LOG = "tower-cycle.log"

#: `struct flock` as the system lays it out: format, values for a write lock on the whole file, place of the type.
_LAYOUTS = {
    "linux": ("hhqqi", (fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0), 0),
    "darwin": ("qqihh", (0, 0, 0, fcntl.F_WRLCK, os.SEEK_SET), 3),
}


@dataclass(frozen=True, slots=True)
class Running:
    """A cycle that runs: one line about who and since when."""

    line: str


@st.cache_resource
def _started() -> dict[str, subprocess.Popen[bytes]]:
    """Processes that this tower started, by home: kept so that they are reaped."""
    return {}


def start(home: Home) -> None:
    """Start `oms cycle` on the home as a second process; it waits when another cycle holds the home."""
    with (home.root / LOG).open("wb") as log:
        _started()[str(home.root)] = subprocess.Popen(
            [sys.executable, "-m", "oms_dagster.cli", "cycle", "--home", str(home.root)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def is_locked(lock_file: Path) -> bool:
    """Whether some process holds the lock, without taking it. False where the system can't tell."""
    layout = _LAYOUTS.get(sys.platform)
    if layout is None or not lock_file.exists():
        return False
    form, values, type_at = layout
    with lock_file.open("rb") as file:
        answer = fcntl.fcntl(file.fileno(), fcntl.F_GETLK, struct.pack(form, *values))
    return bool(struct.unpack(form, answer)[type_at] != fcntl.F_UNLCK)


def running(home: Home) -> Running | None:
    """The cycle that runs on the home now, whoever started it."""
    if is_locked(home.lock_file):
        who = cycle.holder(home)
        return Running(
            f"A cycle is running ({who.get('purpose', 'unknown')}, process {who.get('pid', '?')}, since {who.get('since', '?')})."
        )
    mine = _started().get(str(home.root))
    if mine is not None and mine.poll() is None:
        return Running(f"A cycle is starting (process {mine.pid}).")
    return None


def last_words(home: Home) -> str:
    """Why the cycle that this tower started last has failed: its last line; empty when it did not."""
    mine = _started().get(str(home.root))
    if mine is None or mine.poll() in (None, 0):
        return ""
    lines = [line.strip() for line in (home.root / LOG).read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else f"the cycle ended with code {mine.returncode} and said nothing"
