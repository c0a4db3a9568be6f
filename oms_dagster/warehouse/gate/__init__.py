"""The gate: a file's messages become facts, each with one outcome.

Belongs here: the order of the steps. Does not belong here: the inbox, the archive and the
transaction, which the caller holds.

`staged` reads, types and groups, a long file in `pieces`; `changes` makes whole versions of amendments; `outcomes` judges; `orders` and
`feeds` append, `log` tells.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import duckdb

from oms_dagster.domain.capture.channel import Channel
from oms_dagster.domain.capture.channel_file import load_channels
from oms_dagster.domain.capture.records import ORDER, RECORDS
from oms_dagster.warehouse.gate import changes, feeds, orders, outcomes, pieces, staged
from oms_dagster.warehouse.gate.check import FileCheck, RowOutcome
from oms_dagster.warehouse.gate.log import (
    OUTCOMES,
    FileOutcome,
    MessageOutcome,
    counts,
    log_checks,
    log_file,
    log_messages,
)
from oms_dagster.warehouse.gate.outcomes import Check
from oms_dagster.warehouse.gate.pieces import Piece
from oms_dagster.warehouse.gate.returned import match_returned_rows
from oms_dagster.warehouse.gate.staged import Only, Staged
from oms_dagster.warehouse.gate.units import lines_waiting, measure_waiting, waiting_notes

__all__ = [
    "OUTCOMES",
    "FileOutcome",
    "MessageOutcome",
    "capture_file",
    "capture_message",
    "check_file",
    "measure_waiting",
    "precedence",
]


def precedence(channel: str) -> int:
    """Which files of a cycle go first: reference data, then orders, then what happened to them."""
    record = RECORDS.get(channel)
    return 1 if record is None else {"reference": 0, "order": 1, "feed": 2}[record.family]


def capture_file(
    connection: duckdb.DuckDBPyConnection,
    home_channels: Path | Mapping[str, Channel] | None,
    raw: Path,
    *,
    file_name: str,
    channel: str,
    modified_ns: int,
    cycle_seq: int,
    as_of: datetime,
) -> FileOutcome:
    """Capture a file inside the caller's transaction.

    Parameters
    ----------
    connection
        On the warehouse, time zone UTC, in a transaction of this file's own: a long file is judged on a second connection,
        which sees what was committed (`pieces`).
    home_channels
        Folder of the user's channel files, or the channels themselves.
    raw
        The file's bytes; they must not change meanwhile.
    channel
        Slug. One that is unknown or can't be used quarantines the file.
    as_of
        The cycle's time: written as ``captured_at``, ``received_at`` and ``recorded_at``.

    Returns
    -------
    FileOutcome
        ``lines_read`` = the four ``lines_*``; ``messages`` = the four outcomes, at least one a file.
    """
    sha256, size = _digest(raw)
    seen = connection.execute(
        "select count(*), count(*) filter (file_name = ? and modified_ns = ?) from facts.capture_files where channel = ? and file_sha256 = ?",
        [file_name, modified_ns, channel, sha256],
    ).fetchall()[0]
    if seen[1]:
        return FileOutcome(sha256, file_name, channel, size, already_captured=True)
    found = dict.fromkeys(OUTCOMES, (0, 0))
    waiting: Counter[str] = Counter()
    with pieces.desk(connection, raw) as desk:
        batch, checks = _open(desk, home_channels, raw, file_name, channel, sha256, seen[0])
        for piece in batch.pieces if batch else pieces.WHOLE:
            if batch is not None and not piece.needs_facts:
                checks = outcomes.added(checks, _judge(desk, batch, piece, sha256, seen[0], as_of))
            elif batch is not None:
                checks = outcomes.added(checks, _judge_here(connection, desk, batch, piece, sha256, seen[0], as_of))
            judge = connection if piece.needs_facts else desk
            with pieces.handed(judge, connection, _handed(judge, batch)):
                if batch is not None:
                    _write(connection, batch.channel, cycle_seq, as_of)
                    waiting.update(lines_waiting(connection, batch.channel))
                log_messages(connection, channel, file_name, sha256, cycle_seq, as_of)
                found = counts(connection, found)
    result = FileOutcome(
        sha256, file_name, channel, size,
        messages=sum(messages for messages, _ in found.values()),
        lines_read=sum(lines for _, lines in found.values()),
        accepted=found["accepted"][0], lines_accepted=found["accepted"][1],
        quarantined=found["quarantined"][0], lines_quarantined=found["quarantined"][1],
        duplicate=found["duplicate"][0], lines_duplicate=found["duplicate"][1],
        conflict=found["conflict"][0], lines_conflict=found["conflict"][1],
        checks=checks, notes=_notes(batch, checks, waiting),
    )  # fmt: skip
    log_file(connection, result, modified_ns, cycle_seq, as_of)
    log_checks(connection, checks, cycle_seq, as_of)
    _clean(connection)
    return result


def capture_message(
    connection: duckdb.DuckDBPyConnection,
    home_channels: Path | Mapping[str, Channel] | None,
    raw: Path,
    only: Only,
    *,
    file_name: str,
    channel: str,
    modified_ns: int,
    cycle_seq: int,
    as_of: datetime,
) -> MessageOutcome:
    """Capture one message of an archived file again, inside the caller's transaction, if it is accepted or known by now.

    Parameters
    ----------
    only
        Which message, and what of it is changed.
    file_name
        Name under which the log shows this reading; it must not be that of the file itself.

    Returns
    -------
    MessageOutcome
        Anything but accepted or duplicate wrote nothing.

    Raises
    ------
    ValueError
        A field that the channel's records don't have.
    """
    sha256, size = _digest(raw)
    reading = connection.execute(
        "select count(*) from facts.capture_files where channel = ? and file_sha256 = ?", [channel, sha256]
    ).fetchall()[0][0]
    try:
        batch, _ = _open(connection, home_channels, raw, file_name, channel, sha256, reading, only)
        if batch is not None:
            _judge(connection, batch, *pieces.WHOLE, sha256, reading, as_of, only)
        found = connection.execute(
            "select outcome, error.code, error.detail, order_id, lines from gate_outcomes"
        ).fetchall()
        result = (
            MessageOutcome(*found[0][:4])
            if found
            else MessageOutcome("quarantined", "UNREADABLE", "it is not there", None)
        )
        if batch is not None and result.outcome in ("accepted", "duplicate"):
            _write(connection, batch.channel, cycle_seq, as_of)
            log_messages(connection, channel, file_name, sha256, cycle_seq, as_of)
            counts = {result.outcome: 1, "lines_read": found[0][4], f"lines_{result.outcome}": found[0][4]}
            log_file(
                connection,
                FileOutcome(sha256, file_name, channel, size, messages=1, **counts),
                modified_ns,
                cycle_seq,
                as_of,
            )
        return result
    finally:
        _clean(connection)


def check_file(
    connection: duckdb.DuckDBPyConnection,
    home_channels: Path | Mapping[str, Channel] | None,
    raw: Path,
    *,
    file_name: str,
    channel: str,
    as_of: datetime,
) -> FileCheck:
    """What `capture_file` would do with each row; writes nothing but temporary tables, so a reader will do."""
    sha256, _ = _digest(raw)
    batch, checks = _open(connection, home_channels, raw, file_name, channel, sha256, 0)
    if batch is not None:
        # In one piece: nothing is written that the returns of a later piece could refer to.
        checks = _judge(connection, batch, *pieces.WHOLE, sha256, 0, as_of)
    rows = "gate_rows" if batch is not None else "gate_outcomes"
    shown = ("row_kind", "line_number", "sku_code", "quantity")
    there = set(batch.channel.contract.field_names) if batch is not None else set()
    own = ", ".join(
        f"{field}::varchar as {field}" if field in there else f"null::varchar as {field}" for field in shown
    )
    found = connection.execute(
        f"""
        select r.position, o.message_no, o.message_key, o.outcome, o.order_id, {", ".join(f"r.{field}" for field in shown)},
               coalesce(e.code, o.error.code), coalesce(e.field, o.error.field), coalesce(e.detail, o.error.detail)
        from (select position, message_no, error as e, {own} from {rows}) as r join gate_outcomes as o using (message_no)
        order by r.position, r.row_kind <> 'line'
        """
    ).fetchall()
    waiting = lines_waiting(connection, batch.channel) if batch is not None else {}
    _clean(connection)
    return FileCheck(tuple(RowOutcome(*row) for row in found), _notes(batch, checks, waiting))


def _digest(raw: Path) -> tuple[str, int]:
    with raw.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest(), raw.stat().st_size


def _open(
    connection: duckdb.DuckDBPyConnection,
    home_channels: Path | Mapping[str, Channel] | None,
    raw: Path,
    file_name: str,
    channel: str,
    sha256: str,
    reading: int,
    only: Only | None = None,
) -> tuple[Staged | None, tuple[Check, ...]]:
    """Stage a file; None when the whole file is quarantined: `gate_outcomes` then says why."""
    connection.execute("create or replace temp table gate_warnings (message_no bigint, warnings varchar)")
    known, errors = (home_channels, {}) if isinstance(home_channels, Mapping) else load_channels(home_channels)
    settings = known.get(channel)
    if settings is None:
        detail = (
            errors.get(channel)
            or f"no channel {channel!r}; add channels/{channel}.yml to the home, or move the file to one of {', '.join(sorted(known))}"
        )
        outcomes.refuse(
            connection, channel, "", sha256, reading, "CHANNEL_UNUSABLE", "channel", f"{file_name}: {detail}"
        )
        return None, ()
    batch = staged.stage(connection, raw, settings, only)
    if batch.unreadable is not None:
        outcomes.refuse(
            connection,
            channel,
            settings.record,
            sha256,
            reading,
            "UNREADABLE",
            "file",
            f"{file_name}: {batch.unreadable}",
        )
        return None, (Check(outcomes.TYPED_CHECK, channel, "a readable file", 1, 1),)
    return batch, ()


def _judge(
    connection: duckdb.DuckDBPyConnection,
    batch: Staged,
    piece: Piece,
    sha256: str,
    reading: int,
    as_of: datetime,
    only: Only | None = None,
) -> tuple[Check, ...]:
    """Fill `gate_outcomes` with the messages of a piece."""
    settings = batch.channel
    repeats = staged.type_piece(connection, batch, piece)
    if settings.contract is ORDER:
        changes.complete_changes(connection, settings, batch.present)
    checks = outcomes.run_suite(connection, settings, batch.present, as_of)
    if repeats is not None:
        rows = connection.execute("select count(*) from gate_typed").fetchall()[0][0] + repeats
        checks = (*checks, Check("ROW_REPEATED", settings.slug, "each numbered line said once", repeats, rows, "warn"))
    outcomes.decide(connection, settings, sha256, reading)
    if only is not None and only.replaces:
        connection.execute("update gate_outcomes set outcome = 'accepted' where outcome = 'conflict'")
    if settings.contract is ORDER:
        orders.stage_orders(connection, settings)
        match_returned_rows(connection, settings)
        outcomes.quarantine_unmatched(connection)
    return checks


def _judge_here(
    connection: duckdb.DuckDBPyConnection,
    desk: duckdb.DuckDBPyConnection,
    batch: Staged,
    piece: Piece,
    sha256: str,
    reading: int,
    as_of: datetime,
) -> tuple[Check, ...]:
    """The same inside the caller's transaction, of a piece whose rows stand at the desk."""
    if desk is connection:
        return _judge(connection, batch, piece, sha256, reading, as_of)
    desk.execute(f"create or replace temp view gate_mapped_here as {piece.rows}")
    with pieces.handed(desk, connection, ["gate_mapped_here"]):
        return _judge(connection, batch, Piece("select * from gate_mapped_here"), sha256, reading, as_of)


