"""Dagster's event log in SQLite, with one engine a file.

Belongs here: nothing else. Dagster's own storage makes an engine for each of some 260 events of a cycle, so SQLAlchemy
compiles the same inserts again and again: half of what orchestration costs. `oms cycle` names this class; the files are
those of Dagster's own storage, which the web server and the daemon read and write.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.pool import NullPool


class EventLog(SqliteEventLogStorage):
    """As the parent, file by file; connections still come and go with each use, only the engines stay."""

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]) -> "EventLog":
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.connect() as connection, connection.begin():
                yield connection

    def _engine(self, shard: str) -> Engine:
        engines: dict[str, Engine] = self.__dict__.setdefault("_engines", {})
        if shard not in engines:
            engines[shard] = create_engine(
                self.conn_string_for_shard(shard),
                poolclass=NullPool,
                connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS},
            )
        return engines[shard]

    def dispose(self) -> None:
        for engine in self.__dict__.get("_engines", {}).values():
            engine.dispose()
        super().dispose()
