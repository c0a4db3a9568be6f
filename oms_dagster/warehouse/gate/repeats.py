"""Rows that say a numbered line of their order again.

Belongs here: finding them, taking out word-for-word copies, the warning. Rows that say something else under one number
are refused by the suite.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from oms_dagster.domain.capture.channel import DOCUMENTS, Channel
from oms_dagster.domain.capture.records import ORDER, Record


def drop_repeats(
    connection: duckdb.DuckDBPyConnection, channel: Channel, record: Record, present: Sequence[str]
) -> int | None:
    """Take out rows that say a numbered line of their order again, word for word, and warn of them; returns how many.

    A line number names a line, so the second row is a copy, not more of the same. Rows that say something else under one
    number stay, for the suite to refuse; rows without number add up.
    """
    if record is not ORDER or channel.format in DOCUMENTS or "line_number" not in present:
        return None
    kind = "coalesce(row_kind, 'line')" if "row_kind" in present else "'line'"
    connection.execute(
        f"""
        create or replace temp table gate_repeats as
        with lines as (select message_no, position, row_hash, line_number from gate_typed
                       where line_number is not null and error is null and {kind} = 'line')
        select message_no, position, line_number,
               first_value(position) over (partition by message_no, row_hash order by position) as first_position
        from lines semi join (select message_no, line_number from lines group by 1, 2 having count(*) > 1) using (message_no, line_number)
        qualify position > first_position
        """
    )
    found = int(connection.execute("select count(*) from gate_repeats").fetchall()[0][0])
    if found:
        connection.execute("delete from gate_typed where position in (select position from gate_repeats)")
        connection.execute(
            """
            insert into gate_warnings
            select message_no, 'ROW_REPEATED: ' || string_agg('row ' || position || ', line_number: says line "' || left(line_number, 60)
                   || '" again, word for word as row ' || first_position || '; counted once', '; ' order by position)
            from gate_repeats group by 1
            """
        )
    return found


def count_repeats(connection: duckdb.DuckDBPyConnection) -> None:
    """Rows that were taken out are rows of their message all the same."""
    connection.execute(
        "update gate_messages set lines = lines + r.rows from"
        " (select message_no, count(*) as rows from gate_repeats group by 1) as r where gate_messages.message_no = r.message_no"
    )
