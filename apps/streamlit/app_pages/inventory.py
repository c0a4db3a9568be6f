"""Inventory: positions, available to promise by day, lots, drift, movements, supply. Draws only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st
from tower import charts, forms, frame, words
from tower.data import inventory as questions
from tower.forms import Order
from tower.frame import Page

REASONS = ("COUNT", "DAMAGED", "FOUND", "LOST", "MIS_SHIPPED", "SAMPLE", "STOLEN", "OTHER")


def filters(page: Page) -> tuple[str, list[str]]:
    """Search and locations, shared by all views."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Search", key="inventory-text", placeholder="SKU, name, barcode", icon=":material/search:", width=300
        )
        places = st.multiselect(
            "Location", questions.locations(page.copy), key="inventory-places", placeholder="All", width=260
        )
    return text, list(places)


def positions(page: Page, text: str, places: list[str]) -> None:
    """Positions, those in trouble first; one chosen opens its days and movements."""
    totals = questions.totals(page.copy)
    labels = {
        row.stock_status: f"{words.title(row.stock_status)} ({row.positions:,.0f})" for row in totals.itertuples()
    }
    statuses = (
        st.pills(
            "Stock status", list(labels), format_func=labels.__getitem__, selection_mode="multi", key="inventory-status"
        )
        if labels
        else []
    )
    found = questions.positions(page.copy, text, places, statuses)
    if found.empty:
        frame.empty(
            "No position matches." if text or places or statuses else "No stock is known yet.",
            "" if text else "Import a stock feed and run a cycle.",
        )
        return
    chosen = frame.table(
        frame.say(found, "stock_status"),
        {
            "sku_id": frame.text("SKU", pinned=True, width=100), "name": frame.text("Name", width=155),
            "location_id": frame.text("Location", width=80),
            "stock_status": "Status", "on_hand": frame.number("On hand"), "unusable": frame.number("Unusable"),
            "reserved": frame.number("Reserved"),
            "available": frame.number("Available", help="On hand − unusable − reserved"),
            "promised": frame.number("Promised"),
            "stock_out_in_days": frame.number("Out in days",
            help="Until the projected balance is below 0: available − leaving + confirmed supply − promises − expected demand. Empty: not in sight"),
            "below_safety_in_days": frame.number("Below safety in days"),
            "inbound": frame.number("Inbound"), "in_transit": frame.number("In transit", help="On the road from another location; part of inbound"),
            "leaving": frame.number("Leaving", help="Taken by accepted transfers that have yet to leave"),
            "atp": frame.number("ATP",
            help="Available to promise: the least of what is left on any day of the horizon"),
            "online_atp": frame.number("Online ATP",
            help="ATP − safety stock, never below 0: what channels may sell"),
            "safety_stock": frame.number("Safety stock"), "floor_minimum": frame.number("On the floor", help="What a store keeps: never promised to what is shipped"), "reorder_point": frame.number("Reorder point"),
            "days_of_supply": frame.number("Days of supply", format="%,.1f"),
            "daily_demand": frame.number("Demand a day", format="%,.1f"),
        },
        key=page.key("positions", text, *places, *statuses), select="single-row", height=330,
        total=int(found["found"].iloc[0]),
    )  # fmt: skip
    if chosen:
        position(page, found.iloc[chosen[0]])
    else:
        st.caption(
            "Select a position to see its days, movements and who waits for it. Quantities are in the base unit of the SKU."
        )


def position(page: Page, row: pd.Series) -> None:
    """One SKU at one location."""
    sku, place = str(row["sku_id"]), str(row["location_id"])
    st.subheader(f"{words.plain(sku)} at {words.plain(place)}", anchor=False)
    days = questions.by_day(page.copy, sku, place)
    charts.draw(charts.stock_ahead(days, f"Stock ahead, {sku} at {place}", "units"), "atp")
    part = st.segmented_control(
        "Show", list(DETAILS), default="Movements", required=True, key="position-part", label_visibility="collapsed"
    )
    DETAILS[part](page, sku, place)


def movements(page: Page, sku: str, place: str) -> None:
    """What moved, newest first, with the on-hand after each."""
    found = questions.movements(page.copy, sku, place)
    if found.empty:
        frame.empty("Nothing has moved here.")
        return
    frame.table(
        frame.say(found, "kind", "stock_status"),
        {
            "event_at": "When", "kind": "Movement", "stock_status": "Status", "quantity": frame.number("Quantity",
            help="Signed effect on on-hand"),
            "on_hand_after": frame.number("On hand after"), "reason_code": "Reason",
            "reference": frame.text("Reference", width=220), "is_future": "Future",
        },
        key="movements",
    )  # fmt: skip


def waiting(page: Page, sku: str, place: str) -> None:
    """Lines promised from here."""
    found = questions.waiting(page.copy, sku, place)
    if found.empty:
        frame.empty("No line is promised from here.")
        return
    frame.table(
        found,
        {"ship_date": "Ships", "deliver_date": "Delivered", "order_line_id": frame.text("Line", width=220),
        "customer_name": frame.text("Customer", width=220),
         "quantity": frame.number("Quantity"), "supply_id": "From supply"},
        key="waiting",
    )  # fmt: skip


