"""Whether two homes hold the same: facts and marts row by row, documents byte by byte.

Belongs here: comparing and the guarantees on documents. Does not belong here: how the homes came about.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import duckdb

from oms_dagster.warehouse.tables import FACTS

#: Columns that a wall clock filled: the only ones in which two runs may differ.
WALL_CLOCK = ("started_at", "ended_at", "wall_s")
SCHEMAS = ("facts", "marts")


def differences(expected: Path, found: Path) -> list[str]:
    """Rows that one warehouse file has and the other has not, table by table; empty when all is equal."""
    told = []
    with duckdb.connect() as connection:
        connection.execute(f"attach '{expected}' as expected (read_only)")
        connection.execute(f"attach '{found}' as found (read_only)")
        tables = {name: _tables(connection, name) for name in ("expected", "found")}
        if tables["expected"] != tables["found"]:
            told.append(f"tables or columns differ: {sorted(tables['expected'].items() ^ tables['found'].items())}")
        for table, columns in sorted(tables["expected"].items() & tables["found"].items()):
            for one, other in (("expected", "found"), ("found", "expected")):
                rows = connection.execute(
                    f"select {columns} from {one}.{table} except all select {columns} from {other}.{table} limit 3"
                ).fetchall()
                told += [f"{table} only {one}: {row}" for row in rows]
    return told


def _tables(connection: duckdb.DuckDBPyConnection, database: str) -> dict[str, str]:
    rows = connection.execute(
        "select schema_name || '.' || table_name, string_agg('\"' || column_name || '\"', ', ' order by column_index)"
        " from duckdb_columns() where database_name = ? and schema_name in (select unnest(?)) and not internal"
        " and column_name not in (select unnest(?)) group by 1",
        [database, list(SCHEMAS), list(WALL_CLOCK)],
    ).fetchall()
    return dict(rows)


def doubled(warehouse: Path) -> list[str]:
    """Facts whose natural key occurs more than once."""
    told = []
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        for table in FACTS:
            key = ", ".join(f'"{column}"' for column in table.key)
            rows = connection.execute(
                f"select {key}, count(*) from {table.full_name} group by all having count(*) > 1 limit 3"
            ).fetchall()
            told += [f"{table.full_name} holds twice: {row}" for row in rows]
    return told


def documents_wrong(home: Path, warehouse: Path) -> list[str]:
    """What breaks the guarantees on documents: numbers from 1 without gap, one of each, bytes as hashed."""
    told = []
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        for kind, series, last, count in connection.execute(
            "select document_type, series, max(number), count(distinct number) from facts.documents group by 1, 2"
        ).fetchall():
            if last != count:
                told.append(f"{kind} {series}: {count} numbers up to {last}")
        told += [
            f"issued twice: {row}"
            for row in connection.execute(
                "select document_type, wave_id, load_id, shipment_id, count(*) from facts.documents group by all having count(*) > 1"
            ).fetchall()
        ]
        files = dict(connection.execute("select file, sha256 from facts.document_renderings").fetchall())
        issued = connection.execute("select count(*) from facts.documents").fetchall()[0][0]
    if len(files) != issued:
        told.append(f"{issued} documents issued, {len(files)} rendered")
    there = contents(home / "outbox")
    told += [f"{name} is not what was hashed" for name, sha256 in files.items() if there.get(name) != sha256]
    pdfs = {name for name in there if name.endswith(".pdf")}
    told += [f"{name} is in the outbox and no document" for name in sorted(pdfs - files.keys())]
    return told


def contents(folder: Path) -> dict[str, str]:
    """sha256 of each file below a folder, by its path in it."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
