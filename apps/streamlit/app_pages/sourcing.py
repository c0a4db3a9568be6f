"""Sourcing: promises and why from there, what one more unit would save, the plan beside the naive ways; pin and exclude. Draws only."""

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
            "order_line_id": frame.text("Line", pinned=True, width=165), "pending": frame.text("Command", width=130),
            "customer_name": frame.text("Customer", width=150),
            "sku_id": frame.text("SKU", width=85), "quantity": frame.number("Quantity", width=70),
            "location_id": frame.text("From", width=75), "ship_date": "Ships",
            "deliver_date": "Delivered", "requested_to": "Requested by",
            "cost": frame.amount(f"Cost ({page.copy.currency})"),
            "runner_up_location_id": "Runner-up", "runner_up_cost": frame.amount("Its cost",
            "Of the order planned again with this location forbidden for the line"),
            "runner_up_more": frame.amount("It costs more"), "explanation": frame.text("Why", width="large"),
            "relaxed": frame.text("Gave way", help="Soft rules that gave way for it"), "is_firm": "Firm",
        },
        key=page.key("promises", text, *picked, order), select="single-row", height=360,
        total=int(found["found"].iloc[0]),
    )  # fmt: skip
    if chosen:
        pin(page, shown.iloc[chosen[0]])
    else:
        st.caption(
            "Select a promise to see why it ships from there, what a pin would cost, and to pin it or keep it away from a place."
        )
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


#: Cost terms in the order in which they are shown.
TERMS = {
    "freight": "Freight", "shipment": "Shipments", "handling": "Handling", "split": "Splits", "lateness": "Lateness",
    "vendor": "Vendor, not own stock", "backorder": "Backorder", "stockout_risk": "Stock-out risk", "load_balance": "Load balance", "markdown": "Mark-down",
    "stability": "Moving it", "relaxation": "Rule given way",
}  # fmt: skip


def why(page: Page, row: pd.Series) -> pd.DataFrame:
    """Every place for the line, chosen and runner-up first: the order's cost by name if the line shipped from there."""
    found = questions.places(page.copy, str(row["order_line_id"]))
    if found.empty:
        st.markdown(words.plain(row["explanation"] or "No explanation was kept."))
        return found
    found = found.reindex(
        columns=list(dict.fromkeys([*found.columns, "deliver_date", "order_cost", "extra", "waiting"]))
    )
    terms = {
        name: frame.amount(label) for name, label in TERMS.items() if name in found and found[name].fillna(0).any()
    }
    frame.table(
        frame.say(found.where(found["extra"].isna(), found.fillna(dict.fromkeys(terms, 0.0))), "standing"),
        {
            "location_id": frame.text("Place", pinned=True, width=90), "standing": "Stands", "deliver_date": "Delivered",
            "extra": frame.amount(f"Pin costs ({page.copy.currency})", "More than the plan, for the order, if the line ships from there only"),
            "order_cost": frame.amount("Order costs then"), **terms,
            "waiting": frame.number("Would wait", help="Units of the line that would be on backorder"),
        },
        key="places", height=300,
    )  # fmt: skip
    if row["relaxed"]:
        st.caption(f":material/rule: Gave way for it: {words.plain(words.word(row['relaxed']))}.")
    return found


