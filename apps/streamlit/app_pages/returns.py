"""Returns: deliveries, returns and their reconciliation, the account of each load, exceptions. Draws only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st
from tower import charts, forms, frame, words
from tower.data import returns as questions
from tower.forms import Order
from tower.frame import Page

STATUSES = ("requested", "authorised", "received", "inspected", "closed", "rejected")
OUTCOMES = ("delivered", "partial", "refused", "damaged", "absent", "lost")
REJECTIONS = ("NOT_RETURNABLE", "TOO_LATE", "ALREADY_REFUNDED", "NOT_DELIVERED", "OTHER")


def _search(key: str, placeholder: str) -> str:
    return st.text_input("Search", key=key, placeholder=placeholder, icon=":material/search:", width=300)


def returns(page: Page) -> None:
    """What customers ask back, and the decision on it."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = _search("returns-text", "Return, line, customer, SKU")
        statuses = st.pills("Status", STATUSES, format_func=words.title, selection_mode="multi", key="returns-status")
    found = questions.returns(page.copy, text, statuses)
    if found.empty:
        frame.empty("No return matches." if text or statuses else "No return has been asked for yet.")
        return
    waiting = page.desk.waiting("return.authorise", "return.reject")
    shown = found.assign(
        pending=found["return_id"].map(lambda id_: f"{waiting[id_]} pending" if id_ in waiting else "")
    )
    chosen = frame.table(
        frame.say(shown, "status", "pickup", "resolution", "reconciliation", "disposition", "origin", "reason_code"),
        {
            "return_id": frame.text("Return", pinned=True, width=170), "pending": frame.text("Command", width=150),
            "status": "Status",
            "customer_name": frame.text("Customer", width=170), "name": frame.text("What", width=190),
            "reason_code": "Reason",
            "pickup": frame.text("Pick-up", width=110, help="How far our vehicle is with fetching it; empty: the customer sends it"),
            "collected_on": frame.text("On load", width=200),
            "qty_requested": frame.number("Asked"), "qty_authorised": frame.number("Authorised"),
            "qty_received": frame.number("Received"),
            "qty_accepted": frame.number("Accepted"), "qty_unexpected": frame.number("Unexpected",
            help="Came back beyond what was authorised and received"),
            "disposition": "Disposition", "resolution": "Resolution", "refund_total": frame.amount("Refund"),
            "currency": frame.text("Cur.", width=60),
            "reconciliation": "Account", "explanation": frame.text("Where it stands", width="large"),
            "requested_at": "Asked on", "closed_at": "Closed",
            "origin": "Origin", "is_simulated": "Simulated",
        },
        key=page.key("returns", text, *statuses), select="single-row", height=330, total=int(found["found"].iloc[0]),
    )  # fmt: skip
    if chosen:
        decide(page, shown.iloc[chosen[0]])
        return
    st.caption("Select a return that is asked for to authorise or reject it.")
    reasons = questions.by_reason(page.copy)
    reasons = reasons[reasons["requested"] > 0]
    if not reasons.empty:
        charts.draw(
            charts.bars(
                reasons.assign(reason=reasons["reason_code"].map(words.title)),
                "reason",
                {"requested": "units asked back"},
                "Units asked back by reason",
                "units",
            ),
            "returns-by-reason",
        )


def decide(page: Page, row: pd.Series) -> None:
    """Authorise or reject."""
    st.subheader(words.plain(row["return_id"]), anchor=False)
    st.markdown(words.plain(row["explanation"] or ""))
    if row["pending"]:
        st.caption(f":material/schedule_send: {row['pending']}: the next cycle decides.")
        return
    if row["status"] != "requested":
        st.caption(f"It is {words.word(row['status'])} already: nothing to decide.")
        return
    if not forms.may(page, "decide on returns", "return.authorise"):
        return
    kind = st.segmented_control(
        "Decision", ["Authorise", "Reject"], default="Authorise", required=True, key="return-kind"
    )

    def fields() -> Mapping[str, Any]:
        if kind == "Reject":
            return {
                "reason_code": st.selectbox("For the customer", REJECTIONS, format_func=words.title, key="return-code")
            }
        quantity = st.number_input(
            "Quantity", min_value=0.0, value=None, step=1.0, placeholder="all that was asked for", key="return-quantity"
        )
        choice = st.selectbox(
            "The customer gets",
            ["as asked for", "refund", "credit", "exchange", "replacement"],
            key="return-resolution",
        )
        return {
            "quantity": None if quantity is None else f"{quantity:.3f}",
            "resolution": None if choice == "as asked for" else choice,
        }

    type_ = "return.authorise" if kind == "Authorise" else "return.reject"
    forms.command_form(page, "return", kind, lambda values: [Order(type_, str(row["return_id"]), values)], fields)


