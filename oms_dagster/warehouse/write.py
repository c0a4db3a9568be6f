"""Writing: append facts, replace candidates. Column names are checked against the contracts in `tables`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import duckdb
import pyarrow as pa

from oms_dagster.warehouse.tables import TABLES


def append(connection: duckdb.DuckDBPyConnection, table: str, records: Iterable[Mapping[str, Any]]) -> int:
    """Append records to a table; a column that a record does not name stays null. Returns the number of rows.

    Raises
    ------
    KeyError
        A record names a column that the table does not have.
    """
    batch = [dict(record) for record in records]
    if not batch:
        return 0
    contract = TABLES[table]
    unknown = {name for record in batch for name in record} - set(contract.column_names)
    if unknown:
        raise KeyError(f"{table} has no column {', '.join(sorted(unknown))}")
    used = [(name, kind) for name, kind in contract.columns if any(name in record for record in batch)]
    arrow = pa.table({name: pa.array([record.get(name) for record in batch]) for name, _ in used})
    connection.register("_batch", arrow)
    try:
        names = ", ".join(f'"{name}"' for name, _ in used)
        casts = ", ".join(f'cast("{name}" as {kind})' for name, kind in used)
        connection.execute(f"insert into {table} ({names}) select {casts} from _batch")
    finally:
        connection.unregister("_batch")
    return len(batch)


def replace(connection: duckdb.DuckDBPyConnection, table: str, records: Iterable[Mapping[str, Any]]) -> int:
    """Empty a table of candidates and fill it again."""
    if not table.startswith("plans."):
        raise ValueError(f"{table}: only plans are replaced, facts are appended")
    connection.execute(f"delete from {table}")
    return append(connection, table, records)
