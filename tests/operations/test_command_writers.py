"""Many writers at once: nothing is lost, each key is won once. On SQLite and on PostgreSQL.

Regression: as SQLAlchemy drives SQLite by default, the look is outside the transaction and 16 of 100 targets went to
two writers; with a plain BEGIN 689 of 800 appends failed at once with "database is locked".
"""

from __future__ import annotations

import runpy
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from oms_dagster.operations.commands import CommandRequest, append, list_commands
from oms_dagster.operations.store import Store, open_store, upgrade

SCRIPT = Path(__file__).with_name("append_writer.py")
TARGETS = 100


def start(url: str, writer: int, targets: int = TARGETS) -> subprocess.Popen[str]:
    command = [sys.executable, str(SCRIPT), url, str(writer), str(targets)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def check_log(store: Store, won: list[str], own: list[str], refused: int, writers: int) -> None:
    log = list_commands(store)
    claims = [command for command in log if command.type == "load.lock"]
    assert sorted(won) == sorted(command.command_id for command in claims)
    assert Counter(command.target for command in claims) == {f"load-{number}": 1 for number in range(TARGETS)}
    assert refused == (writers - 1) * TARGETS
    assert set(own) == {command.command_id for command in log if command.type == "load.unlock"}
    assert len(own) == writers * TARGETS
    assert [command.sequence for command in log] == list(range(1, len(log) + 1))


def test_eight_threads_lose_nothing_and_one_wins_each_key(store: Store, url: str) -> None:
    write = runpy.run_path(str(SCRIPT))["write"]
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda writer: write(url, writer), range(8)))
    won = [one for claims, _, _ in results for one in claims]
    own = [one for _, commands, _ in results for one in commands]
    check_log(store, won, own, sum(refused for _, _, refused in results), 8)


def test_threads_that_share_one_open_store_lose_nothing(store: Store) -> None:
    requests = [CommandRequest(type="load.lock", target=f"load-{n}", reason="shared") for n in range(TARGETS)]
    with ThreadPoolExecutor(8) as pool:
        appended = list(pool.map(lambda request: append(store, request).command, requests))
    assert sorted(appended, key=lambda command: command.sequence) == list_commands(store)


def test_four_processes_lose_nothing_and_one_wins_each_key(store: Store, url: str) -> None:
    processes = [start(url, writer) for writer in range(4)]
    won: list[str] = []
    own: list[str] = []
    refused = 0
    for process in processes:
        lines = process.communicate(timeout=120)[0].splitlines()
        assert process.returncode == 0
        own += lines[:-2]
        won += lines[-2].split()[1:]
        refused += int(lines[-1].split()[1])
    check_log(store, won, own, refused, 4)


def test_a_killed_writer_blocks_nobody_and_what_it_reported_is_in_the_log(store: Store, url: str) -> None:
    process = start(url, 0, targets=1_000_000)
    assert process.stdout is not None
    reported = [process.stdout.readline().strip() for _ in range(20)]
    process.kill()
    reported += [line.strip() for line in process.stdout if len(line) == 37]
    process.wait()
    process.stdout.close()
    append(store, CommandRequest(type="load.lock", target="after", reason="the next writer"))
    log = list_commands(store)
    assert set(reported) <= {command.command_id for command in log}
    assert log[-1].target == "after"
    assert [command.sequence for command in log] == list(range(1, len(log) + 1))


def test_upgrades_that_start_together_make_one_store(empty_url: str) -> None:
    code = f"from oms_dagster.operations.store import upgrade; upgrade({empty_url!r})"
    processes = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(upgrade, [empty_url] * 3))
    assert [process.wait(timeout=60) for process in processes] == [0, 0, 0]
    store = open_store(empty_url)
    assert list_commands(store) == []
    store.close()
