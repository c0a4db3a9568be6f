"""From a file to typed rows, grouped into messages.

Belongs here: the temporary tables `gate_mapped` (texts), then piece by piece `gate_typed` (values, with the first error of each row),
`gate_rows` (the same with every field of the record, null where the file has none) and `gate_messages` (one a message, with its natural key and content hash). Does not belong here: what becomes of a message
(`outcomes`) or where it is kept (`orders`, `feeds`).
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import BinaryIO

import duckdb

from oms_dagster.domain.capture import cxml, edifact, json_orders, shopify, ubl, x12
from oms_dagster.domain.capture.channel import DOCUMENTS, SECOND_TARGETS, Channel
from oms_dagster.domain.capture.countries import SPELLINGS
from oms_dagster.domain.capture.messages import Message, ParseFailure
from oms_dagster.domain.capture.records import LATER_FIELDS, ORDER, Record
from oms_dagster.warehouse.flat import Flat, Unreadable, literal, name, open_flat
from oms_dagster.warehouse.gate import pieces
from oms_dagster.warehouse.gate.pieces import Piece
from oms_dagster.warehouse.gate.repeats import count_repeats, drop_repeats
from oms_dagster.warehouse.gate.typed import ERROR_TYPE, typed_sql
from oms_dagster.warehouse.mapping import decimal_of, default_of, map_flat
from oms_dagster.warehouse.tables import field_columns

#: Formats read as streams of documents, and those of which a file is read whole.
_STREAMS: Mapping[str, Callable[[BinaryIO], Iterator[Message | ParseFailure]]] = {
    "shopify": shopify.parse_shopify, "x12": x12.parse_x12, "edifact": edifact.parse_edifact,
}  # fmt: skip
_WHOLE: Mapping[str, Callable[[bytes], Iterator[Message | ParseFailure]]] = {
    "ubl": ubl.parse_ubl, "cxml": cxml.parse_cxml,
}  # fmt: skip
#: The longest file that is read whole.
LONGEST_WHOLE = 64 << 20
_FIELDS = {
    "shopify": shopify.FIELDS, "x12": x12.FIELDS, "edifact": edifact.FIELDS, "ubl": ubl.FIELDS, "cxml": cxml.FIELDS,
}  # fmt: skip
_ROWS_A_CHUNK = 2000


@dataclass(frozen=True, slots=True)
class Only:
    """One message of a file, read again.

    Attributes
    ----------
    position
        Place of its first row in the file.
    changes
        Row of the file (None: all of the message), field, text.
    replaces
        Accepted though its key is known with other content.
    """

    position: int
    changes: tuple[tuple[int | None, str, str], ...] = ()
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class Staged:
    """What the temporary tables hold.

    Attributes
    ----------
    channel
        With the decimal sign of this file.
    present
        Fields that the file or the channel's defaults give.
    pieces
        What `type_piece` takes at a time.
    unreadable
        Why the whole file can't be read; the tables are then empty.
    """

    channel: Channel
    present: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    pieces: tuple[Piece, ...] = pieces.WHOLE
    unreadable: str | None = None


def stage(connection: duckdb.DuckDBPyConnection, path: Path, channel: Channel, only: Only | None = None) -> Staged:
    """Read and map a file, or one message of it, into `gate_mapped`."""
    record = channel.contract
    notes: tuple[str, ...] = ()
    try:
        if channel.format in DOCUMENTS:
            channel = replace(channel, decimal=".")
            present = _stage_documents(connection, path, channel, record)
        else:
            channel, present, notes = _stage_flat(connection, path, channel, record)
    except Unreadable as error:
        return Staged(channel, unreadable=str(error))
    if only is not None:
        present = _narrow(connection, channel, present, only)
        return Staged(channel, present, notes)
    return Staged(channel, present, notes, pieces.cut(connection, channel, present))


def type_piece(connection: duckdb.DuckDBPyConnection, batch: Staged, piece: Piece) -> int | None:
    """Type and group one of `Staged.pieces` into `gate_rows` and `gate_messages`.

    Returns how many rows were taken out because they say a numbered line again; None: the lines have no numbers.
    """
    channel, present = batch.channel, batch.present
    record = channel.contract
    connection.execute("create or replace temp table gate_warnings (message_no bigint, warnings varchar)")
    _countries(connection)
    _keys(connection, channel, present, piece)
    typed = typed_sql(channel, record, present, "gate_keyed")
    connection.execute(f"create or replace temp table gate_typed as {_hashed(typed, record, present)}")
    repeats = drop_repeats(connection, channel, record, present)
    absent = "".join(
        f", null::{kind} as {field}" for field, kind in field_columns(record.fields) if field not in present
    )
    connection.execute(f"create or replace temp view gate_rows as select *{absent} from gate_typed")
    _messages(connection, record, "count(distinct position)" if channel.also else "count(*)")
    if repeats:
        count_repeats(connection)
    return repeats


def message_texts(
    connection: duckdb.DuckDBPyConnection, path: Path, channel: Channel, position: int
) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    """Fields that the file gives, and of each row of the message at ``position`` its place and its texts, unjudged.

    Raises
    ------
    Unreadable
        The file can't be read at all.
    """
    record = channel.contract
    if channel.format in DOCUMENTS:
        present = _stage_documents(connection, path, channel, record)
    else:
        _, present, _ = _stage_flat(connection, path, channel, record)
    _narrow(connection, channel, present, Only(position))
    texts = ", ".join(present)
    return present, connection.execute(f"select position, {texts} from gate_mapped order by position").fetchall()


def _narrow(
    connection: duckdb.DuckDBPyConnection, channel: Channel, present: tuple[str, ...], only: Only
) -> tuple[str, ...]:
    """Leave the rows of one message in `gate_mapped`, changed as somebody said; returns the fields that it has by then."""
    record = channel.contract
    _keys(connection, channel, present, *pieces.WHOLE)
    connection.execute(
        "delete from gate_mapped where position not in (select position from gate_keyed where message_no ="
        " (select message_no from gate_keyed where position = ?))",
        [only.position],
    )
    for row, field, text in only.changes:
        if field not in record.field_names:
            raise ValueError(f"{field} is no field of {record.name}: use {', '.join(record.field_names)}")
        if field not in present:
            connection.execute(f"alter table gate_mapped add column {field} varchar")
            present = (*present, field)
        connection.execute(
            f"update gate_mapped set {field} = nullif(?, ''), row_error = case when row_error.field = ? then null else row_error end"
            " where ? is null or position = ?",
            [text, field, row, row],
        )
    return present


def _countries(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("create or replace temp table gate_countries (name varchar, code varchar)")
    pairs = json.dumps([[name, code] for name, code in SPELLINGS.items()])
    connection.execute(
        "insert into gate_countries select pair[1], pair[2] from (select unnest(from_json(?, '[[\"VARCHAR\"]]')) as pair)",
        [pairs],
    )


def _stage_flat(
    connection: duckdb.DuckDBPyConnection, path: Path, channel: Channel, record: Record
) -> tuple[Channel, tuple[str, ...], tuple[str, ...]]:
    with tempfile.TemporaryDirectory(prefix="oms-capture-") as scratch:
        flat = open_flat(connection, path, channel, Path(scratch))
        channel = replace(channel, decimal=decimal_of(connection, flat, channel, record))
        mapped = map_flat(flat, channel, record, "source")
        source = _source(connection, flat, _missing_column(mapped.missing, flat, channel))
        connection.execute(
            f"create or replace temp table gate_mapped as with source as {'materialized ' if channel.also else ''}({source}) "
            f"select *, null::bigint as document from ({mapped.sql})"
        )
    return channel, mapped.fields, mapped.notes


def _missing_column(missing: Sequence[tuple[str, str]], flat: Flat, channel: Channel) -> str:
    """SQL of the error that every row carries when the file lacks a column that it must have."""
    if not missing:
        return f"null::{ERROR_TYPE}"
    field, column = missing[0]
    found = ", ".join(flat.columns)[:200]
    detail = (
        f"column {column!r} is missing; the file has {found}; add it, or change `fields` in channels/{channel.slug}.yml"
    )
    return f"{{'code': 'MISSING_COLUMN', 'field': {literal(field)}, 'detail': {literal(detail)}}}::{ERROR_TYPE}"


def _source(connection: duckdb.DuckDBPyConnection, flat: Flat, error: str) -> str:
    """SQL of the file's rows with position and error; rows that couldn't be split come last."""
    columns = ", ".join(name(column) for column in flat.columns)
    if flat.replaced:
        joined = f"concat_ws('', {columns})"
        code = "'code': 'UNREADABLE', 'field': 'file'"
        fix = literal(
            " holds bytes that are no text in the file's encoding; save the file as UTF-8 and send the order again"
        )
        broken = f"{{{code}, 'detail': 'row ' || position || {fix}}}::{ERROR_TYPE}"
        error = f"case when contains({joined}, chr(65533)) then {broken} else {error} end"
    good = f"select position, {error} as row_error, {columns} from (select row_number() over () as position, * from ({flat.sql}))"
    if not flat.bad_rows:
        return good
    rows = json.dumps([[*row.values, row.detail] for row in flat.bad_rows])
    connection.execute("create or replace temp table gate_bad (number bigint, parts varchar[])")
    connection.execute(
        "insert into gate_bad select row_number() over (), parts from (select unnest(from_json(?, '[[\"VARCHAR\"]]')) as parts)",
        [rows],
    )
    parts = ", ".join(f"parts[{place}]" for place in range(1, len(flat.columns) + 1))
    detail = f"parts[{len(flat.columns) + 1}]"
    bad = (
        f"select number + {flat.rows}, "
        f"{{'code': 'UNREADABLE', 'field': 'row', 'detail': {detail}}}::{ERROR_TYPE}, {parts} from gate_bad"
    )
    return f"{good} union all {bad}"


def _stage_documents(
    connection: duckdb.DuckDBPyConnection, path: Path, channel: Channel, record: Record
) -> tuple[str, ...]:
    defaults = {field: default_of(field, channel, record) for field in record.field_names}
    given = json_orders.fields_of(channel) if channel.format == "json-orders" else _FIELDS[channel.format]
    fields = tuple(field for field in record.field_names if field in given or defaults[field] is not None)
    texts = ", ".join(f"{field} varchar" for field in fields)
    connection.execute(
        f"create or replace temp table gate_mapped (position bigint, row_error {ERROR_TYPE}, document bigint, {texts})"
    )
    rows: list[dict[str, object]] = []
    position = 0
    for message in _parsed(path, channel):
        for row in _document_rows(message, fields, defaults):
            position += 1
            rows.append({"position": position, "document": message.number, **row})
        if len(rows) >= _ROWS_A_CHUNK:
            _insert_documents(connection, rows, fields)
            rows = []
    _insert_documents(connection, rows, fields)
    return fields


def _parsed(path: Path, channel: Channel) -> Iterator[Message | ParseFailure]:
    if channel.format == "json-orders":
        with path.open("rb") as stream:
            yield from json_orders.parse_json_orders(stream, channel)
    elif channel.format in _STREAMS:
        with path.open("rb") as stream:
            yield from _STREAMS[channel.format](stream)
    elif path.stat().st_size > LONGEST_WHOLE:
        size, most = path.stat().st_size >> 20, LONGEST_WHOLE >> 20
        raise Unreadable(
            f"the file has {size} MiB of XML, which is read whole, up to {most} MiB; send fewer documents a file"
        )
    else:
        yield from _WHOLE[channel.format](path.read_bytes())


def _document_rows(
    message: Message | ParseFailure, fields: Sequence[str], defaults: Mapping[str, str | None]
) -> list[dict[str, object]]:
    if isinstance(message, ParseFailure):
        error = {"code": message.code, "field": message.field, "detail": message.detail}
        return [{"row_error": error, "channel_order_id": message.channel_order_id}]
    if message.rows[0].get("message_kind") == "change":
        # What a change leaves out stays as it was.
        defaults = {**defaults, "currency": None, "prices_include_tax": None}
    return [{field: row.get(field) or defaults[field] for field in fields} for row in message.rows]


def _insert_documents(
    connection: duckdb.DuckDBPyConnection, rows: list[dict[str, object]], fields: Sequence[str]
) -> None:
    if not rows:
        return
    error = dict.fromkeys(("code", "field", "detail"), "VARCHAR")
    shape = {"position": "BIGINT", "document": "BIGINT", "row_error": error, **dict.fromkeys(fields, "VARCHAR")}
    connection.execute(
        f"insert into gate_mapped by name select r.* from (select unnest(from_json(?, {literal(json.dumps([shape]))})) as r)",
        [json.dumps(rows)],
    )


def _keys(connection: duckdb.DuckDBPyConnection, channel: Channel, present: Sequence[str], piece: Piece) -> None:
    """The view `gate_keyed`: the texts of a piece with the number of the message that each row belongs to.

    A message of a flat order file is all rows of an order's key, numbered by the first of them; a return, an adjustment
    or a feed's row is a message of its own. A row that can't be split belongs to the order whose number it shows.
    """
    connection.execute(f"create or replace temp view gate_piece as {piece.rows}")
    number = "m.position"
    joins = ""
    if channel.format in DOCUMENTS:
        number = "m.document"
    elif channel.contract is ORDER and "channel_order_id" in present:
        version = "coalesce(nullif(trim(m.order_version), ''), '')" if "order_version" in present else "''"
        single = ", ".join(literal(kind) for kind in SECOND_TARGETS)
        grouped = f"lower(coalesce(m.row_kind, 'line')) not in ({single})"
        split = "coalesce(m.row_error.field, '') <> 'row'"
        connection.execute(
            f"create or replace temp table gate_keys as select m.channel_order_id, {version} as version, min(m.position) as number "
            f"from gate_piece as m where m.channel_order_id is not null and {grouped} and {split} group by 1, 2"
        )
        joins = (
            f" left join gate_keys as k on k.channel_order_id = m.channel_order_id and k.version = {version} and {grouped} and {split}"
            f" left join (select channel_order_id, min(number) as number from gate_keys group by 1) as b"
            f" on b.channel_order_id = m.channel_order_id and not ({split})"
        )
        number = "coalesce(k.number, b.number, m.position)"
    columns = ", ".join(f"m.{field}" for field in present)
    connection.execute(
        f"create or replace temp view gate_keyed as select m.position, m.row_error, {number} as message_no, {columns} from gate_piece as m{joins}"
    )


def _hashed(typed: str, record: Record, present: Sequence[str]) -> str:
    """The typed rows with the hash of their canonical content and, but for orders, their key."""
    contents = ", ".join(_contents(record, present))
    kept = ", ".join(present)
    key = (
        "null::varchar"
        if record is ORDER
        else _joined(f"x_{part}" if part in present else "null" for part in record.key)
    )
    return f"select position, message_no, error, sha256(concat_ws(chr(31), {contents})) as row_hash, {key} as row_key, {kept} from ({typed})"


def _contents(record: Record, present: Sequence[str]) -> Iterator[str]:
    """What is hashed of a row: each field's text; a run of absent fields is one text of as many separators."""
    later = LATER_FIELDS.get(record.name, ())
    known = (field for field in record.field_names if field not in later)
    for given, run in groupby(known, key=set(present).__contains__):
        if given:
            yield from (f"coalesce(x_{field}, '')" for field in run)
        else:
            yield f"repeat(chr(31), {len(list(run)) - 1})"
    yield from (f"'{field}=' || x_{field}" for field in later if field in present)  # a null has no place in the text


