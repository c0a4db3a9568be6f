"""Rows and columns out of a file: CSV in any usual encoding, Parquet, JSON, as a relation of texts.

Belongs here: encodings, delimiters, broken rows and broken files. Does not belong here: what a column means (`mapping`),
what a text is worth (`gate`) or documents (`domain.capture.shopify`, `x12`).

A broken row never spoils the file, and a broken file never spoils the caller's transaction: whatever can fail is tried
on a second connection first.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from oms_dagster.domain.capture.channel import Channel

_CHUNK = 1 << 20
_BINARY = {b"PK\x03\x04": "a ZIP or Excel file", b"%PDF": "a PDF", b"\x1f\x8b": "a gzip file", b"\x89PNG": "a picture"}


class Unreadable(Exception):
    """The file as a whole can't be read: one line that says what was seen and what to do."""


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
        head = stream.read(_CHUNK)
    if not head:
        raise Unreadable("the file has 0 bytes; send it again")
    form = channel.format if channel.format != "auto" else _form(head)
    if form == "parquet":
        return _open_parquet(connection, path, head)
    for magic, what in _BINARY.items():
        if head.startswith(magic):
            raise Unreadable(f"the file is {what}, expected {form.upper()}; export it again as {form.upper()}")
    text, replaced = _as_utf8(path, head, channel.encoding, scratch)
    return _open_json(connection, text, replaced) if form == "json" else _open_csv(connection, text, replaced, channel)


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


def _form(head: bytes) -> str:
    if head.startswith(b"PAR1"):
        return "parquet"
    return "json" if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[") else "csv"


def _open_parquet(connection: duckdb.DuckDBPyConnection, path: Path, head: bytes) -> Flat:
    if not head.startswith(b"PAR1"):
        raise Unreadable(f"expected a Parquet file, found {_seen(head)}; export it again as Parquet")
    source = f"read_parquet({literal(str(path))})"
    columns, rows = _probe(connection, source, "Parquet")
    return Flat(f"select {_as_text(columns)} from {source}", columns, rows, (), False)


def _open_json(connection: duckdb.DuckDBPyConnection, path: Path, replaced: bool) -> Flat:
    source = f"read_json({literal(str(path))}, auto_detect=true, sample_size=-1, maximum_depth=1)"
    columns, rows = _probe(connection, source, "JSON")
    return Flat(
        f"select {', '.join(_json_text(column) for column in columns)} from {source}", columns, rows, (), replaced
    )


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
            rows = probe.execute(f"select count(*), {counts} from {source}").fetchall()[0][0]
    except duckdb.Error as error:
        raise Unreadable(f"not readable as {what}, perhaps cut short: {_first_line(error)}; send it again") from None
    if not rows:
        raise Unreadable("the file holds no rows; send it again")
    return columns, rows


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:200]


def _seen(head: bytes) -> str:
    return f"{len(head)} bytes or more beginning {head[:16]!r}"


def _as_text(columns: Sequence[str]) -> str:
    return ", ".join(f"{name(column)}::varchar as {name(column)}" for column in columns)


def detect_encoding(path: Path, head: bytes, declared: str) -> str:
    """The file's encoding: by its byte order mark, else as declared, else UTF-8 where it could be, else Latin-1.

    Latin-1 is read as windows-1252, which is what such files are. A file with some valid multi-byte UTF-8 is UTF-8 with
    broken rows, not Latin-1.

    Raises
    ------
    Unreadable
        NUL bytes: binary.
    """
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    sample = head[:4096]
    if sample.count(0) > len(sample) // 4 and len(set(sample[0::2]) & {0}) != len(set(sample[1::2]) & {0}):
        return "utf-16-be" if 0 in sample[0::2] else "utf-16-le"
    if declared == "utf-16":
        return "utf-16-le"
    if b"\0" in head:
        raise Unreadable(f"the file is binary ({_seen(head)}), expected text; export it again as text")
    if declared == "latin-1":
        return "cp1252"
    valid, broken = _utf8_lines(path)
    return "cp1252" if broken and not valid and declared == "auto" else "utf-8"


def _utf8_lines(path: Path) -> tuple[int, int]:
    """How many non-ASCII lines are valid UTF-8, and how many aren't."""
    valid = broken = 0
    with path.open("rb") as stream:
        for line in stream:
            if not line.isascii():
                try:
                    line.decode("utf-8")
                    valid += 1
                except UnicodeDecodeError:
                    broken += 1
    return valid, broken


def _as_utf8(path: Path, head: bytes, declared: str, scratch: Path) -> tuple[Path, bool]:
    """The file, or a UTF-8 copy without byte order mark; and whether bytes had to be replaced by U+FFFD."""
    encoding = detect_encoding(path, head, declared)
    if encoding == "utf-8" and not _utf8_lines(path)[1]:
        return path, False
    copy = scratch / "text.utf8"
    replaced = False
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    with path.open("rb") as stream, copy.open("w", encoding="utf-8", newline="") as out:
        while chunk := stream.read(_CHUNK):
            text = decoder.decode(chunk)
            replaced = replaced or "\ufffd" in text
            out.write(text)
        tail = decoder.decode(b"", final=True)
        replaced = replaced or "\ufffd" in tail
        out.write(tail)
    return copy, replaced


def _open_csv(connection: duckdb.DuckDBPyConnection, path: Path, replaced: bool, channel: Channel) -> Flat:
    with path.open(encoding="utf-8", newline="") as stream:
        first = stream.readline(_CHUNK)
        control = sum(1 for char in first if ord(char) < 32 and char not in "\t\r\n\f")
        if control or not first.strip():
            raise Unreadable(f"the file is binary or has no header (first line {first[:40]!r}); export it again as CSV")
        delimiter = channel.delimiter or max(",;\t|", key=first.count)
        stream.seek(0)
        try:
            header = next(csv.reader(stream, delimiter=delimiter))
        except csv.Error as error:
            raise Unreadable(f"the header can't be read ({error}); export the file again as CSV") from None
    columns = tuple(column.strip() for column in header)
    doubled = sorted({column for column in columns if [c.lower() for c in columns].count(column.lower()) > 1})
    if doubled:
        raise Unreadable(f"the header names the column {doubled[0]!r} twice; rename one")
    types = ", ".join(f"{literal(column)}: 'VARCHAR'" for column in columns)
    options = (
        f"{literal(str(path))}, columns={{{types}}}, auto_detect=false, header=true, delim={literal(delimiter)}, "
        "quote='\"', escape='\"', null_padding=false, strict_mode=true, ignore_errors=true"
    )
    rows, bad_rows = _probe_csv(connection, options, columns, delimiter)
    if not rows and not bad_rows:
        raise Unreadable("the file has a header and no rows; nothing to capture")
    return Flat(f"select {_as_text(columns)} from read_csv({options})", columns, rows, bad_rows, replaced)


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
    except duckdb.Error as error:
        raise Unreadable(f"not readable as CSV: {_first_line(error)}; export it again as CSV") from None
    bad_rows = []
    for line, message, text in rejects:
        # An open quote swallows the lines below it: each is a row of its own, so that no order is lost with another.
        for offset, part in enumerate((text or "").splitlines() or [""]):
            values = tuple(value or None for value in part.split(delimiter)[: len(columns)])
            detail = f"line {line + offset}: {message}; found {part[:80]!r}; mend the line and send the order again"
            bad_rows.append(BadRow(values + (None,) * (len(columns) - len(values)), detail))
    return rows, tuple(bad_rows)
