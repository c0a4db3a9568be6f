"""What a document parser hands on: messages as rows of texts, and failures of one message.

Belongs here: the shape shared by `shopify`, `x12`, `edifact`, `ubl` and `cxml`. Does not belong here: flat files, which never pass through Python
row by row.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

Row = Mapping[str, str | None]
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Broken:
    """A stretch of a file of documents that is none, and why: it becomes one failure, the rest of the file is read."""

    detail: str
    code: str = "UNREADABLE"


@dataclass(frozen=True, slots=True)
class Message:
    """One order document: rows of canonical texts (fields of `records.ORDER`), the header repeated on each.

    Attributes
    ----------
    number
        Place in the file, from 1.
    """

    number: int
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class ParseFailure:
    """One message that can't be read, the others of its file untouched.

    Attributes
    ----------
    code
        UNREADABLE, UNSAFE_XML, UNSUPPORTED, NOT_AN_ORDER, MISSING_FIELD, BAD_NUMBER or CONTROL_MISMATCH.
    field
        The element, segment or key at fault.
    detail
        One line: what, where, what to do.
    channel_order_id
        Where it could be read.
    """

    number: int
    code: str
    field: str
    detail: str
    channel_order_id: str | None = None


def control_count(text: str) -> int:
    """A count that an envelope declares; -1 for what isn't one."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else -1


def unstorable(message: Message | ParseFailure) -> Message | ParseFailure:
    """The message, or a failure when one of its texts can't be stored (NUL, or half of a surrogate pair).

    A failure keeps to one line, whatever it quotes.
    """
    if isinstance(message, ParseFailure):
        order = message.channel_order_id
        known = None if order is None or _UNSTORABLE.search(order) else order
        return replace(
            message, detail=" ".join(_UNSTORABLE.sub("\ufffd", message.detail).split()), channel_order_id=known
        )
    for row in message.rows:
        for field, text in row.items():
            if text is not None and _UNSTORABLE.search(text):
                detail = f"message {message.number}: {field} holds a character that isn't text; send it again without"
                return ParseFailure(message.number, "UNREADABLE", field, detail)
    return message
