"""The capture log: what is told of a file, its messages and its checks.

Belongs here: rows of `facts.capture_files`, `facts.capture_messages` and `facts.data_quality`. Does not belong here: the
outcomes themselves (`outcomes`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import duckdb

from oms_dagster.warehouse.flat import literal
from oms_dagster.warehouse.gate.outcomes import Check, moment

OUTCOMES = ("accepted", "quarantined", "duplicate", "conflict")


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What became of a file: counts of messages by outcome, of rows by outcome, and the checks.

    Attributes
    ----------
    already_captured
        The same file (channel, name, bytes, time) was captured before: nothing was written.
    notes
        What isn't an error but may surprise: columns that nobody uses.
    """

    file_sha256: str
    file_name: str
    channel: str
    bytes: int
    messages: int = 0
    accepted: int = 0
    quarantined: int = 0
    duplicate: int = 0
    conflict: int = 0
    lines_read: int = 0
    lines_accepted: int = 0
    lines_quarantined: int = 0
    lines_duplicate: int = 0
    lines_conflict: int = 0
    checks: tuple[Check, ...] = ()
    notes: tuple[str, ...] = ()
    already_captured: bool = False

    def __str__(self) -> str:
        counts = ", ".join(f"{getattr(self, name)} {name}" for name in OUTCOMES if getattr(self, name))
        return f"{self.messages} messages: {counts or 'captured before'}"


def write_messages(
    connection: duckdb.DuckDBPyConnection, channel: str, file_name: str, sha256: str, cycle_seq: int, as_of: datetime
) -> None:
    connection.execute(
        f"""
        insert into facts.capture_messages by name
        select message_id, {literal(channel)} as channel, record, {literal(file_name)} as file_name, {literal(sha256)} as file_sha256,
               position, lines, message_key, content_hash, outcome, error.code as error_code, error.field as error_field,
               error.detail as error_detail, w.warnings, order_id, {moment(as_of)} as received_at, {cycle_seq} as cycle_seq,
               {moment(as_of)} as recorded_at
        from gate_outcomes left join gate_warnings as w using (message_no) order by message_no
        """
    )


def counts(connection: duckdb.DuckDBPyConnection, before: Mapping[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    """Messages and rows by outcome: those of the pieces before, and of this one."""
    found = connection.execute(
        "select outcome, count(*), coalesce(sum(lines), 0)::bigint from gate_outcomes group by 1"
    ).fetchall()
    return {
        **before,
        **{name: (before[name][0] + messages, before[name][1] + lines) for name, messages, lines in found},
    }


def write_file(
    connection: duckdb.DuckDBPyConnection, file: FileOutcome, modified_ns: int, cycle_seq: int, as_of: datetime
) -> None:
    values = {
        "file_sha256": file.file_sha256, "file_name": file.file_name, "channel": file.channel, "bytes": file.bytes,
        "modified_ns": modified_ns, "lines_read": file.lines_read, "messages": file.messages,
        **{f"lines_{name}": getattr(file, f"lines_{name}") for name in OUTCOMES},
        **{f"messages_{name}": getattr(file, name) for name in OUTCOMES},
        "captured_at": as_of, "cycle_seq": cycle_seq, "recorded_at": as_of,
    }  # fmt: skip
    holders = ", ".join("?" for _ in values)
    connection.execute(
        f"insert into facts.capture_files ({', '.join(values)}) values ({holders})", list(values.values())
    )


def write_checks(
    connection: duckdb.DuckDBPyConnection, checks: tuple[Check, ...], cycle_seq: int, as_of: datetime
) -> None:
    """One row a check, channel and cycle: a channel's second file of a cycle adds to the first's counts."""
    for check in checks:
        key = [check.check_name, check.scope, cycle_seq]
        before = connection.execute(
            "select failing_rows, checked_rows from facts.data_quality where check_name = ? and scope = ? and cycle_seq = ?",
            key,
        ).fetchall()
        failing, checked = check.failing_rows, check.checked_rows
        if before:
            failing, checked = failing + before[0][0], checked + before[0][1]
            connection.execute(
                "delete from facts.data_quality where check_name = ? and scope = ? and cycle_seq = ?", key
            )
        connection.execute(
            "insert into facts.data_quality (check_name, scope, stage, severity, passed, failing_rows, checked_rows, cycle_seq, recorded_at)"
            " values (?, ?, 'capture', ?, ?, ?, ?, ?, ?)",
            [check.check_name, check.scope, check.severity, failing == 0, failing, checked, cycle_seq, as_of],
        )
