"""The `oms` command: 0 done, 1 failed with one clear line on standard error, 2 bad usage; and it works on a home of its version alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from said import Oms, Said

from oms_dagster.settings import Home


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
