"""How a text file of rows is written: its delimiter and its quoting, told from its first lines.

Belongs here: looking at lines. Does not belong here: encodings (`encoding`), decimal signs (`mapping`), reading (`flat`).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from oms_dagster.domain.capture.channel import Channel

DELIMITERS = ",;\t|"
_LINES = 100
_LONGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class Dialect:
    """Delimiter and quote of a file; ``quote`` is empty where quotes are letters like others."""

    delimiter: str
    quote: str


def detect_dialect(path: Path, channel: Channel) -> Dialect:
    """As the channel says, else what cuts the most of the first lines into as many cells as the header has.

    Parameters
    ----------
    path
        A text file in UTF-8.
    """
    with path.open(encoding="utf-8", newline="") as stream:
        lines = [line for _ in range(_LINES) if (line := stream.readline(_LONGEST))]
    delimiters = channel.delimiter or "".join(d for d in DELIMITERS if d in lines[0]) or ","
    best, most = Dialect(delimiters[0], _declared(channel) or '"'), (-1.0, 0)
    for delimiter in delimiters:
        for quote in _quotes(channel, delimiter, lines):
            fit = _fit(lines, delimiter, quote)
            if fit > most:
                best, most = Dialect(delimiter, quote), fit
    return best


def _declared(channel: Channel) -> str:
    return "" if channel.quote in (None, "none") else channel.quote or ""


def _quotes(channel: Channel, delimiter: str, lines: list[str]) -> Iterator[str]:
    """Quotes that the file may have. Single ones only where no double one is; none at all only between tabs."""
    if channel.quote is not None:
        yield _declared(channel)
        return
    yield '"'
    text = "".join(lines)
    if '"' not in text and any(f"{delimiter}'" in line or line.startswith("'") for line in lines):
        yield "'"
    if delimiter == "\t" and '"' in text:
        yield ""


def _fit(lines: list[str], delimiter: str, quote: str) -> tuple[float, int]:
    """Share of the lines that have the header's number of cells, and that number."""
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE
    try:
        rows = list(csv.reader(lines, delimiter=delimiter, quotechar=quote or None, quoting=quoting, strict=True))
    except csv.Error:
        return 0.0, 0
    rows = [row for row in rows if row]
    if not rows:
        return 0.0, 0
    quoted = quote == "'" and any(cell.startswith("'") for row in rows for cell in row)
    width = len(rows[0])
    whole = sum(len(row) == width for row in rows)
    # A quote that stays in the cells wasn't one; one that is taken off beats the same cells with it left on.
    return (0.0 if quoted else round(whole / len(lines), 2)), width + (quote == "'")
