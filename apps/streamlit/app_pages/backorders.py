"""Backorders: lines and SKUs that wait for stock, since when, for which supply, who is served first; what to do about it. Draws only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st
from tower import forms, frame, words
from tower.data import backorders as questions
from tower.forms import Order
from tower.frame import Page

KINDS = {"All": "", "Backorders": "backorder", "Pre-orders": "pre_order"}
CANCEL_REASONS = ("INVENTORY", "CUSTOMER", "DECLINED", "STAFF", "OTHER")


def figures(page: Page) -> None:
    """How much waits, for how long, and how much of it has a date."""
    told = questions.totals(page.copy).iloc[0]
    if not told["lines"]:
        return
    dated = float(told["dated"]) / float(told["quantity"])
    with st.container(horizontal=True):
        frame.tile("Lines waiting", f"{told['lines']:,.0f}", about=f"{told['pre_orders']:,.0f} of them pre-orders")
        frame.tile(f"Value ({page.copy.currency})", f"{told['value']:,.0f}", about="Net value of what waits")
        frame.tile("Units with a date", f"{dated:.0%}", about="Units that dated supply is to cover")
        frame.tile("Oldest, days", f"{told['oldest_days']:,.1f}")
        frame.tile("Replaceable", f"{told['replaceable']:,.0f}", about="Lines for which a substitute lies spare")
        frame.tile("Slipped", f"{told['slipped']:,.0f}", about="Lines to be covered later than first told")


def by_line(page: Page, text: str, kind: str) -> None:
    """The queue line by line; one chosen opens its pegs and what can be done."""
    found = questions.lines(page.copy, text, kind)
    if found.empty:
        frame.empty("No line matches." if text or kind else "Nothing waits for stock.")
        return
    waiting = page.desk.waiting(
        "order.priority", "order.cancel", "order.split", "substitution.accept", "replenishment.accept"
    )
    pending = [
        next((f"{waiting[on]} pending" for on in (line, order, sku) if on in waiting), "")
        for line, order, sku in zip(found["order_line_id"], found["order_id"], found["sku_id"], strict=True)
    ]
    chosen = frame.table(
        frame.say(found.assign(pending=pending), "kind"),
        {
            "order_line_id": frame.text("Line", pinned=True, width=145), "pending": frame.text("Command", width=130),
            "customer_name": frame.text("Customer", width=120), "sku_id": frame.text("SKU", width=80),
            "quantity": frame.number("Quantity", width=70), "value": frame.amount("Value", f"Net, in {page.copy.currency}", width=75),
            "age_days": frame.number("Days", format="%,.1f", help="Waits for so long", width=55),
            "place": frame.number("Place", help="Place in the queue of its SKU: by priority, then age; 1 is served first", width=55),
            "expected_cover_date": "Covered on",
            "substitutes": frame.number("Instead", help="SKUs that lie spare and may go in its place", width=65),
            "reason": frame.text("Why", width=210),
        },
        key=page.key("backorders", text, kind), select="single-row", height=330, total=int(found["found"].iloc[0]),
    )  # fmt: skip
    if chosen:
        line(page, found.iloc[chosen[0]])
    else:
        st.caption("Select a line to see what it waits for and who is ahead, and to act.")


def line(page: Page, row: pd.Series) -> None:
    """One line: its cover and how that moved, its queue, its actions."""
    line_id = str(row["order_line_id"])
    st.subheader(words.plain(line_id), anchor=False)
    frame.facts_of([
        ("What", f"{row['quantity']:g} of {row['sku_id']} {row['name'] or ''}".strip()), ("Kind", words.word(row["kind"])),
        ("Priority", words.quantity(row["priority"])), ("Requested by", words.day(row["requested_date"])),
        ("Covered on", words.day(row["expected_cover_date"])), ("First told", words.day(row["first_cover_date"])),
        ("Why", str(row["reason"])),
    ])  # fmt: skip
    left, right = st.columns(2)
    with left:
        pegs = questions.pegs(page.copy, line_id)
        if pegs.empty:
            frame.empty("No supply with a date is left for it.", "Order some: see Replenishment.")
        else:
            st.caption("Waits for")
            frame.table(
                frame.say(pegs, "status"),
                {
                    "supply_id": frame.text("Supply", width=140), "quantity": frame.number("Units for it"), "due_date": "Due",
                    "location_id": "To", "status": "Status", "quantity_open": frame.number("Of"), "is_overdue": "Overdue",
                },
                key="backorder-pegs",
            )  # fmt: skip
        covers = questions.covers(page.copy, line_id)
        if len(covers):
            st.caption("What was told")
            frame.table(
                covers,
                {"event_at": "Told", "expected_cover_date": "Covered on", "cover_reference": frame.text("By", width=120),
                "reason": frame.text("Why", width="large")},
                key="backorder-covers",
            )  # fmt: skip
    with right:
        st.caption(f"Who waits for {words.plain(row['sku_id'])}, in the order in which they are served")
        queue = questions.queue(page.copy, str(row["sku_id"]))
        frame.table(
            queue.assign(mine=queue["order_line_id"] == line_id),
            {
                "place": frame.number("Place", width=50), "mine": "This", "order_line_id": frame.text("Line", width=155),
                "quantity": frame.number("Quantity", width=70), "priority": frame.number("Priority", width=60),
                "expected_cover_date": "Covered on",
            },
            key="backorder-queue", height=260,
        )  # fmt: skip
    offers = questions.substitutes(page.copy, line_id)
    if len(offers):
        substitutes(page, offers)
    moves = questions.transfers(page.copy, line_id)
    if len(moves):
        transfers(page, moves)
    act(page, row, offers, moves, pegs[pegs["kind"] == "transfer"])


def substitutes(page: Page, offers: pd.DataFrame) -> None:
    """What could go in the line's place: from where, and what it costs."""
    st.caption("Could go in its place")
    currency = str(offers["currency"].iloc[0])
    frame.table(
        frame.say(offers, "consent", "price_policy"),
        {
            "substitute_sku_id": frame.text("SKU", pinned=True, width=110), "name": frame.text("Name", width=190),
            "substitute_quantity": frame.number("Units of it"), "factor": frame.number("For one", help="Units of it for one of the line"),
            "location_id": "From", "quantity_spare": frame.number("Spare there"),
            "distance_km": frame.number("km", format="%,.0f"),
            "line_value": frame.amount(f"Sold for ({currency})"), "substitute_value": frame.amount(f"Then ({currency})"),
            "price_difference": frame.amount("Customer pays more", "Net; below 0 less"), "price_policy": frame.text("Price", help="keep: as agreed; new: the list price of the substitute; lower: the lower of both"),
            "cost_difference": frame.amount(f"Costs us more ({page.copy.currency})"), "consent": "Consent",
            "is_automatic": "Goes unasked",
        },
        key="backorder-substitutes",
    )  # fmt: skip