def pin(page: Page, row: pd.Series) -> None:
    """Why the line ships from there, how its promise came about; pin, exclude or free it."""
    line, place = str(row["order_line_id"]), str(row["location_id"])
    st.subheader(words.plain(line), anchor=False)
    found = why(page, row)
    history = questions.history(page.copy, line)
    if len(history):
        with st.expander(
            f"{words.count(len(history), 'promise')} so far, the newest: {words.plain(history['reason'].iloc[0])}"
        ):
            frame.table(
                history,
                {
                    "event_at": "Told", "event": "Promise", "deliver_date": "Delivered", "days_later": frame.number("Days later"),
                    "earliest_date": "Earliest possible", "location_id": "From", "ship_date": "Ships",
                    "quantity": frame.number("Quantity"), "reason": frame.text("Why", width="large"),
                },
                key="promise-history",
            )  # fmt: skip
    if not forms.may(page, "pin lines", "line.pin"):
        return
    extra = {} if found.empty else found.dropna(subset=["extra"]).set_index("location_id")["extra"].to_dict()
    kind = st.segmented_control("Command", ["Pin", "Exclude", "Unpin"], default="Pin", required=True, key="pin-kind")
    left_out = {place: float(row["runner_up_more"])} if pd.notna(row["runner_up_more"]) else {}
    costs = extra if kind == "Pin" else left_out

    def priced(name: str) -> str:
        return f"{name} ({costs[name]:+,.2f} {page.copy.currency})" if name in costs else name

    def fields() -> Mapping[str, Any]:
        if kind == "Unpin":
            return {"location_id": None}
        label = "Source it from here only" if kind == "Pin" else "Never source it from here"
        others = [p for p in inventory.locations(page.copy) if p != place]
        offered = sorted(others, key=lambda p: (p not in costs, costs.get(p, 0))) if kind == "Pin" else others
        return {
            "location_id": st.selectbox(
                label,
                [*offered, place] if kind == "Pin" else [place, *others],
                format_func=priced,
                key=f"pin-place-{kind}",
            )
        }

    type_ = {"Pin": "line.pin", "Exclude": "line.exclude", "Unpin": "line.unpin"}[kind]
    forms.command_form(page, "pin", f"{kind} the line", lambda values: [Order(type_, line, values)], fields)


def one_more(page: Page) -> None:
    """Where more stock would be worth most."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input("Search", key="prices-text", placeholder="SKU, name", icon=":material/search:", width=300)
        picked = st.multiselect(
            "Location", inventory.locations(page.copy), key="prices-places", placeholder="All", width=260
        )
    found = questions.one_more(page.copy, text, picked)
    if found.empty:
        frame.empty("No price matches." if text or picked else "No stock is scarce: one more unit would save nothing.")
        return
    frame.table(
        found,
        {
            "sku_id": frame.text("SKU", pinned=True, width=120), "name": frame.text("Name", width=240), "location_id": "Location",
            "price": frame.amount(f"One more saves ({page.copy.currency})", "What the plan would cost less with one more unit there"),
            "from_date": "From", "available": frame.number("Available"), "promised": frame.number("Promised"),
            "inbound": frame.number("To come"), "lines_waiting": frame.number("Lines waiting"), "waiting": frame.number("Units waiting"),
        },
        key="one-more", height=420, total=int(found["found"].iloc[0]),
    )  # fmt: skip
    st.caption(
        "An estimate at the margin: the price of one unit, not of a pallet. What the queue of a SKU keeps back is not in it."
    )


def naive(page: Page) -> None:
    """The newest plan beside every naive way on the same input."""
    found = questions.naive(page.copy)
    if found.empty:
        frame.empty("Sourcing has not run yet.")
        return
    plan = found[found["way"] == "this plan"].iloc[0]
    with st.container(horizontal=True):
        frame.tile(f"Cost ({page.copy.currency})", f"{plan['cost']:,.0f}", about=str(plan["size"]))
        for row in found[found["way"] == "first_come"].itertuples():
            frame.tile(
                "Saved", "–" if pd.isna(row.saved) else f"{row.saved:.1%}", about="Against first come, first served"
            )
        bound = "none" if pd.isna(plan["bound"]) else f"{plan['bound']:,.0f}"
        frame.tile("Bound", bound, about=f"No plan costs less: {words.word(plan['bound_kind'])}")
        frame.tile(
            "At most above",
            "–" if pd.isna(plan["gap"]) else f"{plan['gap']:.1%}",
            about="How far the plan may be from the best",
        )
    frame.table(
        frame.say(found, "way"),
        {
            "way": frame.text("Way", width=220), "cost": frame.amount(f"Cost ({page.copy.currency})"),
            "saved": frame.number("The plan saves", format="percent"), "saved_amount": frame.amount("in money"),
        },
        key="naive",
    )  # fmt: skip


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


VIEWS = {"Promises": promises, "One more unit": one_more, "Naive ways": naive, "Pins": pins, "Solver runs": runs}

this = frame.open_page("sourcing", "Sourcing", feeds=("supply",), types=("line",))
view = st.segmented_control(
    "View", list(VIEWS), default="Promises", required=True, label_visibility="collapsed", key="sourcing-view"
)
VIEWS[view](this)
