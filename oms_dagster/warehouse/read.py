"""Reading: rows as dictionaries, always in a stated order when a solver is fed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

#: By position (``?``) or by name (``$name``).
Parameters = Sequence[Any] | Mapping[str, Any]


def rows(connection: duckdb.DuckDBPyConnection, sql: str, parameters: Parameters = ()) -> list[dict[str, Any]]:
    """Rows of a query as dictionaries (everything fetched: DuckDB streams, and a second query would end the first)."""
    cursor = connection.execute(sql, _given(parameters))
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def value(connection: duckdb.DuckDBPyConnection, sql: str, parameters: Parameters = ()) -> Any:
    """The first column of the first row, or None."""
    found = connection.execute(sql, _given(parameters)).fetchall()
    return found[0][0] if found else None


def _given(parameters: Parameters) -> list[Any] | dict[str, Any]:
    return dict(parameters) if isinstance(parameters, Mapping) else list(parameters)