def transfers(page: Page, moves: pd.DataFrame) -> None:
    """From where the goods could be brought to the store, at what cost, by when."""
    st.caption(f"Lies spare elsewhere; the customer collects it at {words.plain(moves['store_id'].iloc[0])}")
    frame.table(
        moves,
        {
            "location_id": frame.text("From", pinned=True, width=110), "name": frame.text("Name", width=190),
            "quantity": frame.number("Units for it"), "spare": frame.number("Spare there", help="Asked for by nobody else on any day"),
            "safety_stock": frame.number("Safety stock", help="Of the SKU, for all channels: below it shops are offered none"),
            "cost": frame.amount(f"Costs ({page.copy.currency})", "One more trip of an own vehicle, by the policies sourcing.cost_*"),
            "due_date": "There on",
            "distance_km": frame.number("km", format="%,.0f"),
        },
        key="backorder-transfers",
    )  # fmt: skip


def transfer(page: Page, row: pd.Series, moves: pd.DataFrame) -> None:
    """Order one of the transfers: the suggestion accepted, as on the Replenishment page."""
    told = {
        str(move.location_id): f"{move.location_id}: {move.quantity:g} for {words.money(move.cost, page.copy.currency)}, there on {words.day(move.due_date)}"
        for move in moves.itertuples()
    }  # fmt: skip
    store = str(moves["store_id"].iloc[0])

    def wanted() -> Mapping[str, Any]:
        source = st.selectbox("From", list(told), format_func=told.__getitem__, key="backorder-transfer")
        move = moves[moves["location_id"] == source].iloc[0]
        units = st.number_input(
            "Units", 0.001, float(row["quantity"]), float(move["quantity"]), key="backorder-transfer-units"
        )
        return {
            "kind": "transfer", "location_id": store, "source": source, "quantity": f"{units:.3f}",
            "due_date": f"{move['due_date']:%Y-%m-%d}",
        }  # fmt: skip

    forms.command_form(
        page, "backorder-transfer", f"Order the transfer to {store}",
        lambda v: [Order("replenishment.accept", str(row["sku_id"]), v)], wanted,
        danger="It can be cancelled until the goods leave.",
    )  # fmt: skip


