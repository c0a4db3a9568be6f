"""What the call centre can do to an order: cancel, amend, agree on a date, hold, serve sooner.

Belongs here: the forms of these commands. Does not belong here: what all forms share (`forms`), the order's story.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import streamlit as st

from tower import forms, frame
from tower.forms import Order
from tower.frame import Page


def _target(order_id: str, names: Mapping[str, str], key: str) -> str:
    return st.selectbox(
        "What", [order_id, *names], format_func=lambda target: names.get(target, "the whole order"), key=key
    )


def cancel(page: Page, order_id: str, names: Mapping[str, str]) -> None:
    """Cancel an order, a line, or a part of one."""
    if not forms.may(page, "cancel orders", "order.cancel"):
        return

    def fields() -> Mapping[str, Any]:
        target = _target(order_id, names, "cancel-target")
        quantity = st.number_input(
            "Quantity of a line",
            min_value=0.0,
            value=None,
            step=1.0,
            placeholder="all that has not left",
            key="cancel-quantity",
        )
        code = st.selectbox(
            "For the reports",
            ["CUSTOMER", "DUPLICATE", "FRAUD", "INVENTORY", "DECLINED", "EXPIRED", "STAFF", "OTHER"],
            key="cancel-code",
        )
        return {"target": target, "quantity": quantity, "reason_code": code}

    def orders(values: Mapping[str, Any]) -> Sequence[Order]:
        scope = "order" if values["target"] == order_id else "line"
        quantity = None if values["quantity"] is None else f"{values['quantity']:.3f}"
        return [
            Order(
                "order.cancel",
                values["target"],
                {"scope": scope, "quantity": quantity, "reason_code": values["reason_code"]},
            )
        ]

    forms.command_form(
        page,
        "cancel",
        "Cancel",
        orders,
        fields,
        danger="Only what has not left can be cancelled, and it can't be taken back.",
    )


def amend(page: Page, order_id: str, names: Mapping[str, str]) -> None:
    """Change the quantity of a line."""
    if not forms.may(page, "amend orders", "order.amend"):
        return
    if not names:
        frame.empty("This order has no line to amend.")
        return

    def fields() -> Mapping[str, Any]:
        line = st.selectbox("Line", list(names), format_func=lambda target: names[target], key="amend-line")
        return {
            "line": line,
            "quantity": st.number_input(
                "New quantity, in all", min_value=0.001, value=1.0, step=1.0, key="amend-quantity"
            ),
        }

    forms.command_form(
        page, "amend", "Change the quantity",
        lambda values: [Order("order.amend", values["line"], {"scope": "line",
        "quantity": f"{values['quantity']:.3f}"})], fields,
        danger="To take a line off, cancel it.",
    )  # fmt: skip


def hold(page: Page, order_id: str, names: Mapping[str, str]) -> None:
    """Hold an order or a line by hand."""
    if not forms.may(page, "place holds", "hold.place"):
        return
    forms.command_form(
        page, "hold", "Hold", lambda values: [Order("hold.place", values["target"],
        {"scope": "order" if values["target"] == order_id else "line"})],
        lambda: {"target": _target(order_id, names, "hold-target")},
    )  # fmt: skip


def date(page: Page, order_id: str, names: Mapping[str, str]) -> None:
    """Set the delivery date that was agreed with the customer."""
    if not forms.may(page, "agree on dates", "promise.set"):
        return
    tomorrow = page.copy.as_of.date() + timedelta(days=1)
    forms.command_form(
        page, "date", "Set the date", lambda values: [Order("promise.set", values["target"],
        {"scope": "order" if values["target"] == order_id else "line", "deliver_by": values["deliver_by"].isoformat()})],
        lambda: {"target": _target(order_id, names, "date-target"),
                 "deliver_by": st.date_input("Delivered on this day at the latest", tomorrow, min_value=page.copy.as_of.date(), key="date-value")},
        danger="What the customer asked for first stays on record; the plan is held to this day from the next cycle on.",
    )  # fmt: skip


def priority(page: Page, order_id: str, names: Mapping[str, str]) -> None:
    """Serve an order sooner or later."""
    if not forms.may(page, "change priorities", "order.priority"):
        return
    forms.command_form(
        page, "priority", "Set the priority", lambda values: [Order("order.priority", order_id,
        {"priority": values["priority"]})],
        lambda: {"priority": st.number_input("Priority: 1 goes first, 9 last", 1, 9, 5, key="priority-value")},
    )  # fmt: skip


COMMANDS = {"Cancel": cancel, "Amend a quantity": amend, "Agree on a date": date, "Hold": hold, "Priority": priority}
