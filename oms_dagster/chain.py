"""A log whose rows are chained: each carries the sha256 of the row before it and of its own content.

Belongs here: the hash of a row, the check of a log. Does not belong here: which logs there are, how they are kept
(`operations` for commands and access, `warehouse` for outcomes).

Changing, removing, inserting or reordering a row breaks the chain at it. Rows cut off the end break nothing: heads are
compared for that (the outcomes carry the hash of their command, and `oms audit verify` prints the heads).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

#: The hash before the first row.
START = "0" * 64


@dataclass(frozen=True, slots=True)
class Link:
    """A row as it was kept: its number (1 is the first), its content, and the hash that it carries."""

    number: int
    content: Mapping[str, Any]
    hash: str | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """A whole log: how many rows hold, the last hash of them, and the first broken row in one line (empty: none)."""

    rows: int
    head: str
    broken: str


def canonical(content: Mapping[str, Any]) -> str:
    """The content as one text that is the same on every engine: sorted names, times in UTC, decimals as text."""
    return json.dumps(dict(content), sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no canonical form")


def link_hash(before: str, content: Mapping[str, Any]) -> str:
    """The hash of a row: sha256 over the hash before it, a line feed, and the canonical content."""
    return hashlib.sha256(f"{before}\n{canonical(content)}".encode()).hexdigest()


def verify(log: str, links: Iterable[Link]) -> Verdict:
    """Walk a log from its first row to the first that is broken.

    Parameters
    ----------
    log
        Its name, for the line about what is broken.
    links
        All rows, in order of their number.
    """
    head, rows = START, 0
    for link in links:
        if link.number != rows + 1:
            return Verdict(rows, head, f"{log}: row {rows + 1} is gone: the next one found is {link.number}")
        if not link.hash:
            return Verdict(rows, head, f"{log}: row {link.number} carries no hash")
        if link.hash != link_hash(head, link.content):
            return Verdict(
                rows, head, f"{log}: row {link.number} was changed: its content is not what its hash was made of"
            )
        head, rows = link.hash, rows + 1
    return Verdict(rows, head, "")
