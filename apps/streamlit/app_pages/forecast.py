"""Forecast: what will be asked for by SKU and location, by which method, and how wrong it was. Draws only."""

from __future__ import annotations

import pandas as pd
import streamlit as st
from tower import charts, frame, words
from tower.data import forecast as questions
from tower.data import inventory
from tower.frame import Page

#: Days held out from which on an error says something.
TESTED_DAYS = 7


def methods(page: Page) -> None:
    """How many series each method won."""
    found = questions.methods(page.copy)
    if found.empty:
        return
    with st.expander(f"Methods of {words.count(int(found['series'].sum()), 'series', 'series')}"):
        frame.table(
            found.assign(method=found["method"].map(words.title)),
            {
                "method": "Method", "series": frame.number("Series"), "expected": frame.number("Units in 28 days"),
                "wape": frame.share("WAPE", help="Of the backtest, weighed by the units expected"),
                "baseline_wape": frame.share("WAPE of the mean"),
            },
            key="methods",
        )  # fmt: skip


def series(page: Page) -> None:
    """Series, the largest first; one chosen opens its chart and versions."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Search", key="forecast-text", placeholder="SKU, name", icon=":material/search:", width=300
        )
        places = st.multiselect(
            "Location", inventory.locations(page.copy), key="forecast-places", placeholder="All", width=260
        )
    found = questions.series(page.copy, text, places)
    if found.empty:
        frame.empty(
            "No series matches." if text or places else "Nothing is forecast yet.",
            "" if text or places else "The first forecast is made the day after the first order.",
        )
        return
    young = int((found["tested_days"] < TESTED_DAYS).sum())
    if young:
        which = "These series have" if young == len(found) else f"{words.count(young, 'series has', 'series have')}"
        st.info(
            f"{which} too little history to say how wrong the forecast is: two weeks of days are needed.",
            icon=":material/hourglass_top:",
        )
    errors = {
        "wape": frame.share("WAPE", help="Absolute errors of the days held out, over their demand"),
        "bias": frame.share("Bias", help="Above 0: it expected too much"),
        "baseline_wape": frame.share("WAPE of the mean"),
    }
    chosen = frame.table(
        found.assign(method=found["method"].map(words.title)),
        {
            "sku_id": frame.text("SKU", pinned=True, width=120), "name": frame.text("Name", width=210),
            "location_id": "Location", "a_day": frame.number("Units a day", format="%,.2f"),
            "expected": frame.number("Units in 28 days", format="%,.1f"), "method": "Method",
            **(errors if young < len(found) else {}), "history_days": frame.number("Days of history"),
            "tested_days": frame.number("Days held out"), "version": frame.number("Version"), "made_at": "Made",
        },
        key=page.key("series", text, *places), select="single-row", height=330, total=int(found["found"].iloc[0]),
    )  # fmt: skip
    one(page, found.iloc[chosen[0] if chosen else 0])


def one(page: Page, row: pd.Series) -> None:
    """A series: history, days ahead, versions."""
    sku, place = str(row["sku_id"]), str(row["location_id"])
    title = f"Demand of {sku} at {place}"
    charts.draw(
        charts.forecast(
            questions.history(page.copy, sku, place), questions.ahead(page.copy, sku, place), title, "units"
        ),
        "forecast",
    )
    found = questions.versions(page.copy, sku, place)
    frame.table(
        found.assign(method=found["method"].map(words.title)),
        {
            "version": frame.number("Version"), "made_at": "Made", "first_day": "From",
            "first_day_quantity": frame.number("Units on the first day", format="%,.2f"), "method": "Method",
            **({"wape": frame.share("WAPE"), "bias": frame.share("Bias")} if found["wape"].notna().any() else {}), "history_days": frame.number("Days of history"),
        },
        key="versions",
    )  # fmt: skip
    st.caption(
        "Demand is what was asked for, shipped or not. What customers did not ask for because a shop said sold out is not in it."
    )


this = frame.open_page("forecast", "Forecast", types=None)
methods(this)
series(this)
