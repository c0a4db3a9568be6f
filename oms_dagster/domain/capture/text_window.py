"""A long text read piece by piece: what has been understood is forgotten, so that memory doesn't grow with the file.

Belongs here: decoding a stream and the part of its text that is in sight. Does not belong here: what the text means
(`x12`, `edifact`).
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from typing import BinaryIO

_BYTES = 1 << 20
#: So much stands in sight beyond a stretch before its end is believed: no mark that could end it earlier is cut in two.
_BEYOND = 512
#: The longest interchange, in characters: read whole, it takes fifteen times as much memory.
LONGEST = 32 << 20


class TooLong(Exception):
    """An interchange of more than `LONGEST` characters."""

    def __str__(self) -> str:
        return f"an interchange is longer than {LONGEST >> 20} million characters; ask the partner for several shorter ones"


def stream_of(source: bytes | BinaryIO) -> BinaryIO:
    """The stream itself, or one of the bytes."""
    return io.BytesIO(source) if isinstance(source, bytes) else source


def is_utf8(stream: BinaryIO) -> bool:
    """Whether all of a stream is UTF-8; it stands at its beginning afterwards."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while piece := stream.read(_BYTES):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    finally:
        stream.seek(0)
    return True


class Window:
    """The part of a stream's text that is in sight.

    Attributes
    ----------
    text
        From the first stretch that isn't done to as far as was read.
    """

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self.text = ""
        self._pieces = _decoded(stream, encoding)

    def needs_more(self, start: int, end: int) -> bool:
        """Whether a stretch could end elsewhere with more text in sight; that is then read, and `text` begins at ``start``.

        Raises
        ------
        TooLong
            The stretch doesn't end.
        """
        if len(self.text) - end >= _BEYOND:
            return False
        if len(self.text) - start > LONGEST:
            raise TooLong
        rest = self.text[start:]
        more: list[str] = []
        while sum(map(len, more)) <= len(rest) and (piece := next(self._pieces, "")):
            more.append(piece)
        if not more:
            return False
        self.text = "".join((rest, *more))
        return True


def _decoded(stream: BinaryIO, encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    while piece := stream.read(_BYTES):
        if text := decoder.decode(piece):
            yield text
    if text := decoder.decode(b"", final=True):
        yield text
