"""A channel's YAML: parsed with one clear error line, the user's files laid over the shipped ones.

Belongs here: what may stand in the file and what is said when something else does. Does not belong here: what a
setting means (`channel`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import yaml

from oms_dagster.domain.capture.channel import (
    ENCODINGS,
    FORMATS,
    TESTS,
    Channel,
    Condition,
    Expectations,
    Expression,
    RowRule,
)
from oms_dagster.domain.capture.records import FEEDS, ORDER, RECORDS, REFERENCE, ROW_KINDS, Record

#: A format of directives that every strptime knows.
_STRPTIME = re.compile(r"(?:[^%]|%-?[aAbBdHIjmMpSyYfzZ%])+")


class ChannelError(ValueError):
    """A channel file that can't be used: one line with file, key and what is expected."""


class _Reader:
    """Takes values out of a parsed YAML mapping and says what is wrong with them."""

    def __init__(self, where: str, content: Mapping[str, Any]) -> None:
        self.where = where
        self.content = content

    def fail(self, key: str, expected: str, found: object) -> ChannelError:
        return ChannelError(f"{self.where}: {key}: expected {expected}, found {found!r}")

    def text(self, key: str, default: Any, expected: str = "a text", allowed: tuple[str, ...] = ()) -> Any:
        value = self.content.get(key, default)
        if value is None and default is None:
            return None
        if not isinstance(value, str) or not value or (allowed and value not in allowed):
            raise self.fail(key, f"one of {', '.join(allowed)}" if allowed else expected, value)
        return value

    def whole(self, key: str, default: int | None) -> int | None:
        value = self.content.get(key, default)
        if value is None and default is not None:
            raise self.fail(key, "a whole number, 0 or more", value)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
            raise self.fail(key, "a whole number, 0 or more", value)
        return value

    def flag(self, key: str, default: bool) -> bool:
        value = self.content.get(key, default)
        if not isinstance(value, bool):
            raise self.fail(key, "true or false", value)
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.content.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.fail(key, "a list of texts (quote those that YAML reads otherwise, as 'NO')", value)
        return tuple(value)

    def only(self, known: tuple[str, ...]) -> None:
        for key in self.content:
            if key not in known:
                raise self.fail(str(key), f"one of the keys {', '.join(known)}", key)

    def inner(self, key: str) -> _Reader:
        value = self.content.get(key)
        if not isinstance(value, dict):
            raise self.fail(key, "a mapping", value)
        return _Reader(f"{self.where}: {key}", value)


_KEYS = (
    "about", "record", "format", "delimiter", "encoding", "decimal", "timezone", "currency", "location",
    "remorse_minutes", "cutoff", "prices_include_tax", "unknown_customer", "rounding", "fields", "rows", "expect",
)  # fmt: skip