def reconciliation(page: Page) -> None:
    """Whether goods and money of each return agree."""
    found = questions.reconciliation(page.copy)
    if found.empty:
        frame.empty("There is nothing to reconcile.")
        return
    frame.table(
        frame.say(found, "status", "return_status"),
        {
            "return_id": frame.text("Return", pinned=True, width=170), "status": "Account",
            "difference": frame.amount("Difference"), "currency": frame.text("Cur.", width=60),
            "explanation": frame.text("What it is", width="large"),
            "received_vs_authorised": frame.number("Received − authorised"),
            "qty_unexpected": frame.number("Unexpected"), "restocked_qty": frame.number("Restocked"),
            "credited_total": frame.amount("Credited"),
            "refunded_total": frame.amount("Refunded"), "order_line_id": frame.text("Line", width=190),
            "return_status": "Return",
        },
        key="reconciliation",
    )  # fmt: skip


def deliveries(page: Page) -> None:
    """What happened at the door."""
    rows = questions.outcomes_by_day(page.copy)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = _search("deliveries-text", "Shipment, order, load, customer")
        outcomes = st.pills(
            "Outcome", OUTCOMES, format_func=words.title, selection_mode="multi", key="deliveries-outcome"
        )
    found = questions.deliveries(page.copy, text, outcomes)
    if found.empty:
        frame.empty("No delivery matches." if text or outcomes else "No result from the road yet.")
        return
    charts.draw(
        charts.columns_by_day(
            rows, "outcome", "shipments", "Shipments by day and outcome of the last attempt", "shipments"
        ),
        "outcomes",
    )
    frame.table(
        frame.say(found, "outcome", "mode"),
        {
            "shipment_id": frame.text("Shipment", pinned=True, width=210), "outcome": "Outcome",
            "attempted_at": "Last attempt", "delivered_at": "Delivered",
            "is_late": "After window", "attempts": frame.number("Attempts"), "customer_name": frame.text("Customer",
            width=180), "ship_to_city": "City",
            "receiver": "Receiver", "reason_code": "Reason", "qty_delivered": frame.number("Delivered"),
            "qty_refused": frame.number("Refused"),
            "load_id": frame.text("Load", width=190), "mode": "Mode", "is_simulated": "Simulated",
        },
        key="deliveries", total=int(found["found"].iloc[0]),
    )  # fmt: skip


def settlements(page: Page) -> None:
    """Whether each load's goods were all seen again, and what came in with it."""
    found = questions.settlements(page.copy)
    if found.empty:
        frame.empty("No load has an account yet.", "It opens when the load leaves.")
        return
    chosen = frame.table(
        frame.say(found, "part", "payment_form", "status"),
        {
            "load_id": frame.text("Load", pinned=True, width=200), "status": "Account",
            "difference": frame.amount("Difference"), "part": "Part", "payment_form": "Form",
            "expected": frame.amount("Expected"), "returned": frame.amount("Came back"), "due": frame.amount("Due"),
            "received": frame.amount("Received"),
            "driver_debit": frame.amount("Driver owes"), "driver_credit": frame.amount("Driver is owed"),
            "currency": frame.text("Cur.", width=60), "qty_out": frame.number("Units still out"),
            "departed_at": "Left", "returned_at": "Came back at", "driver_id": "Driver", "signed_by": "Signed by",
        },
        key=page.key("settlements"), select="single-row",
    )  # fmt: skip
    if not chosen:
        st.caption("Select an account to count its money or empties, or to close it.")
        return
    row = found.iloc[chosen[0]]
    if row["status"] == "signed":
        return
    deed = st.segmented_control("Account", ["Count", "Close"], default="Count", required=True, key="settlement-deed")
    if deed == "Count":
        count(page, str(row["load_id"]))
    else:
        close(page, str(row["load_id"]), found[found["load_id"] == row["load_id"]])


