"""Holds: the queue with its evidence, and release with a reason, one or many. Draws only."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Any, get_args

import pandas as pd
import streamlit as st
from tower import access, charts, forms, frame, words
from tower.data import holds as questions
from tower.forms import Order
from tower.frame import Page

from oms_dagster.operations.payloads import HoldRelease

#: Families that a release may name: the right over one of them is enough.
FAMILIES = {choice for part in get_args(HoldRelease.model_fields["family"].annotation) for choice in get_args(part)}
STATUSES = ("open", "released", "cleared", "expired")
ORDERS = {"Oldest first": "age", "Most at stake first": "value", "Due first": "due"}
#: Parts of a customer's exposure, as its history shows them.
EXPOSURE = {
    "open_invoices": "Open invoices", "past_due_1_30": "past due 1–30 days", "past_due_31_60": "past due 31–60 days",
    "past_due_61_90": "past due 61–90 days", "past_due_over_90": "past due over 90 days", "uninvoiced_orders": "Orders not sent",
    "shipped_not_invoiced": "On the road", "deposits": "Paid in advance", "group_exposure": "Exposure of the group", "credit_limit": "Limit",
    "credit_available": "Room",
}  # fmt: skip


def summary(page: Page) -> None:
    """How much is held, and where."""
    total = questions.total(page.copy).iloc[0]
    with st.container(horizontal=True):
        frame.tile("Open holds", words.quantity(total["holds"]))
        frame.tile("Orders held", words.quantity(total["orders"]))
        stake = words.money_short(total["value_at_stake"], page.copy.currency)
        frame.tile("Value at stake", stake, about="Each order counted once.")
        frame.tile("Oldest", words.hours(total["oldest_hours"]))
        frame.tile(
            "Over their limit",
            words.quantity(total["over_limit"]),
            about="Open for longer than somebody should have looked.",
        )
    types = questions.by_type(page.copy)
    if not types.empty:
        with st.expander("By type", icon=":material/bar_chart:"):
            figures = [
                f"{row.holds:,.0f} · {words.money_short(row.value_at_stake, page.copy.currency)}"
                for row in types.itertuples()
            ]
            charts.draw(
                charts.bars(
                    types,
                    "hold_type",
                    {"holds": "holds"},
                    "Open holds by type, with the value at stake",
                    "holds",
                    figures=figures,
                ),
                "holds-by-type",
            )


def queue(page: Page) -> tuple[pd.DataFrame, str]:
    """Filters and the queue; returns the holds chosen and the status shown."""
    families = questions.by_family(page.copy)
    labels = {row.family: f"{words.title(row.family)} ({row.holds:,.0f})" for row in families.itertuples()}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        status = st.segmented_control(
            "Status", STATUSES, default="open", required=True, format_func=words.title, key="holds-status"
        )
        order = st.segmented_control("Order", list(ORDERS), default="Oldest first", required=True, key="holds-order")
        text = st.text_input(
            "Search", key="holds-text", placeholder="Type, order, customer", icon=":material/search:", width=260
        )
    picked = (
        st.pills("Family", list(labels), format_func=labels.__getitem__, selection_mode="multi", key="holds-family")
        if labels
        else []
    )
    found = questions.queue(page.copy, status, picked, text, ORDERS[order])
    if found.empty:
        frame.empty("No hold matches." if text or picked else f"No hold is {words.word(status)}.")
        return found, status
    waiting = page.desk.waiting("hold.release")
    shown = found.assign(
        pending=found["hold_id"].map(lambda hold: "release pending" if hold in waiting else ""),
        value=found["value_at_stake"],
    )
    ended = {"cleared_at": "Ended", "cleared_by": "Ended by", "clear_reason": "Reason"}
    chosen = frame.table(
        frame.say(shown, "family"),
        {
            "hold_type": frame.text("Hold", pinned=True, width=170), "pending": frame.text("Command", width=120),
            "order_id": frame.text("Order", width=175),
            "customer_name": frame.text("Customer", width=145),
            "value": frame.amount(f"At stake ({page.copy.currency})"),
            "age_hours": frame.number("Age, hours", format="%,.1f", help="Since it was placed"),
            "hours_left": frame.number("Due in, hours", format="%,.1f", help="Until somebody should have looked; below 0: too late"),
            "wait_cost_day": frame.amount("A day costs", help="What another day of waiting costs: an estimate from two policies"),
            "observed": frame.text("Found", width=150),
            "threshold": frame.text("Allowed", width=150), "explanation": frame.text("Why", width="large"),
            "remedy": frame.text("What helps", width="medium"),
            "is_releasable": "Releasable", "family": "Family", "placed_at": "Placed",
            **(ended if status != "open" else {"requested_to": "Requested by"}),
        },
        key=page.key("holds", status, order, text, *picked), select="multi-row", total=int(found["found"].iloc[0]),
    )  # fmt: skip
    return shown.iloc[chosen], status


def evidence(page: Page, hold: pd.Series) -> None:
    """One hold, in full: what it was decided on beside what is known of the customer."""
    currency = page.copy.currency
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f"**{words.plain(hold['hold_type'])}** on {words.plain(hold['order_id'] if words.is_missing(hold['order_line_id']) else hold['order_line_id'])}",
                width="content",
            )
            frame.badge(hold["status"])
            st.badge(words.word(hold["family"]), color="grey")
        st.markdown(words.plain(hold["explanation"]))
        st.markdown(f"**What helps:** {words.plain(hold['remedy'])}")
        frame.facts_of(
            [
                ("Found", str(hold["observed"])), ("Allowed", str(hold["threshold"])), ("At stake", words.money(hold["value"], currency)), ("Placed",
                f"{words.moment(hold['placed_at'])} by {hold['placed_by'] or 'rule'}"),
                ("Rule", f"{hold['hold_type']}, version {hold['rule_version']}"), ("Owner", words.word(hold["owner"])),
                ("Distance", words.DASH if words.is_missing(hold["distance"]) else f"{words.quantity(hold['distance'])} {hold['unit']}"),
                ("A day costs", words.money(hold["wait_cost_day"], currency)), due_in(hold["hours_left"]),
                *([] if words.is_missing(hold["hold_until"]) else [("Ends by itself", words.moment(hold["hold_until"]))]),
            ]
        )  # fmt: skip
        seen, known = st.columns(2)
        with seen:
            decided_on(hold)
        with known:
            of_customer(page, hold)
        st.page_link(
            "app_pages/orders.py",
            label="The order's story",
            icon=":material/receipt_long:",
            query_params={"order": hold["order_id"]},
        )


def due_in(hours_left: Any) -> tuple[str, str]:
    """The clock of a hold: how long until somebody should have looked, or since then."""
    late = not words.is_missing(hours_left) and hours_left < 0
    return ("Over its time by", words.hours(-hours_left)) if late else ("Due in", words.hours(hours_left))


def decided_on(hold: pd.Series) -> None:
    """The facts that the rule saw."""
    st.markdown("**Decided on**")
    facts = {} if words.is_missing(hold["evidence"]) else json.loads(hold["evidence"])
    if not facts:
        st.caption("A person placed it: the reason is all there is.")
        return
    rows = {
        "fact": [words.title(name) for name in facts],
        "value": [words.DASH if value is None else str(value) for value in facts.values()],
    }
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, width="stretch",
        column_config={"fact": frame.text("Fact"), "value": frame.text("As the rule saw it")},
    )  # fmt: skip


def of_customer(page: Page, hold: pd.Series) -> None:
    """What is known of the customer: orders, exposure part by part, and how its other holds ended."""
    st.markdown(f"**{words.plain(hold['customer_name'])}**")
    found = questions.customer(page.copy, hold["customer_id"])
    if found.empty:
        st.caption("Not in the reference data: nothing is known of it but its orders.")
    else:
        one = found.iloc[0]
        st.caption(
            f"{words.count(one['orders'], 'order')} for {words.money(one['revenue'], page.copy.currency)}, last {words.moment(one['last_order_at'])};"
            f" on time {words.percent(one['on_time_rate'])}, returned {words.percent(one['return_rate'])}"
        )
        parts = [
            (label, one[name]) for name, label in EXPOSURE.items() if not words.is_missing(one[name]) and one[name]
        ]
        if parts:
            rows = {
                "part": [label for label, _ in parts],
                "amount": [words.money(amount, page.copy.currency) for _, amount in parts],
            }
            st.dataframe(
                pd.DataFrame(rows), hide_index=True, width="stretch",
                column_config={"part": frame.text("Credit"), "amount": frame.text("Amount")},
            )  # fmt: skip
    past = questions.history(page.copy, hold["customer_id"], hold["hold_id"])
    if not past.empty:
        frame.table(
            frame.say(past, "status"),
            {"placed_at": "Placed", "hold_type": frame.text("Other holds"), "status": "Status", "clear_reason": frame.text("How it ended")},
            key=page.key("holds-history", hold["hold_id"]), total=len(past),
        )  # fmt: skip


def release(page: Page, chosen: pd.DataFrame) -> None:
    """Release what can be released by this user; say why the rest can't."""
    if page.desk.user is None:
        return
    user = page.desk.user
    pending = chosen[chosen["pending"] != ""]
    by_data = chosen[~chosen["is_releasable"].astype(bool)]
    open_ = chosen.drop(index=pending.index.union(by_data.index))
    rights = open_["family"].map(lambda family: f"hold.release.{family}" if family in FAMILIES else "hold.release")
    mine = open_[rights.map(lambda right: access.allowed(user, right))] if len(open_) else open_
    for _, hold in by_data.drop_duplicates("hold_type").iterrows():
        st.caption(
            f":material/lock: {words.plain(hold['hold_type'])} can't be released by hand; the data must change. {words.plain(hold['remedy'])}"
        )
    if len(pending):
        st.caption(
            f":material/schedule_send: {words.count(len(pending), 'hold')} chosen already wait for the next cycle."
        )
    if len(mine) < len(open_):
        st.caption(
            f":material/lock: {access.refusal(user, sorted(set(rights.drop(mine.index))), 'release ' + words.count(len(open_) - len(mine), 'hold') + ' of these')}"
        )
    if mine.empty:
        return

    def fields() -> Mapping[str, Any]:
        until = st.date_input(
            "The release holds until", value=None, key="release-until", help="Empty: until the order changes."
        )
        return {"until": until}

    def orders(values: Mapping[str, Any]) -> Sequence[Order]:
        until = None if values["until"] is None else datetime.combine(values["until"], time(23, 59), UTC).isoformat()
        return [
            Order(
                "hold.release",
                hold.hold_id,
                {"family": hold.family if hold.family in FAMILIES else None, "valid_until": until},
            )
            for hold in mine.itertuples()
        ]

    forms.command_form(page, "release", f"Release {words.count(len(mine), 'hold')}", orders, fields)


this = frame.open_page("holds", "Holds", types=("hold",))
summary(this)
picked_, shown_status = queue(this)
if len(picked_) == 1:
    evidence(this, picked_.iloc[0])
elif len(picked_) > 1:
    st.caption(
        f"{words.count(len(picked_), 'hold')} chosen, {words.money(picked_.drop_duplicates('order_id')['value_at_stake'].sum(), this.copy.currency)} at stake."
    )
if shown_status == "open" and len(picked_):
    release(this, picked_)
elif shown_status == "open" and int(questions.total(this.copy).iloc[0]["holds"]):
    st.caption("Select one hold to see its evidence, or several to release them together.")
