"""Which font draws which character, so that no name of a customer breaks a document.

Belongs here: finding the fonts, splitting text into runs of one font, the visible fallback. Does not belong
here: sizes and layout.

Fonts come with installed packages, never from the system, so that the bytes are the same on every machine:
DejaVu Sans (Latin, Greek, Cyrillic, ...), which matplotlib carries (installed with PyVRP); Bitstream Vera
(western Latin only), which reportlab carries, where DejaVu is missing. East Asian characters use PDF's
predefined CID fonts: their outlines are not in the file, the viewer or printer brings them. What no font has,
and right-to-left scripts (which need shaping that we do not do), print as U+FFFD or a box: visibly missing,
never silently wrong.
"""

# mypy: disable-error-code="no-untyped-call"
from __future__ import annotations

import importlib.util
import unicodedata
from functools import cache
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import escape

import reportlab
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

REGULAR, BOLD = "OMS-Regular", "OMS-Bold"
CHINESE, JAPANESE, KOREAN = "STSong-Light", "HeiseiMin-W3", "HYSMyeongJo-Medium"
_DEJAVU = {REGULAR: "DejaVuSans.ttf", BOLD: "DejaVuSans-Bold.ttf"}
_VERA = {REGULAR: "Vera.ttf", BOLD: "VeraBd.ttf"}
_RIGHT_TO_LEFT = frozenset({"R", "AL"})
_NARROW_SPACE, _NO_BREAK_SPACE = "\u202f", "\u00a0"


def _font_file(name: str) -> Path:
    spec = importlib.util.find_spec("matplotlib")
    if spec is not None and spec.origin is not None:
        dejavu = Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf" / _DEJAVU[name]
        if dejavu.is_file():
            return dejavu
    return Path(reportlab.__file__).parent / "fonts" / _VERA[name]


@cache
def glyphs() -> frozenset[int]:
    """Register the fonts (once) and return the code points that both weights of the main font can draw."""
    faces = [TTFont(name, str(_font_file(name))) for name in (REGULAR, BOLD)]
    for face in faces:
        pdfmetrics.registerFont(face)
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)
    for name in (CHINESE, JAPANESE, KOREAN):
        pdfmetrics.registerFont(UnicodeCIDFont(name))
    covered = [frozenset(face.face.charToGlyph) for face in faces]
    return covered[0] & covered[1]


def _is_kana(code: int) -> bool:
    return 0x3040 <= code <= 0x30FF or 0x31F0 <= code <= 0x31FF or 0xFF66 <= code <= 0xFF9F


def _is_hangul(code: int) -> bool:
    return 0xAC00 <= code <= 0xD7A3 or 0x3130 <= code <= 0x318F


def _is_han(code: int) -> bool:
    return 0x3400 <= code <= 0x9FFF or 0xF900 <= code <= 0xFAFF or 0x3000 <= code <= 0x303F or 0xFF00 <= code <= 0xFFEF


def is_east_asian(text: str) -> bool:
    """Whether the text needs a font that the viewer brings."""
    return any(_is_kana(c) or _is_hangul(c) or _is_han(c) for c in map(ord, text))


def printable(text: str) -> str:
    """Text as it will be drawn: composed (NFC), control characters blank, what no font draws as U+FFFD.

    Line breaks survive; a lone surrogate, an emoji and an Arabic letter each become one replacement mark.
    """
    if text.isascii() and text.isprintable():
        return text
    known = glyphs()
    mark = "\ufffd" if 0xFFFD in known else "?"
    drawn: list[str] = []
    for char in unicodedata.normalize("NFC", text.replace("\r\n", "\n")):
        code = ord(char)
        if char == "\n":
            drawn.append(char)
        elif unicodedata.category(char) in ("Cc", "Zl", "Zp"):
            drawn.append(" ")
        elif unicodedata.category(char) == "Cf":
            continue  # joiners, direction marks, soft hyphens: nothing to draw
        elif unicodedata.bidirectional(char) in _RIGHT_TO_LEFT:
            drawn.append(mark)
        elif code in known or _is_kana(code) or _is_hangul(code) or _is_han(code):
            drawn.append(char)
        else:
            drawn.append(_NO_BREAK_SPACE if char == _NARROW_SPACE else mark)
    return "".join(drawn)


def markup(text: str) -> str:
    """Text as reportlab paragraph markup: escaped, line breaks kept, East Asian runs in the font that draws them.

    The rest is left to the font of the paragraph.
    """
    shown, known = printable(text), glyphs()
    han = JAPANESE if any(_is_kana(ord(c)) for c in shown) else CHINESE

    def font(char: str) -> str:
        code = ord(char)
        if char == "\n" or code in known:
            return ""
        return JAPANESE if _is_kana(code) else KOREAN if _is_hangul(code) else han

    runs = ((name, escape("".join(run))) for name, run in groupby(shown, key=font))
    return "".join(f'<font name="{name}">{run}</font>' if name else run for name, run in runs).replace("\n", "<br/>")
