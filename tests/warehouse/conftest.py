from pathlib import Path

import pytest
from gate_desk import Desk

from oms_dagster.warehouse.gate import outcomes


@pytest.fixture(scope="session")
def _desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(tmp_path_factory.mktemp("desk"))


@pytest.fixture
def desk(_desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A gate without business rules (they have their own tests, and cost seconds), and an empty warehouse."""
    monkeypatch.setattr(outcomes, "rules_for", lambda channel: ())
    return _desk.empty(tmp_path)


@pytest.fixture
def full_desk(_desk: Desk, tmp_path: Path) -> Desk:
    """The gate as it stands, and an empty warehouse."""
    return _desk.empty(tmp_path)
