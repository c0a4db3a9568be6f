"""Orders: search, and one order's full story with the commands of the call centre. Draws only."""

from __future__ import annotations

import pandas as pd
import streamlit as st
from tower import call_centre, frame, phone_order, words
from tower.data import orders as questions
from tower.data.orders import BUCKETS
from tower.frame import Page
from tower.stories import reasons

HELD = {"All": "", "Held": "held", "Not held": "free"}


def search(page: Page) -> str:
    """Filters and results; returns the order chosen, or the one that the address names."""
    choices = questions.choices(page.copy)
    named = {kind: list(rows["choice"]) for kind, rows in choices.groupby("kind")}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Search",
            key="orders-text",
            placeholder="Order, customer, purchase order, SKU",
            icon=":material/search:",
            width=320,
        )
        channels = st.multiselect(
            "Channel", named.get("channel", []), key="orders-channel", placeholder="All", width=200
        )
        statuses = st.multiselect(
            "Status", named.get("status", []), format_func=words.word, key="orders-status", placeholder="All", width=240
        )
        held = st.segmented_control("Held", list(HELD), default="All", required=True, key="orders-held")
    found = questions.search(page.copy, text, channels, statuses, HELD[held])
    if found.empty:
        frame.empty(
            "No order matches." if len(choices) else "There is no order yet.",
            "" if len(choices) else "Import an order file and run a cycle.",
        )
        return ""
    chosen = frame.table(
        frame.say(found, "fulfilment_status", "payment_status"),
        {
            "order_id": frame.text("Order", pinned=True, width=175), "customer_name": frame.text("Customer",
            width=160), "placed_at": "Placed",
            "fulfilment_status": "Status", "is_held": "Held", "order_total": frame.amount("Total"),
            "currency": frame.text("Cur.", width=60),
            "lines": frame.number("Lines"), "payment_status": "Payment", "promised_at": "Promised by",
            "requested_to": "Requested by", "ship_to_city": "City",
            "channel": "Channel", "channel_order_id": "Channel's no.",
        },
        key=page.key("orders", text, *channels, *statuses, held), select="single-row", height=330,
        total=int(found["found"].iloc[0]),
    )  # fmt: skip
    if chosen:
        order_id = str(found.iloc[chosen[0]]["order_id"])
        st.query_params["order"] = order_id
        return order_id
    if len(found) == 1:
        return str(found.iloc[0]["order_id"])
    linked = str(st.query_params.get("order", ""))
    return linked if not text or linked in set(found["order_id"]) else ""


def header(page: Page, order: pd.Series) -> None:
    """Who, where, when, how much, and the status on every axis."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(words.plain(order["order_id"]), anchor=False, width="content")
        for axis in ("fulfilment_status", "payment_status", "invoice_status", "return_status"):
            if order[axis] not in ("none", None):
                said = (
                    "return requested"
                    if (axis, order[axis]) == ("return_status", "requested")
                    else words.word(order[axis])
                )
                st.badge(said, color=words.BADGES.get(str(order[axis]), "grey"), help=words.title(axis))
        if order["is_held"]:
            st.badge("held", icon=":material/front_hand:", color="orange")
        if order["is_test"]:
            st.badge("test order", color="grey")
    place = ", ".join(
        str(order[name])
        for name in ("ship_to_street", "ship_to_postcode", "ship_to_city", "ship_to_country")
        if order[name] is not None
    )
    frame.facts_of(
        [
            ("Customer", f"{order['customer_name'] or words.DASH} ({order['customer_id'] or 'unknown'})"),
            ("Ship to", place or words.DASH),
            ("Placed", words.moment(order["placed_at"])),
            ("Requested by", words.moment(order["requested_to"])),
            ("Promised", words.moment(order["promised_at"])),
            ("Total", words.money(order["order_total"], order["currency"])),
            ("Priority", words.quantity(order["priority"])),
            ("Channel", f"{order['channel']} {order['channel_order_id'] or ''}"),
            *_terms(order),
        ]
    )


def _terms(order: pd.Series) -> list[tuple[str, str]]:
    """What most orders don't say: numbers, terms and notes, where this one does."""
    said = [
        ("Purchase order", order["purchase_order_number"]),
        ("Other numbers", order["external_ids"]),
        ("Ship after", words.moment(order["ship_after"])),
        ("Ship by", words.moment(order["ship_by"])),
        ("Cancel after", words.moment(order["cancel_after"])),
        (
            "Incoterm",
            " ".join(str(part) for part in (order["incoterm"], order["incoterm_place"]) if not words.is_missing(part)),
        ),
        ("Tax id", order["customer_tax_id"]),
        ("Note", order["note"]),
        ("Gift note", order["gift_note"]),
    ]
    return [
        (label, str(value)) for label, value in said if not words.is_missing(value) and value not in ("", words.DASH)
    ]


