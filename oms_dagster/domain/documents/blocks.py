"""The building blocks of a page: text, tables, barcodes, facts, boxes to write in.

Belongs here: what any document may put on a page. Does not belong here: pages, headers and footers (paper.py),
what any one document says. Black on white only; a shade of grey never carries meaning.
"""

# mypy: disable-error-code="no-untyped-call"
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER, TA_LEFT, TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Paragraph, Table, TableStyle
from reportlab.platypus.flowables import CondPageBreak, Flowable, KeepTogether, Spacer

from oms_dagster.domain.documents.fonts import BOLD, REGULAR, glyphs, markup, printable

#: Widths of a barcode's narrowest bar, widest first: 0.19 mm (7.5 mil) is the least that hand scanners read.
BAR_WIDTHS_MM = (0.38, 0.33, 0.28, 0.25, 0.22, 0.19)
RULE, _SHADE = colors.Color(0.45, 0.45, 0.45), colors.Color(0.92, 0.92, 0.92)
_BARE = TableStyle([(f"{side}PADDING", (0, 0), (-1, -1), 0) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")])
#: A row taller than this may break over pages; others stay whole.
_TALL_ROW = 110 * mm
_PADDING = 4.0
_ALIGN = {"l": TA_LEFT, "r": TA_RIGHT, "c": TA_CENTER}


@dataclass(frozen=True, slots=True)
class Strong:
    """A table cell in bold at its own size."""

    words: str
    size: float


Cell: TypeAlias = str | Strong | Flowable


@cache
def style(size: float = 10, bold: bool = False, align: str = "l") -> ParagraphStyle:
    """Paragraph style of a size in points."""
    glyphs()
    return ParagraphStyle(
        name=f"oms-{size}-{bold}-{align}",
        fontName=BOLD if bold else REGULAR,
        fontSize=size,
        leading=size * 1.28,
        alignment=_ALIGN[align],
        splitLongWords=1,
        autoLeading="max",
    )


def clipped(words: str, limit: int) -> str:
    """At most ``limit`` characters, an ellipsis where more were: for headers, whose full text stands below."""
    return words if len(words) <= limit else f"{words[: limit - 1]}…"


def text(words: str, size: float = 10, bold: bool = False, align: str = "l") -> Paragraph:
    """A paragraph that wraps, in the fonts that draw it."""
    return Paragraph(markup(words), style(size, bold, align))


def mixed(parts: Iterable[tuple[str, bool, float]], align: str = "l") -> Paragraph:
    """Lines of (words, bold, size) under each other in one paragraph; empty lines are left out."""
    lines = [
        f'<font name="{BOLD if bold else REGULAR}" size="{size}">{markup(words)}</font>'
        for words, bold, size in parts
        if words
    ]
    return Paragraph("<br/>".join(lines), style(10, False, align))


def figure(words: str, width: float, size: float, bold: bool = False, align: str = "r") -> Paragraph:
    """A number on one line: the type shrinks where it must, as digits on two lines would be misread.

    Parameters
    ----------
    words
        The number; lines of a sum in several currencies are kept apart.
    width
        Points that each line may take.
    size
        Points to start from; not below 5.
    """
    glyphs()
    font = BOLD if bold else REGULAR
    widest = max(stringWidth(printable(line), font, size) for line in words.split("\n"))
    fitted = size if widest <= width else max(5.0, int(size * width / widest * 10) / 10)
    return text(words, fitted, bold, align)


def barcode(value: str, width: float, height: float = 9 * mm) -> Flowable:
    """A Code 128 barcode with its text below, as wide as fits; plain text where it cannot be a barcode.

    Parameters
    ----------
    value
        What it says. Code 128 carries ASCII only.
    width, height
        Space for the bars with their quiet zones, and height of the bars, in points.
    """
    if value and value.isascii() and value.isprintable():
        modules = Code128(value, barWidth=1, lquiet=10, rquiet=10).width
        for bar in (bar_mm * mm for bar_mm in BAR_WIDTHS_MM):
            if modules * bar <= width:
                code = Code128(value, barWidth=bar, barHeight=height, lquiet=10 * bar, rquiet=10 * bar)
                words = figure(value, code.width, 8, align="c")
                return Table([[code], [words]], colWidths=[code.width], style=_BARE, hAlign="RIGHT")
    return text(value, 9)


def table(
    header: Sequence[str], rows: Sequence[Sequence[Cell]], widths_mm: Sequence[float], align: str, size: float
) -> Table:
    """A ruled table whose header is repeated on each page.

    Words wrap; numbers (right-aligned text) shrink to stay on one line; a row breaks over pages only when it is
    taller than a hand.

    Parameters
    ----------
    header, rows
        Titles of the columns, and the cells: text, strong text or flowables.
    widths_mm
        Width of each column.
    align
        One letter a column: l, r or c.
    size
        Points of the body text.
    """

    def cell(value: Cell, how: str, width_mm: float) -> Flowable:
        if isinstance(value, Flowable):
            return value
        words, points, bold = (value.words, value.size, True) if isinstance(value, Strong) else (value, size, False)
        if how == "r":
            return figure(words, width_mm * mm - 2 * _PADDING, points, bold)
        return text(words, points, bold, how)

    body = [[cell(*parts) for parts in zip(row, align, widths_mm, strict=True)] for row in rows]
    head = [text(title, 8.5, True, how) for title, how in zip(header, align, strict=True)]
    grid = Table([head, *body], colWidths=[w * mm for w in widths_mm], repeatRows=1)
    grid.setStyle(
        TableStyle(
            [
                ("BACKGROUND", (0, 0), (-1, 0), _SHADE),
                ("LINEABOVE", (0, 0), (-1, 0), 0.9, colors.black),
                ("LINEBELOW", (0, 0), (-1, 0), 0.9, colors.black),
                ("LINEBELOW", (0, 1), (-1, -1), 0.4, RULE),
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                ("LEFTPADDING", (0, 0), (-1, -1), _PADDING),
                ("RIGHTPADDING", (0, 0), (-1, -1), _PADDING),
                ("TOPPADDING", (0, 0), (-1, -1), 3.5),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 3.5),
            ]
        )
    )
    return _splitting_tall_rows(grid, sum(widths_mm) * mm)


def _splitting_tall_rows(grid: Table, width: float) -> Table:
    grid.wrap(width, 10_000 * mm)
    if max(grid._rowHeights) > _TALL_ROW:
        grid.splitInRow = 1
    return grid


def boxed(grid: Table, columns: Sequence[int], last_row: int = -1) -> Table:
    """Draw a frame around the cells of ``columns`` from the second row on: there a person writes."""
    for column in columns:
        grid.setStyle(TableStyle([("GRID", (column, 1), (column, last_row), 0.8, colors.black)]))
    return grid


def total_row(grid: Table) -> Table:
    """Set the last row apart as a total."""
    grid.setStyle(
        TableStyle([("LINEABOVE", (0, -1), (-1, -1), 0.9, colors.black), ("BACKGROUND", (0, -1), (-1, -1), _SHADE)])
    )
    return grid


def facts(pairs: Sequence[tuple[str, str]], width: float, columns: int = 3) -> Table:
    """Label over value, several to a row; an empty value leaves a line to write on."""
    cells = [mixed([(label, False, 7.5), (value or "_" * 16, bool(value), 10.5)]) for label, value in pairs]
    cells += [text("")] * (-len(cells) % columns)
    rows = [cells[i : i + columns] for i in range(0, len(cells), columns)]
    grid = Table(rows, colWidths=[width / columns] * columns, hAlign="LEFT")
    grid.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)]))
    return _splitting_tall_rows(grid, width)


