"""A long file in pieces of whole orders, so that memory doesn't grow with the file.

Belongs here: which rows are judged together, and how much memory the database takes meanwhile. Does not belong here: which
rows are one message (`staged`) or what becomes of it (`outcomes`).

All rows that share an order number, or the key of a feed's record, are of one piece, wherever they stand in the file:
no message is compared with one of another piece. Returns and stock adjustments inside an order file come last, in
one piece, when the orders that they refer to have been written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import duckdb

from oms_dagster.domain.capture.channel import DOCUMENTS, SECOND_TARGETS, Channel
from oms_dagster.domain.capture.records import ORDER
from oms_dagster.warehouse.flat import literal, trimmed

#: Rows that are typed, judged and written at a time; an order that is longer stays whole.
ROWS_A_PIECE = 200_000

#: Rows whose orders are looked for at a time.
ROWS_A_SHARE = 2_000_000

#: A file is long from here, in bytes: it is judged aside.
LONG_BYTES = 4 << 20

#: So much of the database's own memory is used before the texts of a long file wait on disk: with Python and Great
#: Expectations (400 MiB) a file of any size stays within 1 GiB.
MEMORY_LIMIT = "400MiB"


class Piece(NamedTuple):
    """SQL of the rows that are judged together; ``needs_facts``: with what the pieces before it wrote in sight."""

    rows: str
    needs_facts: bool = False


#: The file in one piece.
WHOLE = (Piece("select * from gate_mapped"),)


@contextmanager
def desk(connection: duckdb.DuckDBPyConnection, raw: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Where a file is judged: for a long one a second connection with little memory, which sees what was committed.

    A transaction keeps the temporary tables that it has dropped to its end; a connection outside one doesn't.
    """
    if not _is_long(connection, raw):
        yield connection
        return
    with connection.cursor() as aside:
        aside.execute("set TimeZone = 'UTC'")
        before = aside.execute("select current_setting('memory_limit')").fetchall()[0][0]
        with suppress(duckdb.OutOfMemoryException):  # what is in use at this moment stays
            aside.execute(f"set memory_limit = {literal(MEMORY_LIMIT)}")
        try:
            yield aside
        finally:
            aside.execute(f"set memory_limit = {literal(before)}")


def _is_long(connection: duckdb.DuckDBPyConnection, raw: Path) -> bool:
    """Whether a file is judged aside: by its bytes, or, of Parquet, which may pack a million rows into one MiB, by its rows."""
    if raw.stat().st_size > LONG_BYTES:
        return True
    with raw.open("rb") as file:
        if file.read(4) != b"PAR1":
            return False
    try:
        with connection.cursor() as aside:  # an error would end the caller's transaction
            found = aside.execute("select sum(num_rows) from parquet_file_metadata(?)", [str(raw)]).fetchall()
    except duckdb.Error:
        return False  # cut short: whoever reads it says so
    return int(found[0][0] or 0) > ROWS_A_PIECE


@contextmanager
def handed(
    aside: duckdb.DuckDBPyConnection, connection: duckdb.DuckDBPyConnection, tables: Sequence[str]
) -> Iterator[None]:
    """Temporary tables of one connection as views of the other, meanwhile."""
    if aside is connection:
        yield
        return
    with TemporaryDirectory(prefix="oms-piece-") as folder:
        for table in tables:
            path = literal(f"{folder}/{table}.parquet")
            aside.execute(f"copy (from {table}) to {path} (format parquet)")
            connection.execute(f"create temp view {table} as from read_parquet({path})")
        try:
            yield
        finally:
            for table in tables:
                with suppress(duckdb.TransactionException):  # of a transaction that failed nothing is left
                    connection.execute(f"drop view temp.{table}")


def second_target_sql(row: str) -> str:
    """SQL: the row of a flat order file is a return or an adjustment, a message of its own."""
    kinds = ", ".join(literal(kind) for kind in SECOND_TARGETS)
    return f"lower(coalesce({row}.row_kind, 'line')) in ({kinds}) and coalesce({row}.row_error.field, '') <> 'row'"


