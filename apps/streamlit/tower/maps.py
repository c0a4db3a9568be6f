"""The map of loads: plain lines on longitude and latitude over own outlines; it draws without the internet.

Belongs here: rows in, a Plotly figure out. Does not belong here: which rows (`data`), other charts (`charts`).
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from math import cos, radians
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from tower.charts import GREY, MARKS, PALETTE, RED, colour, dash, laid_out
from tower.outlines import OUTLINES

#: Loads whose stops carry their number on the map; above it only their marks.
NUMBERED = 90


def window(points: Iterable[tuple[float, float]], margin: float = 0.12) -> tuple[float, float, float, float] | None:
    """West, east, south, north around the points with a margin; at least half a degree wide. None without points."""
    placed = [(x, y) for x, y in points if x == x and y == y]
    if not placed:
        return None
    west, east = min(x for x, _ in placed), max(x for x, _ in placed)
    south, north = min(y for _, y in placed), max(y for _, y in placed)
    wide, high = max(0.5, east - west) * margin, max(0.5, north - south) * margin
    return west - wide, east + wide, south - high, north + high


def path(stops: pd.DataFrame, place: tuple[float, float] | None) -> pd.DataFrame:
    """A load's line: where it is loaded, the stops in their order, there again. Columns longitude, latitude."""
    way = [(float(x), float(y)) for x, y in zip(stops["longitude"], stops["latitude"], strict=True)]
    ends = [place] if place else []
    return pd.DataFrame([*ends, *way, *ends], columns=["longitude", "latitude"])


def base(stop: pd.Series) -> tuple[float, float] | None:
    """Where the vehicle of a stop is loaded, if not at its location: longitude, latitude."""
    if pd.isna(stop["base_longitude"]) or pd.isna(stop["base_latitude"]):
        return None
    return float(stop["base_longitude"]), float(stop["base_latitude"])


def loads_map(
    stops: pd.DataFrame,
    places: pd.DataFrame,
    dropped: pd.DataFrame,
    title: str,
    *,
    highlight: str = "",
    height: int = 560,
) -> go.Figure:
    """Loads on the map, each with its own colour (and dash, when the colours begin again).

    Parameters
    ----------
    stops
        Columns load_id, stop_sequence, longitude, latitude, location_id, base_longitude and base_latitude (empty: it is loaded
        at its location), city, customers, eta, late_min.
    places
        Locations: location_id, name, longitude, latitude.
    dropped
        Shipments left behind: shipment_id, longitude, latitude, reason.
    highlight
        A load to be shown alone in full colour, the others pale.
    """
    at: dict[Any, tuple[float, float]] = {
        i: (float(x), float(y))
        for i, x, y in zip(places["location_id"], places["longitude"], places["latitude"], strict=True)
    }
    figure = go.Figure()
    for land, outline in OUTLINES.items():
        figure.add_scatter(
            x=[x for x, _ in outline], y=[y for _, y in outline], mode="lines", fill="toself",
            fillcolor="rgba(140,140,140,0.10)", name=land,
            line={"color": "rgba(140,140,140,0.55)", "width": 1}, hoverinfo="skip", showlegend=False,
        )  # fmt: skip
    if len(dropped):
        figure.add_scatter(
            x=dropped["longitude"], y=dropped["latitude"], mode="markers", name="left behind", opacity=0.8,
            marker={"symbol": "x-thin", "size": 7, "line": {"width": 1.5, "color": RED}},
            customdata=dropped[["shipment_id", "reason"]],
            hovertemplate="%{customdata[0]}<br>%{customdata[1]}<extra>left behind</extra>",
        )  # fmt: skip
    numbered = len(stops) <= NUMBERED
    for index, (load, part) in enumerate(stops.groupby("load_id", sort=True)):
        pale = bool(highlight) and load != highlight
        line = path(part, base(part.iloc[0]) or at.get(part["location_id"].iloc[0]))
        figure.add_scatter(
            x=line["longitude"], y=line["latitude"], mode="lines", legendgroup=str(load), showlegend=False,
            hoverinfo="skip",
            opacity=0.25 if pale else 1, line={"color": colour(index), "dash": dash(index), "width": 2},
        )  # fmt: skip
        figure.add_scatter(
            x=part["longitude"], y=part["latitude"], name=str(load), legendgroup=str(load), opacity=0.3 if pale else 1,
            mode="markers+text" if numbered and not pale else "markers", text=part["stop_sequence"].astype(str),
            textposition="top center",
            textfont={"size": 10},
            marker={"size": 9, "color": colour(index), "symbol": MARKS[index // len(PALETTE) % len(MARKS)],
            "line": {"width": 1, "color": "white"}},
            customdata=list(zip(part["stop_sequence"], part["city"].fillna(""),
            part["customers"].fillna("").str.slice(0, 60),
                                part["eta"].dt.strftime("%H:%M").fillna(""), part["late_min"].fillna(0), strict=True)),
            hovertemplate="<b>stop %{customdata[0]}</b> %{customdata[1]}<br>%{customdata[2]}<br>arrives %{customdata[3]}"
            "<br>%{customdata[4]:.0f} min late<extra>" + str(load) + "</extra>",
        )  # fmt: skip
    bases = sorted({found for _, row in stops.iterrows() if (found := base(row))})
    if bases:
        figure.add_scatter(
            x=[x for x, _ in bases], y=[y for _, y in bases], mode="markers", name="base of a vehicle",
            marker={"symbol": "square-open", "size": 11, "color": GREY, "line": {"width": 2}},
            hovertemplate="loaded here<extra>base</extra>",
        )  # fmt: skip
    used = places[places["location_id"].isin(set(stops["location_id"]))] if len(stops) else places
    figure.add_scatter(
        x=used["longitude"], y=used["latitude"], mode="markers+text", text=used["location_id"],
        textposition="bottom center", name="location",
        marker={"symbol": "square", "size": 13, "color": "#222222", "line": {"width": 2, "color": "white"}},
        textfont={"size": 12},
        customdata=used["name"], hovertemplate="%{customdata}<extra>location</extra>",
    )  # fmt: skip
    seen = [zip(part["longitude"], part["latitude"], strict=True) for part in (stops, used, dropped)]
    return _framed(figure, title, [*chain.from_iterable(seen)], height)


def _framed(figure: go.Figure, title: str, points: list[tuple[Any, Any]], height: int) -> go.Figure:
    laid_out(figure, title, x="longitude", y="latitude", height=height)
    box = window((float(x), float(y)) for x, y in points)
    figure.update_layout(dragmode="pan")
    axes = {
        "showgrid": True,
        "gridcolor": "rgba(140,140,140,0.15)",
        "zeroline": False,
        "ticksuffix": "°",
        "tickfont": {"color": GREY, "size": 10},
    }
    figure.update_xaxes(**axes)
    figure.update_yaxes(**axes, scaleanchor="x")
    if box:
        west, east, south, north = box
        figure.update_xaxes(range=[west, east])
        figure.update_yaxes(range=[south, north], scaleratio=1 / cos(radians((south + north) / 2)))
    return figure
