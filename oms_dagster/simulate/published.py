"""The published copy as the physical world sees it: tables of `marts`, read-only.

Belongs here: reading rows whatever columns a copy has. Does not belong here: what is made of them (`floor`, `doors`,
`comebacks`).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

Row = dict[str, Any]


class Published:
    """A published copy; a link is followed once, so that a later publication changes nothing here.

    Instants come as seconds since 1970 UTC, numbers as Decimal, a column or table that the copy lacks as None or empty.
    """

    def __init__(self, path: Path) -> None:
        self._connection = duckdb.connect(str(path.resolve(strict=True)), read_only=True)
        self._connection.execute("set TimeZone = 'UTC'")

    def __enter__(self) -> Published:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def rows(self, table: str, columns: Sequence[str], key: Sequence[str]) -> list[Row]:
        """Rows of a table of `marts`, ordered by `key`."""
        found = dict(
            self._connection.execute(
                "select column_name, data_type from information_schema.columns"
                " where table_schema = 'marts' and table_name = ?",
                [table],
            ).fetchall()
        )
        if not found:
            return []
        order = ", ".join(f'"{name}"' for name in key if name in found) or "1"
        picked = ", ".join(_expression(name, found.get(name)) for name in columns)
        fetched = self._connection.execute(f"select {picked} from marts.{table} order by {order}").fetchall()
        return [dict(zip(columns, row, strict=True)) for row in fetched]


def _expression(name: str, kind: str | None) -> str:
    if kind is None:
        return f'null as "{name}"'
    if kind.startswith("TIMESTAMP"):
        return f'cast(floor(epoch("{name}")) as bigint) as "{name}"'
    if kind == "DOUBLE" or kind.startswith(("DECIMAL", "INTEGER", "BIGINT", "HUGEINT")):
        return f'cast("{name}" as decimal(18, 3)) as "{name}"'
    return f'cast("{name}" as varchar) as "{name}"'


def units(value: Decimal | None) -> Decimal:
    """A quantity, 0 where there is none."""
    return value if value is not None else Decimal(0)


def plain(value: Decimal) -> str:
    """A quantity without trailing zeros: ``3``, ``2.5``."""
    return f"{value.normalize():f}"
