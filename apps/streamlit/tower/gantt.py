"""Loads and stops in time.

Belongs here: rows in, a Plotly figure out, times on the x axis. Does not belong here: other charts (`charts`), which
rows (`data`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from tower.charts import BLUE, GREY, ORANGE, PALE, RED, laid_out


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
    """All loads of a day: on the road (pale), windows (outline), waiting (hatched), service (dark; crossed when late).

    Parameters
    ----------
    rows
        As for `stops_in_time`, with load_id, wait_min and planned_departure.
    """
    figure = go.Figure()
    loads = list(dict.fromkeys(rows["load_id"]))
    clock = {
        name: rows[name].dt.tz_convert(zone).dt.tz_localize(None)
        for name in ("window_from", "window_to", "eta", "departure", "planned_departure")
    }
    leaves, ends = (
        clock["planned_departure"].groupby(rows["load_id"]).min(),
        clock["departure"].groupby(rows["load_id"]).max(),
    )
    _spans(figure, loads, leaves[loads].reset_index(drop=True), ends[loads].reset_index(drop=True), "on the road",
           {"color": "rgba(86, 180, 233, 0.35)"}, 0.62)  # fmt: skip
    # A window that is open all day says nothing: only those that end or begin within the day of the load are drawn.
    tight = (clock["window_to"] - clock["window_from"]) < pd.Timedelta(hours=8)
    waits = rows["wait_min"].fillna(0).astype(float)
    arrives = clock["eta"] - pd.to_timedelta(waits, unit="min")
    late = rows["late_min"].fillna(0) > 0
    for name, picked, begins, until, mark, width in (
        ("window", tight, clock["window_from"], clock["window_to"],
         {"color": "rgba(0, 0, 0, 0)", "line": {"color": GREY, "width": 1}}, 0.86),
        ("waiting", waits > 0, arrives, clock["eta"], {"color": ORANGE, "pattern": {"shape": "/"}}, 0.4),
        ("service", ~late, clock["eta"], clock["departure"], {"color": BLUE}, 0.4),
        ("service, late", late, clock["eta"], clock["departure"], {"color": RED, "pattern": {"shape": "x"}}, 0.4),
    ):  # fmt: skip
        if picked.any():
            part = rows[picked]
            about = [
                f"stop {int(n)} {c if isinstance(c, str) else ''}"
                for n, c in zip(part["stop_sequence"], part["city"], strict=True)
            ]
            _spans(figure, list(part["load_id"]), begins[picked], until[picked], name, mark, width, about=about)
    laid_out(figure, title, x=f"local time ({zone})", y="load", height=max(240, 130 + 34 * len(loads)))
    figure.update_layout(barmode="overlay")
    figure.update_yaxes(autorange="reversed", type="category")
    figure.update_xaxes(
        type="date",
        tickformat="%H:%M",
        range=[leaves.min() - pd.Timedelta(minutes=30), ends.max() + pd.Timedelta(minutes=30)],
    )
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
    about: Sequence[str] | None = None,
) -> None:
    """Horizontal bars from an instant to an instant; `about` says what each is."""
    figure.add_bar(
        y=list(y), base=begins, x=(ends - begins).dt.total_seconds() * 1000, orientation="h", name=name, width=width,
        marker=mark,
        customdata=[[f"{a:%H:%M}", f"{b:%H:%M}", text] if not pd.isna(a) and not pd.isna(b) else ["", "", text] for a,
        b, text in zip(begins, ends, about or [""] * len(y), strict=True)],
        hovertemplate="%{customdata[2]}<br>%{customdata[0]} to %{customdata[1]}<extra>" + name + "</extra>",
    )  # fmt: skip
