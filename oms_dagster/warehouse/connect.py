"""Opening the warehouse: one writer, and readers of published copies.

Belongs here: connections and the schema they find. Every session runs in UTC.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from oms_dagster.warehouse import outcomes
from oms_dagster.warehouse.tables import TABLES

SCHEMAS = ("facts", "plans", "staging", "intermediate", "marts")


class WarehouseBusy(RuntimeError):
    """Another process holds the warehouse file."""


@contextmanager
def writer(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The one writing connection to a warehouse file; closed, and so checkpointed, at the end.

    Raises
    ------
    WarehouseBusy
        Another process has the file open.
    """
    try:
        connection = duckdb.connect(str(path))
    except duckdb.IOException as error:
        if "lock" in str(error).lower():
            raise WarehouseBusy(
                f"{path} is open in another process: close it, or wait for the running cycle"
            ) from error
        raise
    try:
        connection.execute("set TimeZone = 'UTC'")
        yield connection
    finally:
        connection.close()


@contextmanager
def reader(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection to a published copy, by its real path (a replaced link would show old data)."""
    connection = duckdb.connect(str(path.resolve(strict=True)), read_only=True)
    try:
        connection.execute("set TimeZone = 'UTC'")
        yield connection
    finally:
        connection.close()


def create(path: Path) -> None:
    """Create the schemas, tables and columns that are not there yet; outcomes from before the chain are chained."""
    with writer(path) as connection:
        connection.execute("begin")
        for schema in SCHEMAS:
            connection.execute(f"create schema if not exists {schema}")
        for table in TABLES.values():
            connection.execute(table.create_sql())
        known = set(
            connection.execute("select schema_name || '.' || table_name, column_name from duckdb_columns()").fetchall()
        )
        for table in TABLES.values():
            for name, sql_type in table.columns:
                if (table.full_name, name) not in known:
                    connection.execute(f'alter table {table.full_name} add column "{name}" {sql_type}')
        outcomes.chain_old(connection)
        connection.execute("commit")


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All or nothing."""
    connection.execute("begin")
    try:
        yield
    except BaseException:
        connection.execute("rollback")
        raise
    connection.execute("commit")
