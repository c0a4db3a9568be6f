"""Sourcing: promises with runner-up and cost, solver runs; pin and exclude. Draws only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st
from tower import charts, forms, frame, words
from tower.data import inventory
from tower.data import sourcing as questions
from tower.forms import Order
from tower.frame import Page

ORDERS = {"Ships first": "soon", "Closest runner-up": "close"}


def promises(page: Page) -> None:
    """Where each line is to come from."""
    places = inventory.locations(page.copy)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Search", key="sourcing-text", placeholder="Line, SKU, customer", icon=":material/search:", width=300
        )
        picked = st.multiselect("Location", places, key="sourcing-places", placeholder="All", width=260)
        order = st.segmented_control("Order", list(ORDERS), default="Ships first", required=True, key="sourcing-order")
    found = questions.promises(page.copy, text, picked, ORDERS[order])
    if found.empty:
        frame.empty(
            "No promise matches." if text or picked else "Nothing is promised now.",
            "" if text else "Promises are of lines that are open and not yet released.",
        )
        return
    waiting = page.desk.waiting("line.pin", "line.unpin", "line.exclude")
    shown = found.assign(
        pending=found["order_line_id"].map(lambda line: f"{waiting[line]} pending" if line in waiting else "")
    )
    chosen = frame.table(
        shown,
        {
            "order_line_id": frame.text("Line", pinned=True, width=190), "pending": frame.text("Command", width=130),
            "customer_name": frame.text("Customer", width=170),
            "sku_id": frame.text("SKU", width=110), "quantity": frame.number("Quantity"),
            "location_id": frame.text("From", width=90), "ship_date": "Ships",
            "deliver_date": "Delivered", "requested_to": "Requested by",
            "cost": frame.amount(f"Cost ({page.copy.currency})"),
            "runner_up_location_id": "Runner-up", "runner_up_cost": frame.amount("Its cost",
            "Of the order planned again with this location forbidden for the line"),
            "runner_up_more": frame.amount("It costs more"), "explanation": frame.text("Why", width="large"),
            "is_firm": "Firm",
        },
        key=page.key("promises", text, *picked, order), select="single-row", height=360,
        total=int(found["found"].iloc[0]),
    )  # fmt: skip
    if chosen:
        pin(page, shown.iloc[chosen[0]])
    else:
        st.caption("Select a promise to pin its line to a location, or keep it away from one.")
        by_location(page)


def by_location(page: Page) -> None:
    """Promised lines by day of shipping and location."""
    rows = questions.by_location(page.copy)
    if not rows.empty:
        charts.draw(
            charts.columns_by_day(
                rows.rename(columns={"ship_date": "day"}),
                "location_id",
                "lines",
                "Promised lines by day of shipping and location",
                "lines",
            ),
            "promises-by-location",
        )


def pin(page: Page, row: pd.Series) -> None:
    """Pin, exclude or free the line of a promise."""
    line, place = str(row["order_line_id"]), str(row["location_id"])
    st.subheader(words.plain(line), anchor=False)
    st.markdown(words.plain(row["explanation"] or "No explanation was kept."))
    if not forms.may(page, "pin lines", "line.pin"):
        return
    places = inventory.locations(page.copy)
    kind = st.segmented_control("Command", ["Pin", "Exclude", "Unpin"], default="Pin", required=True, key="pin-kind")

    def fields() -> Mapping[str, Any]:
        if kind == "Unpin":
            return {"location_id": None}
        label = "Source it from here only" if kind == "Pin" else "Never source it from here"
        others = [p for p in places if p != place]
        return {
            "location_id": st.selectbox(
                label, [*others, place] if kind == "Pin" else [place, *others], key=f"pin-place-{kind}"
            )
        }

    type_ = {"Pin": "line.pin", "Exclude": "line.exclude", "Unpin": "line.unpin"}[kind]
    forms.command_form(page, "pin", f"{kind} the line", lambda values: [Order(type_, line, values)], fields)


def pins(page: Page) -> None:
    """What planners have fixed."""
    found = questions.pins(page.copy)
    if found.empty:
        frame.empty("No line is pinned or kept from a location.")
        return
    labels = {"line.pin": "pinned to", "line.exclude": "kept from"}
    frame.table(
        found.assign(type=found["type"].map(labels)),
        {"order_line_id": frame.text("Line", width=220), "type": "Is", "location_id": "Location",
        "reason": frame.text("Reason", width="large"), "actor": "By",
         "recorded_at": "Since"},
        key="pins",
    )  # fmt: skip


def runs(page: Page) -> None:
    """How good the plans are, and how one knows."""
    found = questions.solver_runs(page.copy)
    if found.empty:
        frame.empty("No solver has run yet.")
        return
    stages = list(dict.fromkeys(found["stage"]))
    stage = st.segmented_control(
        "Stage",
        stages,
        default="sourcing" if "sourcing" in stages else stages[0],
        required=True,
        format_func=words.title,
        key="runs-stage",
    )
    shown = found[found["stage"] == stage]
    gained = shown.dropna(subset=["gain", "at"]).rename(
        columns={"at": "day", "scope": "dimension_value", "gain": "value"}
    )
    gained = gained.assign(
        numerator=gained["baseline_objective"] - gained["objective"], denominator=gained["baseline_objective"], n=1
    )
    if len(gained) > 1:
        figure = charts.trend(
            gained.sort_values("day"),
            f"Gain over the naive way, {words.word(stage)}",
            "share of the baseline saved",
            percent=True,
        )
        charts.draw(figure.update_xaxes(tickformat="%d %b %H:%M", dtick=None, title_text="cycle (as of)"), "gain")
    frame.table(
        frame.say(shown, "bound_kind", "baseline"),
        {
            "cycle": frame.number("Cycle"), "scope": "Scope", "engine": "Engine", "status": "Status",
            "objective": frame.number("Objective"),
            "baseline": "Naive way", "baseline_objective": frame.number("Its objective"), "gain": frame.number("Gain",
            format="percent"),
            "bound": frame.number("Bound"), "bound_kind": "Bound is", "gap": frame.number("Gap", format="percent",
            help="How far from the bound at most"),
            "wall_s": frame.number("Seconds", format="%.1f"), "effort": frame.number("Effort"), "fuse": "Fuse blown",
            "seed": frame.number("Seed"),
            "size": frame.text("Size", width="medium"),
        },
        key="runs",
    )  # fmt: skip
    st.caption(
        "No bound is shown where none is honest. A blown fuse means that the clock ended the search: such a plan can't be replayed to the byte."
    )


VIEWS = {"Promises": promises, "Pins": pins, "Solver runs": runs}

this = frame.open_page("sourcing", "Sourcing", feeds=("supply",), types=("line",))
view = st.segmented_control(
    "View", list(VIEWS), default="Promises", required=True, label_visibility="collapsed", key="sourcing-view"
)
VIEWS[view](this)