def parse_channel(slug: str, content: object, where: str) -> Channel:
    """Check a channel's YAML and return the channel.

    Parameters
    ----------
    slug
        Name of the channel, that of its file.
    content
        What YAML made of the file.
    where
        Named in errors.

    Raises
    ------
    ChannelError
        One line naming file, key and what is expected.
    """
    if not re.fullmatch(r"[a-z][a-z0-9-]*", slug):
        raise ChannelError(f"{where}: expected a file name of small letters, digits and -, found {slug!r}")
    if not isinstance(content, dict):
        raise ChannelError(f"{where}: expected a mapping with the keys record and format, found {content!r:.60}")
    read = _Reader(where, content)
    read.only(_KEYS)
    record = read.text("record", "", allowed=tuple(RECORDS))
    timezone = read.text("timezone", "UTC", "an IANA time zone, as Europe/London")
    if timezone not in available_timezones():
        raise read.fail("timezone", "an IANA time zone, as Europe/London", timezone)
    cutoff = read.text("cutoff", None, "HH:MM in quotes")
    if cutoff is not None and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", cutoff):
        raise read.fail("cutoff", "HH:MM in quotes", cutoff)
    currency = read.text("currency", None, "an ISO 4217 code, as EUR")
    if currency is not None and not re.fullmatch(r"[A-Z]{3}", currency):
        raise read.fail("currency", "an ISO 4217 code, as EUR", currency)
    return Channel(
        slug=slug,
        record=record,
        format=read.text("format", "", allowed=FORMATS),
        about=read.text("about", "-").strip(),
        delimiter=read.text("delimiter", None, "one character"),
        encoding=read.text("encoding", "auto", allowed=ENCODINGS),
        decimal=read.text("decimal", ".", allowed=(".", ",")),
        timezone=timezone,
        currency=currency,
        location=read.text("location", None, "a location code"),
        remorse_minutes=read.whole("remorse_minutes", 0) or 0,
        cutoff=cutoff,
        prices_include_tax=read.flag("prices_include_tax", False),
        unknown_customer=read.text("unknown_customer", "accept", allowed=("accept", "hold")),
        rounding=read.text("rounding", "line", allowed=("line", "order")),
        fields=_fields(read, RECORDS[record]),
        rows=_rows(read, RECORDS[record]),
        expect=_expectations(read.inner("expect")) if "expect" in content else Expectations(),
    )


def _fields(read: _Reader, record: Record) -> Mapping[str, Expression]:
    if "fields" not in read.content:
        return {}
    inner = read.inner("fields")
    inner.only(record.field_names)
    return {name: _expression(inner, name, record) for name in inner.content}


def _expression(read: _Reader, name: str, record: Record) -> Expression:
    """A field's source: the short form ``field: column`` or a mapping with one of column, value, join, product."""
    given = read.content[name]
    if isinstance(given, str) and given:
        return Expression("column", (given,))
    how = [key for key in ("column", "value", "join", "product") if isinstance(given, dict) and key in given]
    if len(how) != 1:
        raise read.fail(name, "a column's name, or a mapping with one of column, value, join, product", given)
    inner = _Reader(f"{read.where}: {name}", given)
    inner.only((how[0], "with", "formats", "negate"))
    formats = inner.texts("formats")
    if formats and next(f.kind for f in record.fields if f.name == name) not in ("timestamp", "date"):
        raise inner.fail("formats", "no formats: the field is neither a date nor a time", list(formats))
    for text in formats:
        if not _STRPTIME.fullmatch(text):
            raise inner.fail("formats", "strptime formats such as '%d/%m/%Y %H:%M'", text)
    negate = inner.flag("negate", False)
    if how[0] == "value":
        value = given["value"]
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return Expression("value", value=text)
    if how[0] == "column":
        return Expression("column", (inner.text("column", ""),), formats=formats, negate=negate)
    columns = inner.texts(how[0])
    if how[0] == "product":
        if len(columns) != 2:
            raise inner.fail("product", "a list of two columns", list(columns))
        return Expression("product", columns, negate=negate)
    if not columns:
        raise inner.fail("join", "a list of columns", list(columns))
    return Expression("join", columns, separator=str(given.get("with", ", ")), formats=formats)


def _rows(read: _Reader, record: Record) -> tuple[RowRule, ...]:
    given = read.content.get("rows", [])
    if not isinstance(given, list):
        raise read.fail("rows", "a list of rules with row_kind and when", given)
    if given and record is not ORDER:
        raise read.fail("rows", "no rows: only order files have kinds of rows", given)
    rules = []
    for number, item in enumerate(given, 1):
        if not isinstance(item, dict):
            raise read.fail(f"rows: {number}", "a mapping with row_kind and when", item)
        inner = _Reader(f"{read.where}: rows: {number}", item)
        inner.only(("row_kind", "when", "fields"))
        kind = inner.text("row_kind", "", allowed=ROW_KINDS)
        when = inner.inner("when")
        conditions = tuple(condition for column in when.content for condition in _conditions(when, column))
        if not conditions:
            raise inner.fail("when", "at least one condition", item.get("when"))
        rules.append(RowRule(kind, conditions, _fields(inner, record)))
    return tuple(rules)


