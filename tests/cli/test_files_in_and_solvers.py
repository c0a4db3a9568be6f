"""Files that a user names: those that go into the inbox, and the instances and worlds of the solvers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from said import Oms, Said

from oms_dagster.settings import Home


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
