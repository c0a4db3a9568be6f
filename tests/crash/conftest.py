"""A small home with a cycle pending, made once: what the tests copy, kill and run again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from crash_world import Prepared, Unharmed, prepare
from cycle_process import cycle


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    """A home before its pending cycle; it and its copies are removed at the end."""
    folder = tmp_path_factory.mktemp("crash")
    yield prepare(folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def unharmed(prepared: Prepared) -> Unharmed:
    """The pending cycle and, as after each crash, the same command once more."""
    home = prepared.copy("unharmed")
    first, again = (cycle(home.root, prepared.as_of).wait() for _ in range(2))
    assert (first.code, again.code) == (0, 0), first.err + again.err
    return Unharmed(home, first, again)
