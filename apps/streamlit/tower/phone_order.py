"""The phone order form: customer, lines with a search for SKUs, delivery; sent as one command.

Belongs here: drawing the form and putting the command together. Does not belong here: what becomes of it (the cycle),
SQL (`data.phone`).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from oms_dagster.warehouse.rehearsal import CannotRehearse
from tower import forms, frame, words
from tower.data import phone as questions
from tower.forms import Order
from tower.frame import Page

PAYMENTS = {"pending": "before delivery", "on_account": "on account", "paid": "paid already"}
LINE = ("sku_id", "name", "quantity", "unit_price")


def draw(page: Page) -> None:
    """The form, and what became of the last orders taken."""
    if not forms.may(page, "take orders by phone", "order.create"):
        return
    number = _number(page)
    customer = _customer(page)
    lines = _lines(page, _text(customer, "price_list"))
    _offer(page, customer, lines)
    _send(page, number, customer, lines)
    _taken(page)


def _number(page: Page) -> str:
    """Number of the order in the form; a new one, and an empty form, once it was sent."""
    number = str(st.session_state.get("phone-number", ""))
    if not number or number in page.desk.waiting("order.create"):
        number = f"T-{page.copy.as_of:%y%m%d}-{uuid.uuid4().hex[:6].upper()}"
        st.session_state["phone-number"] = number
        st.session_state["phone-lines"] = []
    return number


def _customer(page: Page) -> pd.Series | None:
    """The customer chosen; None for somebody unknown."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Customer",
            key="phone-customer-text",
            placeholder="Number, name, phone",
            icon=":material/search:",
            width=260,
        )
        found = questions.customers(page.copy, text) if text.strip() else pd.DataFrame()
        if found.empty:
            if text.strip():
                st.caption("No customer matches: the order is taken for somebody new.")
            return None
        named = {str(row["customer_id"]): f"{row['name']} ({row['customer_id']})" for _, row in found.iterrows()}
        picked = st.selectbox("Which one", list(named), format_func=named.__getitem__, key="phone-customer", width=360)
    row = found[found["customer_id"] == picked].iloc[0]
    if not words.is_missing(row["is_blocked"]) and bool(row["is_blocked"]):
        why = _text(row, "block_reason") or "no reason given"
        st.warning(f"This customer is blocked: {words.plain(why)}. The order will be held.", icon=":material/block:")
    return row


