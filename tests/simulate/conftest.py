"""One demo-sized world for all tests of the simulation."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from oms_dagster.simulate.world import WorldSummary, simulate

START = date(2026, 3, 2)


@dataclass(frozen=True, slots=True)
class World:
    """A written world: its folder, its summary and its ledger."""

    folder: Path
    summary: WorldSummary
    ledger: dict[str, Any]

    def files(self, pattern: str) -> list[Path]:
        """Files below `days`, in the order of their paths."""
        return sorted((self.folder / "days").glob(pattern))

    def damaged(self) -> set[Path]:
        """Files that were damaged on purpose."""
        cases = ("file_truncated", "file_empty", "file_binary")
        return {self.folder / key["file"] for case in cases for key in self.ledger["cases"][case]["keys"]}


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("simulated") / "world"
    summary = simulate(folder, 120, 5, 7, START)
    return World(folder, summary, json.loads((folder / "world.json").read_text()))
