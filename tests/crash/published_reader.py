"""A reader of the published copy, as a second process: it polls until its standard input is closed.

Run as ``python published_reader.py HOME``; prints one JSON object with polls, errors and the cycles it saw.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

EVERY_S = 0.15


def look(home: Path, last_seq: int) -> int:
    """One look, as the control tower does it; returns the cycle that the copy shows."""
    from oms_dagster.warehouse.connect import reader

    json.loads((home / "published" / "status.json").read_text())
    with reader(home / "published" / "current.duckdb") as connection:
        seq = connection.execute("select max(cycle_seq) from facts.cycles where state = 'committed'").fetchall()[0][0]
        cycles, shown = connection.execute(
            "select count(distinct cycle_id), max(cast(cycle_id as bigint)) from marts.order_lines"
        ).fetchall()[0]
    if cycles != 1 or shown != seq:
        raise ValueError(f"marts of {cycles} cycles, the newest {shown}, beside facts of cycle {seq}")
    if seq < last_seq:
        raise ValueError(f"cycle {seq} after cycle {last_seq}")
    return int(seq)


def poll(home: Path) -> dict[str, Any]:
    """Look until standard input ends."""
    polls, errors, seen, last = 0, [], set(), 0
    while not select.select([sys.stdin], [], [], EVERY_S)[0]:
        polls += 1
        try:
            last = look(home, last)
            seen.add(last)
        except Exception as error:
            errors.append(f"{type(error).__name__}: {error}")
    return {"polls": polls, "errors": errors, "seen": sorted(seen)}


class ReaderProcess:
    """The reader, started and stopped by a test."""

    def __init__(self, home: Path, checkout: Path) -> None:
        path = os.pathsep.join(filter(None, (str(checkout), os.environ.get("PYTHONPATH"))))
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(home)],
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def stop(self) -> dict[str, Any]:
        """What it saw."""
        time.sleep(2 * EVERY_S)
        out, _ = self._process.communicate(timeout=60)
        return dict(json.loads(out))


if __name__ == "__main__":
    print(json.dumps(poll(Path(sys.argv[1]))))
