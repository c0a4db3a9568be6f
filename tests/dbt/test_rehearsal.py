"""Other policies are tried beside the published copy: the rules of the last cycle say what they would hold and free."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from oms_dagster.warehouse.rehearsal import CannotRehearse, rehearse


@pytest.fixture(scope="module")
def copy(built: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published copy is a clone of the warehouse: under another name, read-only."""
    return Path(shutil.copy(built.after, tmp_path_factory.mktemp("published") / "00000005.duckdb"))


def test_the_policies_in_force_change_nothing(built: Any, copy: Path) -> None:
    found = rehearse(copy, built.after.parent / "target" / "compiled", {})
    assert found, "the world has holds"
    assert [(one.newly_held, one.freed) for one in found] == [(0, 0)] * len(found)


def test_a_longer_window_holds_the_orders_in_it_and_says_what_they_are_worth(built: Any, copy: Path) -> None:
    found = {
        one.hold_type: one
        for one in rehearse(copy, built.after.parent / "target" / "compiled", {"orders.remorse_minutes": "9999999"})
    }
    window = found["REMORSE_WINDOW"]
    assert window.held_before == 0 < window.newly_held == window.held_after
    assert window.newly_held_base > 0 == window.freed
    assert all(one.newly_held == one.freed == 0 for kind, one in found.items() if kind != "REMORSE_WINDOW")


def test_nothing_is_written(built: Any, copy: Path) -> None:
    before = copy.read_bytes()
    rehearse(copy, built.after.parent / "target" / "compiled", {"payment.tolerance": "1000000"})
    assert copy.read_bytes() == before


def test_without_rules_or_copy_one_line_says_what_to_do(copy: Path, tmp_path: Path) -> None:
    with pytest.raises(CannotRehearse, match="run `oms cycle` first"):
        rehearse(copy, tmp_path, {})
    with pytest.raises(CannotRehearse, match="run `oms cycle` first"):
        rehearse(tmp_path / "none.duckdb", tmp_path, {})
