from collections.abc import Iterator

import pytest
from house import House


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