def _joined(parts: Iterable[str]) -> str:
    return "concat_ws('|', " + ", ".join(f"coalesce({part}, '')" for part in parts) + ")"


def _messages(connection: duckdb.DuckDBPyConnection, record: Record, lines: str) -> None:
    """`gate_messages`: one a message, with record, natural key, content hash and first error."""
    if record is not ORDER:
        kind, key = literal(record.name), "any_value(row_key)"
    else:
        single = " ".join(f"when '{kind}' then '{target}'" for kind, target in SECOND_TARGETS.items())
        kind = f"case arg_min_null(row_kind, position) {single} else 'order' end"
        version = "coalesce(arg_min_null(order_version, position), '')"
        line = "coalesce(arg_min_null(line_number, position), '#' || min(position))"
        order = "coalesce(arg_min_null(channel_order_id, position), '')"
        key = f"{order} || '|' || case when {kind} = 'order' then {version} else {line} end"
    connection.execute(
        f"""
        create or replace temp table gate_messages as
        select message_no, min(position) as position, {lines} as lines, {kind} as record, {key} as message_key,
               sha256(string_agg(row_hash, '' order by row_hash)) as content_hash,
               arg_min(error, position) filter (error is not null) as error
        from gate_rows group by message_no
        """
    )
    if record is ORDER:
        # Of which version a broken row is can't be known: no version of its order is complete.
        connection.execute(
            """
            update gate_messages set error = b.error
            from (select r.channel_order_id, arg_min(r.error, r.position) as error
                  from gate_rows as r where r.error.code = 'UNREADABLE' and r.error.field = 'row' group by 1) as b
            where gate_messages.error is null and gate_messages.record = 'order'
              and split_part(gate_messages.message_key, '|', 1) = b.channel_order_id
            """
        )