def sign_boxes(boxes: Sequence[tuple[str, str, Sequence[str]]], width: float) -> Flowable:
    """Boxes to sign in, side by side and never split: (role, name if known, further lines to fill in)."""
    cells = []
    for role, name, further in boxes:
        lines = [(f"Name: {name}" if name else "Name", bool(name)), *((label, False) for label in further)]
        cells.append([text(role, 10, True), Spacer(1, 1.5 * mm)] + [_blank(label, filled) for label, filled in lines])
    grid = Table([cells], colWidths=[width / len(boxes)] * len(boxes))
    grid.setStyle(TableStyle([("BOX", (i, 0), (i, 0), 0.8, colors.black) for i in range(len(boxes))]))
    grid.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("BOTTOMPADDING", (0, 0), (-1, -1), 8)]))
    return KeepTogether([Spacer(1, 5 * mm), grid])


def _blank(label: str, filled: bool) -> Flowable:
    line = Table([[text(label, 9)]], colWidths=["100%"], rowHeights=None if filled else [9.5 * mm])
    rules: list[Any] = [("VALIGN", (0, 0), (-1, -1), "BOTTOM"), ("LEFTPADDING", (0, 0), (-1, -1), 0)]
    if filled:
        rules.append(("TOPPADDING", (0, 0), (-1, -1), 9.5 * mm - 9 * 1.28 - 3))
    rules.append(("LINEBELOW", (0, 0), (-1, -1), 0.5, RULE))
    line.setStyle(TableStyle(rules))
    return line


def section(title: str, body: Sequence[Flowable]) -> list[Flowable]:
    """A titled part of a document; the title never stands alone at the foot of a page."""
    return [CondPageBreak(38 * mm), Spacer(1, 5 * mm), text(title, 12, True), Spacer(1, 1.5 * mm), *body]
