"""Opens the operations store: SQLite by path, PostgreSQL by URL.

Belongs here: engines, transactions, the schema's version and its upgrade. Does not belong here: what is in the
tables. A store is opened once a process and not carried across a fork.

One writing transaction runs at a time on either engine (SQLite: ``BEGIN IMMEDIATE``; PostgreSQL: an advisory
lock), so "look, then append" is safe and the sequence of commands is gapless. Readers never wait.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from .models import SCHEMA_VERSIONS, VERSION_TABLE, users

#: Who sends commands on a fresh store, until people sign in.
LOCAL_USER = "planner"

#: How long a writer waits for the one before it, in seconds.
LOCK_WAIT_S = 60

#: Names the writers' lock among the advisory locks of a PostgreSQL database.
WRITER_LOCK = 0x6F6D735F6F7073

_alembic_is_not_thread_safe = threading.Lock()


class StoreError(RuntimeError):
    """The store cannot be opened or did not answer: one line with what, where and what to do."""


@dataclass(frozen=True, slots=True)
class Store:
    """An open operations store. ``name`` is its path or URL, without the password."""

    engine: sa.Engine
    name: str

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A transaction that sees one state of the store and takes no lock from a writer.

        Raises
        ------
        StoreError
            The database did not answer.
        """
        with self._transaction({"postgresql_readonly": True}) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction that no other writer runs beside; commits at the end, rolls back on an error.

        Raises
        ------
        StoreError
            The database did not answer, or another writer kept it for more than `LOCK_WAIT_S` seconds.
        """
        with self._transaction({"sqlite_begin": "IMMEDIATE"}) as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_WAIT_S}s'")
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(WRITER_LOCK)))
            yield connection

    @contextmanager
    def _transaction(self, options: dict[str, object]) -> Iterator[sa.Connection]:
        try:
            with self.engine.execution_options(**options).begin() as connection:
                yield connection
        except (sa.exc.DBAPIError, sa.exc.TimeoutError) as error:
            raise StoreError(f"operations store {self.name}: {_first_line(error)}: nothing was changed") from error

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()


def open_store(url_or_path: str | Path) -> Store:
    """Open a store that exists and has the schema of this program.

    Parameters
    ----------
    url_or_path
        Path of a SQLite file, or a URL: ``sqlite:///…``, ``postgresql://user@host/database``.

    Raises
    ------
    StoreError
        No store there, no answer, not a store, or a schema that is older or newer than this program's.
    """
    url = _url(url_or_path)
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).is_file():
        raise StoreError(f"operations store {_name(url)}: there is none: create it with `oms init`")
    store = _connect(url)
    try:
        with store.reading() as connection:
            version = _version(connection)
        _refuse_unknown(version, store)
        if version != SCHEMA_VERSIONS[-1]:
            raise StoreError(
                f"operations store {store.name}: its schema version {version or '(none)'} is older than"
                f" {SCHEMA_VERSIONS[-1]} of this program: bring it up to date with `oms init`"
            )
    except StoreError:
        store.close()
        raise
    return store


def upgrade(url_or_path: str | Path) -> None:
    """Create the store or bring its schema up to date, in one transaction; a second call changes nothing.

    A fresh store gets the local user `LOCAL_USER` in the role admin. Safe to run from several processes at once.

    Parameters
    ----------
    url_or_path
        As in `open_store`. Folders missing above a SQLite file are made.

    Raises
    ------
    StoreError
        No answer, not a store, or a schema that is newer than this program's.
    """
    url = _url(url_or_path)
    if url.get_backend_name() == "sqlite":
        try:
            Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"operations store {_name(url)}: {error}: choose a folder that can be written") from error
    store = _connect(url)
    try:
        if url.get_backend_name() == "sqlite":
            _keep_wal(store)
        with _alembic_is_not_thread_safe, store.writing() as connection:
            version = _version(connection)
            _refuse_unknown(version, store)
            if version != SCHEMA_VERSIONS[-1]:
                _migrate(connection)
            if version is None:
                local = {"user_id": LOCAL_USER, "name": "Local planner", "role": "admin", "active": True}
                connection.execute(sa.insert(users).values(**local, created_at=datetime.now(UTC)))
    finally:
        store.close()


def _migrate(connection: sa.Connection) -> None:
    """Run the migrations up to the newest in the transaction of ``connection``."""
    from alembic import command  # only an upgrade pays for it
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _version(connection: sa.Connection) -> str | None:
    """Schema version of the store; None where nothing has been created."""
    if not sa.inspect(connection).has_table(VERSION_TABLE):
        return None
    table = sa.table(VERSION_TABLE, sa.column("version_num", sa.Text))
    return connection.execute(sa.select(table.c.version_num)).scalar_one_or_none()


def _refuse_unknown(version: str | None, store: Store) -> None:
    if version is not None and version not in SCHEMA_VERSIONS:
        raise StoreError(
            f"operations store {store.name}: its schema version {version} is newer than {SCHEMA_VERSIONS[-1]} of this"
            " program: install the newer program, or restore a backup made with this one"
        )


def _url(url_or_path: str | Path) -> sa.URL:
    """The URL with its driver; anything without ``://`` is the path of a SQLite file."""
    text = str(url_or_path)
    if "://" not in text:
        return sa.URL.create("sqlite", database=text)
    if text.startswith("postgres://"):
        text = "postgresql://" + text.removeprefix("postgres://")
    try:
        url = sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError) as error:
        raise StoreError(
            "operations store: its URL cannot be read: write it as postgresql://user@host/database"
        ) from error
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:"):
        return url.set(drivername="sqlite")
    raise StoreError(f"operations store {_name(url)}: only a SQLite file or a postgresql:// URL will do: give one")


def _name(url: sa.URL) -> str:
    return str(url.database) if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)


def _connect(url: sa.URL) -> Store:
    if url.get_backend_name() == "sqlite":
        engine = sa.create_engine(
            url, json_serializer=_canonical_json, max_overflow=-1, connect_args={"timeout": LOCK_WAIT_S}
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        # A server may default to REPEATABLE READ, whose snapshot would be taken before the wait for the lock.
        engine = sa.create_engine(
            url,
            json_serializer=_canonical_json,
            max_overflow=-1,
            pool_pre_ping=True,
            isolation_level="READ COMMITTED",
        )
    return Store(engine, _name(url))


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """Leave BEGIN to us: Python's sqlite3 sends none before a SELECT, so a look could not guard an append."""
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")


def _begin_sqlite(connection: sa.Connection) -> None:
    """Writers take the lock at once: a plain BEGIN that turns into a write fails when another wrote meanwhile."""
    connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get('sqlite_begin', 'DEFERRED')}")


def _keep_wal(store: Store) -> None:
    """Put a SQLite file in WAL mode, which it keeps. The switch ignores the lock's timeout, hence the loop."""
    give_up_at = time.monotonic() + LOCK_WAIT_S
    while True:
        try:
            connection = sqlite3.connect(store.name, timeout=LOCK_WAIT_S)
            try:
                mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
            finally:
                connection.close()
        except sqlite3.Error as error:
            if "locked" in str(error) and time.monotonic() < give_up_at:
                time.sleep(0.05)
                continue
            raise StoreError(f"operations store {store.name}: {error}: give the path of its file") from error
        if mode != "wal":
            raise StoreError(f"operations store {store.name}: no WAL mode on this file system: put it on a local disk")
        return


def _canonical_json(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _first_line(error: sa.exc.SQLAlchemyError) -> str:
    cause = getattr(error, "orig", None) or error
    lines = str(cause).strip().splitlines()
    return lines[0] if lines else type(cause).__name__
