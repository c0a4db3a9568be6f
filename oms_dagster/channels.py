"""`oms channel`: a file tried against a channel before anything is written, and a channel drafted from a sample.

Belongs here: what the two commands do and print. Does not belong here: the gate (`warehouse.gate`), guessing
(`domain.capture.draft`).
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from oms_dagster.settings import Home

if TYPE_CHECKING:
    from oms_dagster.warehouse.gate.check import FileCheck

#: Rows of a sample that are looked at for forms of dates.
_SAMPLED = 200
_STYLES = {"accepted": "green", "quarantined": "red", "conflict": "yellow", "duplicate": "dim"}


def check(home: Home, args: argparse.Namespace) -> int:
    """Show what a file would become, against the published copy. 1 when something would not be accepted, 2 without a channel."""
    from oms_dagster.actions import require_published
    from oms_dagster.warehouse import gate
    from oms_dagster.warehouse.connect import reader

    if not args.channel:
        print("oms: channel check FILE needs --channel NAME", file=sys.stderr)
        return 2
    require_published(home)
    _require_file(args.file)
    with reader(home.current) as connection:
        found = gate.check_file(
            connection,
            home.channels,
            args.file,
            file_name=args.file.name,
            channel=args.channel,
            as_of=_moment(args.as_of),
        )
    if args.json:
        from oms_dagster.cli import as_json

        rows = [dataclasses.asdict(row) for row in found.rows]
        print(as_json({"messages": found.messages, "notes": list(found.notes), "rows": rows}))
    else:
        _print(found, args.rows)
    return 0 if set(found.messages) <= {"accepted", "duplicate"} else 1


def _require_file(path: Path) -> None:
    if not path.is_file():
        raise FileNotFoundError(f"{path} is no file: name an existing one")


def _moment(text: str) -> datetime:
    if not text:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"--as-of {text}: expected ISO 8601 with offset, as 2026-03-02T08:00:00+00:00") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _print(found: FileCheck, limit: int) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(width=None if sys.stdout.isatty() else 200)
    table = Table()
    for name in ("row", "order", "kind", "line", "SKU", "quantity", "outcome", "error", "where", "what"):
        table.add_column(name)
    for row in found.rows[:limit]:
        cells = (
            row.position, row.order_id or row.message_key, row.row_kind, row.line_number, row.sku_code, row.quantity,
            row.outcome, row.error_code, row.error_field, row.error_detail,
        )  # fmt: skip
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in cells), style=_STYLES[row.outcome])
    console.print(table)
    if len(found.rows) > limit:
        print(f"{len(found.rows) - limit} more rows: --rows {len(found.rows)} shows all, --json prints them")
    counts = ", ".join(f"{count} {outcome}" for outcome, count in sorted(found.messages.items()))
    print(f"{sum(found.messages.values())} messages: {counts}; nothing was written")
    for note in found.notes:
        print(f"note: {note}")


def new(home: Home, args: argparse.Namespace) -> int:
    """Print the draft of a channel's YAML, or write it to the home."""
    from oms_dagster.domain.capture.channel_file import parse_text, shipped_files

    _require_file(args.file)
    text = draft(args.file)
    name = args.name or "sample"
    parse_text(name, text, f"{name}.yml")
    if args.name:
        from oms_dagster import home as homes

        homes.require(home)
        target = home.channels / f"{args.name}.yml"
        if target.exists() or args.name in shipped_files():
            raise FileExistsError(f"{args.name}: a channel of that name is there already; take another name")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    if args.json:
        from oms_dagster.cli import as_json

        print(as_json({"file": str(target) if args.name else None, "yaml": text}))
    else:
        print(f"{target}: look at it, then `oms channel check FILE --channel {args.name}`" if args.name else text)
    return 0


def draft(sample: Path) -> str:
    """The YAML of a channel that would read a sample: order documents in JSON, else rows and columns."""
    from oms_dagster.domain.capture.draft import draft_flat, draft_json

    document = _first_document(sample)
    nested = draft_json(document) if document is not None else None
    if nested is not None:
        return nested
    import duckdb

    from oms_dagster.domain.capture.channel import Channel
    from oms_dagster.warehouse.flat import form_of, open_flat

    channel = Channel(slug="sample", record="order", format="auto")
    with duckdb.connect() as connection, tempfile.TemporaryDirectory(prefix="oms-sample-") as scratch:
        flat = open_flat(connection, sample, channel, Path(scratch))
        rows = connection.execute(f"select * from ({flat.sql}) limit {_SAMPLED}").fetchall()
        columns = {
            column: [str(row[place]).strip() for row in rows if row[place] is not None and str(row[place]).strip()]
            for place, column in enumerate(flat.columns)
        }
    return draft_flat(columns, form_of(sample))


def _first_document(sample: Path) -> dict[str, object] | None:
    """The first order of a JSON sample, out of the usual wrappings; None when the sample isn't JSON."""
    from oms_dagster.domain.capture.json_documents import documents

    with sample.open("rb") as stream:
        if stream.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"{", b"["):
            return None
        stream.seek(0)
        first = next(documents(stream, lambda found: [found]), None)
    for _ in range(4):
        if isinstance(first, list) and first:
            first = first[0]
        elif isinstance(first, dict) and len(first) <= 3 and any(isinstance(v, dict | list) for v in first.values()):
            inner = [value for value in first.values() if isinstance(value, dict | list)]
            if not any(isinstance(value, str) for value in first.values()):
                first = inner[0]
    return first if isinstance(first, dict) else None
