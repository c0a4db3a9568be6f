"""KPIs: trend, numerator and denominator, and the rows behind each figure. Draws only."""

from __future__ import annotations

import pandas as pd
import streamlit as st
from tower import charts, frame, words
from tower.data import kpis as questions
from tower.frame import Page

NO_ANCHOR = "no anchor"
ANCHORS = ("requested", "first commitment", "latest commitment")
SHARE = ("share", "ratio", "%")


def choose(page: Page) -> pd.Series | None:
    """KPI and anchor."""
    found = questions.definitions(page.copy)
    if found.empty:
        frame.empty("No KPI has figures yet.", "A day's figures come with the first cycle of that day.")
        return None
    names = {row.kpi: row.title if isinstance(row.title, str) else words.title(row.kpi) for row in found.itertuples()}
    ordered = sorted(names, key=lambda kpi: names[kpi])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kpi = st.selectbox(
            "KPI",
            ordered,
            format_func=names.__getitem__,
            index=ordered.index("otif_orders") if "otif_orders" in ordered else 0,
            key="kpi",
            width=330,
        )
        mine = found[found["kpi"] == kpi]
        anchors = sorted(
            mine["anchor"], key=lambda anchor: ANCHORS.index(anchor) if anchor in ANCHORS else len(ANCHORS)
        )
        anchor = anchors[0]
        if len(anchors) > 1:
            anchor = st.segmented_control(
                "On time against",
                anchors,
                default=anchor,
                required=True,
                format_func=lambda a: a or NO_ANCHOR,
                key=f"anchor-{kpi}",
            )
    return mine[mine["anchor"] == anchor].iloc[0]


def figure(value: object, unit: object, currency: str) -> str:
    """A value in its unit."""
    if words.is_missing(value):
        return words.DASH
    if unit in SHARE:
        return words.percent(value)
    if unit == "currency":
        return words.money(value, currency)
    return f"{words.quantity(round(float(str(value)), 2))} {'' if words.is_missing(unit) else unit}".strip()


def trend(page: Page, kpi: pd.Series) -> tuple[pd.DataFrame, str]:
    """The KPI over time, by one dimension; returns the figures and the dimension."""
    known = questions.dimensions(page.copy, kpi["kpi"], kpi["anchor"])
    names = list(dict.fromkeys(known["dimension"]))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        dimension = st.segmented_control(
            "By",
            names,
            default=names[0],
            required=True,
            format_func=lambda d: "Everything" if d == "all" else words.title(d),
            key=f"dimension-{kpi['kpi']}",
        )
        options = list(known.loc[known["dimension"] == dimension, "dimension_value"])
        values = options
        if dimension != "all" and len(options) > 1:
            values = (
                st.multiselect(
                    "Which",
                    options,
                    default=options[:5],
                    format_func=words.word,
                    key=f"values-{kpi['kpi']}-{dimension}",
                )
                or options
            )
    rows = questions.trend(page.copy, kpi["kpi"], kpi["anchor"], dimension, values)
    title = kpi["title"] if isinstance(kpi["title"], str) else words.title(kpi["kpi"])
    unit = str(kpi["unit"]) if isinstance(kpi["unit"], str) else ""
    label = page.copy.currency if unit == "currency" else "share" if unit in SHARE else unit
    charts.draw(
        charts.trend(
            rows, title + (f", against the {kpi['anchor']} date" if kpi["anchor"] else ""), label, percent=unit in SHARE
        ),
        "kpi-trend",
    )
    return rows, dimension


def said(kpi: pd.Series) -> None:
    """What the KPI means."""
    if isinstance(kpi["formula"], str):
        st.markdown(words.plain(kpi["formula"]) + ".")
        better = {True: "More is better.", False: "Less is better."}.get(kpi["higher_is_better"], "")
        st.caption(
            f"Counted by: {words.plain(kpi['population_date'])}. Owner: {words.plain(str(kpi['owner']).removeprefix('team:'))}. {better}"
        )


def drill(page: Page, kpi: pd.Series, rows: pd.DataFrame, dimension: str) -> None:
    """Numerator and denominator by day; one chosen shows its rows."""
    shown = rows.iloc[::-1].reset_index(drop=True)
    shown = shown.assign(figure=shown["value"].map(lambda value: figure(value, kpi["unit"], page.copy.currency)))
    over, under = (kpi[name] if isinstance(kpi[name], str) else name for name in ("numerator", "denominator"))
    is_whole = not (shown[["numerator", "denominator"]].astype(float) % 1).any(axis=None)
    digits = "localized" if is_whole else "%,.2f"
    chosen = frame.table(
        shown,
        {
            "day": "Day", "dimension_value": words.title("everything" if dimension == "all" else dimension),
            "figure": frame.text("Figure", width=110),
            "numerator": frame.number(words.title(over), format=digits),
            "denominator": frame.number(words.title(under), format=digits), "n": frame.number("n"),
        },
        key=page.key("figures", kpi["kpi"], kpi["anchor"], dimension, len(shown)), select="single-row", height=300,
    )  # fmt: skip
    if not isinstance(kpi["drill_sql"], str) or not kpi["drill_sql"]:
        st.caption("This copy does not say which rows make the figure.")
        return
    if not chosen:
        st.caption("Select a day to see the rows that make its figure.")
        return
    picked = shown.iloc[chosen[0]]
    behind = questions.rows_behind(
        page.copy, kpi["drill_sql"], picked["day"], dimension, str(picked["dimension_value"])
    )
    st.subheader(
        f"Rows of {picked['day']:%a %d %b}"
        + ("" if dimension == "all" else f", {words.plain(picked['dimension_value'])}"),
        anchor=False,
    )
    if behind.empty:
        frame.empty("No row was found for this figure.")
        return
    hidden = ("found", "all_numerator", "all_denominator")
    st.caption(
        f"{words.count(behind['found'].iloc[0], 'row')}; their sums are {words.quantity(behind['all_numerator'].iloc[0])} and {words.quantity(behind['all_denominator'].iloc[0])}."
    )
    frame.table(
        behind,
        {name: words.title(name) for name in behind.columns if name not in hidden},
        key="drill",
        total=int(behind["found"].iloc[0]),
    )


this = frame.open_page("kpis", "KPIs", feeds=("floor", "deliveries", "returns"))
one = choose(this)
if one is not None:
    said(one)
    figures, by = trend(this, one)
    if figures.empty:
        frame.empty("No figure for this choice.")
    else:
        drill(this, one, figures, by)
