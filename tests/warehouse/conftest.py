from pathlib import Path

import pytest
from gate_desk import Desk

from oms_dagster.warehouse.gate import outcomes


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A gate without business rules: they have their own tests, and cost seconds."""
    monkeypatch.setattr(outcomes, "rules_for", lambda channel: ())
    return Desk(tmp_path)


@pytest.fixture
def full_desk(tmp_path: Path) -> Desk:
    """The gate as it stands."""
    return Desk(tmp_path)