def cancel_transfer(page: Page, pegs: pd.DataFrame) -> None:
    """Take back a transfer that the line waits for."""
    told = {str(peg.supply_id): f"{peg.supply_id}: {peg.quantity_open:g} from {peg.from_location_id}, due {words.day(peg.due_date)}" for peg in pegs.itertuples()}  # fmt: skip

    def which() -> Mapping[str, Any]:
        return {
            "supply_id": st.selectbox(
                "Transfer", list(told), format_func=told.__getitem__, key="backorder-transfer-back"
            )
        }

    forms.command_form(
        page, "backorder-transfer-back", "Cancel the transfer",
        lambda v: [Order("replenishment.cancel", str(v["supply_id"]))], which,
        danger="Only while nothing of it has left.", primary=False,
    )  # fmt: skip


def act(page: Page, row: pd.Series, offers: pd.DataFrame, moves: pd.DataFrame, coming: pd.DataFrame) -> None:
    """Bring the goods to the store, send a substitute, serve it sooner or later, let the order go in parts, or cancel what waits."""
    line_id, order_id = str(row["order_line_id"]), str(row["order_id"])
    needs = {
        "Transfer": "replenishment.accept", "Substitute": "order.amend", "Priority": "order.priority", "Split": "order.amend",
        "Cancel transfer": "replenishment.accept", "Cancel": "order.cancel",
    }  # fmt: skip
    absent = {"Transfer": moves.empty, "Cancel transfer": coming.empty, "Substitute": offers.empty}
    if not forms.may(page, "act on backorders", *dict.fromkeys(needs.values())):
        return
    kinds = [kind for kind in needs if not absent.get(kind)]
    kind = st.segmented_control(
        "Command", kinds, default=kinds[0], required=True, key=f"backorder-kind-{'-'.join(kinds)}"
    )
    if not forms.may(page, "do that", needs[kind]):
        return
    if kind == "Transfer":
        transfer(page, row, moves)
    elif kind == "Cancel transfer":
        cancel_transfer(page, coming)
    elif kind == "Substitute":
        names = dict(zip(offers["substitute_sku_id"], offers["name"].fillna(""), strict=True))

        def accepted() -> Mapping[str, Any]:
            sku = st.selectbox(
                "Send", list(names), format_func=lambda s: f"{s} {names[s]}".strip(), key="backorder-substitute"
            )
            wanted = st.number_input(
                "Units of the line that it replaces",
                0.001,
                float(row["quantity"]),
                float(row["quantity"]),
                key="backorder-substitute-units",
            )
            return {"sku_id": sku, "quantity": str(wanted)}

        forms.command_form(
            page, "backorder-substitute", "Accept the substitute",
            lambda v: [Order("substitution.accept", line_id, v)], accepted,
            danger="The customer agreed: these units of the line are cancelled, and a new line asks for the substitute.",
        )  # fmt: skip
    elif kind == "Priority":

        def priority() -> Mapping[str, Any]:
            return {
                "priority": st.slider(
                    "Priority of the order (1 goes first)", 1, 9, int(row["priority"] or 5), key="backorder-priority"
                )
            }

        forms.command_form(
            page, "backorder-priority", "Set the priority", lambda v: [Order("order.priority", order_id, v)], priority
        )
    elif kind == "Split":
        forms.command_form(
            page, "backorder-split", "Ship what is there", lambda _: [Order("order.split", order_id, {})],
            danger="The order goes in parts from now on, though its customer takes whole orders only.",
        )  # fmt: skip
    else:

        def cancelled() -> Mapping[str, Any]:
            return {
                "scope": "line", "quantity": str(row["quantity"]),
                "reason_code": st.selectbox("Why", CANCEL_REASONS, format_func=words.word, key="backorder-cancel-reason"),
            }  # fmt: skip

        forms.command_form(
            page, "backorder-cancel", f"Cancel {row['quantity']:g} that wait",
            lambda v: [Order("order.cancel", line_id, v)], cancelled,
            danger="What is cancelled is gone: it can only be ordered again.", primary=False,
        )  # fmt: skip


