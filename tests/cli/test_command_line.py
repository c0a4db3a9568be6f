"""The `oms` command: 0 done, 1 failed with one clear line on standard error, 2 bad usage. Nothing is said in tracebacks."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from oms_dagster import cli, cycle
from oms_dagster.settings import Home
from oms_dagster.warehouse import connect, publish, write


@dataclass(frozen=True, slots=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    def failed_with(self, *words: str) -> bool:
        """Exit code 1 and one line on standard error with these words, which starts by saying who speaks."""
        one_line = self.err.startswith("oms: ") and self.err.count("\n") == 1 and "Traceback" not in self.err
        return self.code == 1 and one_line and all(word in self.err for word in words)


Oms = Callable[..., Said]


@pytest.fixture
def oms(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Oms:
    for variable in ("OMS_HOME", "DAGSTER_HOME"):
        monkeypatch.setenv(variable, "")  # the command sets them; put back afterwards
    monkeypatch.delenv("OMS_TRACEBACK", raising=False)

    def run(*arguments: object) -> Said:
        capsys.readouterr()
        try:
            code = cli.main([str(a) for a in arguments])
        except SystemExit as exit_:
            code = int(exit_.code or 0)
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return run


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


@pytest.fixture
def published_home(fresh_home: Home) -> Home:
    """A home with a published copy of an empty warehouse but for two facts."""
    with connect.writer(fresh_home.warehouse) as connection:
        write.append(
            connection, "facts.policy_changes", [{"policy_key": 'a, "b"', "value": "[WAVE]"}, {"policy_key": "c"}]
        )
    publish.publish(fresh_home, 1)
    publish.write_status(fresh_home, {"cycle_id": "1", "outcome": "published"})
    return fresh_home


class TestUsage:
    @pytest.mark.parametrize(
        "arguments",
        [(), ("fly",), ("init", "--nope"), ("import", "f.csv"), ("query",), ("query", "select 1", "--format", "xml"), ("solve", "chess", "f"),
         ("command", "hold.place"), ("cycle", "--seed", "many"), ("reference", "drop", "d"), ("demo", "--days", "two")],
    )  # fmt: skip
    def test_bad_usage_is_two_and_says_how(self, oms: Oms, arguments: tuple[str, ...]) -> None:
        said = oms(*arguments)
        assert said.code == 2
        assert said.err.startswith("usage: oms")
        assert said.out == ""

    def test_help_names_every_command(self, oms: Oms) -> None:
        said = oms("--help")
        assert said.code == 0
        for command in (
            "init",
            "demo",
            "import",
            "capture",
            "reference",
            "cycle",
            "query",
            "explain",
            "command",
            "link",
            "simulate",
            "solve",
            "doctor",
        ):
            assert f"\n    {command}" in said.out

    def test_a_second_process_says_the_same(self, tmp_path: Path) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "oms_dagster.cli", "query", "select 1", "--home", str(tmp_path / "none")],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == f"oms: {tmp_path / 'none'} is no home yet: run `oms init --home {tmp_path / 'none'}`\n"

    def test_a_reader_that_goes_away_is_no_failure(self, published_home: Home) -> None:
        """`oms query … | head -1`."""
        code = f"{sys.executable} -m oms_dagster.cli query 'from range(200000)' --format csv --home {published_home.root} | head -1"
        done = subprocess.run(["bash", "-c", code], capture_output=True, text=True, check=False)
        assert (done.stdout, done.stderr) == ("range\n", "")

    def test_whoever_asks_for_it_gets_the_traceback(
        self, oms: Oms, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OMS_TRACEBACK", "1")
        with pytest.raises(RuntimeError, match="no home yet"):
            oms("query", "select 1", "--home", tmp_path / "none")


class TestInit:
    def test_twice_changes_nothing(self, oms: Oms, tmp_path: Path) -> None:
        home = tmp_path / "home"
        assert oms("init", "--home", home).out == f"created {home}\n"
        marked = {"home_version": 1, "demo": True, "code_version": "0.1.0"}
        (home / "version.json").write_text(json.dumps(marked))
        assert oms("init", "--home", home).out == f"checked {home}\n"
        assert json.loads((home / "version.json").read_text()) == marked, (
            "Regression: a second init forgot that the home was a demo"
        )
        assert oms("init", "--if-missing", "--home", home) == Said(0, "", "")

    def test_a_folder_with_something_else_in_it_is_left_alone(self, oms: Oms, tmp_path: Path) -> None:
        (tmp_path / "thesis.doc").write_text("mine")
        assert oms("init", "--home", tmp_path).failed_with(
            f"{tmp_path} is not empty and is no home", "choose another folder"
        )
        assert [p.name for p in tmp_path.iterdir()] == ["thesis.doc"]

    @pytest.mark.parametrize(
        "command",
        [("init",), ("cycle",), ("query", "select 1"), ("explain", "x"), ("import", __file__, "--channel", "pos")],
    )
    def test_a_home_of_a_newer_version_is_refused_by_every_command(
        self, oms: Oms, fresh_home: Home, command: tuple[str, ...]
    ) -> None:
        fresh_home.version_file.write_text('{"home_version": 99}')
        assert oms(*command, "--home", fresh_home.root).failed_with(
            "was written by a newer version (home version 99, this code knows 1)", "upgrade the code"
        )

    @pytest.mark.parametrize("text", ["", "{half", "[]", '{"home_version": "x"}'])
    def test_a_damaged_version_file_says_which_and_what_to_do(self, oms: Oms, fresh_home: Home, text: str) -> None:
        fresh_home.version_file.write_text(text)
        assert oms("query", "select 1", "--home", fresh_home.root).failed_with(
            f"{fresh_home.version_file} is damaged", '{"home_version": 1}'
        )

    @pytest.mark.parametrize("command", [("cycle",), ("query", "select 1"), ("explain", "x"), ("import", __file__, "--channel", "pos"),
                                         ("command", "order.cancel", "--target", "x", "--reason", "y"), ("reference", "load", ".")])  # fmt: skip
    def test_what_is_no_home_is_refused_with_the_command_that_makes_one(
        self, oms: Oms, tmp_path: Path, command: tuple[str, ...]
    ) -> None:
        assert oms(*command, "--home", tmp_path / "x").failed_with("is no home yet: run `oms init")

    def test_the_demo_does_not_touch_a_home_with_work_in_it(self, oms: Oms, fresh_home: Home) -> None:
        assert oms("demo", "--home", fresh_home.root).failed_with("holds something that is no demo", "--home")
        assert fresh_home.warehouse.exists()


class TestImport:
    def test_a_file_arrives_whole_under_its_name(self, oms: Oms, fresh_home: Home, tmp_path: Path) -> None:
        (tmp_path / "orders.csv").write_text("a\n1\n")
        said = oms("import", tmp_path / "orders.csv", "--channel", "pos", "--home", fresh_home.root)
        assert said == Said(0, "orders.csv is in the inbox of pos: the next cycle takes it\n", "")
        assert [p.name for p in (fresh_home.inbox / "pos").iterdir()] == ["orders.csv"]

    def test_a_missing_file_is_named_and_those_before_it_are_in(
        self, oms: Oms, fresh_home: Home, tmp_path: Path
    ) -> None:
        (tmp_path / "a.csv").write_text("a\n")
        said = oms("import", tmp_path / "a.csv", tmp_path / "b.csv", "--channel", "pos", "--home", fresh_home.root)
        assert said.failed_with(f"{tmp_path / 'b.csv'} is no file: name an existing one")
        assert [p.name for p in (fresh_home.inbox / "pos").iterdir()] == ["a.csv"]

    def test_two_files_of_one_name_both_wait(self, oms: Oms, fresh_home: Home, tmp_path: Path) -> None:
        """Regression: the second was copied over the first, which nobody had captured yet."""
        for folder in ("a", "b"):
            (tmp_path / folder).mkdir()
            (tmp_path / folder / "orders.csv").write_text(f"{folder}\n")
        for folder in ("a", "b", "b"):
            oms("import", tmp_path / folder / "orders.csv", "--channel", "pos", "--home", fresh_home.root)
        assert {p.name: p.read_text() for p in (fresh_home.inbox / "pos").iterdir()} == {
            "orders.csv": "a\n",
            "orders-2.csv": "b\n",
        }

    def test_a_folder_is_no_file(self, oms: Oms, fresh_home: Home, tmp_path: Path) -> None:
        assert oms("import", tmp_path, "--channel", "pos", "--home", fresh_home.root).failed_with("is no file")

    @pytest.mark.parametrize("channel", ["../outside", "", ".hidden", "a/b"])
    def test_a_channel_that_leads_out_of_the_inbox_is_refused(self, oms: Oms, fresh_home: Home, channel: str) -> None:
        assert oms("import", __file__, "--channel", channel, "--home", fresh_home.root).failed_with(
            "is no channel name"
        )

    def test_a_name_that_would_wait_for_ever_is_refused(self, oms: Oms, fresh_home: Home, tmp_path: Path) -> None:
        """Regression: imported as `x.csv.part`, a file stayed unseen: that ending says that it is not whole yet."""
        (tmp_path / "x.csv.part").write_text("a\n")
        assert oms("import", tmp_path / "x.csv.part", "--channel", "pos", "--home", fresh_home.root).failed_with(
            "x.csv.part", "rename it"
        )

    def test_reference_data_is_named_by_what_it_is(self, oms: Oms, fresh_home: Home, tmp_path: Path) -> None:
        (tmp_path / "skus.csv").write_text("sku_code\n")
        assert oms("reference", "load", tmp_path, "--home", fresh_home.root).code == 0
        assert [p.name for p in (fresh_home.inbox / "skus").iterdir()] == ["skus.csv"]
        (tmp_path / "things.csv").write_text("a\n")
        assert oms("reference", "load", tmp_path, "--home", fresh_home.root).failed_with(
            "things.csv", "expected files named", "customers"
        )

    @pytest.mark.parametrize("folder", ["empty", "missing"])
    def test_a_folder_without_reference_data_is_told(
        self, oms: Oms, fresh_home: Home, tmp_path: Path, folder: str
    ) -> None:
        (tmp_path / "empty").mkdir()
        assert oms("reference", "load", tmp_path / folder, "--home", fresh_home.root).failed_with(
            str(tmp_path / folder)
        )


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


class TestQuery:
    SQL = "select policy_key, value from facts.policy_changes order by 1"

    def test_before_the_first_cycle(self, oms: Oms, fresh_home: Home) -> None:
        for command in (("query", "select 1"), ("explain", "x")):
            assert oms(*command, "--home", fresh_home.root).failed_with("is not there yet: run `oms cycle")

    def test_as_csv(self, oms: Oms, published_home: Home) -> None:
        said = oms("query", self.SQL, "--format", "csv", "--home", published_home.root)
        assert list(csv.reader(io.StringIO(said.out))) == [["policy_key", "value"], ['a, "b"', "[WAVE]"], ["c", ""]]

    def test_as_json_with_exact_decimals_and_times_as_text(self, oms: Oms, published_home: Home) -> None:
        said = oms(
            "query",
            "select 1.10::decimal(18,2) as m, timestamptz '2026-03-02 05:30Z' as t, null as n",
            "--format",
            "json",
            "--home",
            published_home.root,
        )
        assert json.loads(said.out) == [{"m": "1.10", "t": "2026-03-02 05:30:00+00:00", "n": None}]

    def test_as_a_table_and_brackets_are_no_markup(self, oms: Oms, published_home: Home) -> None:
        """Regression: the reason code [WAVE] was taken for a colour and not shown."""
        said = oms("query", self.SQL, "--home", published_home.root)
        assert "policy_key" in said.out and 'a, "b"' in said.out and "[WAVE]" in said.out

    def test_nothing_found_still_has_its_columns(self, oms: Oms, published_home: Home) -> None:
        said = oms(
            "query",
            "select policy_key from facts.policy_changes where false",
            "--format",
            "csv",
            "--home",
            published_home.root,
        )
        assert said == Said(0, "policy_key\r\n", "")

    @pytest.mark.parametrize(
        ("sql", "told"),
        [
            ("selec 1", "syntax error"),
            ("select * from nowhere", "nowhere"),
            ("delete from facts.orders", "read-only"),
            ("  ; ", "query is empty"),
        ],
    )
    def test_what_can_not_be_answered(self, oms: Oms, published_home: Home, sql: str, told: str) -> None:
        assert oms("query", sql, "--home", published_home.root).failed_with(told)

    def test_an_unknown_id_has_no_story(self, oms: Oms, published_home: Home) -> None:
        assert oms("explain", "nobody-1", "--home", published_home.root).failed_with(
            "nobody-1 is nothing that the published copy knows", "give an order"
        )


class TestCommand:
    def send(self, oms: Oms, home: Home, kind: str, *more: str, reason: str = "why") -> Said:
        return oms("command", kind, "--target", "web-1", "--reason", reason, *more, "--home", home.root)

    def issued(self, home: Home) -> list[tuple[str, str, dict[str, object], str | None]]:
        from oms_dagster.operations.commands import list_commands
        from oms_dagster.operations.store import open_store

        store = open_store(home.operations_url)
        try:
            return [(c.type, c.target, dict(c.payload), c.seen_cycle_id) for c in list_commands(store)]
        finally:
            store.close()

    def test_a_command_is_appended_with_what_its_author_saw(self, oms: Oms, published_home: Home) -> None:
        said = self.send(
            oms,
            published_home,
            "order.cancel",
            "--set",
            "scope=line",
            "--set",
            "quantity=2",
            "--set",
            "reason_code=customer",
        )
        assert said.code == 0 and said.out.endswith("order.cancel web-1: the next cycle decides\n")
        assert self.issued(published_home) == [
            ("order.cancel", "web-1", {"scope": "line", "quantity": "2.000", "reason_code": "CUSTOMER"}, "1")
        ]

    @pytest.mark.parametrize(
        ("kind", "more", "told"),
        [
            ("order.cancle", (), "did you mean order.cancel?"),
            ("order.cancel", (), "scope: is missing"),
            ("order.cancel", ("--set", "scope=line", "--set", "reason_code=BORED"), "reason_code: 'BORED' will not do"),
            (
                "order.cancel",
                ("--set", "scope=line", "--set", "reason_code=CUSTOMER", "--set", "quantity=-1"),
                "quantity",
            ),
            ("order.cancel", ("--set", "scope"), "write it as key=value"),
            ("order.priority", ("--set", "priority=1", "--set", "colour=red"), "'colour': is no field of it"),
            ("policy.change", ("--set", "key=floor.confirm"), "value: is missing"),
            ("order.priority", ("--set", "priority=1", "--actor", "nobody"), "user 'nobody' is not known"),
        ],
    )
    def test_a_command_that_can_not_be_meant_is_refused_and_not_kept(
        self, oms: Oms, fresh_home: Home, kind: str, more: tuple[str, ...], told: str
    ) -> None:
        assert self.send(oms, fresh_home, kind, *more).failed_with(told)
        assert self.issued(fresh_home) == []

    def test_a_reason_must_be_given(self, oms: Oms, fresh_home: Home) -> None:
        assert self.send(oms, fresh_home, "order.priority", "--set", "priority=1", reason="  ").failed_with(
            "reason is empty"
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


class TestSimulateAndSolve:
    def test_a_small_world_is_written(self, oms: Oms, tmp_path: Path) -> None:
        said = oms("simulate", "--orders", 10, "--days", 1, "--out", tmp_path / "world")
        assert said.code == 0 and said.out.startswith(str(tmp_path / "world"))
        assert (tmp_path / "world" / "world.json").exists()

    def test_a_date_that_is_none(self, oms: Oms, tmp_path: Path) -> None:
        assert oms("simulate", "--start", "someday", "--out", tmp_path / "world").failed_with("someday")

    @pytest.mark.parametrize("kind", ["vrp", "binpack", "gap"])
    def test_a_file_that_is_no_instance(self, oms: Oms, tmp_path: Path, kind: str) -> None:
        (tmp_path / "x.txt").write_text("no instance\n")
        assert oms("solve", kind, tmp_path / "x.txt").code == 1
        assert oms("solve", kind, tmp_path / "missing.txt").failed_with("missing.txt")

    def test_one_json_object(self, oms: Oms, tmp_path: Path) -> None:
        (tmp_path / "x.bpp").write_text("4\n10\n6\n5\n4\n5\n")
        answer = json.loads(oms("solve", "binpack", tmp_path / "x.bpp", "--seconds", 1).out)
        assert (answer["cost"], answer["feasible"]) == (2, True)
        assert {"bins", "bound", "gap", "engine", "seed", "seconds"} <= set(answer)
