"""A small home with a cycle pending, made once: what the tests copy, kill and run again."""

from __future__ import annotations

import pickle
import shutil
from pathlib import Path

import pytest
from crash_world import Prepared, Unharmed, prepare
from cycle_process import cycle

from tests.conftest import shared_folder


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """A home before its pending cycle."""

    def fill(folder: Path) -> None:
        for name in ("prepared", "world", "floor"):
            shutil.rmtree(folder / name, ignore_errors=True)
        (folder / "prepared.pickle").write_bytes(pickle.dumps(prepare(folder)))

    folder = shared_folder(tmp_path_factory, "crash", fill)
    found: Prepared = pickle.loads((folder / "prepared.pickle").read_bytes())
    return found


@pytest.fixture(scope="session")
def unharmed(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Unharmed:
    """The pending cycle and, as after each crash, the same command once more."""

    def fill(folder: Path) -> None:
        home = prepared.copy("unharmed")
        first, again = (cycle(home.root, prepared.as_of).wait() for _ in range(2))
        assert (first.code, again.code) == (0, 0), first.err + again.err
        (folder / "unharmed.pickle").write_bytes(pickle.dumps(Unharmed(home, first, again)))

    folder = shared_folder(tmp_path_factory, "crash-unharmed", fill)
    found: Unharmed = pickle.loads((folder / "unharmed.pickle").read_bytes())
    return found