def lines(page: Page, order: pd.Series) -> None:
    """Lines with where their units are."""
    found = questions.lines(page.copy, order["order_id"])
    if found.empty:
        frame.empty("This order has no lines.")
        return
    in_units = {"quantity_doc": frame.number("As ordered"), "uom_doc": frame.text("Unit", width=60)}
    used = [bucket for bucket in BUCKETS if found[f"qty_{bucket}"].fillna(0).sum() > 0]
    frame.table(
        found,
        {
            "line_number": frame.text("Line", width=60), "sku_id": "SKU", "name": frame.text("What", width=220),
            **(in_units if found["uom_doc"].notna().any() else {}),
            "qty_ordered": frame.number("Ordered"),
            **{f"qty_{bucket}": frame.number(words.title(bucket)) for bucket in used},
            "unit_price": frame.number("Unit price", format="%,.2f"), "line_total": frame.amount("Line total"),
            "promised_at": "Promised by",
            **({"agreed_date": "Agreed for"} if found["agreed_date"].notna().any() else {}),
            "promised_location_id": "From",
        },
        key="order-lines",
    )  # fmt: skip
    st.caption(
        "Every unit is in exactly one place. Held, promised, backordered and unplanned are the parts of what is open. "
        f"Items {words.money(order['items_total'])} − discounts {words.money(order['discount_total'])} + shipping {words.money(order['shipping_total'])}"
        f" + charges {words.money(order['charge_total'])} + tax {words.money(order['tax_total'])} + rounding {words.money(order['rounding_total'])}"
        f" = {words.money(order['order_total'], order['currency'])}."
    )


def timeline(page: Page, order: pd.Series) -> None:
    """Everything that happened, oldest first."""
    found = questions.timeline(page.copy, order["order_id"])
    kinds = list(dict.fromkeys(found["kind"]))
    picked = (
        st.pills("Show", kinds, selection_mode="multi", key="order-kinds", label_visibility="collapsed")
        if len(kinds) > 1
        else []
    )
    shown = found[found["kind"].isin(picked)] if picked else found
    frame.table(
        shown,
        {
            "event_at": "When", "kind": frame.text("Kind", width=90), "what": frame.text("What", width=330),
            "because": frame.text("Why", width="large"),
            "who": frame.text("Who", width=130), "reference": frame.text("Reference", width=200),
        },
        key="order-timeline",
    )  # fmt: skip


def why(page: Page, order: pd.Series) -> None:
    """Why it is held, sourced there, on this truck, late."""
    asked = reasons(page.copy, order)
    for question, answers in asked:
        st.markdown(f"**{question}**")
        for answer in answers:
            st.markdown(f"- {answer}")
    kept = questions.decisions(page.copy, order["order_id"])
    if not kept.empty:
        st.markdown("**Decisions kept**")
        frame.table(
            kept,
            {
                "recorded_at": "When", "stage": "Stage", "subject_id": frame.text("On", width=190), "chosen": "Chosen",
                "because": frame.text("Because", width="large"),
                "runner_up": "Runner-up", "runner_up_delta": frame.amount("It costs more"), "actor": "By",
            },
            key="order-decisions",
        )  # fmt: skip


def papers(page: Page, order: pd.Series) -> None:
    """Documents of the order."""
    found = questions.documents(page.copy, order["order_id"])
    if found.empty:
        frame.empty(
            "No document has been issued for this order yet.",
            "A picking map comes with its wave, the papers of the road with its load.",
        )
        return
    frame.table(
        frame.say(found, "document_type", "status"),
        {"document_type": "Document", "series": "Series", "number": frame.number("No."), "issued_at": "Issued",
        "status": "Status", "load_id": "Load",
         "shipment_id": "Shipment"},
        key="order-documents",
    )  # fmt: skip
    st.page_link(
        "app_pages/documents.py",
        label="Open them on the Documents page",
        icon=":material/description:",
        query_params={"text": order["order_id"]},
    )


def change(page: Page, order: pd.Series) -> None:
    """What the call centre can do: cancel, amend, agree on a date, hold, serve sooner."""
    found = questions.lines(page.copy, order["order_id"])
    names = {
        row[
            "order_line_id"
        ]: f"line {row['line_number']}: {words.quantity(row['qty_ordered'])} × {words.short(row['name'], 40)}"
        for _, row in found.iterrows()
    }
    kind = st.segmented_control(
        "Command", list(call_centre.COMMANDS), default="Cancel", required=True, key="order-change"
    )
    call_centre.COMMANDS[kind](page, str(order["order_id"]), names)


PARTS = {"Lines": lines, "Timeline": timeline, "Why": why, "Documents": papers, "Change": change}

this = frame.open_page(
    "orders", "Orders", feeds=("floor", "deliveries", "vendors"), types=("order", "hold", "line", "address")
)
if st.toggle("Take an order by phone", key="phone"):
    with st.container(border=True):
        phone_order.draw(this)
named = search(this)
if named:
    rows = questions.header(this.copy, named)
    if rows.empty:
        frame.empty(f"{words.plain(named)} is no order of this copy.")
    else:
        header(this, rows.iloc[0])
        part = st.segmented_control(
            "Part", list(PARTS), default="Lines", required=True, label_visibility="collapsed", key="order-part"
        )
        PARTS[part](this, rows.iloc[0])
else:
    st.caption("Select an order to see its story.")
