"""Rows and columns out of a file: CSV in any usual form, Excel, Parquet, JSON, JSON lines, as a relation of texts.

Belongs here: formats, broken rows and broken files. Does not belong here: encodings (`encoding`), delimiters and quotes
(`dialect`), what a column means (`mapping`), what a text is worth (`gate`) or documents (`domain.capture`).

A broken row never spoils the file, and a broken file never spoils the caller's transaction: whatever can fail is tried
on a second connection first.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import duckdb

from oms_dagster.domain.capture.channel import Channel
from oms_dagster.warehouse import excel
from oms_dagster.warehouse.dialect import Dialect, detect_dialect
from oms_dagster.warehouse.encoding import CHUNK, Unreadable, as_utf8, seen

_BINARY = {
    **dict.fromkeys(excel.MAGIC, "a ZIP or Excel file"),
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a gzip file",
    b"\x89PNG": "a picture",
}


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row of the file that can't be split into its columns, with as many values as were found."""

    values: tuple[str | None, ...]
    detail: str


@dataclass(frozen=True, slots=True)
class Flat:
    """A readable file: SQL of its rows and what was noticed.

    Attributes
    ----------
    sql
        Yields the source columns as varchar, in the file's order.
    columns
        Source columns, as the file spells them.
    rows
        How many ``sql`` yields.
    bad_rows
        Rows that ``sql`` leaves out.
    replaced
        Undecodable bytes were replaced by U+FFFD: rows that hold it are broken.
    """

    sql: str
    columns: tuple[str, ...]
    rows: int
    bad_rows: tuple[BadRow, ...]
    replaced: bool


def literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def name(text: str) -> str:
    """A text as an SQL identifier."""
    return '"' + text.replace('"', '""') + '"'


def trimmed(sql: str) -> str:
    """SQL of a text without spaces around it, null when nothing is left: most have none, and to look is cheaper than to cut."""
    return f"case when {sql} = '' or {sql} like ' %' or {sql} like '% ' then nullif(trim({sql}), '') else {sql} end"


def open_flat(connection: duckdb.DuckDBPyConnection, path: Path, channel: Channel, scratch: Path) -> Flat:
    """Look at a file of rows and columns, and say how to read it.

    Parameters
    ----------
    connection
        Only its second connection (``cursor()``) is used.
    path
        The file; it must not change until its rows have been read.
    scratch
        Folder for the UTF-8 copy of a file in another encoding.

    Raises
    ------
    Unreadable
        0 bytes, binary, truncated, without header or rows.
    """
    _probe_patterns(connection, channel)
    with path.open("rb") as stream:
        head = stream.read(CHUNK)
    if not head:
        raise Unreadable("the file has 0 bytes; send it again")
    form = channel.format if channel.format != "auto" else _form(head)
    if form == "parquet":
        return _open_parquet(connection, path, head)
    if form == "excel":
        sheet = excel.to_csv(path, channel.sheet, scratch)
        return _open_csv(connection, sheet, False, replace(channel, delimiter=",", quote='"'))
    for magic, what in _BINARY.items():
        if head.startswith(magic):
            raise Unreadable(f"the file is {what}, expected {form.upper()}; export it again as {form.upper()}")
    text, replaced = as_utf8(path, head, channel.encoding, scratch)
    if form == "json":
        return _open_lines(connection, text, replaced) if _is_lines(text) else _open_json(connection, text, replaced)
    return _open_csv(connection, text, replaced, channel)


def _probe_patterns(connection: duckdb.DuckDBPyConnection, channel: Channel) -> None:
    """The database's regular expressions lack what some know (looking ahead, references back)."""
    for condition in (condition for rule in channel.rows for condition in rule.when if condition.test == "matches"):
        try:
            with connection.cursor() as probe:
                probe.execute(f"select regexp_matches('', {literal(condition.operands[0])})").fetchall()
        except duckdb.Error as error:
            pattern = condition.operands[0]
            raise Unreadable(
                f"channels/{channel.slug}.yml: rows: {pattern!r} isn't usable: {_first_line(error)}; write it otherwise"
            ) from None


def form_of(path: Path) -> str:
    """The format of a file, told by its first bytes."""
    with path.open("rb") as stream:
        return _form(stream.read(4096))


