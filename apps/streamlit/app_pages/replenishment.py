"""Replenishment: what to buy or move, what is on order, how suppliers keep their word, idle stock. Draws only."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import streamlit as st
from tower import forms, frame, words
from tower.data import inventory
from tower.data import replenishment as questions
from tower.forms import Order
from tower.frame import Page


def tiles(page: Page) -> None:
    """Value at cost: on hand, missing, idle."""
    found, unit = questions.values(page.copy), questions.currency(page.copy)
    with st.container(horizontal=True):
        frame.tile("On hand", words.money_short(found["on_hand"], unit), about="Stock at cost")
        frame.tile("Missing", words.money_short(found["shortage"], unit), about="Up to the reorder points, at cost")
        frame.tile("Excess", words.money_short(found["excess"], unit), about="Beyond any need in sight, at cost")
        frame.tile(
            "Dead", words.money_short(found["dead"], unit), about="No demand for the days of the policy, at cost"
        )
        frame.tile(
            "Levels hold",
            words.money_short(found["held"], unit),
            about=f"Mean stock that these reorder points hold; the static ones of the reference data hold {words.money(found['held_static'], unit)}",
        )


def filters(page: Page) -> tuple[str, list[str]]:
    """Search and locations, shared by all views."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Search", key="replenishment-text", placeholder="SKU, name, source", icon=":material/search:", width=300
        )
        places = st.multiselect(
            "Location", inventory.locations(page.copy), key="replenishment-places", placeholder="All", width=260
        )
    return text, list(places)


def suggestions(page: Page, text: str, places: list[str]) -> None:
    """What to buy or move; chosen ones are ordered, each in the quantity that the planner sets."""
    kinds = st.pills(
        "How", ("purchase", "transfer"), format_func=words.title, selection_mode="multi", key="replenishment-kind"
    )
    found = questions.suggestions(page.copy, text, places, kinds)
    if found.empty:
        frame.empty("Nothing needs replenishing.", "A SKU appears here at or below its reorder point.")
        return
    waiting = page.desk.waiting("replenishment.accept")
    found["pending"] = found["sku_id"].map(lambda sku: f"{waiting[sku]} pending" if sku in waiting else "")
    chosen = frame.table(
        frame.say(found, "kind"),
        {
            "sku_id": frame.text("SKU", pinned=True, width=80), "pending": frame.text("Command", width=140),
            "needed_by": "Needed by", "name": frame.text("Name", width=115), "location_id": frame.text("For", width=68),
            "kind": frame.text("How", width=70), "source": frame.text("From", width=68), "quantity": frame.number("Quantity", width=68),
            "value_base": frame.amount("Value", width=65),
            "net_position": frame.number("Net", help="Available + inbound − promised − backordered", width=45),
            "reason": frame.text("Why", width=310),
        },
        key=page.key("suggestions", text, *places, *kinds), select="multi-row", height=480, wrap=True,
        total=int(found["found"].iloc[0]),
    )  # fmt: skip
    if not chosen:
        st.caption("Select what to order. Quantities are in the base unit, values at cost.")
        return
    order(page, found.iloc[chosen])