def _handed(judge: duckdb.DuckDBPyConnection, batch: Staged | None) -> tuple[str, ...]:
    """Tables from which a piece's facts and log are written."""
    told = ("gate_outcomes", "gate_warnings")
    if batch is None:
        return told
    if batch.channel.contract is not ORDER:
        return (*told, "gate_rows")
    further = orders.SECOND_TARGETS_FROM if orders.has_second_targets(judge) else ()
    return (*told, *orders.ORDERS_FROM, *further)


def _notes(batch: Staged | None, checks: tuple[Check, ...], waiting: Mapping[str, int]) -> tuple[str, ...]:
    """What was noticed of the file, and what was accepted though it is odd."""
    warned = (
        f"{check.code}: {check.failing_rows} row(s) accepted with a warning, {check.expected} expected"
        for check in checks
        if check.severity == "warn" and not check.passed
    )
    return (*(batch.notes if batch else ()), *waiting_notes(waiting), *warned)


def _write(connection: duckdb.DuckDBPyConnection, channel: Channel, cycle_seq: int, as_of: datetime) -> None:
    record = channel.contract
    if record is ORDER:
        orders.write_orders(connection, cycle_seq, as_of)
        if orders.has_second_targets(connection):
            orders.write_second_targets(connection, channel, cycle_seq, as_of)
    elif record.family == "feed":
        feeds.write_feed(connection, record, cycle_seq, as_of)
    else:
        feeds.write_reference(connection, record, cycle_seq, as_of)


def _clean(connection: duckdb.DuckDBPyConnection) -> None:
    for view in ("gate_rows", "gate_keyed", "gate_piece", "gate_mapped_here"):
        connection.execute(f"drop view if exists temp.{view}")
    for (name,) in connection.execute(
        "select table_name from duckdb_tables() where temporary and table_name like 'gate_%'"
    ).fetchall():
        connection.execute(f"drop table temp.{name}")
