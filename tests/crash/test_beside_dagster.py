"""`make dagster` and `oms cycle` at once: the sensors' runs and the command line's cycle take turns."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from crash_world import HALF_COPIED, Prepared
from cycle_process import Process, environment, oms, until
from same_home import contents, documents_wrong, doubled

from oms_dagster import cycle as cycles
from oms_dagster import home as homes
from oms_dagster.settings import Home

pytestmark = pytest.mark.crash

#: Daemon and server start, a sensor ticks within 30 s, its run starts an interpreter and waits its turn.
BOUND_S = 420.0


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/server_info", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _outcomes(home: Home) -> list[str]:
    """States of the runs that Dagster knows, oldest first."""
    import dagster as dg

    with dg.DagsterInstance.from_config(str(home.dagster)) as instance:
        return [run.status.value for run in reversed(instance.get_runs())]


def _group(leader: int) -> list[int]:
    """Processes of a session: Dagster starts its children in process groups of their own."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getsid(int(folder.name)) == leader:
                found.append(int(folder.name))
        except ProcessLookupError:
            continue
    return found


@pytest.fixture
def served(prepared: Prepared) -> Iterator[tuple[Home, Process]]:
    """Dagster's server and daemon on a home with files in the inbox; all its processes are gone at the end."""
    home = prepared.copy("beside-dagster")
    homes.mark_demo(home)  # a cycle without a time follows the last by minutes, as in the demo
    port = _free_port()
    command = [sys.executable, "-m", "dagster", "dev", "-w", "workspace.yaml", "-h", "127.0.0.1", "-p", str(port)]
    dagster = Process(home.root, command, environment(home.root))
    try:
        until(lambda: _answers(port) or dagster.poll() is not None, "Dagster's server to answer", BOUND_S)
        assert dagster.poll() is None, dagster.err[-2000:]
        yield home, dagster
    finally:
        members = _group(dagster.pid)
        dagster.kill(signal.SIGINT)
        try:
            until(lambda: dagster.poll() is not None, "Dagster to stop", 20)
        except AssertionError:
            dagster.kill()
        for member in set(members) & set(_group(dagster.pid)):
            os.kill(member, signal.SIGKILL)
        shutil.rmtree(home.root, ignore_errors=True)


def test_a_sensors_run_and_the_command_line_take_turns(served: tuple[Home, Process]) -> None:
    """The sensor's run takes the files; `oms cycle` waits for it, says so, and both end well."""
    home, dagster = served
    until(
        lambda: str(cycles.holder(home).get("purpose", "")).startswith("dagster run") and not _all_over(home),
        "a sensor to start a run",
        BOUND_S,
    )
    beside = oms(home.root, "cycle")
    ended = beside.wait(BOUND_S)
    assert ended.code == 0, ended.err
    assert "is held by dagster run" in ended.err, ended.err
    until(lambda: _all_over(home), "every run to end", BOUND_S)
    assert dagster.poll() is None
    assert set(_outcomes(home)[-2:]) == {"SUCCESS"}, _outcomes(home)
    assert set(contents(home.inbox)) == {HALF_COPIED.as_posix()}
    assert doubled(home.warehouse) == []
    assert documents_wrong(home.root, home.warehouse) == []
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        unfinished = connection.execute(
            "select cycle_seq from facts.cycles group by 1 having count(*) <> 3 or count(distinct state) <> 3"
        ).fetchall()
    assert unfinished == []


def _all_over(home: Home) -> bool:
    return all(state in ("SUCCESS", "FAILURE", "CANCELED") for state in _outcomes(home))