def order(page: Page, rows: pd.DataFrame) -> None:
    """The chosen suggestions, quantities to be changed, and one button."""
    if not forms.may(page, "order goods", "replenishment.accept"):
        return
    unknown = rows["source"].isna()
    if unknown.any():
        st.caption(
            f"No supplier is known of {', '.join(rows[unknown]['sku_id'])}: give the SKU one in the reference data."
        )
        rows = rows[~unknown]
    if rows.empty:
        return
    today = pd.Timestamp(page.copy.as_of).tz_convert(page.copy.timezone).date()
    lead = pd.to_numeric(rows["lead_time_days"]).fillna(0).apply(lambda days: timedelta(days=max(1, round(days))))
    shown = pd.DataFrame(
        {
            "sku_id": rows["sku_id"], "location_id": rows["location_id"], "source": rows["source"],
            "quantity": rows["quantity"].astype(float), "due_date": [today + days for days in lead],
            "reorder_point": rows["reorder_point"], "order_up_to": rows["order_up_to"], "abc_class": rows["abc_class"],
            "baseline_quantity": rows["baseline_quantity"], "is_below_minimum": rows["is_below_minimum"],
        }
    )  # fmt: skip
    for row in rows.itertuples():
        st.caption(words.plain(f"{row.sku_id} for {row.location_id}: {row.reason}"))
    edited = st.data_editor(
        shown, hide_index=True, key=page.key("order", *shown["sku_id"], *shown["location_id"]),
        disabled=[name for name in shown if name not in ("quantity", "due_date")],
        column_config={
            "sku_id": "SKU", "location_id": "For", "source": "From",
            "quantity": st.column_config.NumberColumn("Quantity", min_value=0.001, required=True),
            "due_date": st.column_config.DateColumn("Due", min_value=today, required=True),
            "reorder_point": frame.number("Reorder point"), "order_up_to": frame.number("Up to"), "abc_class": "Class",
            "baseline_quantity": frame.number("Static rule", help="What the reference data's reorder point would order"),
            "is_below_minimum": "Below minimum",
        },
    )  # fmt: skip
    kinds = list(rows["kind"])
    forms.command_form(
        page,
        "replenishment",
        f"Order {words.count(len(edited), 'line')}",
        lambda _: [
            Order(
                "replenishment.accept",
                str(row.sku_id),
                {
                    "kind": kind, "location_id": row.location_id, "source": row.source,
                    "quantity": f"{row.quantity:.3f}", "due_date": f"{pd.Timestamp(row.due_date):%Y-%m-%d}",
                },
            )
            for row, kind in zip(edited.itertuples(), kinds, strict=True)
        ],
    )  # fmt: skip


def on_order(page: Page, text: str, places: list[str]) -> None:
    """Open orders; one of which nothing has come can be cancelled."""
    found = questions.on_order(page.copy, text, places)
    if found.empty:
        frame.empty("Nothing is on order.")
        return
    chosen = frame.table(
        frame.say(found, "kind", "status"),
        {
            "supply_id": frame.text("Supply", width=150, pinned=True), "due_date": "Due", "is_overdue": "Overdue",
            "kind": frame.text("Kind", width=75), "status": frame.text("Status", help="A draft waits for the supplier's confirmation", width=85),
            "source": frame.text("From", width=75), "location_id": frame.text("To", width=75), "sku_id": frame.text("SKU", width=85),
            "name": frame.text("Name", width=160), "quantity_open": frame.number("To come", width=75),
        },
        key=page.key("on-order", text, *places), select="multi-row", height=330, total=int(found["found"].iloc[0]),
    )  # fmt: skip
    if not chosen or not forms.may(page, "cancel orders of goods", "replenishment.accept"):
        return
    targets = list(found.iloc[chosen]["supply_id"])
    forms.command_form(
        page,
        "cancel-supply",
        f"Cancel {words.count(len(targets), 'line')}",
        lambda _: [Order("replenishment.cancel", target) for target in targets],
        danger="Only lines of which nothing has come are cancelled.",
    )


#: Of a purchase order something waits for the vendor.
LIVE = ("issued", "accepted", "partially_shipped")


