"""A channel's page of the documentation, printed from what the gate works by.

Belongs here: the page's text. Does not belong here: the fields (`domain.capture.records`), the rules (`orders`,
`records`), the settings (`domain.capture.channels`). ``python -m oms_dagster.quality.pages docs/channels`` writes all
pages; a test holds them to what is printed.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from oms_dagster.domain.capture.channel import DOCUMENTS, Channel, Expression, Shape
from oms_dagster.domain.capture.channel_file import load_channels
from oms_dagster.domain.capture.records import ORDER, Field
from oms_dagster.quality.suites import rules_for

_FORMATS = {
    "csv": "CSV with a header; delimiter, quoting, decimal sign and encoding are told from the file",
    "parquet": "Parquet",
    "json": "JSON: a list of objects, or one a line",
    "auto": "CSV with a header, Excel, Parquet, or JSON (a list of objects, or one a line), told by its content",
    "excel": "an Excel workbook with a header row",
    "json-orders": "order documents in JSON: one, a list, or one a line, told from other documents by the paths below",
    "shopify": 'Shopify order JSON: `{"order": …}`, `{"orders": […]}`, a list, or one a line',
    "x12": "ANSI X12 interchanges with transaction sets 850 (orders) and 860 (changes)",
    "edifact": "UN/EDIFACT interchanges with messages ORDERS and ORDCHG (D.96A to D.01B and alike)",
    "ubl": "UBL 2 documents Order, OrderChange and OrderCancellation, bare or in a standard business document (SBDH)",
    "cxml": "cXML documents with an OrderRequest: new, update or delete",
}

_OUTCOMES = """
## Outcomes

