"""A channel's YAML: parsed with one clear error line, the user's files laid over the shipped ones.

Belongs here: what may stand in the file and what is said when something else does. Does not belong here: what a
setting means (`channel`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import yaml

from oms_dagster.domain.capture.channel import ENCODINGS, FORMATS, Channel, Expectations
from oms_dagster.domain.capture.channel_mapping import parse_also, parse_documents, parse_fields, parse_rows
from oms_dagster.domain.capture.channel_yaml import ChannelError, Reader
from oms_dagster.domain.capture.records import FEEDS, RECORDS, REFERENCE, Record

_KEYS = (
    "about", "record", "format", "delimiter", "quote", "encoding", "decimal", "sheet", "timezone", "currency", "location",
    "remorse_minutes", "cutoff", "prices_include_tax", "unknown_customer", "rounding", "fields", "rows", "also",
    "wrappers", "documents", "expect",
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
    read = Reader(where, content)
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
    for key in ("delimiter", "quote"):
        mark = read.text(key, None, "one character")
        if mark is not None and len(mark) != 1 and not (key == "quote" and mark == "none"):
            raise read.fail(key, "one character" + (", or none" if key == "quote" else ""), mark)
    documents, wrappers = parse_documents(read, RECORDS[record])
    return Channel(
        slug=slug,
        record=record,
        format=read.text("format", "", allowed=FORMATS),
        about=read.text("about", "-").strip(),
        delimiter=read.text("delimiter", None, "one character"),
        quote=read.text("quote", None, "one character, or none"),
        encoding=read.text("encoding", "auto", allowed=ENCODINGS),
        decimal=read.text("decimal", "auto", allowed=("auto", ".", ",")),
        sheet=read.text("sheet", None, "the name of an Excel sheet"),
        timezone=timezone,
        currency=currency,
        location=read.text("location", None, "a location code"),
        remorse_minutes=read.whole("remorse_minutes", None),
        cutoff=cutoff,
        prices_include_tax=read.flag("prices_include_tax", False),
        unknown_customer=read.text("unknown_customer", "accept", allowed=("accept", "hold")),
        rounding=read.text("rounding", "line", allowed=("line", "order")),
        fields=parse_fields(read, RECORDS[record]),
        rows=parse_rows(read, RECORDS[record]),
        also=parse_also(read, RECORDS[record]),
        documents=documents,
        wrappers=wrappers,
        expect=_expectations(read.inner("expect")) if "expect" in content else Expectations(),
    )


def _expectations(read: Reader) -> Expectations:
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


@cache
def _shipped_channels() -> Mapping[str, Channel]:
    """Parsed once a process: reading their YAML costs more than capturing a small file."""
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
    channels |= _shipped_channels()
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
