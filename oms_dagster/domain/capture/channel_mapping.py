"""The mapping in a channel's YAML: expressions, kinds of rows, shapes of documents.

Belongs here: how they are written and what is said when they are written otherwise. Does not belong here: what they
mean (`channel`, `json_paths`, `warehouse.mapping`), the other settings (`channel_file`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from oms_dagster.domain.capture.channel import (
    TESTS,
    AlsoRow,
    Condition,
    DocumentRow,
    Expression,
    RowRule,
    Shape,
)
from oms_dagster.domain.capture.channel_yaml import Reader
from oms_dagster.domain.capture.json_paths import check_path
from oms_dagster.domain.capture.records import ORDER, ROW_KINDS, Record

#: A format of directives that every strptime knows.
_STRPTIME = re.compile(r"(?:[^%]|%-?[aAbBdHIjmMpSyYfzZ%])+")


_HOWS = ("column", "value", "join", "product", "first", "ratio", "sum")
_LISTS = {"product": 2, "ratio": 2, "join": None, "first": None, "sum": None}
_CHANGES = ("formats", "negate", "absolute", "scale", "part", "lookup", "otherwise")


def parse_fields(read: Reader, record: Record, paths: bool = False) -> Mapping[str, Expression]:
    """The key ``fields`` of a mapping; its columns must be paths where ``paths`` says so."""
    if "fields" not in read.content:
        return {}
    inner = read.inner("fields")
    inner.only(record.field_names)
    found = {name: _expression(inner, name, record) for name in inner.content}
    for name, expression in found.items():
        for path in (*expression.columns, *expression.less) if paths else ():
            _path(inner, name, path)
    return found


def _path(read: Reader, key: str, path: str) -> str:
    wrong = check_path(path)
    if wrong is not None:
        raise read.fail(key, f"a path such as shipping.lines[*].price ({wrong})", path)
    return path


def _expression(read: Reader, name: str, record: Record) -> Expression:
    """A field's source: the short form ``field: column`` or a mapping with one of `_HOWS`."""
    given = read.content[name]
    if isinstance(given, str) and given:
        return Expression("column", (given,))
    how = [key for key in _HOWS if isinstance(given, dict) and key in given]
    if isinstance(given, bool):
        raise read.fail(name, "a column's name in quotes (YAML reads no, yes, on and off as true or false)", given)
    if len(how) != 1:
        raise read.fail(name, f"a column's name, or a mapping with one of {', '.join(_HOWS)}", given)
    inner = Reader(f"{read.where}: {name}", given)
    extra = {"join": ("with",), "sum": ("less",)}.get(how[0], ())
    inner.only((how[0], *extra, *(_CHANGES if how[0] != "value" else ())))
    if how[0] == "value":
        return Expression("value", value=_word(given["value"]))
    formats = _formats(inner, next(f.kind for f in record.fields if f.name == name))
    columns = (inner.text("column", ""),) if how[0] == "column" else _columns(inner, how[0])
    lookup, otherwise = _lookup(inner)
    return Expression(
        how[0],  # type: ignore[arg-type]
        columns,
        separator=str(given.get("with", ", ")),
        formats=formats,
        negate=inner.flag("negate", False),
        less=inner.texts("less"),
        absolute=inner.flag("absolute", False),
        scale=_scale(inner),
        part=_part(inner),
        lookup=lookup,
        otherwise=otherwise,
        is_closed="otherwise" in given,
    )


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _columns(read: Reader, how: str) -> tuple[str, ...]:
    columns, wanted = read.texts(how), _LISTS[how]
    if not columns or (wanted is not None and len(columns) != wanted):
        raise read.fail(how, f"a list of {'two ' if wanted else ''}columns", list(columns))
    return columns


def _formats(read: Reader, kind: str) -> tuple[str, ...]:
    formats = read.texts("formats")
    if formats and kind not in ("timestamp", "date"):
        raise read.fail("formats", "no formats: the field is neither a date nor a time", list(formats))
    for text in formats:
        if not _STRPTIME.fullmatch(text):
            raise read.fail("formats", "strptime formats such as '%d/%m/%Y %H:%M'", text)
    return formats


def _scale(read: Reader) -> int:
    scale = read.content.get("scale", 0)
    if isinstance(scale, int) and not isinstance(scale, bool) and -6 <= scale <= 6:
        return scale
    raise read.fail("scale", "a power of ten from -6 to 6", scale)


def _part(read: Reader) -> tuple[str, int] | None:
    if "part" not in read.content:
        return None
    part = read.content["part"]
    if (
        not isinstance(part, list) or len(part) != 2 or not isinstance(part[0], str) or not part[0]
        or isinstance(part[1], bool) or not isinstance(part[1], int) or part[1] < 1
    ):  # fmt: skip
        raise read.fail("part", "a separator and a place from 1, as ['--', 1]", part)
    return part[0], part[1]


def _lookup(read: Reader) -> tuple[Mapping[str, str | None], str | None]:
    lookup = read.content.get("lookup", {})
    if not isinstance(lookup, dict):
        raise read.fail("lookup", "a mapping from the sender's words to ours", lookup)
    otherwise = read.content.get("otherwise")
    if isinstance(otherwise, dict | list):
        raise read.fail("otherwise", "one word", otherwise)
    words = {_word(key).lower(): None if value is None else _word(value) for key, value in lookup.items()}
    return words, None if otherwise is None else _word(otherwise)