def _conditions(read: _Reader, column: str) -> list[Condition]:
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


def _expectations(read: _Reader) -> Expectations:
    default = Expectations()
    read.only(tuple(Expectations.__dataclass_fields__))
    pattern = read.text("sku_pattern", None) or ""
    try:
        re.compile(pattern)
    except re.error as error:
        raise read.fail("sku_pattern", f"a regular expression ({error})", pattern) from None
    return Expectations(
        currencies=read.texts("currencies"),
        countries=read.texts("countries"),
        maximum_quantity=read.whole("maximum_quantity", default.maximum_quantity) or 0,
        days_ahead=read.whole("days_ahead", None) if "days_ahead" in read.content else default.days_ahead,
        total_tolerance_percent=read.whole("total_tolerance_percent", default.total_tolerance_percent) or 0,
        sku_pattern=pattern,
        value_or_customer=read.flag("value_or_customer", False),
    )


def parse_text(slug: str, text: str, where: str, under: Mapping[str, Any] | None = None) -> Channel:
    """Parse a channel file; its keys are laid over those of ``under`` (``fields`` and ``expect`` key by key)."""
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}" if mark else ""
        raise ChannelError(f"{where}:{line} isn't YAML: {getattr(error, 'problem', None) or error}") from None
    if under is not None and isinstance(content, dict):
        merged = {**under, **content}
        for key in ("fields", "expect"):
            if isinstance(under.get(key), dict) and isinstance(content.get(key), dict):
                merged[key] = {**under[key], **content[key]}
        content = merged
    return parse_channel(slug, content, where)


def shipped_files() -> dict[str, str]:
    """Text of the channel files in this package, by slug."""
    folder = resources.files("oms_dagster.domain.capture") / "channels"
    files = sorted((item for item in folder.iterdir() if item.name.endswith(".yml")), key=lambda item: item.name)
    return {item.name.removesuffix(".yml"): item.read_text(encoding="utf-8") for item in files}


@lru_cache(maxsize=1)
def _shipped() -> dict[str, Channel]:
    """The channels of this package: they can't change while a process runs."""
    return {slug: parse_text(slug, text, f"channels/{slug}.yml") for slug, text in shipped_files().items()}


def plain_channel(record: Record) -> Channel:
    """The channel of a feed or reference record without a YAML file: columns carry the record's own field names."""
    return Channel(slug=record.name, record=record.name, format="auto", about=record.about)


def load_channels(folder: Path | None = None) -> tuple[dict[str, Channel], dict[str, str]]:
    """All channels: one a feed and reference record, the shipped ones, and the user's laid over them.

    Parameters
    ----------
    folder
        The home's ``channels`` folder; missing is fine.

    Returns
    -------
    dict of str to Channel
        By slug. A channel whose file in the home can't be used isn't among them: its files wait until it is mended.
    dict of str to str
        Slug -> one line, for each file that can't be used.
    """
    channels = {record.name: plain_channel(record) for record in (*FEEDS, *REFERENCE)}
    shipped = shipped_files()
    channels |= _shipped()
    errors: dict[str, str] = {}
    for path in sorted(folder.glob("*.yml")) if folder is not None and folder.is_dir() else ():
        slug = path.stem
        under = yaml.safe_load(shipped[slug]) if slug in shipped else _under(channels.get(slug))
        try:
            channels[slug] = parse_text(slug, path.read_text(encoding="utf-8"), str(path), under)
        except ChannelError as error:
            errors[slug] = str(error)
        except (OSError, UnicodeDecodeError) as error:
            errors[slug] = f"{path}: can't be read: {error}"
        if slug in errors:
            channels.pop(slug, None)
    return channels, errors


def _under(channel: Channel | None) -> dict[str, Any] | None:
    return None if channel is None else {"record": channel.record, "format": channel.format, "about": channel.about}