def by_sku(page: Page, text: str, kind: str) -> None:
    """SKUs that are waited for; one chosen shows its queue."""
    found = questions.skus(page.copy, text, kind)
    if found.empty:
        frame.empty("No SKU matches." if text or kind else "Nothing waits for stock.")
        return
    chosen = frame.table(
        found,
        {
            "sku_id": frame.text("SKU", pinned=True, width=85), "name": frame.text("Name", width=170),
            "lines": frame.number("Lines", width=55), "undated": frame.number("Undated", help="Lines that no supply with a date covers", width=75),
            "quantity": frame.number("Units", width=60), "value": frame.amount("Value", f"Net, in {page.copy.currency}", width=80),
            "age_days": frame.number("Oldest", format="%,.1f", help="In days", width=65), "inbound": frame.number("To come", width=75),
            "pegged": frame.number("Spoken for", help="Of what is to come, by promises and backorders", width=90), "next_due": "Next due",
            "all_covered_by": "Last cover",
        },
        key=page.key("backorder-skus", text, kind), select="single-row", height=330, total=int(found["found"].iloc[0]),
    )  # fmt: skip
    if not chosen:
        st.caption("Select a SKU to see its queue.")
        return
    sku = str(found.iloc[chosen[0]]["sku_id"])
    frame.table(
        questions.queue(page.copy, sku),
        {
            "place": frame.number("Place", width=55), "order_line_id": frame.text("Line", width=165), "priority": frame.number("Priority", width=65),
            "placed_at": "Placed", "quantity": frame.number("Quantity", width=70), "expected_cover_date": "Covered on",
            "customer_name": frame.text("Customer", width=165), "reason": frame.text("Why", width=280),
        },
        key="backorder-sku-queue",
    )  # fmt: skip


def launches(page: Page) -> None:
    """Pre-orders by launch, promised or waiting."""
    found = questions.pre_orders(page.copy)
    if found.empty:
        frame.empty("There is no pre-order.", "A SKU with a day `available_from` in the future takes them.")
        return
    frame.table(
        found,
        {
            "sku_id": frame.text("SKU", pinned=True, width=120), "name": frame.text("Name", width=200), "available_from": "Launch",
            "order_line_id": frame.text("Line", width=190), "customer_name": frame.text("Customer", width=180),
            "quantity": frame.number("Open"), "qty_promised": frame.number("Promised"),
            "qty_backordered": frame.number("Waits for supply"), "promise_date": "Promised for", "requested_date": "Requested by",
        },
        key="pre-orders", total=int(found["found"].iloc[0]),
    )  # fmt: skip


VIEWS = {"Lines": by_line, "SKUs": by_sku}

this = frame.open_page("backorders", "Backorders", feeds=("supply",), types=("order", "line"))
figures(this)
with st.container(horizontal=True, vertical_alignment="bottom"):
    view = st.segmented_control("View", [*VIEWS, "Launches"], default="Lines", required=True, key="backorders-view")
    if view in VIEWS:
        kind = st.segmented_control("Kind", list(KINDS), default="All", required=True, key="backorders-kind")
        text = st.text_input(
            "Search", key="backorders-text", placeholder="Line, SKU, customer", icon=":material/search:", width=300
        )
if view in VIEWS:
    VIEWS[view](this, text, KINDS[kind])
else:
    launches(this)
