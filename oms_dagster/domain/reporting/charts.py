"""Charts as inline SVG: bars with their figures written on them, sparklines, a text alternative in each.

Belongs here: numbers -> SVG. Does not belong here: what the numbers mean, the page around them.

Colours are CSS classes (the page defines them for light, dark and print) from the palette of Okabe and Ito
(2008), which people with any common colour blindness can tell apart; a figure is never told by colour alone.
Coordinates are whole hundredths, so that the same numbers give the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

WIDTH = 360
_ROW, _BAR, _LABEL_LIMIT = 34, 11, 46


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar.

    Attributes
    ----------
    label
        Left, above the bar.
    parts
        Lengths of its segments, in the order of the chart's legend; one for a plain bar.
    figure
        Right, above the bar: the value as it should be read.
    """

    label: str
    parts: tuple[Decimal, ...]
    figure: str


def _xy(value: Decimal | float) -> str:
    return f"{value:.2f}"


def _clipped(label: str) -> str:
    return label if len(label) <= _LABEL_LIMIT else f"{label[: _LABEL_LIMIT - 1]}…"


def _segments(bar: Bar, top: int, scale: Decimal, legend: Sequence[str]) -> list[Markup]:
    drawn, x = [], Decimal(0)
    for index, part in enumerate(bar.parts):
        width = part * scale
        if width > 0:
            name = f"{legend[index]}: {bar.figure}" if legend else bar.figure
            drawn.append(
                Markup('<rect class="c{}" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>').format(
                    index + 1, _xy(x), top + 17, _xy(max(width - 1, min(width, Decimal("0.5")))), _BAR, name
                )
            )
        x += width
    return drawn


def bars(
    chart_id: str,
    title: str,
    description: str,
    rows: Sequence[Bar],
    legend: Sequence[str] = (),
    full: Decimal | None = None,
    full_label: str = "",
) -> Markup:
    """Horizontal bars on one scale that starts at zero.

    Parameters
    ----------
    chart_id
        Unique on the page; ties the title and the description to the drawing.
    title, description
        Text alternative: what the chart shows, and its figures in words.
    rows
        The bars, top down; not empty.
    legend
        Names of the segments.
    full, full_label
        A mark across the bars (e.g. a capacity of 1) and what it is; the scale reaches at least there.
    """
    longest = max(max(sum(row.parts, Decimal(0)) for row in rows), full or Decimal(0))
    scale = Decimal(WIDTH) / longest if longest > 0 else Decimal(0)
    height = _ROW * len(rows) + (14 if full else 0)
    mark = min((full or Decimal(0)) * scale, Decimal(WIDTH) - 1)
    drawn = []
    for index, row in enumerate(rows):
        top = index * _ROW
        drawn.append(Markup('<text x="0" y="{}">{}</text>').format(top + 12, _clipped(row.label)))
        drawn.append(Markup('<text class="figure" x="{}" y="{}">{}</text>').format(WIDTH, top + 12, row.figure))
        drawn.append(Markup('<rect class="track" x="0" y="{}" width="{}" height="{}"/>').format(top + 17, WIDTH, _BAR))
        drawn += _segments(row, top, scale, legend)
        if full:
            line = Markup('<line class="mark" x1="{0}" x2="{0}" y1="{1}" y2="{2}"/>')
            drawn.append(line.format(_xy(mark), top + 15, top + 19 + _BAR))
    if full:
        drawn.append(
            Markup('<text class="figure small" x="{}" y="{}">{}</text>').format(_xy(mark), height - 2, full_label)
        )
    head = Markup(
        '<svg class="chart" viewBox="0 0 {w} {h}" role="img" aria-labelledby="{i}-t {i}-d">'
        '<title id="{i}-t">{t}</title><desc id="{i}-d">{d}</desc>'
    ).format(w=WIDTH, h=height, i=chart_id, t=title, d=description)
    return head + Markup("").join(drawn) + Markup("</svg>")


def sparkline(chart_id: str, title: str, values: Sequence[Decimal | None], words: Sequence[str]) -> Markup:
    """A trend without axes: a line per unbroken run of days, a dot on the last; a day without a value is a gap.

    Parameters
    ----------
    values
        One a day, oldest first.
    words
        The same as read by people, for the text alternative.
    """
    width, height, pad = 140, 34, 4
    known = [v for v in values if v is not None]
    low, high = (min(known), max(known)) if known else (Decimal(0), Decimal(0))
    spread = high - low
    step = Decimal(width - 2 * pad) / max(len(values) - 1, 1)
    runs: list[list[str]] = [[]]
    last = ("", "")
    for index, value in enumerate(values):
        if value is None:
            runs.append([])
            continue
        level = (value - low) / spread if spread else Decimal("0.5")
        last = (_xy(pad + index * step), _xy(height - pad - level * (height - 2 * pad)))
        runs[-1].append(",".join(last))
    # a day between two gaps is a run of one: drawn twice, the round line cap makes it a dot
    lines = Markup("").join(
        Markup('<polyline points="{}"/>').format(" ".join(run if len(run) > 1 else run * 2)) for run in runs if run
    )
    dot = Markup('<circle cx="{}" cy="{}" r="3"/>').format(*last) if known else Markup("")
    head = Markup(
        '<svg class="spark" viewBox="0 0 {w} {h}" preserveAspectRatio="xMinYMid meet" '
        'role="img" aria-labelledby="{i}-t {i}-d">'
        '<title id="{i}-t">{t}</title><desc id="{i}-d">{d}</desc>'
    ).format(w=width, h=height, i=chart_id, t=title, d="; ".join(words))
    return head + lines + dot + Markup("</svg>")
