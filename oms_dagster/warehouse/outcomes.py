"""The log of outcomes: what became of each command, each row chained to the one before.

Belongs here: numbering, chaining and reading `facts.commands`. Does not belong here: deciding (`commands`), the log of
what was sent (`operations.log`), whose hash each outcome carries.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import duckdb

from oms_dagster.chain import START, Link, link_hash
from oms_dagster.warehouse.read import rows
from oms_dagster.warehouse.write import append

#: What the hash of an outcome is made of, beside its number.
HASHED = (
    "command_id", "sequence", "type", "target", "payload", "actor", "reason", "issued_at", "seen_cycle_id", "outcome",
    "outcome_reason", "cycle_seq", "recorded_at", "command_hash",
)  # fmt: skip


def content_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """What the hash of a row is made of."""
    payload = row["payload"]
    said = json.loads(payload) if isinstance(payload, str) else payload
    return {
        "outcome_number": row["outcome_number"],
        **{name: row[name] for name in HASHED if row.get(name) is not None},
        "payload": said,
    }


def keep(connection: duckdb.DuckDBPyConnection, outcomes: Iterable[Mapping[str, Any]]) -> int:
    """Append outcomes in their order, chained. Returns how many."""
    number, head = _last(connection)
    chained = []
    for outcome in outcomes:
        number += 1
        row = {**outcome, "outcome_number": number}
        head = link_hash(head, content_of(row))
        chained.append({**row, "hash": head})
    return append(connection, "facts.commands", chained)


def chain_old(connection: duckdb.DuckDBPyConnection) -> int:
    """Number and chain outcomes of a home from before there was a chain, in the order of their cycles. Returns how many."""
    old = rows(
        connection,
        "select * from facts.commands where outcome_number is null order by cycle_seq, sequence, command_id",
    )
    if not old:
        return 0
    number, head = _last(connection)
    chained = []
    for outcome in old:
        number += 1
        row = {**outcome, "outcome_number": number}
        head = link_hash(head, content_of(row))
        chained.append((number, head, row["command_id"]))
    connection.executemany("update facts.commands set outcome_number = ?, hash = ? where command_id = ?", chained)
    return len(chained)


def links(connection: duckdb.DuckDBPyConnection) -> list[Link]:
    """The log as it is verified."""
    found = rows(connection, "select * from facts.commands order by outcome_number nulls first, command_id")
    return [Link(row["outcome_number"] or 0, content_of(row), row["hash"]) for row in found]


def is_chained(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the copy was published since outcomes are chained."""
    asked = "select count(*) from duckdb_columns() where schema_name = 'facts' and table_name = 'commands' and column_name = 'hash'"
    return bool(connection.execute(asked).fetchall()[0][0])


def hashes(connection: duckdb.DuckDBPyConnection) -> dict[str, str | None]:
    """Hash of the command, as it was when its outcome was kept, by command id."""
    return dict(connection.execute("select command_id, command_hash from facts.commands").fetchall())


def _last(connection: duckdb.DuckDBPyConnection) -> tuple[int, str]:
    found = connection.execute(
        "select outcome_number, hash from facts.commands where outcome_number is not null"
        " order by outcome_number desc limit 1"
    ).fetchall()
    return (int(found[0][0]), str(found[0][1])) if found else (0, START)