def cut(connection: duckdb.DuckDBPyConnection, channel: Channel, present: Sequence[str]) -> tuple[Piece, ...]:
    """The pieces of `gate_mapped`, in the order in which they are to be judged."""
    rows = connection.execute("select count(*) from gate_mapped").fetchall()[0][0]
    if rows <= ROWS_A_PIECE:
        return WHOLE
    group = _group_sql(channel, present)
    is_order = channel.contract is ORDER and channel.format not in DOCUMENTS and "row_kind" in present
    last = second_target_sql("m") if is_order else "false"
    sizes = _stage_strays(connection, rows, group, last)
    is_scattered = max(sizes.values(), default=0) > 2 * ROWS_A_PIECE
    pieces = _scattered(connection, rows, group, last) if is_scattered else _in_place(sorted(sizes), last)
    if not connection.execute(f"select 1 from gate_mapped as m where {last} limit 1").fetchall():
        return pieces
    return (*pieces, Piece(f"select * from gate_mapped as m where {last}", needs_facts=True))


def _group_sql(channel: Channel, present: Sequence[str]) -> str:
    """SQL of what rows of one piece share; coarser than a key does no harm, finer would."""
    record = channel.contract
    if record is ORDER:
        alone = "'#' || " + ("m.document" if channel.format in DOCUMENTS else "m.position")
        return f"coalesce({trimmed('m.channel_order_id')}, {alone})" if "channel_order_id" in present else alone
    kinds = {field.name: field.kind for field in record.fields}
    # A number or a date has several spellings: of a key its texts are looked at alone.
    texts = [part for part in record.key if part in present and kinds[part] in ("text", "code")]
    return "concat_ws('|', '', " + ", ".join(f"lower({trimmed(f'm.{part}')})" for part in texts or ("source",)) + ")"


def _stage_strays(connection: duckdb.DuckDBPyConnection, rows: int, group: str, last: str) -> dict[int, int]:
    """`gate_strays`: rows outside the stretch of the file in which their order begins; returns the rows of each stretch's orders.

    A share of the orders at a time: all at once would outgrow the memory.
    """
    connection.execute("create or replace temp table gate_strays (place bigint, piece bigint)")
    sizes: dict[int, int] = {}
    shares = -(-rows // ROWS_A_SHARE)
    for share in range(shares):
        mine = f"gate_mapped as m where not ({last}) and hash({group}) % {shares} = {share}"
        connection.execute(
            f"""
            create or replace temp table gate_groups as
            select hash({group}) as own, min(m.position) // {ROWS_A_PIECE} as piece, count(*) as size from {mine} group by 1
            """
        )
        connection.execute(
            f"""
            insert into gate_strays
            select m.place, g.piece
            from (select m.rowid as place, m.position, hash({group}) as own from {mine}) as m join gate_groups as g using (own)
            where g.piece <> m.position // {ROWS_A_PIECE}
            """
        )
        for piece, size in connection.execute("select piece, sum(size)::bigint from gate_groups group by 1").fetchall():
            sizes[piece] = sizes.get(piece, 0) + size
    connection.execute("drop table gate_groups")
    return sizes


def _in_place(stretches: Sequence[int], last: str) -> tuple[Piece, ...]:
    """Stretches of the file; what an order has outside the stretch in which it begins is fetched from where it stands."""
    pieces = []
    for piece in stretches:
        stretch = f"m.position >= {piece * ROWS_A_PIECE} and m.position < {(piece + 1) * ROWS_A_PIECE} and not ({last})"
        pieces.append(
            Piece(
                f"select * from gate_mapped as m where {stretch} and m.rowid not in (select place from gate_strays)"
                f" union all select * from gate_mapped as m where m.rowid in (select place from gate_strays where piece = {piece})"
            )
        )
    return tuple(pieces)


def _scattered(connection: duckdb.DuckDBPyConnection, rows: int, group: str, last: str) -> tuple[Piece, ...]:
    """Orders whose rows lie all over the file: the rows are sorted by piece first. Which order goes where is of no effect."""
    count = -(-rows // ROWS_A_PIECE)
    connection.execute(
        f"""
        create or replace temp table gate_sorted as
        select m.*, case when {last} then {count} else hash({group}) % {count} end as piece
        from gate_mapped as m order by piece, position
        """
    )
    connection.execute("drop table gate_mapped")
    connection.execute("alter table gate_sorted rename to gate_mapped")
    return tuple(Piece(f"select * from gate_mapped where piece = {piece}") for piece in range(count))