def coming(page: Page, sku: str, _place: str) -> None:
    """Supply of the SKU everywhere."""
    supply_table(questions.supply(page.copy, sku))


def adjust(page: Page, sku: str, place: str) -> None:
    """Correct the stock by a difference."""
    if not forms.may(page, "correct stock", "stock.adjust"):
        return

    def fields() -> Mapping[str, Any]:
        quantity = st.number_input(
            "Difference: below 0 for a loss", value=None, step=1.0, format="%.3f", key="adjust-quantity"
        )
        return {
            "quantity": quantity,
            "reason_code": st.selectbox("For the reports", REASONS, format_func=words.title, key="adjust-code"),
        }

    def orders(values: Mapping[str, Any]) -> list[Order]:
        difference = None if values["quantity"] is None else f"{values['quantity']:.3f}"
        return [
            Order(
                "stock.adjust",
                sku,
                {"location_id": place, "quantity": difference, "reason_code": values["reason_code"]},
            )
        ]

    forms.command_form(page, "adjust", f"Correct the stock at {place}", orders, fields)


DETAILS = {"Movements": movements, "Who waits": waiting, "Supply": coming, "Correct": adjust}


def supply_table(found: pd.DataFrame) -> None:
    """Open supply lines."""
    if found.empty:
        frame.empty("Nothing is on order.")
        return
    frame.table(
        frame.say(found, "kind", "status"),
        {
            "due_date": "Due", "supply_id": frame.text("Supply", width=150), "kind": "Kind",
            "sku_id": frame.text("SKU", width=120),
            "name": frame.text("Name", width=210), "location_id": "To", "quantity_open": frame.number("Still to come"),
            "status": "Status",
            "is_overdue": "Overdue", "supplier_id": "Supplier", "from_location_id": "From",
        },
        key="supply",
    )  # fmt: skip


def supply(page: Page, text: str, places: list[str]) -> None:
    """What comes, the next due first."""
    found = questions.supply(page.copy, text=text)
    supply_table(found[found["location_id"].isin(places)] if places else found)


def lots(page: Page, text: str, places: list[str]) -> None:
    """What is there of each lot, the next to expire first."""
    found = questions.lots(page.copy, text, places)
    if found.empty:
        frame.empty("No lot is there.", "Lots are told by the stock feed, their expiry by the reference data `lots`.")
        return
    frame.table(
        frame.say(found, "status"),
        {
            "expiry": "Expires", "days_left": frame.number("Days left"), "sku_id": frame.text("SKU", width=120),
            "name": frame.text("Name", width=210), "lot_id": frame.text("Lot", width=150), "location_id": "Location",
            "status": "Status", "on_hand": frame.number("On hand"), "unusable": frame.number("Unusable"),
            "reserved": frame.number("Reserved"), "available": frame.number("Available"),
        },
        key="lots", total=int(found["found"].iloc[0]),
    )  # fmt: skip


def drift(page: Page, text: str, places: list[str]) -> None:
    """Where another system has another stock; one chosen can be corrected by the difference."""
    found = questions.drift(page.copy, text, places)
    if found.empty:
        frame.empty("All systems agree.", "What another system has on hand comes by the feed `stock_snapshot`.")
        return
    chosen = frame.table(
        found,
        {
            "sku_id": frame.text("SKU", width=120), "name": frame.text("Name", width=210), "location_id": "Location",
            "lot_id": "Lot", "system": "System", "event_at": "At", "found": frame.number("It has"),
            "expected": frame.number("Movements say"), "adjusted": frame.number("Corrected since"),
            "drift": frame.number("Difference", help="The correction that would make the two agree"),
        },
        key=page.key("drift", text, *places), select="single-row", total=int(found["found_rows"].iloc[0]),
    )  # fmt: skip
    if not chosen:
        st.caption("Nothing is overwritten: select a row to book the difference, or count the place first.")
    elif forms.may(page, "correct stock", "stock.adjust"):
        correct_drift(page, found.iloc[chosen[0]])


def correct_drift(page: Page, row: pd.Series) -> None:
    """The proposed correction, as a command."""
    payload = {
        "location_id": row["location_id"], "lot_id": row["lot_id"] if isinstance(row["lot_id"], str) else None,
        "stock_status": row["stock_status"] if isinstance(row["stock_status"], str) else None,
        "quantity": f"{row['drift']:.3f}", "reason_code": "COUNT", "reference": row["snapshot_id"],
    }  # fmt: skip
    forms.command_form(
        page,
        "drift",
        f"Book {row['drift']:+,.3f} of {words.plain(row['sku_id'])} at {words.plain(row['location_id'])}",
        lambda _: [Order("stock.adjust", str(row["sku_id"]), payload)],
    )


VIEWS = {"Positions": positions, "Lots": lots, "Drift": drift, "Supply": supply}

this = frame.open_page("inventory", "Inventory", feeds=("stock", "supply"), types=("stock",))
chosen_view = st.segmented_control(
    "View", list(VIEWS), default="Positions", required=True, label_visibility="collapsed", key="inventory-view"
)
VIEWS[chosen_view](this, *filters(this))
