import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "warehouse"))  # the desk of the gate's tests

from gate_desk import Desk


@pytest.fixture
def full_desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)
