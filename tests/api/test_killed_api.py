"""A delivery that was answered 202 is there whatever becomes of the process: a real server, killed right after."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from deliveries import BODY, shopify

from oms_dagster.defs.capture import archive, arrivals
from oms_dagster.settings import Home
from oms_dagster.warehouse import connect, gate

CHECKOUT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60.0


@contextmanager
def served(home: Home) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """`make api` on a free port, until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    plain = {name: value for name, value in os.environ.items() if not name.startswith("OMS_")}
    with (home.root.parent / "api.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "apps/api/serve.py", "--home", str(home.root), "--port", str(port)],
            cwd=CHECKOUT, env={**plain, "OMS_WEBHOOK_SECRET_SHOPIFY": "hush", "PYTHONPATH": str(CHECKOUT)}, stdout=log, stderr=log,
        )  # fmt: skip
    url, deadline = f"http://127.0.0.1:{port}", time.monotonic() + PATIENCE_S
    try:
        while not _answers(url):
            assert process.poll() is None, (home.root.parent / "api.log").read_text()[-2000:]
            assert time.monotonic() < deadline, "the API did not answer"
            time.sleep(0.05)
        yield url, process
    finally:
        process.kill()
        process.wait()


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz").status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.crash
def test_what_was_answered_202_is_captured_though_the_server_was_killed(fresh_home: Home) -> None:
    with served(fresh_home) as (url, process):
        answer = httpx.post(f"{url}/channels/shopify/webhook", content=BODY, headers=shopify())
        process.send_signal(signal.SIGKILL)
        assert answer.status_code == 202
    (arrival,) = arrivals(fresh_home)
    assert arrival.path.read_bytes() == BODY
    sha256, kept = archive(fresh_home, arrival.path)
    with connect.writer(fresh_home.warehouse) as connection, connect.transaction(connection):
        outcome = gate.capture_file(
            connection, fresh_home.channels, kept, file_name=arrival.path.name, channel=arrival.channel,
            modified_ns=arrival.modified_ns, cycle_seq=1, as_of=datetime(2026, 3, 2, 12, tzinfo=UTC),
        )  # fmt: skip
    assert (outcome.accepted, outcome.file_sha256, sha256) == (1, answer.json()["sha256"], outcome.file_sha256)
    arrival.path.unlink()
    with served(fresh_home) as (url, _):
        again = httpx.post(f"{url}/channels/shopify/webhook", content=BODY, headers=shopify())
    assert (again.status_code, arrivals(fresh_home)) == (200, [])


def test_without_a_home_it_says_what_to_do(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "apps/api/serve.py", "--home", str(tmp_path / "none")],
        cwd=CHECKOUT, env={**os.environ, "PYTHONPATH": str(CHECKOUT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1 and done.stderr.endswith(f"run `oms init --home {tmp_path / 'none'}`\n")
