"""What `oms cycle` refuses, and what `oms doctor` finds, also while another cycle holds the home."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from said import Oms

from oms_dagster import cycle
from oms_dagster.settings import Home
from oms_dagster.warehouse import connect, publish, write


@contextmanager
def held_elsewhere(home: Home) -> Iterator[None]:
    """A cycle of another thread holds the home."""
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with cycle.lock(home, "the night cycle"):
            held.set()
            done.wait(60)

    other = threading.Thread(target=hold)
    other.start()
    held.wait(60)
    yield
    done.set()
    other.join()


class TestCycle:
    @pytest.mark.parametrize(
        ("as_of", "told"),
        [("soon", "is no time"), ("2026-03-02T05:30:00", "has no offset"), ("2026-13-02T05:30:00Z", "is no time")],
    )
    def test_a_time_that_is_none_is_refused_before_anything_runs(
        self, oms: Oms, fresh_home: Home, as_of: str, told: str
    ) -> None:
        assert oms("cycle", "--as-of", as_of, "--home", fresh_home.root).failed_with(
            f"as_of {as_of!r} {told}", "2026-03-02T05:30:00Z"
        )

    def test_who_will_not_wait_is_told_who_holds_the_home(self, oms: Oms, fresh_home: Home) -> None:
        with held_elsewhere(fresh_home):
            assert oms("cycle", "--no-wait", "--home", fresh_home.root).failed_with(
                "is held by the night cycle (process ", "try again"
            )


class TestDoctor:
    def test_a_new_home_is_whole_but_for_its_first_cycle(self, oms: Oms, fresh_home: Home) -> None:
        said = oms("doctor", "--home", fresh_home.root)
        assert said.code == 1
        assert [line for line in said.out.splitlines() if line.startswith("BAD")] == [
            "BAD published copy: none yet: run `oms cycle`"
        ]

    def test_all_is_well(self, oms: Oms, published_home: Home) -> None:
        said = oms("doctor", "--home", published_home.root)
        assert (said.code, said.err) == (0, "")
        assert all(line.startswith("ok ") for line in said.out.splitlines())

    def test_no_home(self, oms: Oms, tmp_path: Path) -> None:
        said = oms("doctor", "--home", tmp_path / "x")
        assert said.code == 1 and "is no home yet: run `oms init" in said.out

    def test_it_finds_what_is_wrong_and_says_what_to_do(self, oms: Oms, published_home: Home) -> None:
        home = published_home
        publish.write_status(
            home, {"cycle_id": "1", "outcome": "failed", "failed_asset": "routes", "message": "out of diesel"}
        )
        (home.inbox / "pos").mkdir(parents=True)
        (home.inbox / "pos" / "x.csv.part").touch()
        with connect.writer(home.warehouse) as connection:
            connection.execute("drop table facts.yard")
            write.append(
                connection,
                "facts.capture_files",
                [
                    {
                        "messages": 3,
                        "messages_accepted": 1,
                        "messages_duplicate": 0,
                        "messages_conflict": 0,
                        "messages_quarantined": 1,
                    }
                ],
            )
            write.append(connection, "facts.cycles", [{"cycle_seq": 1, "state": "committed"}])
            write.append(
                connection,
                "facts.data_quality",
                [{"check_name": "inv_01", "stage": "commit", "passed": False, "cycle_seq": 1}],
            )
        said = oms("doctor", "--home", home.root)
        bad = "\n".join(line for line in said.out.splitlines() if line.startswith("BAD"))
        assert said.code == 1
        for told in (
            "facts.yard missing: run `oms init`",
            "the next `oms cycle` finishes it",
            "1 files",
            "1 laws",
            "routes: out of diesel",
            "1 half-copied files",
        ):
            assert told in bad

    def test_a_damaged_operations_store_is_named(self, oms: Oms, published_home: Home) -> None:
        (published_home.root / "operations.sqlite").write_bytes(
            b"not a database, and long enough to be looked at as one" * 40
        )
        said = oms("doctor", "--home", published_home.root)
        assert said.code == 1 and "BAD operations store" in said.out

    def test_while_a_cycle_runs_it_does_not_wait(self, oms: Oms, published_home: Home) -> None:
        with held_elsewhere(published_home):
            said = oms("doctor", "--home", published_home.root)
        assert said.code == 0 and "warehouse is in use" in said.out
