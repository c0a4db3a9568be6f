from collections.abc import Iterator
from contextlib import nullcontext

import pytest
from house import House
from planned import Plan

from oms_dagster.warehouse import commit


@pytest.fixture(scope="session")
def furnished() -> House:
    return House.furnished()


@pytest.fixture
def house(furnished: House) -> Iterator[House]:
    """The warehouse filled by hand; what a test does in it is rolled back."""
    again = House(furnished.connection)
    again.now = furnished.now
    again.connection.execute("begin")
    yield again
    again.connection.execute("rollback")


@pytest.fixture
def plan(house: House, monkeypatch: pytest.MonkeyPatch) -> Plan:
    """A plan on it, still empty."""
    monkeypatch.setattr(commit, "transaction", lambda connection: nullcontext())  # the test has one of its own
    return Plan(house)