def parse_also(read: Reader, record: Record) -> tuple[AlsoRow, ...]:
    """The key ``also``: further rows out of each row of a flat file."""
    kinds = tuple(kind for kind in ROW_KINDS if kind not in ("line", "return", "adjustment"))
    rows = []
    for inner in _items(read, "also", "a list of rows with row_kind and fields", record):
        inner.only(("row_kind", "fields"))
        fields = parse_fields(inner, record)
        if "amount" not in fields:
            raise inner.fail("fields", "a mapping with amount among the fields", inner.content.get("fields"))
        rows.append(AlsoRow(inner.text("row_kind", "", allowed=kinds), fields))
    return tuple(rows)


def _items(read: Reader, key: str, expected: str, record: Record) -> list[Reader]:
    given = read.content.get(key, [])
    if not isinstance(given, list):
        raise read.fail(key, expected, given)
    if given and record is not ORDER:
        raise read.fail(key, f"no {key}: only order files have it", given)
    for number, item in enumerate(given, 1):
        if not isinstance(item, dict):
            raise read.fail(f"{key}: {number}", "a mapping", item)
    return [Reader(f"{read.where}: {key}: {number}", item) for number, item in enumerate(given, 1)]


def parse_documents(read: Reader, record: Record) -> tuple[tuple[Shape, ...], tuple[str, ...]]:
    """The keys ``documents`` and ``wrappers``: shapes of order documents, and where they may stand."""
    is_document = read.content.get("format") == "json-orders"
    if is_document and not read.content.get("documents"):
        raise read.fail("documents", "a list of shapes with has, fields and rows", read.content.get("documents"))
    if not is_document and ("documents" in read.content or "wrappers" in read.content):
        raise read.fail("documents", "no documents: they belong to the format json-orders", read.content["format"])
    shapes = []
    for inner in _items(read, "documents", "a list of shapes with has, fields and rows", record):
        inner.only(("has", "fields", "rows"))
        has = tuple(_path(inner, "has", path) for path in inner.texts("has"))
        if not has:
            raise inner.fail("has", "at least one path that each such document has", inner.content.get("has"))
        rows = tuple(_document_row(row, record) for row in _items(inner, "rows", "a list of rows", record))
        if not any(row.row_kind == "line" and row.each for row in rows):
            raise inner.fail("rows", "a row of row_kind line with each", inner.content.get("rows"))
        shapes.append(Shape(has, parse_fields(inner, record, paths=True), rows))
    return tuple(shapes), tuple(_path(read, "wrappers", path) for path in read.texts("wrappers"))


def _document_row(read: Reader, record: Record) -> DocumentRow:
    read.only(("row_kind", "each", "unless", "only", "fields"))
    each, only = (read.text(key, None, "a path") for key in ("each", "only"))
    unless = (read.content["unless"],) if isinstance(read.content.get("unless"), str) else read.texts("unless")
    for key, path in (("each", each), ("only", only), *(("unless", path) for path in unless)):
        if path is not None:
            _path(read, key, path)
    kind = read.text("row_kind", "", allowed=tuple(k for k in ROW_KINDS if k not in ("return", "adjustment")))
    return DocumentRow(kind, each, parse_fields(read, record, paths=True), unless, only)


def parse_rows(read: Reader, record: Record) -> tuple[RowRule, ...]:
    """The key ``rows``: kinds of rows of a flat order file."""
    given = read.content.get("rows", [])
    if not isinstance(given, list):
        raise read.fail("rows", "a list of rules with row_kind and when", given)
    if given and record is not ORDER:
        raise read.fail("rows", "no rows: only order files have kinds of rows", given)
    rules = []
    for number, item in enumerate(given, 1):
        if not isinstance(item, dict):
            raise read.fail(f"rows: {number}", "a mapping with row_kind and when", item)
        inner = Reader(f"{read.where}: rows: {number}", item)
        inner.only(("row_kind", "when", "fields"))
        kind = inner.text("row_kind", "", allowed=ROW_KINDS)
        when = inner.inner("when")
        conditions = tuple(condition for column in when.content for condition in _conditions(when, column))
        if not conditions:
            raise inner.fail("when", "at least one condition", item.get("when"))
        rules.append(RowRule(kind, conditions, parse_fields(inner, record)))
    return tuple(rules)


def _conditions(read: Reader, column: str) -> list[Condition]:
    """Tests of one column: ``{in: [..]}``, ``{equals: x}``, ``{below: n}`` and the others of `TESTS`."""
    inner = read.inner(column)
    inner.only(TESTS)
    conditions = []
    for test, operand in inner.content.items():
        if test == "in":
            operands = inner.texts("in")
        elif test == "missing":
            operands = (str(inner.flag("missing", True)).lower(),)
        elif test == "matches":
            try:
                re.compile(inner.text("matches", "", "a regular expression"))
            except re.error as error:
                raise inner.fail("matches", f"a regular expression ({error})", operand) from None
            operands = (operand,)
        elif test in ("below", "above"):
            if isinstance(operand, bool) or not isinstance(operand, int | float):
                raise inner.fail(test, "a number", operand)
            operands = (str(operand),)
        else:
            operands = (str(operand).lower() if isinstance(operand, bool) else str(operand),)
        conditions.append(Condition(column, test, operands))
    return conditions
