from pathlib import Path

import pytest
from gate_desk import Desk


@pytest.fixture(scope="session")
def _desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(tmp_path_factory.mktemp("desk"))


@pytest.fixture
def full_desk(_desk: Desk, tmp_path: Path) -> Desk:
    """The gate as it stands, and an empty warehouse."""
    return _desk.empty(tmp_path)
