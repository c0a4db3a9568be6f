"""A fresh operations store a test, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from oms_dagster.operations.store import Store, open_store, upgrade


def _as_unprivileged_user() -> tuple[list[str], str | None]:
    """How to start a program as somebody else than root, and who that is; PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return [], None
    known = {entry.pw_name for entry in pwd.getpwall()}
    user = next((name for name in ("postgres", "nobody") if name in known), None)
    if user is None:
        pytest.skip("running as root, and there is no user postgres or nobody to run PostgreSQL as")
    if shutil.which("setpriv"):
        group = str(pwd.getpwnam(user).pw_gid)
        return ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups"], user
    if shutil.which("runuser"):
        return ["runuser", "-u", user, "--"], user
    pytest.skip("running as root, and neither setpriv nor runuser is there to run PostgreSQL as somebody else")


@pytest.fixture(scope="session")
def postgres_folder() -> Iterator[Path]:
    """The socket folder of a running server with an awkward time zone and isolation level."""
    missing = [program for program in ("initdb", "pg_ctl") if shutil.which(program) is None]
    if missing:
        pytest.skip(f"not on the PATH: {', '.join(missing)}")
    prefix, user = _as_unprivileged_user()
    folder = Path(tempfile.mkdtemp(prefix="oms-pg-"))  # not tmp_path: a socket's path may have 107 characters
    if user:
        shutil.chown(folder, user)

    def run(*command: str) -> None:
        done = subprocess.run([*prefix, *command], cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{command[0]}: {done.stderr or done.stdout}")

    data = str(folder / "data")
    options = (
        f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off -c timezone=America/Sao_Paulo"
        " -c default_transaction_isolation=serializable"
    )
    try:
        run("initdb", "-D", data, "-U", "oms", "-A", "trust", "-E", "UTF8", "--no-sync")
        run("pg_ctl", "-D", data, "-w", "-s", "-l", str(folder / "log"), "-o", options, "start")
        yield folder
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            run("pg_ctl", "-D", data, "-w", "-s", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a store may be created, on either engine."""
    if request.param == "sqlite":
        return str(tmp_path / "home" / "operations.sqlite")
    folder = request.getfixturevalue("postgres_folder")
    database = f"oms_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(f"host={folder} user=oms dbname=postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {database}".encode())
    return f"postgresql://oms@/{database}?host={folder}"


@pytest.fixture
def url(empty_url: str) -> str:
    """A fresh store, up to date."""
    upgrade(empty_url)
    return empty_url


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """A fresh store, open."""
    opened = open_store(url)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_store(sqlite_path: Path) -> Iterator[Store]:
    """A fresh store on SQLite, for what does not depend on the engine."""
    upgrade(sqlite_path)
    opened = open_store(sqlite_path)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_path(tmp_path: Path) -> Path:
    """Where a SQLite store may be created."""
    return tmp_path / "operations.sqlite"
