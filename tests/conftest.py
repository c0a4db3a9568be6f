"""Fixtures that several folders of tests share: where the real data lies."""

from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
SHARED = CHECKOUT.parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with real orders and public instances, beside the checkout."""
    if not SHARED.exists():
        pytest.skip(f"{SHARED} is not there: it holds the real orders and public instances")
    return SHARED
