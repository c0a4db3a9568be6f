"""A file of JSON split into its documents: one object, a list, or one a line.

Belongs here: encodings of JSON, lines told from one large object, pieces that can't be read. Does not belong here: what
a document means (`shopify`, `json_orders`), rows and columns in JSON (`warehouse.flat`).

JSON lines are read line by line, so that memory doesn't grow with the file.
"""

from __future__ import annotations

import codecs
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

#: The first line is looked at up to here; a longer one is not JSON lines.
_LONGEST_FIRST_LINE = 1 << 24


@dataclass(frozen=True, slots=True)
class Broken:
    """A piece of the file that isn't JSON, or a list without orders."""

    detail: str


def load_json(text: str) -> Any:
    """JSON with numbers as they are written: a price never becomes a float.

    Raises
    ------
    ValueError, RecursionError
        Not JSON, or nested beyond reason.
    """
    return json.loads(text.lstrip("\ufeff"), parse_float=str, parse_int=str, parse_constant=str)


def documents(source: bytes | BinaryIO, unwrap: Callable[[Any], list[Any]]) -> Iterator[Any]:
    """The documents of a file, in its order; `Broken` where one can't be read.

    Parameters
    ----------
    source
        The bytes, or a seekable binary stream of them: UTF-8 with or without byte order mark, or UTF-16 with one.
    unwrap
        Takes the documents out of what one JSON text holds.
    """
    stream = io.BytesIO(source) if isinstance(source, bytes) else source
    head = stream.read(4096)
    wide = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if b"\0" in head and not wide:
        yield Broken(f"the file is binary, beginning {head[:16]!r}, expected JSON; send it as UTF-8 text")
        return
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding="utf-16" if wide else "utf-8-sig")
    try:
        yield from _documents(text, size, unwrap)
    except UnicodeError as error:
        yield Broken(f"the file isn't UTF-8 text ({error}); save it as UTF-8")
    finally:
        text.detach()


def _documents(text: io.TextIOWrapper, size: int, unwrap: Callable[[Any], list[Any]]) -> Iterator[Any]:
    first = _first_line(text)
    rest = text.readline(_LONGEST_FIRST_LINE) if first else ""
    while rest and not rest.strip():
        rest = text.readline(_LONGEST_FIRST_LINE)
    if first and rest and _is_object(first):
        yield from _lines(first, rest, text, unwrap)
        return
    whole = first + rest + text.read()
    if not whole.strip():
        yield Broken(f"the file has {size} bytes and no order; send it again")
        return
    try:
        yield from unwrap(load_json(whole))
    except (ValueError, RecursionError) as error:
        yield Broken(f"not readable as JSON, perhaps cut short: {error}; send it again")


def _first_line(text: io.TextIOWrapper) -> str:
    line = text.readline(_LONGEST_FIRST_LINE)
    while line and not line.strip():
        line = text.readline(_LONGEST_FIRST_LINE)
    return line


def _is_object(line: str) -> bool:
    try:
        return isinstance(load_json(line), dict)
    except (ValueError, RecursionError):
        return False


def _lines(first: str, second: str, text: io.TextIOWrapper, unwrap: Callable[[Any], list[Any]]) -> Iterator[Any]:
    place = 0
    for lines in ((first, second), text):
        for line in lines:
            if not line.strip():
                continue
            place += 1
            try:
                found = unwrap(load_json(line))
            except (ValueError, RecursionError) as error:
                found = [Broken(f"line {place} isn't JSON, perhaps cut short: {error}; send it again")]
            yield from found
