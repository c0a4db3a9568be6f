"""The control tower as a second process on a free port.

Belongs here: starting and stopping it. Does not belong here: the browser (conftest) and what is seen (tests).
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from oms_dagster.settings import Home

CHECKOUT = Path(__file__).resolve().parents[2]
PATIENCE_S = 120.0


@dataclass(frozen=True, slots=True)
class Tower:
    """A running control tower and the home that it shows."""

    home: Home
    url: str


def environment(home: Home) -> dict[str, str]:
    """This process's environment, pointed at a home."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("OMS_")}
    return {**plain, "OMS_HOME": str(home.root), "DAGSTER_HOME": str(home.dagster), "DO_NOT_TRACK": "1"}


@contextmanager
def serve(home: Home) -> Iterator[Tower]:
    """Streamlit on a home until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    said = home.root.parent / "tower.log"
    command = [
        *(sys.executable, "-m", "streamlit", "run", "apps/streamlit/serve.py"),
        *("--server.address", "127.0.0.1", "--server.port", str(port), "--server.headless", "true"),
        *("--browser.gatherUsageStats", "false"),
    ]
    with said.open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=CHECKOUT,
            env=environment(home),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + PATIENCE_S
        while not _healthy(port):
            assert process.poll() is None, said.read_text(errors="replace")[-2000:]
            assert time.monotonic() < deadline, f"the control tower did not answer in {PATIENCE_S:.0f} s"
            time.sleep(0.2)
        yield Tower(home, f"http://127.0.0.1:{port}")
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
