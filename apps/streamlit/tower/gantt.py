"""Loads and stops in time.

Belongs here: rows in, a Plotly figure out, times on the x axis. Does not belong here: other charts (`charts`), which
rows (`data`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from tower.charts import BLUE, GREY, ORANGE, PALE, RED, colour, laid_out


def stops_in_time(rows: pd.DataFrame, title: str, zone: str) -> go.Figure:
    """Stops of one load: window (pale), service (dark), arrival; late stops in red with a cross.

    Parameters
    ----------
    rows
        Columns stop_sequence, city, window_from, window_to, eta, departure, service_min, late_min; times in ``zone``.
    """
    figure = go.Figure()
    label = [
        f"{int(s)} {c if isinstance(c, str) else ''}".strip()
        for s, c in zip(rows["stop_sequence"], rows["city"], strict=True)
    ]
    clock = {
        name: rows[name].dt.tz_convert(zone).dt.tz_localize(None)
        for name in ("window_from", "window_to", "eta", "departure")
    }
    late = rows["late_min"].fillna(0) > 0
    _spans(
        figure,
        label,
        clock["window_from"],
        clock["window_to"],
        "delivery window",
        {"color": PALE, "line": {"color": GREY, "width": 1}},
        0.72,
    )
    begins = clock["departure"] - pd.to_timedelta(rows["service_min"].fillna(0).astype(float), unit="min")
    for name, picked, mark in (
        ("service", ~late, {"color": BLUE}),
        ("service, late", late, {"color": RED, "pattern": {"shape": "x"}}),
    ):
        if picked.any():
            part = [text for text, is_in in zip(label, picked, strict=True) if is_in]
            _spans(figure, part, begins[picked], clock["departure"][picked], name, mark, 0.36)
    figure.add_scatter(
        x=clock["eta"], y=label, name="arrival", mode="markers", marker={"symbol": "line-ns", "size": 13,
        "line": {"width": 2, "color": ORANGE}},
        hovertemplate="arrives %{x|%H:%M}<extra></extra>",
    )  # fmt: skip
    laid_out(figure, title, x=f"local time ({zone})", y="stop", height=max(260, 130 + 24 * len(rows)))
    figure.update_layout(barmode="overlay")
    figure.update_yaxes(autorange="reversed", type="category")
    figure.update_xaxes(type="date", tickformat="%H:%M")
    return figure


def loads_in_time(rows: pd.DataFrame, title: str, zone: str) -> go.Figure:
    """All loads of a day: a bar from departure to the last stop, a mark at each stop; late stops crossed.

    Parameters
    ----------
    rows
        As for `stops_in_time`, with load_id and planned_departure.
    """
    figure = go.Figure()
    loads = list(dict.fromkeys(rows["load_id"]))
    for index, load in enumerate(loads):
        part = rows[rows["load_id"] == load]
        leaves = part["planned_departure"].dt.tz_convert(zone).dt.tz_localize(None).iloc[:1].reset_index(drop=True)
        ends = part["departure"].dt.tz_convert(zone).dt.tz_localize(None).iloc[-1:].reset_index(drop=True)
        _spans(figure, [load], leaves, ends, load, {"color": colour(index), "opacity": 0.45}, 0.5, legend=False)
        late = part["late_min"].fillna(0) > 0
        figure.add_scatter(
            x=part["eta"].dt.tz_convert(zone).dt.tz_localize(None), y=[load] * len(part), mode="markers",
            showlegend=False,
            marker={"symbol": ["x" if is_late else "circle" for is_late in late], "size": 9,
            "color": [RED if is_late else colour(index) for is_late in late]},
            customdata=part[["stop_sequence", "city"]],
            hovertemplate="stop %{customdata[0]} %{customdata[1]}<br>%{x|%H:%M}<extra>" + load + "</extra>",
        )  # fmt: skip
    for name, symbol, tint in (("stop", "circle", GREY), ("late stop", "x", RED)):
        figure.add_scatter(
            x=[None], y=[None], mode="markers", name=name, marker={"symbol": symbol, "size": 9, "color": tint}
        )
    laid_out(figure, title, x=f"local time ({zone})", y="load", height=max(240, 130 + 34 * len(loads)))
    figure.update_layout(barmode="overlay")
    figure.update_yaxes(autorange="reversed", type="category")
    figure.update_xaxes(type="date", tickformat="%H:%M")
    return figure


def _spans(
    figure: go.Figure,
    y: Sequence[str],
    begins: pd.Series,
    ends: pd.Series,
    name: str,
    mark: dict[str, Any],
    width: float,
    *,
    legend: bool = True,
) -> None:
    """Horizontal bars from an instant to an instant."""
    figure.add_bar(
        y=list(y), base=begins, x=(ends - begins).dt.total_seconds() * 1000, orientation="h", name=name, width=width,
        marker=mark, showlegend=legend,
        customdata=[[f"{a:%H:%M}", f"{b:%H:%M}"] if not pd.isna(a) and not pd.isna(b) else ["", ""] for a,
        b in zip(begins, ends, strict=True)],
        hovertemplate="%{customdata[0]} to %{customdata[1]}<extra>" + name + "</extra>",
    )  # fmt: skip