def count(page: Page, load_id: str) -> None:
    """What came in of money, empties or expenses; counted again, it takes the place of the count before."""
    if not forms.may(page, "count what came in", "settlement.record"):
        return

    def fields() -> Mapping[str, Any]:
        with st.container(horizontal=True):
            part = st.selectbox("What", ["money", "empties", "expenses"], format_func=words.title, key="count-part")
            form = st.text_input("In what: cash, card, crate", "cash", max_chars=40, key="count-form")
        amounts = {}
        with st.container(horizontal=True):
            for name, label in COUNTED.items():
                amounts[name] = st.number_input(label, min_value=0.0, step=1.0, format="%.2f", key=f"count-{name}")
        return {"part": part, "payment_form": form, **{name: f"{amount:.2f}" for name, amount in amounts.items()}}

    forms.command_form(
        page, "count", f"Record for {load_id}", lambda values: [Order("settlement.record", load_id, values)], fields,
        danger=f"Money in {page.copy.currency}, empties in pieces. A second count of the same form replaces the first.",
    )  # fmt: skip


def close(page: Page, load_id: str, parts: pd.DataFrame) -> None:
    """Sign the account once every unit has a result."""
    if (parts["status"] == "open").any():
        st.caption("Some units have no result yet: wait for the driver's reports.")
        return
    if not forms.may(page, "close accounts", "settlement.sign"):
        return
    forms.command_form(
        page, "settlement", f"Close the account of {load_id}", lambda _: [Order("settlement.sign", load_id)],
        danger="" if (parts["status"] == "counted").all() else "It does not close: the reason will say why it is signed all the same.",
    )  # fmt: skip


def exceptions(page: Page) -> None:
    """Contradictions between facts."""
    status = st.segmented_control(
        "Status", ["open", "closed"], default="open", required=True, format_func=words.title, key="exceptions-status"
    )
    found = questions.exceptions(page.copy, status)
    if found.empty:
        frame.empty(
            f"No exception is {status}.",
            "When a fact from outside contradicts the ledger, both are kept and a person decides.",
        )
        return
    waiting = page.desk.waiting("exception.close")
    chosen = frame.table(
        found.assign(pending=found["exception_id"].map(lambda id_: "close pending" if id_ in waiting else "")),
        {
            "kind": frame.text("Exception", pinned=True, width=190), "pending": frame.text("Command", width=120),
            "key": frame.text("On", width=200),
            "expected": frame.text("Expected", width=200), "found_value": frame.text("Found", width=200),
            "difference": "Difference",
            "explanation": frame.text("What it is", width="large"), "age_days": frame.number("Days"), "owner": "Owner",
            "event_at": "Since",
            "close_reason": frame.text("Closed because", width="medium"),
        },
        key=page.key("exceptions", status), select="multi-row",
    )  # fmt: skip
    if status != "open" or not chosen or not forms.may(page, "close exceptions", "exception.close"):
        return
    targets = list(found.iloc[chosen]["exception_id"])
    forms.command_form(
        page,
        "exception",
        f"Close {words.count(len(targets), 'exception')}",
        lambda _: [Order("exception.close", target) for target in targets],
    )


#: Amounts of a count, as the form asks for them.
COUNTED = {
    "expected": "Should come in", "returned": "Not due any more", "received": "Counted", "driver_debit": "Driver owes",
    "driver_credit": "Driver is owed",
}  # fmt: skip
VIEWS = {
    "Returns": returns,
    "Reconciliation": reconciliation,
    "Deliveries": deliveries,
    "Loads' accounts": settlements,
    "Exceptions": exceptions,
}

this = frame.open_page(
    "returns", "Returns", feeds=("deliveries", "returns"), types=("return", "exception", "settlement")
)
view = st.segmented_control(
    "View", list(VIEWS), default="Returns", required=True, label_visibility="collapsed", key="returns-view"
)
VIEWS[view](this)
