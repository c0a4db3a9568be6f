"""One cycle at a time on a home: a second process waits, or is told who holds it; a dead holder holds nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from house import House

from oms_dagster import cycle, settings
from oms_dagster.cycle import Cycle, CycleBusy, CycleRefused
from oms_dagster.settings import Home

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOLDER = """
import sys
from oms_dagster import cycle, settings
with cycle.lock(settings.home(sys.argv[1]), "the night cycle"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return settings.home(tmp_path)


@contextmanager
def other_cycle(home: Home) -> Iterator[subprocess.Popen[str]]:
    """A second process that holds the home until its standard input closes."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(home.root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None and process.stdin is not None
        assert process.stdout.readline() == "held\n"
        yield process
        if not process.stdin.closed:
            process.stdin.close()


def test_who_comes_second_and_will_not_wait_is_told_who_holds_it(home: Home) -> None:
    with other_cycle(home) as holder:
        with pytest.raises(CycleBusy) as busy, cycle.lock(home, "mine", wait_s=0):
            pass
        assert f"{home.root} is held by the night cycle (process {holder.pid}, since " in str(busy.value)
        assert "try again when it has ended" in str(busy.value)
        assert cycle.holder(home)["pid"] == holder.pid


def test_who_waits_is_told_once_and_gets_it_when_the_other_ends(home: Home) -> None:
    told: list[str] = []
    with other_cycle(home) as holder:
        threading.Timer(0.7, holder.stdin.close).start()  # type: ignore[union-attr]
        with cycle.lock(home, "mine", tell=told.append):
            assert cycle.holder(home)["pid"] == os.getpid()
    assert len(told) == 1
    assert "is held by the night cycle" in told[0] and told[0].endswith(": waiting")


def test_the_wait_ends_when_the_patience_does(home: Home) -> None:
    with other_cycle(home), pytest.raises(CycleBusy), cycle.lock(home, "mine", wait_s=0.5):
        pass


def test_the_lock_dies_with_its_owner(home: Home) -> None:
    with other_cycle(home) as holder:
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        with cycle.lock(home, "mine", wait_s=0):
            pass


def test_a_forked_worker_that_outlives_the_cycle_does_not_keep_it(home: Home) -> None:
    """Regression: with flock a solver's worker process went on holding the home after its cycle was killed."""
    code = HOLDER.replace(
        "sys.stdin.read()",
        "import os, time\n    if os.fork() == 0:\n        time.sleep(20)\n        os._exit(0)\n    os._exit(0)",
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(home.root)], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        process.wait()
        with cycle.lock(home, "mine", wait_s=0):
            pass
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        assert process.stdout is not None
        process.stdout.close()


def test_two_threads_of_one_process_take_turns(home: Home) -> None:
    """`lockf` alone would let both in: it locks against other processes only."""
    inside, most = [0], [0]

    def run() -> None:
        with cycle.lock(home, "thread"):
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            time.sleep(0.05)
            inside[0] -= 1

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]


def test_the_thread_that_holds_the_home_may_take_it_again_and_gives_it_back_once(home: Home) -> None:
    """`oms cycle` holds it from its first moment, the run inside as well: the end of the run must not let others in."""
    code = f"from oms_dagster import cycle, settings\nwith cycle.lock(settings.home({str(home.root)!r}), 'x', wait_s=0): pass"
    with cycle.lock(home, "oms cycle"):
        with cycle.lock(home, "its run", wait_s=0):
            pass
        assert cycle.holder(home)["purpose"] == "oms cycle"
        assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 1
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0


def test_a_failed_cycle_gives_the_home_back(home: Home) -> None:
    with pytest.raises(ZeroDivisionError), cycle.lock(home, "mine"):
        raise ZeroDivisionError
    with cycle.lock(home, "mine", wait_s=0):
        pass


def test_before_anybody_ever_held_it_there_is_no_holder(home: Home) -> None:
    assert cycle.holder(home) == {}


class TestNumbers:
    def reach(self, house: House, seq: int, *states: str, as_of: datetime = AT) -> None:
        for state in states:
            house.put("facts.cycles", cycle_seq=seq, recorded_at=as_of, state=state, as_of=as_of, seed=seq)

    def test_the_first_cycle_is_number_one(self, house: House) -> None:
        assert cycle.opened(house.connection, AT, 7) == Cycle(1, AT, 7)
        assert cycle.current(house.connection) == Cycle(1, AT, 7)

    def test_a_cycle_that_died_before_its_commit_is_done_again_under_its_number(self, house: House) -> None:
        self.reach(house, 1, "planned", "committed", "published")
        cycle.opened(house.connection, AT, 1)
        assert cycle.opened(house.connection, AT + timedelta(hours=1), 1).cycle_seq == 2
        assert house.rows("select count(*) from plans.cycle") == [(1,)]

    def test_one_that_was_committed_and_not_published_is_to_be_finished_first(self, house: House) -> None:
        assert cycle.unfinished(house.connection) is None
        self.reach(house, 1, "planned", "committed", "published")
        assert cycle.unfinished(house.connection) is None
        self.reach(house, 2, "planned", "committed")
        assert cycle.unfinished(house.connection) == Cycle(2, AT, 2)

    def test_time_never_goes_back(self, house: House) -> None:
        self.reach(house, 1, "planned", "committed", "published")
        assert cycle.opened(house.connection, AT, 1).cycle_seq == 2
        with pytest.raises(
            CycleRefused, match=r"2026-03-02T11:59:59Z lies before the last cycle's 2026-03-02T12:00:00Z.*oms replay"
        ):
            cycle.opened(house.connection, AT - timedelta(seconds=1), 1)

    def test_without_an_open_cycle_an_asset_says_what_to_run(self, house: House) -> None:
        with pytest.raises(CycleRefused, match="run `oms cycle`"):
            cycle.current(house.connection)
