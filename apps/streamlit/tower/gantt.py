"""Loads and stops in time.

Belongs here: rows in, a Plotly figure out, times on the x axis. Does not belong here: other charts (`charts`), which
rows (`data`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from tower import words
from tower.charts import BLUE, GREEN, GREY, ORANGE, PALE, RED, laid_out

ROAD = "rgba(86, 180, 233, 0.35)"
#: When a load is at its dock.
LOADING = ("planned_loading_start", "planned_loading_end")
#: A window as long as this says nothing about a stop: it isn't drawn among those of other stops.
ALL_DAY = pd.Timedelta(hours=8)


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


def vehicles_in_time(rows: pd.DataFrame, title: str, zone: str) -> go.Figure:
    """Vehicles over the day: at the dock, on the road (pale), windows (outline), waiting (hatched), service (dark; crossed when late).

    Parameters
    ----------
    rows
        As for `stops_in_time`, with load_id, vehicle_id, wait_min, planned_departure and the planned loading (empty: none).
    """
    figure = go.Figure()
    local = {
        name: rows[name].dt.tz_convert(zone).dt.tz_localize(None)
        for name in ("window_from", "window_to", "eta", "departure", "planned_departure", *LOADING)
    }
    loads = rows.assign(**local).groupby("load_id", sort=False)
    out = loads.agg(
        vehicle_id=("vehicle_id", "first"), leaves=("planned_departure", "min"), ends=("departure", "max"),
        begins=(LOADING[0], "min"), loaded=(LOADING[1], "max"), dock=("planned_dock", "min"),
    )  # fmt: skip
    loaded = out[out["begins"].notna()]
    if len(loaded):
        about = [f"{load}, dock {int(dock)}" for load, dock in zip(loaded.index, loaded["dock"], strict=True)]
        mark = {"color": GREEN, "pattern": {"shape": "."}}
        _spans(figure, list(loaded["vehicle_id"]), loaded["begins"], loaded["loaded"], "loading", mark, 0.62, about)
    _spans(
        figure,
        list(out["vehicle_id"]),
        out["leaves"],
        out["ends"],
        "on the road",
        {"color": ROAD},
        0.62,
        list(out.index),
    )
    waits = rows["wait_min"].fillna(0).astype(float)
    arrives = local["eta"] - pd.to_timedelta(waits, unit="min")
    late = rows["late_min"].fillna(0) > 0
    tight = local["window_to"] - local["window_from"] < ALL_DAY
    outline = {"color": "rgba(0, 0, 0, 0)", "line": {"color": GREY, "width": 1}}
    for name, picked, begins, ends, mark, width in (
        ("window", tight, local["window_from"], local["window_to"], outline, 0.86),
        ("waiting", waits > 0, arrives, local["eta"], {"color": ORANGE, "pattern": {"shape": "/"}}, 0.4),
        ("service", ~late, local["eta"], local["departure"], {"color": BLUE}, 0.4),
        ("service, late", late, local["eta"], local["departure"], {"color": RED, "pattern": {"shape": "x"}}, 0.4),
    ):
        part = rows[picked]
        about = [
            f"stop {int(n)} {c if isinstance(c, str) else ''}"
            for n, c in zip(part["stop_sequence"], part["city"], strict=True)
        ]
        if about:
            _spans(figure, list(part["vehicle_id"]), begins[picked], ends[picked], name, mark, width, about)
    vehicles = list(dict.fromkeys(out["vehicle_id"]))
    row_px = 34 if len(vehicles) <= 12 else 22
    laid_out(figure, title, x=f"local time ({zone})", y="vehicle", height=max(240, 130 + row_px * len(vehicles)))
    figure.update_layout(barmode="overlay")
    figure.update_yaxes(
        autorange="reversed", type="category", tickvals=vehicles, ticktext=[words.short(v, 14) for v in vehicles]
    )
    edge = pd.Timedelta(minutes=30)
    first = out[["begins", "leaves"]].min(axis=1).min()
    figure.update_xaxes(type="date", tickformat="%H:%M", range=[first - edge, out["ends"].max() + edge])
    return figure


def _spans(
    figure: go.Figure,
    y: Sequence[str],
    begins: pd.Series,
    ends: pd.Series,
    name: str,
    mark: dict[str, Any],
    width: float,
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
