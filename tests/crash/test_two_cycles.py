"""Two cycles on one home: one waits and says for whom. None is lost, nothing is done twice."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import pytest
from crash_world import HALF_COPIED, Prepared, Unharmed
from cycle_process import Ended, Process, cycle, until
from same_home import contents, differences, documents_wrong, doubled

from oms_dagster import cycle as cycles
from oms_dagster.settings import Home

pytestmark = pytest.mark.crash


@dataclass(frozen=True, slots=True)
class Meeting:
    """What four processes that wanted the same home said."""

    home: Home
    first: Ended
    second: Ended
    refused: Ended
    killed: Ended
    first_pid: int
    before_kill: dict[str, str]
    after_kill: dict[str, str]


def _holds(process: Process, home: Home) -> bool:
    return cycles.holder(home).get("pid") == process.pid


@pytest.fixture(scope="module")
def meeting(prepared: Prepared) -> Iterator[Meeting]:
    """Two start together; one that will not wait and one that is killed while it waits come in between."""
    home = prepared.copy("two-cycles")
    pair = [cycle(home.root, prepared.as_of) for _ in range(2)]
    until(lambda: any(_holds(p, home) for p in pair), "one of two cycles to take the home", 60)
    first, second = pair if _holds(pair[0], home) else reversed(pair)
    until(lambda: "held by" in second.err, "the other one to say that it waits", 60)
    waiting = cycle(home.root, prepared.as_of)
    refused = cycle(home.root, prepared.as_of, "--no-wait").wait(60)
    until(lambda: "held by" in waiting.err, "a third one to wait", 60)
    assert first.poll() is None, "the first cycle was over before the others had met it"
    before_kill = contents(home.published)
    waiting.kill()
    killed = waiting.wait(60)
    after_kill = contents(home.published)
    until(lambda: set(contents(home.inbox)) == {HALF_COPIED.as_posix()}, "the first cycle to take its files")
    late = home.inbox / "pos" / prepared.late_file.name
    shutil.copy2(prepared.late_file, late.with_name(late.name + ".part")).rename(late)
    yield Meeting(home, first.wait(), second.wait(), refused, killed, first.pid, before_kill, after_kill)
    shutil.rmtree(home.root, ignore_errors=True)


def test_two_cycles_started_together_both_end_well(meeting: Meeting) -> None:
    assert (meeting.first.code, meeting.second.code) == (0, 0), meeting.first.err + meeting.second.err


def test_the_one_that_waits_says_for_whom(meeting: Meeting) -> None:
    told = [line for line in meeting.second.err.splitlines() if "held by" in line]
    assert len(told) == 1
    assert f"process {meeting.first_pid}" in told[0]
    assert "oms cycle" in told[0]
    assert told[0].endswith("waiting")
    assert "held by" not in meeting.first.err


def test_each_has_its_own_number_and_its_own_files(meeting: Meeting, prepared: Prepared) -> None:
    """The second finds the file that came too late for the first."""
    numbers = [
        dict(line.split(maxsplit=1) for line in ended.out.splitlines())["cycle_id"]
        for ended in (meeting.first, meeting.second)
    ]
    assert int(numbers[1]) == int(numbers[0]) + 1
    with duckdb.connect(str(meeting.home.warehouse), read_only=True) as connection:
        states = connection.execute(
            "select cycle_seq, count(*) from facts.cycles where cycle_seq >= ? group by 1 order by 1", [int(numbers[0])]
        ).fetchall()
        late = connection.execute(
            "select cycle_seq from facts.capture_files where file_name = ?", [prepared.late_file.name]
        ).fetchall()
    assert states == [(int(numbers[0]), 3), (int(numbers[1]), 3)], "planned, committed, published, each once"
    assert late == [(int(numbers[1]),)]


def test_the_first_did_what_it_does_alone(meeting: Meeting, unharmed: Unharmed) -> None:
    copy = unharmed.home.current.resolve()
    assert differences(copy, meeting.home.published / copy.name)[:6] == []


def test_nothing_is_done_twice(meeting: Meeting) -> None:
    assert doubled(meeting.home.warehouse) == []
    assert documents_wrong(meeting.home.root, meeting.home.warehouse) == []
    assert set(contents(meeting.home.inbox)) == {HALF_COPIED.as_posix()}


def test_one_that_will_not_wait_fails_with_a_line_that_names_the_holder(meeting: Meeting) -> None:
    assert meeting.refused.code == 1
    lines = meeting.refused.err.splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith("oms: ")
    assert f"process {meeting.first_pid}" in lines[0]
    assert "try again" in lines[0]


def test_the_kill_of_a_waiting_cycle_changes_nothing(meeting: Meeting) -> None:
    """It dies without a trace: the holder goes on, and the next in the queue still comes."""
    assert meeting.killed.code == -9
    assert meeting.before_kill == meeting.after_kill