def _form(head: bytes) -> str:
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(excel.MAGIC):
        return "excel"
    return "json" if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[") else "csv"


def _open_parquet(connection: duckdb.DuckDBPyConnection, path: Path, head: bytes) -> Flat:
    if not head.startswith(b"PAR1"):
        raise Unreadable(f"expected a Parquet file, found {seen(head)}; export it again as Parquet")
    source = f"read_parquet({literal(str(path))})"
    columns, rows = _probe(connection, source, "Parquet")
    return Flat(f"select {_as_text(columns)} from {source}", columns, rows, (), False)


def _open_json(connection: duckdb.DuckDBPyConnection, path: Path, replaced: bool) -> Flat:
    source = f"read_json({literal(str(path))}, auto_detect=true, sample_size=-1, maximum_depth=1)"
    columns, rows = _probe(connection, source, "JSON")
    return Flat(
        f"select {', '.join(_json_text(column) for column in columns)} from {source}", columns, rows, (), replaced
    )


def _is_lines(path: Path) -> bool:
    """Whether the first line is an object of its own, with another line below it."""
    with path.open(encoding="utf-8") as stream:
        first, second = stream.readline(CHUNK), stream.readline(CHUNK)
    try:
        return bool(second.strip()) and isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False


def _open_lines(connection: duckdb.DuckDBPyConnection, path: Path, replaced: bool) -> Flat:
    """JSON lines as one column of text, taken apart line by line: a broken line spoils itself alone."""
    options = "columns={'line': 'VARCHAR'}, auto_detect=false, header=false, delim='\x01', quote='', escape='', max_line_size=16777216"
    # Only what is valid is looked into, by nested cases: conditions joined by `and` may be tried in any order.
    inside = "case when json_valid(line) then case when json_type(line) = 'OBJECT' then line end end"
    lines = f"(select trim(line) as line from read_csv({literal(str(path))}, {options}) where trim(line) <> '')"
    source = f"(select line, {inside} as whole from {lines})"
    good = "whole is not null"
    try:
        with connection.cursor() as probe:
            rows, all_rows = probe.execute(f"select count(*) filter ({good}), count(*) from {source}").fetchall()[0]
            found = probe.execute(
                f"select key from (select unnest(json_keys(whole)) as key from {source} where {good}) group by key order by key"
            ).fetchall()
            broken = probe.execute(
                f"select place, line from (select row_number() over () as place, line, whole from {source}) where not ({good}) order by place"
            ).fetchall() if rows < all_rows else []  # fmt: skip
    except duckdb.Error as error:
        raise Unreadable(f"not readable as JSON lines: {_first_line(error)}; send it again") from None
    columns = tuple(str(row[0]) for row in found)
    pointers = ", ".join(literal("/" + column.replace("~", "~0").replace("/", "~1")) for column in columns)
    cells = ", ".join(f"cells[{place}] as {name(column)}" for place, column in enumerate(columns, 1))
    sql = f"select {cells} from (select json_extract_string(whole, [{pointers}]) as cells from {source} where {good})"
    bad = tuple(
        BadRow(
            (None,) * len(columns),
            f"line {place}: no JSON object, perhaps cut short; found {line[:80]!r}; mend it and send it again",
        )
        for place, line in broken
    )
    return Flat(sql, columns, rows, bad, replaced)


def _json_text(column: str) -> str:
    """A JSON value as plain text: strings without quotes, numbers as they are written."""
    return f"json_extract_string({name(column)}, '$') as {name(column)}"


def _probe(connection: duckdb.DuckDBPyConnection, source: str, what: str) -> tuple[tuple[str, ...], int]:
    """Read all of a source once on a second connection, since a failed read ends the caller's transaction."""
    try:
        with connection.cursor() as probe:
            described = probe.execute(f"describe select * from {source}").fetchall()
            columns = tuple(str(row[0]) for row in described)
            counts = ", ".join(f"count({name(column)})" for column in columns)
            # Counts alone come from a Parquet file's own statistics: hashing reads each value.
            read_all = f"bit_xor(hash({', '.join(name(column) for column in columns)}))"
            rows = probe.execute(f"select count(*), {read_all}, {counts} from {source}").fetchall()[0][0]
    except (duckdb.Error, UnicodeDecodeError) as error:
        raise Unreadable(f"not readable as {what}, perhaps cut short: {_first_line(error)}; send it again") from None
    if not rows:
        raise Unreadable("the file holds no rows; send it again")
    return columns, rows


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:200]


