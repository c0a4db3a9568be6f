"""The encoding of a text file, told from its bytes, and its copy in UTF-8.

Belongs here: byte order marks, UTF-16 without one, UTF-8 with broken rows, code pages. Does not belong here: delimiters
(`dialect`) or rows (`flat`).
"""

from __future__ import annotations

import codecs
from pathlib import Path

CHUNK = 1 << 20
#: So much of the lines that aren't ASCII is shown to the detector of code pages.
_SAMPLE = 1 << 16
#: Code pages that are told apart. Windows-1252 is what a file of a few accents is taken for.
_PAGES = ["cp1252", "cp1250", "cp1251", "shift_jis", "gb18030"]
_WIDE_PAGES = ("shift_jis", "gb18030")
#: Share of a language's usual letters from which a guess counts (0 to 1, by charset-normalizer).
_COHERENT = 0.3


class Unreadable(Exception):
    """The file as a whole can't be read: one line that says what was seen and what to do."""


def seen(head: bytes) -> str:
    """What a file begins with, for an error line."""
    return f"{len(head)} bytes or more beginning {head[:16]!r}"


def detect_encoding(path: Path, head: bytes, declared: str) -> str:
    """The file's encoding: by its byte order mark, else as declared, else UTF-8 where it could be, else a code page.

    Latin-1 is read as windows-1252, which is what such files are. A file with some valid multi-byte UTF-8 is UTF-8 with
    broken rows, not a code page.

    Raises
    ------
    Unreadable
        NUL bytes: binary.
    """
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    sample = head[:4096]
    if sample.count(0) > len(sample) // 4 and len(set(sample[0::2]) & {0}) != len(set(sample[1::2]) & {0}):
        return "utf-16-be" if 0 in sample[0::2] else "utf-16-le"
    if declared == "utf-16":
        return "utf-16-le"
    if b"\0" in head:
        raise Unreadable(f"the file is binary ({seen(head)}), expected text; export it again as text")
    if declared not in ("auto", "utf-8"):
        return "cp1252" if declared == "latin-1" else declared
    valid, broken, lines = _utf8_lines(path)
    return _code_page(lines) if broken and not valid and declared == "auto" else "utf-8"


def _utf8_lines(path: Path) -> tuple[int, int, bytes]:
    """How many non-ASCII lines are valid UTF-8, how many aren't, and the first of the latter."""
    valid = broken = 0
    lines = bytearray()
    with path.open("rb") as stream:
        for line in stream:
            if not line.isascii():
                try:
                    line.decode("utf-8")
                    valid += 1
                except UnicodeDecodeError:
                    broken += 1
                    if len(lines) < _SAMPLE:
                        lines += line
    return valid, broken, bytes(lines[:_SAMPLE])


def _code_page(lines: bytes) -> str:
    """Windows-1252, unless the letters are those of another language's page."""
    from charset_normalizer import from_bytes

    found = [match for match in from_bytes(lines, cp_isolation=_PAGES) if match.encoding in _PAGES]
    if any("cp1252" in match.could_be_from_charset and match.coherence >= _COHERENT for match in found):
        return "cp1252"
    coherent = max(found, key=lambda match: match.coherence, default=None)
    if coherent is not None and coherent.coherence >= _COHERENT:
        return coherent.encoding
    plain = [match for match in found if "cp1252" in match.could_be_from_charset]
    if found and not plain and found[0].encoding in _WIDE_PAGES:
        return found[0].encoding
    return "cp1252"


def as_utf8(path: Path, head: bytes, declared: str, scratch: Path) -> tuple[Path, bool]:
    """The file, or a UTF-8 copy without byte order mark; and whether bytes had to be replaced by U+FFFD."""
    encoding = detect_encoding(path, head, declared)
    if encoding == "utf-8" and not _utf8_lines(path)[1]:
        return path, False
    copy = scratch / "text.utf8"
    replaced = False
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    with path.open("rb") as stream, copy.open("w", encoding="utf-8", newline="") as out:
        while chunk := stream.read(CHUNK):
            text = decoder.decode(chunk)
            replaced = replaced or "\ufffd" in text
            out.write(text)
        tail = decoder.decode(b"", final=True)
        replaced = replaced or "\ufffd" in tail
        out.write(tail)
    return copy, replaced
