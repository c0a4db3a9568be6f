"""Charts: rows in, a Plotly figure out. Each has a title, units on its axes and a legend where there is more than one kind.

Belongs here: how figures are drawn. Does not belong here: which rows (`data`), maps (`maps`).

Colours are of Okabe and Ito (2008): people with any common colour blindness can tell them apart, on light and on dark.
Nothing is told by colour alone: lines also differ by dash and mark, bars carry their figure or name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from tower.words import plain

BLUE, ORANGE, GREEN, PINK, SKY, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8C8C8C"
PALETTE = (BLUE, ORANGE, GREEN, PINK, SKY, RED, GREY)
DASHES = ("solid", "dash", "dot", "dashdot")
MARKS = ("circle", "square", "diamond", "triangle-up", "cross", "x", "star")
PALE = "rgba(140, 140, 140, 0.28)"
#: A day on an axis of days, in milliseconds.
DAY_MS = 86_400_000


def colour(index: int) -> str:
    """Colour of the n-th series."""
    return PALETTE[index % len(PALETTE)]


def dash(index: int) -> str:
    """Dash of the n-th series: changes when the colours begin again."""
    return DASHES[index // len(PALETTE) % len(DASHES)]


def laid_out(
    figure: go.Figure, title: str, *, x: str = "", y: str = "", height: int = 320, legend: bool = True
) -> go.Figure:
    """Title above, legend below, axis titles with units, no clutter."""
    figure.update_layout(
        title={"text": title, "x": 0, "xanchor": "left", "font": {"size": 15}},
        height=height, margin={"l": 8, "r": 8, "t": 46, "b": 8}, showlegend=legend, dragmode=False, hovermode="closest",
        legend={
            "orientation": "h", "yref": "container", "yanchor": "bottom", "y": 0, "x": 0, "xanchor": "left",
            "title": {"text": ""},
        },
    )  # fmt: skip
    figure.update_xaxes(title_text=x, automargin=True)
    figure.update_yaxes(title_text=y, automargin=True)
    return figure


def draw(figure: go.Figure, key: str, *, movable: bool = False) -> None:
    """Put a figure on the page, its title above it as text, which wraps on a small screen.

    Parameters
    ----------
    movable
        It may be dragged and zoomed, as a map.
    """
    title = figure.layout.title.text or ""
    st.markdown(f"**{plain(title)}**")
    figure.update_layout(title={"text": ""}, margin={"t": 12})
    config = {"displaylogo": False, "displayModeBar": False, "scrollZoom": movable}
    st.plotly_chart(figure, key=key, config=config, alt=title)


def trend(rows: pd.DataFrame, title: str, unit: str, *, percent: bool = False, height: int = 340) -> go.Figure:
    """Values by day, one line per dimension value.

    Parameters
    ----------
    rows
        Columns day, dimension_value, value, numerator, denominator, n.
    """
    figure = go.Figure()
    names = list(dict.fromkeys(rows["dimension_value"]))
    shown = rows.assign(day=pd.to_datetime(rows["day"]))
    for index, name in enumerate(names):
        part = shown[shown["dimension_value"] == name]
        figure.add_scatter(
            x=part["day"], y=part["value"], name=str(name), mode="lines+markers", line={"color": colour(index),
            "dash": dash(index), "width": 2},
            marker={"symbol": MARKS[index % len(MARKS)], "size": 7}, customdata=part[["numerator", "denominator", "n"]],
            hovertemplate="%{x|%a %d %b}<br>" + ("%{y:.1%}" if percent else "%{y:,.2f}")
            + "<br>%{customdata[0]:,.2f} / %{customdata[1]:,.2f}<br>n = %{customdata[2]:,}<extra>" + str(name) + "</extra>",
        )  # fmt: skip
    laid_out(figure, title, x="day", y=unit, height=height, legend=len(names) > 1)
    figure.update_xaxes(dtick=DAY_MS if shown["day"].nunique() <= 14 else None, tickformat="%d %b")
    if percent:
        figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    else:
        figure.update_yaxes(rangemode="tozero")
    return figure


def bars(
    rows: pd.DataFrame,
    label: str,
    parts: Mapping[str, str],
    title: str,
    unit: str,
    *,
    figures: Sequence[str] | None = None,
    height: int | None = None,
) -> go.Figure:
    """Horizontal bars, one per row, stacked by part (column -> legend); the figure stands at the end of each.

    Parameters
    ----------
    figures
        Text at the end of each bar; empty: the sum of the parts.
    """
    figure = go.Figure()
    for index, (column, name) in enumerate(parts.items()):
        figure.add_bar(
            y=rows[label], x=rows[column], name=name, orientation="h", marker={"color": colour(index)},
            hovertemplate="%{y}<br>%{x:,.0f} " + unit + "<extra>" + name + "</extra>",
        )  # fmt: skip
    total = rows[list(parts)].fillna(0).sum(axis=1)
    figure.add_scatter(
        y=rows[label], x=total, text=[f"  {said}" for said in (figures if figures is not None else [f"{value:,.0f}" for value in total])],
        mode="text",
        textposition="middle right", showlegend=False, hoverinfo="skip", cliponaxis=False,
    )  # fmt: skip
    figure.update_layout(barmode="stack", bargap=0.35)
    laid_out(figure, title, x=unit, height=height or max(180, 110 + 34 * len(rows)), legend=len(parts) > 1)
    figure.update_xaxes(range=[0, float(total.max() or 1) * 1.22])
    return figure


def columns_by_day(
    rows: pd.DataFrame, series: str, value: str, title: str, unit: str, *, names: Mapping[str, str] | None = None
) -> go.Figure:
    """Stacked columns by day, one colour per kind."""
    figure = go.Figure()
    shown = rows.assign(day=pd.to_datetime(rows["day"]))
    for index, kind in enumerate(dict.fromkeys(shown[series])):
        part = shown[shown[series] == kind]
        name = (names or {}).get(kind, str(kind))
        figure.add_bar(
            x=part["day"], y=part[value], name=name, marker={"color": colour(index),
            "pattern": {"shape": "" if index < len(PALETTE) else "/"}},
            hovertemplate="%{x|%a %d %b}<br>%{y:,.0f} " + unit + "<extra>" + name + "</extra>",
        )  # fmt: skip
    figure.update_layout(barmode="stack", bargap=0.3)
    laid_out(figure, title, x="day", y=unit)
    figure.update_xaxes(tickformat="%d %b", dtick=DAY_MS if shown["day"].nunique() <= 14 else None)
    return figure


def stock_ahead(rows: pd.DataFrame, title: str, unit: str) -> go.Figure:
    """Available to promise and projected balance by day, with what comes in, what is promised and what is expected.

    Parameters
    ----------
    rows
        Columns day, received, promised, expected, projected, atp, safety_stock.
    """
    figure = go.Figure()
    day = pd.to_datetime(rows["day"])
    hover = "%{x|%a %d %b}<br>%{y:,.0f} " + unit
    figure.add_bar(
        x=day,
        y=rows["received"],
        name="coming in (confirmed)",
        marker={"color": GREEN},
        hovertemplate=hover + "<extra>coming in</extra>",
    )
    figure.add_bar(
        x=day, y=-rows["promised"], name="promised", marker={"color": ORANGE, "pattern": {"shape": "/"}},
        customdata=rows["promised"],
        hovertemplate="%{x|%a %d %b}<br>%{customdata:,.0f} " + unit + "<extra>promised</extra>",
    )  # fmt: skip
    figure.add_bar(
        x=day, y=-rows["expected"], name="expected demand", marker={"color": GREY, "opacity": 0.6}, customdata=rows["expected"],
        hovertemplate="%{x|%a %d %b}<br>%{customdata:,.1f} " + unit + "<extra>expected</extra>",
    )  # fmt: skip
    figure.add_scatter(
        x=day, y=rows["projected"], name="projected balance", mode="lines", line={"color": ORANGE, "dash": "dot", "shape": "hv"},
        hovertemplate="%{x|%a %d %b}<br>%{y:,.1f} " + unit + "<extra>projected</extra>",
    )  # fmt: skip
    if rows["safety_stock"].any():
        figure.add_scatter(
            x=day, y=rows["safety_stock"], name="safety stock", mode="lines", line={"color": GREY, "width": 1},
            hovertemplate=hover + "<extra>safety stock</extra>",
        )  # fmt: skip
    figure.add_scatter(
        x=day, y=rows["atp"], name="available to promise", mode="lines+markers", line={"color": BLUE, "width": 3,
        "shape": "hv"},
        hovertemplate=hover + "<extra>available to promise</extra>",
    )  # fmt: skip
    figure.update_layout(barmode="relative")
    laid_out(figure, title, x="day", y=unit, height=360)
    figure.update_xaxes(tickformat="%d %b")
    figure.update_yaxes(zeroline=True, zerolinewidth=1)
    return figure


def forecast(history: pd.DataFrame, ahead: pd.DataFrame, title: str, unit: str) -> go.Figure:
    """Demand by day, and what is expected with its range.

    Parameters
    ----------
    history
        Columns day, quantity.
    ahead
        Columns day, quantity, lower, upper.
    """
    figure = go.Figure()
    figure.add_bar(
        x=pd.to_datetime(history["day"]), y=history["quantity"], name="asked for", marker={"color": GREY}, width=DAY_MS * 0.8,
        hovertemplate="%{x|%a %d %b}<br>%{y:,.0f} " + unit + "<extra>asked for</extra>",
    )  # fmt: skip
    day = pd.to_datetime(ahead["day"])
    figure.add_scatter(x=day, y=ahead["upper"], mode="lines", line={"width": 0}, showlegend=False, hoverinfo="skip")
    figure.add_scatter(
        x=day, y=ahead["lower"], mode="lines", line={"width": 0}, fill="tonexty", fillcolor="rgba(0, 114, 178, 0.2)",
        name="four days of five", hoverinfo="skip",
    )  # fmt: skip
    figure.add_scatter(
        x=day, y=ahead["quantity"], mode="lines+markers", name="expected", line={"color": BLUE, "width": 2},
        customdata=ahead[["lower", "upper"]],
        hovertemplate="%{x|%a %d %b}<br>%{y:,.1f} " + unit + "<br>%{customdata[0]:,.1f} to %{customdata[1]:,.1f}<extra>expected</extra>",
    )  # fmt: skip
    laid_out(figure, title, x="day", y=unit, height=360)
    figure.update_xaxes(tickformat="%d %b")
    return figure


def against(rows: pd.DataFrame, title: str) -> go.Figure:
    """Kilometres of the plan beside those of the same stops in postal-code order, by day."""
    figure = go.Figure()
    day = pd.to_datetime(rows["day"])
    hover = "%{x|%a %d %b}<br>%{y:,.0f} km"
    figure.add_bar(
        x=day, y=rows["baseline_distance_km"], name="postal-code order", marker={"color": PALE, "line": {"color": GREY,
        "width": 1}},
        hovertemplate=hover + "<extra>postal-code order</extra>",
    )  # fmt: skip
    figure.add_bar(
        x=day, y=rows["distance_km"], name="plan", marker={"color": BLUE}, hovertemplate=hover + "<extra>plan</extra>"
    )
    saved = 1 - rows["distance_km"] / rows["baseline_distance_km"].where(rows["baseline_distance_km"] > 0)
    figure.add_scatter(
        x=day, y=rows[["distance_km", "baseline_distance_km"]].max(axis=1), mode="text", showlegend=False,
        hoverinfo="skip", textposition="top center",
        text=[f"−{share:.0%}" if share > 0 else "" for share in saved.fillna(0)], cliponaxis=False,
    )  # fmt: skip
    figure.update_layout(barmode="group", bargap=0.35)
    laid_out(figure, title, x="day of departure", y="km")
    figure.update_xaxes(tickformat="%d %b", dtick=DAY_MS if day.nunique() <= 14 else None)
    return figure