def purchase_orders(page: Page, text: str, places: list[str]) -> None:
    """What vendors and suppliers were asked for, and what they said."""
    kinds = st.pills(
        "For", ("dropship", "replenishment"), format_func=words.title, selection_mode="multi", key="purchase-kind"
    )
    found = questions.purchase_orders(page.copy, text, places, kinds)
    if found.empty:
        frame.empty(
            "No purchase order has been sent.",
            "One goes to a vendor with each shipment that it sends to a customer, and to a supplier with what was ordered here.",
        )
        return
    waiting = page.desk.waiting("purchase_order.withdraw")
    found["pending"] = found["purchase_order_id"].map(lambda order: "withdrawal pending" if order in waiting else "")
    chosen = frame.table(
        frame.say(found, "kind", "status"),
        {
            "purchase_order_id": frame.text("Purchase order", width=190, pinned=True), "line_number": frame.number("Line", format="%d"),
            "pending": frame.text("Command", width=140), "kind": "For", "status": "Status", "seller": frame.text("Seller", width=180),
            "due_date": "Asked for", "told_date": "Told",
            "sku_id": frame.text("SKU", width=110), "quantity": frame.number("Quantity"),
            "qty_gone": frame.number("Left or came"), "qty_rejected": frame.number("Rejected"), "reason_code": "Reason",
            "name": frame.text("Name", width=200), "line_total": frame.amount("Total"), "currency": "Currency",
            "order_id": frame.text("Order", width=170), "tracking_number": frame.text("Tracking", width=140),
            "supply_id": frame.text("Supply", width=170), "location_id": "Location", "issued_at": "Issued",
        },
        key=page.key("purchase-orders", text, *places, *kinds), select="multi-row", height=380, total=int(found["found"].iloc[0]),
    )  # fmt: skip
    picked = found.iloc[chosen]
    targets = sorted(set(picked[(picked["kind"] == "dropship") & picked["status"].isin(LIVE)]["purchase_order_id"]))
    if not targets or not forms.may(page, "take purchase orders back", "wave.stop"):
        st.caption(
            "The papers are on the Documents page. What suppliers send is cancelled under On order; select what a vendor is to send to take it back."
        )
        return
    forms.command_form(
        page,
        "withdraw",
        f"Take {words.count(len(targets), 'purchase order')} back",
        lambda _: [Order("purchase_order.withdraw", target) for target in targets],
        danger="What has not left is planned anew, from elsewhere; the vendor is told.",
    )


def suppliers(page: Page, _text: str, _places: list[str]) -> None:
    """Lead time and reliability."""
    found = questions.suppliers(page.copy)
    if found.empty:
        frame.empty("No supplier is known.", "Load `suppliers` with the reference data.")
        return
    frame.table(
        frame.say(found, "lead_time_from"),
        {
            "supplier_id": frame.text("Supplier", pinned=True), "name": frame.text("Name", width=210),
            "receipts": frame.number("Receipts"), "lead_time_days": frame.number("Lead time", format="%,.1f"),
            "lead_time_deviation_days": frame.number("± days", format="%,.1f"),
            "lead_time_from": frame.text("Said by", help="From three receipts on they say it, before the reference data"),
            "on_time_rate": frame.share("On time"), "fill_rate": frame.share("Filled"),
        },
        key="suppliers",
    )  # fmt: skip


def idle(page: Page, text: str, places: list[str]) -> None:
    """Excess and dead stock."""
    found = questions.idle(page.copy, text, places)
    if found.empty:
        frame.empty("No stock is idle.")
        return
    frame.table(
        frame.say(found, "stock_status"),
        {
            "sku_id": frame.text("SKU", pinned=True, width=120), "name": frame.text("Name", width=210),
            "location_id": "Location", "stock_status": "Status", "excess": frame.number("Excess"),
            "excess_value_base": frame.amount("Value"), "on_hand": frame.number("On hand"),
            "daily_demand": frame.number("Demand a day", format="%,.1f"),
            "days_of_supply": frame.number("Days of supply", format="%,.1f"),
        },
        key="idle", total=int(found["found"].iloc[0]),
    )  # fmt: skip


VIEWS = {
    "Suggestions": suggestions,
    "On order": on_order,
    "Purchase orders": purchase_orders,
    "Suppliers": suppliers,
    "Excess and dead": idle,
}

this = frame.open_page(
    "replenishment", "Replenishment", feeds=("stock", "supply", "vendors"), types=("replenishment", "purchase_order")
)
tiles(this)
view = st.segmented_control(
    "View", list(VIEWS), default="Suggestions", required=True, label_visibility="collapsed", key="replenishment-view"
)
VIEWS[view](this, *filters(this))
