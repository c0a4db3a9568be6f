"""Fixtures that several folders of tests share: where the real data lies, an empty home, and a home of two demo days."""

import fcntl
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
from absl import logging as absl

from oms_dagster import settings
from oms_dagster.settings import Home

#: The suite draws the same examples each time, so that red says "this change". `make fuzz` draws new ones.
hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis.settings.load_profile("repeatable")

# OR-Tools' log handler closes its stream with itself, except the process's own. At its import that is what pytest captures with.
absl.get_absl_handler().python_handler.setStream(sys.__stderr__)

CHECKOUT = Path(__file__).resolve().parent.parent
SHARED = CHECKOUT.parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with real orders and public instances, beside the checkout."""
    if not SHARED.exists():
        pytest.skip(f"{SHARED} is not there: it holds the real orders and public instances")
    return SHARED


def shared_folder(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder filled by the first who asks; with several workers the others wait for it."""
    several = "PYTEST_XDIST_WORKER" in os.environ
    folder = (factory.getbasetemp().parent if several else factory.getbasetemp()) / name
    folder.mkdir(exist_ok=True)
    done = folder / "done"
    with (folder / "lock").open("w") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)
        if not done.exists():
            with pytest.MonkeyPatch.context() as patch:
                for variable in ("OMS_HOME", "OMS_OPERATIONS_URL", "OMS_CRASH_AT", "DAGSTER_HOME"):
                    patch.delenv(variable, raising=False)
                make(folder)
            done.touch()
    return folder


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Home], None]) -> Home:
    """A home made by the first who asks."""

    def fill(folder: Path) -> None:
        shutil.rmtree(folder / "home", ignore_errors=True)
        make(settings.home(folder / "home"))

    return settings.home(shared_folder(factory, name, fill) / "home")


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home as `oms init` makes it. Read only: tests that write take `fresh_home`."""
    from oms_dagster import home as homes

    return made_once(tmp_path_factory, "empty-home", homes.create)


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Two demo days, six cycles: minutes of work, done once. Read only: tests that write take `own_home`.

    While you write tests, ``OMS_TEST_DEMO`` may name a home made by ``oms demo --days 2``, to spare you the wait.
    """
    made = os.environ.get("OMS_TEST_DEMO")
    if made:
        return settings.home(made)

    def make(home: Home) -> None:
        from oms_dagster.demo import demo

        demo(home, days=2, seed=1, tell=lambda line: None)

    return made_once(tmp_path_factory, "demo-home", make)


def copied(home: Home, folder: Path) -> Home:
    """A copy of a home to write in, with its newest published copy alone."""
    old = {
        p.name
        for p in home.published.glob("*.duckdb")
        if p.name not in (home.current.name, home.current.resolve().name)
    }
    shutil.copytree(home.root, folder, symlinks=True, ignore=lambda _, names: old & set(names))
    return settings.home(folder)


@pytest.fixture
def fresh_home(empty_home: Home, tmp_path: Path) -> Iterator[Home]:
    """A home of the test's own, as `oms init` makes it."""
    yield copied(empty_home, tmp_path / "home")
    shutil.rmtree(tmp_path / "home", ignore_errors=True)


@pytest.fixture
def own_home(demo_home: Home, tmp_path: Path) -> Iterator[Home]:
    """The two demo days in a home of the test's own (40 MB: it is removed after the test)."""
    yield copied(demo_home, tmp_path / "home")
    shutil.rmtree(tmp_path / "home", ignore_errors=True)
