"""Fixtures of the control tower's tests: homes, and a page of the app run in this process."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit import config
from streamlit.testing.v1 import AppTest

APP = Path(__file__).resolve().parents[2] / "apps" / "streamlit"
for folder in (str(APP), str(Path(__file__).parent)):
    if folder not in sys.path:
        sys.path.insert(0, folder)

from published_world import create_home, publish  # noqa: E402

from oms_dagster import settings  # noqa: E402
from oms_dagster.settings import Home  # noqa: E402

Open = Callable[[str], AppTest]

# As in the app's own settings, which a test's run doesn't read: no rewriting of the pages' syntax trees.
config.set_option("runner.magicEnabled", False)


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Homes with the full and with the empty world, built once."""
    folder = tmp_path_factory.mktemp("worlds")
    for name, filled in (("full", True), ("empty", False)):
        publish(create_home(folder / name), filled=filled)
    return folder


def _entered(root: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("OMS_HOME", str(root))
    monkeypatch.delenv("OMS_OPERATIONS_URL", raising=False)
    return settings.home()


def _home(template: Path, root: Path, monkeypatch: pytest.MonkeyPatch, *, own_copy: bool = False) -> Home:
    """A home of its own; the copy, which no page changes, is the template's (so its answers are remembered)."""
    shutil.copytree(template, root, symlinks=True, ignore=None if own_copy else shutil.ignore_patterns("*.duckdb"))
    home = _entered(root, monkeypatch)
    if not own_copy:
        home.current.symlink_to(settings.home(template).current.resolve())
    return home


@pytest.fixture
def world(templates: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home with the full world published."""
    return _home(templates / "full", tmp_path / "home", monkeypatch)


@pytest.fixture
def own_world(templates: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """The same with a copy of its own, for tests that publish or break one."""
    return _home(templates / "full", tmp_path / "home", monkeypatch, own_copy=True)


@pytest.fixture
def empty_world(templates: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home whose copy has every table and no row."""
    return _home(templates / "empty", tmp_path / "home", monkeypatch)


@pytest.fixture
def no_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A folder that is not there."""
    return _entered(tmp_path / "nowhere", monkeypatch)


@pytest.fixture
def unpublished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home that has published nothing yet."""
    create_home(tmp_path / "home")
    return _entered(tmp_path / "home", monkeypatch)


@pytest.fixture
def open_page() -> Open:
    """Run the app and go to a page."""

    def opened(name: str) -> AppTest:
        app = AppTest.from_file(APP / "streamlit_app.py", default_timeout=30).run()
        return app if name == "overview" else app.switch_page(f"app_pages/{name}.py").run()

    return opened