def _as_text(columns: Sequence[str]) -> str:
    return ", ".join(f"{name(column)}::varchar as {name(column)}" for column in columns)


def _open_csv(connection: duckdb.DuckDBPyConnection, path: Path, replaced: bool, channel: Channel) -> Flat:
    with path.open(encoding="utf-8", newline="") as stream:
        first = stream.readline(CHUNK)
        control = sum(1 for char in first if ord(char) < 32 and char not in "\t\r\n\f")
        if control or not first.strip():
            raise Unreadable(f"the file is binary or has no header (first line {first[:40]!r}); export it again as CSV")
        dialect = detect_dialect(path, channel)
        stream.seek(0)
        try:
            header = next(_reader(stream, dialect))
        except csv.Error as error:
            raise Unreadable(f"the header can't be read ({error}); export the file again as CSV") from None
    columns = tuple(column.strip() for column in header)
    doubled = sorted({column for column in columns if [c.lower() for c in columns].count(column.lower()) > 1})
    if doubled:
        raise Unreadable(f"the header names the column {doubled[0]!r} twice; rename one")
    types = ", ".join(f"{literal(column)}: 'VARCHAR'" for column in columns)
    options = (
        f"{literal(str(path))}, columns={{{types}}}, auto_detect=false, header=true, delim={literal(dialect.delimiter)}, "
        f"quote={literal(dialect.quote)}, escape={literal(dialect.quote)}, null_padding=false, strict_mode=true, ignore_errors=true"
    )
    rows, bad_rows = _probe_csv(connection, options, columns, dialect.delimiter)
    if not rows and not bad_rows:
        raise Unreadable("the file has a header and no rows; nothing to capture")
    return Flat(f"select {_as_text(columns)} from read_csv({options})", columns, rows, bad_rows, replaced)


def _reader(stream: Iterable[str], dialect: Dialect) -> Iterator[list[str]]:
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE
    return csv.reader(stream, delimiter=dialect.delimiter, quotechar=dialect.quote or None, quoting=quoting)


def _probe_csv(
    connection: duckdb.DuckDBPyConnection, options: str, columns: Sequence[str], delimiter: str
) -> tuple[int, tuple[BadRow, ...]]:
    counts = ", ".join(f"count({name(column)})" for column in columns)
    keep = "store_rejects=true, rejects_limit=0, rejects_table='flat_rejects', rejects_scan='flat_scans'"
    try:
        with connection.cursor() as probe:
            rows = probe.execute(f"select count(*), {counts} from read_csv({options}, {keep})").fetchall()[0][0]
            rejects = probe.execute(
                "select line, min(error_message), any_value(csv_line) from flat_rejects group by line order by line"
            ).fetchall()
            probe.execute("drop table flat_rejects")
            probe.execute("drop table flat_scans")
            again = rows
            if rejects:  # counts alone may be read in another way than the values are
                values = f"bit_xor(hash({', '.join(name(column) for column in columns)}))"
                again = probe.execute(f"select count(*), {values} from read_csv({options})").fetchall()[0][0]
    except duckdb.Error as error:
        raise Unreadable(f"not readable as CSV: {_first_line(error)}; export it again as CSV") from None
    if again != rows:  # after an open quote DuckDB's second look may swallow rows that its first one gave
        line, message, _ = rejects[-1]
        raise Unreadable(f"line {line}: {message}; close the quote and send the file again")
    bad_rows = []
    for line, message, text in rejects:
        # An open quote swallows the lines below it: each is a row of its own, so that no order is lost with another.
        for offset, part in enumerate((text or "").splitlines() or [""]):
            values = tuple(value or None for value in part.split(delimiter)[: len(columns)])
            detail = f"line {line + offset}: {message}; found {part[:80]!r}; mend the line and send the order again"
            bad_rows.append(BadRow(values + (None,) * (len(columns) - len(values)), detail))
    return rows, tuple(bad_rows)