Each message ends as one of `accepted`, `duplicate` (same key, same content), `conflict` (same key, other content: kept
for a person) or `quarantined`, with code, field and one line that says what was found, what is expected and what to do.
Codes of every channel: `UNREADABLE`, `UNSUPPORTED`, `NOT_AN_ORDER`, `MISSING_COLUMN`, `MISSING_FIELD`, `BAD_NUMBER`, `BAD_TIMESTAMP`,
`BAD_DATE`, `BAD_TIME`, `BAD_BOOLEAN`, `NOT_IN_LIST`, `OUT_OF_RANGE`, `CHANNEL_UNUSABLE`{more}.
"""


def page(channel: Channel) -> str:
    """The page of a channel, as Markdown."""
    record = channel.contract
    key = " + ".join(f"`{part}`" for part in record.key)
    what = "All rows of a key are one message." if record is ORDER else "Each row is one message."
    if record.family == "reference":
        what += " The same key with other content is a new version, not a conflict."
    more = {
        "order": ", `QUANTITY_NOT_POSITIVE`, `REF_NOT_FOUND`, `CONTROL_MISMATCH`, `NOT_AN_ORDER`, `UNSAFE_XML`, `OUT_OF_ORDER`"
    }.get(record.family, "")
    parts = [
        f"# {channel.slug}\n\n{channel.about}\n",
        f"Format: {_FORMATS[channel.format]}.\nRecord: `{record.name}`, key {key}. {what}\n",
        _settings(channel) if record is ORDER else "",
        "" if channel.format in DOCUMENTS else _columns(channel),
        *(_shape(number, shape, channel) for number, shape in enumerate(channel.documents, 1)),
        _kinds(channel),
        _also(channel),
        _suite(channel),
        _OUTCOMES.format(more=more).strip() + "\n",
    ]
    return "\n".join(part for part in parts if part)


def _settings(channel: Channel) -> str:
    settings = {
        "time zone of times without one": channel.timezone,
        "currency where none is named": channel.currency or "none",
        "location of stock adjustments": channel.location or "none",
        "remorse window": "that of the policies" if channel.remorse_minutes is None else f"{channel.remorse_minutes} min",
        "cut-off (local)": channel.cutoff or "none",
        "prices include tax": ("yes" if channel.prices_include_tax else "no") + ", unless the order says otherwise",
        "unknown customer": channel.unknown_customer,
        "amounts are rounded": f"per {channel.rounding}",
    }  # fmt: skip
    return "## Settings\n\n" + _table(("setting", "value"), list(settings.items()))


def _columns(channel: Channel) -> str:
    rows = []
    for field in channel.contract.fields:
        source = channel.fields.get(field.name)
        if channel.fields and source is None and not field.required:
            continue
        rows.append((f"`{field.name}`", _source(field, source), _kind(field), field.about))
    note = "\nA field that isn't named here is read from the column of its own name.\n" if channel.fields else ""
    return "## Columns\n\n" + _table(("field", "column", "kind", "about"), rows) + note


def _source(field: Field, source: Expression | None) -> str:
    if source is None:
        return f"`{field.name}`"
    if source.how == "value":
        return f"always `{source.value}`"
    sign = "− " if source.negate else ""
    joiner = {"product": " × ", "ratio": " ÷ ", "first": ", else ", "sum": " + "}.get(
        source.how, f" {source.separator} "
    )
    text = sign + joiner.join(f"`{column}`" for column in source.columns)
    text += "".join(f" − `{column}`" for column in source.less)
    if source.part:
        text += f", piece {source.part[1]} between `{source.part[0]}`"
    text += f" × 10^{source.scale}" if source.scale else ""
    text += ", without sign" if source.absolute else ""
    words = [f"{key} → {value or 'nothing'}" for key, value in source.lookup.items()]
    words += [f"otherwise {source.otherwise or 'nothing'}"] if source.is_closed else []
    return text + (f" ({', '.join(words)})" if words else "")


def _kind(field: Field) -> str:
    limits = f" from {field.minimum}" if field.minimum else ""
    limits += f" to {field.maximum}" if field.maximum else ""
    choices = " (" + ", ".join(field.choices) + ")" if field.choices else ""
    return f"{field.kind}{limits}{choices}" + (", required" if field.required else "")


def _kinds(channel: Channel) -> str:
    if not channel.rows:
        return ""
    rows = []
    for rule in channel.rows:
        tests = (f"`{c.column}` {c.test} {', '.join(c.operands)}" for c in rule.when)
        rows.append((rule.row_kind, " and ".join(tests)))
    return "## Kinds of rows\n\n" + _table(("kind", "when (the first that fits)"), [*rows, ("line", "all others")])


def _also(channel: Channel) -> str:
    rows = [
        (also.row_kind, f"`{name}`", _source(_field(channel, name), source))
        for also in channel.also
        for name, source in also.fields.items()
    ]
    head = "## Further rows\n\nBeside the line, each row gives these where their amount isn't 0.\n\n"
    return head + _table(("kind", "field", "column"), rows) if rows else ""


def _field(channel: Channel, name: str) -> Field:
    return next(field for field in channel.contract.fields if field.name == name)


def _shape(number: int, shape: Shape, channel: Channel) -> str:
    """What is read from one shape of a channel's documents."""
    rows = [("order", f"`{name}`", _source(_field(channel, name), source)) for name, source in shape.fields.items()]
    for row in shape.rows:
        where = f"{row.row_kind}, each of `{row.each}`" if row.each else row.row_kind
        where += f" with `{row.only}`" if row.only else ""
        where += f" unless {' or '.join(f'`{path}`' for path in row.unless)}" if row.unless else ""
        rows += [(where, f"`{name}`", _source(_field(channel, name), source)) for name, source in row.fields.items()]
    title = f"## Documents with {', '.join(f'`{path}`' for path in shape.has)}\n\n"
    first = "Of several shapes the first that fits is taken. " if number == 1 and len(channel.documents) > 1 else ""
    return f"{title}{first}Lines of no units and amounts of 0 are left out.\n\n" + _table(
        ("row", "field", "path"), rows
    )


def _suite(channel: Channel) -> str:
    verdict = {"error": "quarantined", "warn": "accepted, with a warning"}
    rows = [
        (f"`{rule.code}`", f"`{rule.field}`", rule.expected, rule.why, verdict[rule.severity])
        for rule in rules_for(channel)
    ]
    return (
        "## Business rules\n\nHeld by Great Expectations. A message that breaks one is quarantined under its code, or "
        "accepted with a warning that stands beside it; the rest is accepted.\n\n"
        + _table(("code", "field", "expected", "why", "the message is"), rows)
    )


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    escaped = ([cell.replace("|", "\\|") for cell in line] for line in lines)
    return "\n".join("| " + " | ".join(line) + " |" for line in escaped) + "\n"


def pages() -> dict[str, str]:
    """File name -> page of every shipped channel, and the list of them."""
    channels, _ = load_channels()
    found = {f"{slug}.md": page(channel) for slug, channel in channels.items()}
    rows = [(f"[{slug}]({slug}.md)", channel.about) for slug, channel in sorted(channels.items())]
    found["README.md"] = (
        "# Channels and feeds\n\nPrinted by `python -m oms_dagster.quality.pages docs/channels`. A channel of your own "
        "is a YAML file in the home's `channels/`, over a known format, without code.\n\n"
        + _table(("channel", "about"), rows)
    )
    return found


if __name__ == "__main__":
    for file_name, text in pages().items():
        (Path(sys.argv[1]) / file_name).write_text(text, encoding="utf-8")
