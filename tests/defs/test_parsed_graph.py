"""The parsed graph as a file: written by several processes at once, none in another's way."""

from __future__ import annotations

from pathlib import Path

import pytest

from oms_dagster import settings
from oms_dagster.defs import dbt


class Graph:
    def write(self, path: str) -> None:
        Path(path).write_text("{}", encoding="utf-8")


def test_what_another_process_writes_stays_and_what_is_outdated_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Regression: two test workers that parsed at once removed each other's half-written file, and one of them ended there."""
    monkeypatch.setattr(settings, "DBT_PROJECT", tmp_path)
    monkeypatch.setattr(dbt, "project_fingerprint", lambda: "0123456789abcdef" * 4)
    monkeypatch.setattr(dbt, "_parsed", Graph)
    (tmp_path / "target").mkdir()
    writing, outdated = (tmp_path / "target" / f"manifest-{name}" for name in ("0123456789abcdef.4711", "aaaa.json"))
    for file in (writing, outdated):
        file.write_text("{", encoding="utf-8")
    assert dbt.manifest_path().read_text(encoding="utf-8") == "{}"
    assert writing.exists()
    assert not outdated.exists()
