"""A long file in pieces of whole orders, so that memory doesn't grow with the file.

Belongs here: which rows are judged together, and how much memory the database takes meanwhile. Does not belong here: which
rows are one message (`staged`) or what becomes of it (`outcomes`).

All rows that share an order number, or the key of a feed's record, are of one piece, wherever they stand in the file:
no message is compared with one of another piece. Returns and stock adjustments inside an order file come last, in
one piece, when the orders that they refer to have been written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import duckdb

from oms_dagster.domain.capture.channel import DOCUMENTS, SECOND_TARGETS, Channel
from oms_dagster.domain.capture.records import ORDER
from oms_dagster.warehouse.flat import literal, trimmed

#: Rows that are typed, judged and written at a time; an order that is longer stays whole.
ROWS_A_PIECE = 200_000

#: Rows whose orders are looked for at a time.
ROWS_A_SHARE = 2_000_000

#: A file of documents is long from here: how many rows it becomes is known only afterwards.
LONG_BYTES = 64 << 20

#: So much of the database's own memory is used before the texts of a long file wait on disk: with Python and Great
#: Expectations (300 MiB) a file of any size stays within 1 GiB.
MEMORY_LIMIT = "400MiB"

#: The file in one piece.
WHOLE = ("select * from gate_mapped",)


@contextmanager
def restored(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """The database's memory afterwards as before, whatever `bound` does meanwhile."""
    with connection.cursor() as aside:
        before = aside.execute("select current_setting('memory_limit')").fetchall()[0][0]
        try:
            yield
        finally:
            aside.execute(f"set memory_limit = {literal(before)}")


def bound(connection: duckdb.DuckDBPyConnection) -> None:
    """Keep the database within `MEMORY_LIMIT`; a warehouse that holds more in use at this moment keeps what it has."""
    try:
        with connection.cursor() as aside:
            aside.execute(f"set memory_limit = {literal(MEMORY_LIMIT)}")
    except duckdb.OutOfMemoryException:
        return


def second_target_sql(row: str) -> str:
    """SQL: the row of a flat order file is a return or an adjustment, a message of its own."""
    kinds = ", ".join(literal(kind) for kind in SECOND_TARGETS)
    return f"lower(coalesce({row}.row_kind, 'line')) in ({kinds}) and coalesce({row}.row_error.field, '') <> 'row'"


def cut(connection: duckdb.DuckDBPyConnection, channel: Channel, present: Sequence[str]) -> tuple[str, ...]:
    """SQL of the rows of each piece of `gate_mapped`, in the order in which they are to be judged."""
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
    return (*pieces, f"select * from gate_mapped as m where {last}")


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


def _in_place(stretches: Sequence[int], last: str) -> tuple[str, ...]:
    """Stretches of the file; what an order has outside the stretch in which it begins is fetched from where it stands."""
    pieces = []
    for piece in stretches:
        stretch = f"m.position >= {piece * ROWS_A_PIECE} and m.position < {(piece + 1) * ROWS_A_PIECE} and not ({last})"
        pieces.append(
            f"select * from gate_mapped as m where {stretch} and m.rowid not in (select place from gate_strays)"
            f" union all select * from gate_mapped as m where m.rowid in (select place from gate_strays where piece = {piece})"
        )
    return tuple(pieces)


def _scattered(connection: duckdb.DuckDBPyConnection, rows: int, group: str, last: str) -> tuple[str, ...]:
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
    return tuple(f"select * exclude (piece) from gate_mapped where piece = {piece}" for piece in range(count))
