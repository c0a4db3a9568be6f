"""The sheet of paper that all documents share: A4, header and footer on each page, 'page n of m', the bytes.

Belongs here: page templates and numbering. Does not belong here: the blocks on a page (blocks.py), what any one
document says.
"""

# mypy: disable-error-code="no-untyped-call"
from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reportlab import rl_config
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, NextPageTemplate, PageTemplate, Table, TableStyle
from reportlab.platypus.flowables import Flowable, PageBreak, Spacer

from oms_dagster.domain.documents.blocks import RULE, barcode, clipped, mixed, text
from oms_dagster.domain.documents.figures import moment_text
from oms_dagster.domain.documents.fonts import is_east_asian

# Binary streams: base 85 only makes the files larger and slower to write.
rl_config.useA85 = 0  # type: ignore[attr-defined]
MARGIN = 12 * mm
FOOTER = 9 * mm


@dataclass(frozen=True, slots=True)
class Head:
    """What stands on every page of a document: its name, number and the stamp in the footer."""

    title: str
    number: int
    series: str
    issued_at: datetime
    timezone: str
    template: str

    @property
    def reference(self) -> str:
        """Series and number as printed, e.g. ``A-000042``."""
        return reference(self.series, self.number)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A run of pages under one header.

    Attributes
    ----------
    title, subtitle
        First and second line of the header, on each page of the run.
    code
        What the header's barcode says.
    story
        The flowables of the run.
    """

    title: str
    subtitle: str
    code: str
    story: tuple[Flowable, ...]


def reference(series: str, number: int) -> str:
    """Series and number of a document as printed and spoken."""
    return f"{series}-{number:06d}" if series else f"{number:06d}"


def usable_width(wide: bool = False) -> float:
    """Points between the margins of an A4 sheet."""
    return float((landscape(A4) if wide else A4)[0] - 2 * MARGIN)


class _NumberedCanvas(Canvas):  # type: ignore[misc]
    """Holds the pages back until their number is known, then writes 'page n of m' on each."""

    footer = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._held: list[dict[str, Any]] = []

    def showPage(self) -> None:
        self._held.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for number, page in enumerate(self._held, start=1):
            self.__dict__.update(page)
            width = self._pagesize[0]
            line = Table(
                [[text(self.footer, 7.5), text(f"page {number} of {len(self._held)}", 9, True, "r")]],
                colWidths=[width - 2 * MARGIN - 32 * mm, 32 * mm],
            )
            line.setStyle(
                TableStyle(
                    [
                        ("VALIGN", (0, 0), (-1, -1), "TOP"),
                        ("LEFTPADDING", (0, 0), (-1, -1), 0),
                        ("RIGHTPADDING", (0, 0), (-1, -1), 0),
                        ("LINEABOVE", (0, 0), (-1, 0), 0.5, RULE),
                    ]
                )
            )
            _, height = line.wrapOn(self, width - 2 * MARGIN, 20 * mm)
            line.drawOn(self, MARGIN, FOOTER + 7 * mm - height)
            super().showPage()
        super().save()


def _header(sheet: Sheet, head: Head, width: float) -> tuple[Table, float]:
    right = 74 * mm
    lines = [(clipped(line, 120), False, 9.5) for line in sheet.subtitle.split("\n")]
    left = mixed([(sheet.title, True, 16), *lines])
    number = text(f"No. {head.reference}", 12, True, "r")
    grid = Table([[left, [number, Spacer(1, 1.5 * mm), barcode(sheet.code, right)]]], colWidths=[width - right, right])
    grid.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("ALIGN", (1, 0), (1, 0), "RIGHT"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (0, 0), (-1, -1), 0),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 5),
                ("LINEBELOW", (0, 0), (-1, -1), 1.2, colors.black),
            ]
        )
    )
    _, height = grid.wrap(width, 90 * mm)
    return grid, height


def build(head: Head, sheets: Sequence[Sheet], all_words: Iterable[str] = (), wide: bool = False) -> bytes:
    """Lay the sheets out on A4 and return the PDF; the same input gives the same bytes.

    Parameters
    ----------
    head
        Name, number and stamp.
    sheets
        At least one; each starts on a new page.
    all_words
        What people wrote (names, addresses, descriptions): looked through for East Asian characters, which the
        footer then points out, as their outlines are not in the file.
    wide
        Landscape.
    """
    out = io.BytesIO()
    size = landscape(A4) if wide else A4
    issued = f"{moment_text(head.issued_at, head.timezone)} ({head.timezone})"
    footer = f"{head.title} {head.reference} · issued {issued} · template {head.template}"
    if any(is_east_asian(words) for words in all_words):
        footer += " · East Asian characters print with the viewer's own fonts"
    maker = type("_Canvas", (_NumberedCanvas,), {"footer": footer})
    document = BaseDocTemplate(
        out, pagesize=size, invariant=1, title=f"{head.title} {head.reference}", author="oms-dagster", lang="en"
    )
    story: list[Flowable] = []
    for index, sheet in enumerate(sheets):
        grid, height = _header(sheet, head, size[0] - 2 * MARGIN)
        bottom = FOOTER + 11 * mm
        frame = Frame(
            MARGIN, bottom, size[0] - 2 * MARGIN, size[1] - MARGIN - height - bottom - 2 * mm, 0, 0, 0, 0, id="body"
        )

        def draw(canvas: Any, _: Any, grid: Table = grid, height: float = height) -> None:
            grid.drawOn(canvas, MARGIN, size[1] - MARGIN - height)

        document.addPageTemplates(PageTemplate(id=f"sheet-{index}", frames=[frame], onPage=draw))
        if index:
            story += [NextPageTemplate(f"sheet-{index}"), PageBreak()]
        story += sheet.story
    document.build(story, canvasmaker=maker)
    return out.getvalue()
