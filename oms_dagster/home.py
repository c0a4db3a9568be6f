"""A home's life: created, checked for its version, brought up to this code's tables.

Belongs here: what `oms init` and `oms doctor` do to the folder. Does not belong here: the cycle.
"""

from __future__ import annotations

import json
from importlib.metadata import version as package_version

from oms_dagster.settings import HOME_VERSION, Home


class HomeError(RuntimeError):
    """The home is missing, newer than this code, or not a home."""


def code_version() -> str:
    """Version of the installed project."""
    return package_version("oms-dagster")


def exists(home: Home) -> bool:
    return home.version_file.exists()


def require(home: Home) -> None:
    """Refuse a folder that is no home, or one written by a newer version.

    Raises
    ------
    HomeError
        One line: what, where, what to do.
    """
    if not exists(home):
        raise HomeError(f"{home.root} is no home yet: run `oms init --home {home.root}`")
    found = _version(home)
    if found > HOME_VERSION:
        raise HomeError(
            f"{home.root} was written by a newer version (home version {found}, this code knows {HOME_VERSION}):"
            " upgrade the code"
        )


def _version(home: Home) -> int:
    try:
        return int(json.loads(home.version_file.read_text())["home_version"])
    except (ValueError, KeyError, TypeError):
        raise HomeError(
            f'{home.version_file} is damaged: restore it, or write {{"home_version": {HOME_VERSION}}} into it'
        ) from None


def create(home: Home) -> None:
    """Create the stores and folders; doing it again changes nothing.

    Raises
    ------
    HomeError
        The folder holds something else, or is of a newer version.
    """
    if exists(home):
        require(home)
    elif home.root.exists() and any(home.root.iterdir()):
        raise HomeError(f"{home.root} is not empty and is no home: choose another folder, or empty it")
    from oms_dagster.operations.store import upgrade
    from oms_dagster.warehouse import connect

    for folder in (home.inbox, home.archive, home.channels, home.published, home.outbox, home.dagster, home.dbt_target):
        folder.mkdir(parents=True, exist_ok=True)
    connect.create(home.warehouse)
    upgrade(home.operations_url)
    _create_dagster(home)
    known = json.loads(home.version_file.read_text()) if exists(home) else {}
    _write_version(home, {**known, "home_version": HOME_VERSION, "code_version": code_version()})


def _write_version(home: Home, content: dict[str, object]) -> None:
    part = home.version_file.with_suffix(".part")
    part.write_text(json.dumps(content, indent=1) + "\n")
    part.replace(home.version_file)


def _create_dagster(home: Home) -> None:
    """Dagster's own storage, made once and alone: two processes that start together on a new one can break it."""
    config = home.dagster / "dagster.yaml"
    if not config.exists():
        config.write_text("telemetry:\n  enabled: false\nnux:\n  enabled: false\n")
    from dagster import DagsterInstance

    with DagsterInstance.from_config(str(home.dagster)) as instance:
        instance.get_runs(limit=1)


def demo_marker(home: Home) -> bool:
    """Whether the home holds an earlier demo and nothing else."""
    return exists(home) and _version(home) >= 0 and bool(json.loads(home.version_file.read_text()).get("demo"))


def mark_demo(home: Home) -> None:
    """Say that the home holds the demo."""
    _write_version(home, {**json.loads(home.version_file.read_text()), "demo": True})