def _lines(page: Page, price_list: str) -> pd.DataFrame:
    """Lines so far: added by a search, changed in their cells."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "SKU", key="phone-sku-text", placeholder="Number, name, barcode", icon=":material/search:", width=260
        )
        found = questions.skus(page.copy, text, price_list) if text.strip() else pd.DataFrame()
        if not found.empty:
            named = {
                str(
                    row["sku_id"]
                ): f"{row['name']} ({row['sku_id']}) · {words.money(row['unit_price'], row['currency'] or '')} · {words.quantity(row['available'])} free"
                for _, row in found.iterrows()
            }
            picked = st.selectbox("Which one", list(named), format_func=named.__getitem__, key="phone-sku", width=460)
            quantity = st.number_input(
                "Quantity", min_value=0.001, value=1.0, step=1.0, key="phone-quantity", width=120
            )
            if st.button("Add line", key="phone-add", icon=":material/add:"):
                row = found[found["sku_id"] == picked].iloc[0]
                price = 0.0 if words.is_missing(row["unit_price"]) else float(row["unit_price"])
                st.session_state["phone-lines"] = [
                    *st.session_state["phone-lines"],
                    {"sku_id": picked, "name": str(row["name"]), "quantity": float(quantity), "unit_price": price},
                ]
        elif text.strip():
            st.caption("No SKU that is sold matches.")
    kept = pd.DataFrame(st.session_state["phone-lines"], columns=list(LINE))
    if kept.empty:
        st.caption("Search a SKU and add it: price and free stock are those of the last cycle.")
        return kept
    edited: pd.DataFrame = st.data_editor(
        kept,
        column_config={
            "sku_id": st.column_config.TextColumn("SKU", disabled=True), "name": st.column_config.TextColumn("What", disabled=True, width="large"),
            "quantity": st.column_config.NumberColumn("Quantity", min_value=0.001, step=0.001, required=True),
            "unit_price": st.column_config.NumberColumn("Unit price", min_value=0.0, format="%.2f", required=True),
        },
        num_rows="delete", hide_index=True, key=f"phone-edited-{st.session_state['phone-number']}-{len(kept)}",
    )  # fmt: skip
    st.caption(
        f"{words.count(len(edited), 'line')}, {words.money((edited['quantity'] * edited['unit_price']).sum())} before tax and shipping."
    )
    return edited


def _offer(page: Page, customer: pd.Series | None, lines: pd.DataFrame) -> None:
    """What the caller can be told before the order is saved."""
    said = {
        name: str(st.session_state.get(f"phone-{name}") or "").strip()
        for name in ("ship_to_country", "ship_to_postcode")
    }
    if lines.empty or (customer is None and not said["ship_to_postcode"]):
        return
    asked = {
        str(sku): Decimal(f"{quantity:.3f}")
        for sku, quantity in lines.groupby("sku_id")["quantity"].sum().items()
        if quantity > 0
    }
    try:
        found = questions.offered(
            page.copy.path, page.copy.stamp, str(page.home.dbt_target / "compiled"), tuple(sorted(asked.items())),
            _text(customer, "customer_id"), said["ship_to_country"], said["ship_to_postcode"], st.session_state.get("phone-day"),
        )  # fmt: skip
    except CannotRehearse as error:
        st.caption(words.plain(error))
        return
    if found.empty:
        st.caption("No earlier order went there: the next cycle finds date and place.")
        return
    waits = int(found["location_id"].isna().sum())
    if waits == len(found):
        st.warning("Nothing of it can be promised from stock.", icon=":material/hourglass_empty:")
    else:
        day = f"{found['deliver_date'].dropna().max():%a %d %b}"
        rest = f" {words.count(waits, 'line')} would wait for stock." if waits else ""
        cost = words.money(found["cost"].sum(), page.copy.currency)
        st.success(f"By **{day}**, for {cost} of freight and handling.{rest}", icon=":material/local_shipping:")
    frame.table(
        found,
        {"sku_id": frame.text("SKU", pinned=True), "quantity": frame.amount("Quantity"), "location_id": frame.text("From"),
         "ship_date": "Ships", "deliver_date": "Delivered", "cost": frame.amount("Cost")},
        key="phone-offer",
    )  # fmt: skip
    st.caption(
        "As things stand, at the stock prices of the last plan. The next cycle decides together with all other orders."
    )


def _send(page: Page, number: str, customer: pd.Series | None, lines: pd.DataFrame) -> None:
    def fields() -> Mapping[str, Any]:
        said: dict[str, Any] = {}
        if customer is None:
            with st.container(horizontal=True):
                said["customer_name"] = st.text_input("Name", key="phone-name", width=260)
                said["customer_phone"] = st.text_input("Phone", key="phone-phone", width=200)
        with st.container(horizontal=True):
            said["day"] = st.date_input("Wanted by", value=None, key="phone-day", width=160)
            payment = ["on_account", "pending", "paid"] if _has_credit(customer) else ["pending", "paid"]
            said["payment_status"] = st.selectbox(
                "Payment", payment, format_func=PAYMENTS.__getitem__, key="phone-payment", width=180
            )
            own = _text(customer, "currency")
            said["currency"] = st.text_input(
                "Currency", value=own or page.copy.currency, max_chars=3, key=f"phone-currency-{own}", width=100
            )
            said["purchase_order_number"] = st.text_input("Their reference", key="phone-po", width=180)
        with st.container(horizontal=True):
            for name, label, width in (
                ("ship_to_name", "Ship to", 220), ("ship_to_street", "Street", 260), ("ship_to_postcode", "Postcode", 120),
                ("ship_to_city", "City", 180), ("ship_to_country", "Country", 100),
            ):  # fmt: skip
                said[name] = st.text_input(
                    label,
                    key=f"phone-{name}",
                    width=width,
                    placeholder="theirs" if name == "ship_to_name" and customer is not None else None,
                )
        said["note"] = st.text_input("Note", key="phone-note")
        return said

    def orders(values: Mapping[str, Any]) -> list[Order]:
        day = values["day"]
        until = (
            None if day is None else datetime.combine(day, time(23, 59), ZoneInfo(page.copy.timezone)).astimezone(UTC)
        )
        asked = "\n".join(f"{row.sku_id}={row.quantity:.3f}@{row.unit_price:.6f}" for row in lines.itertuples())
        payload = {
            **{name: value for name, value in values.items() if name != "day" and str(value or "").strip()},
            "customer_code": number if customer is None else str(customer["customer_id"]),
            "lines": asked,
            "requested_to": None if until is None else until.isoformat(),
        }
        return [Order("order.create", number, payload)]

    forms.command_form(page, f"phone-{number}", f"Take order {number}", orders, fields)


def _text(row: pd.Series | None, name: str) -> str:
    return "" if row is None or words.is_missing(row[name]) else str(row[name])


def _has_credit(customer: pd.Series | None) -> bool:
    return bool(_text(customer, "credit_limit"))


def _taken(page: Page) -> None:
    found = questions.taken(page.copy)
    if found.empty:
        return
    st.markdown("**Taken by phone**")
    frame.table(
        frame.say(found, "fulfilment_status"),
        {"order_id": frame.text("Order", pinned=True, width=190), "customer_name": frame.text("Customer", width=180), "promised_at": "Promised by",
         "fulfilment_status": "Status", "is_held": "Held", "order_total": frame.amount("Total"), "currency": frame.text("Cur.", width=60),
         "requested_to": "Wanted by", "placed_at": "Taken"},
        key="phone-taken",
    )  # fmt: skip
