"""Audit: who asked for what, when, why, and what became of it; what waits for a second person; whether the logs hold. Draws only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st
from tower import access, forms, frame, words
from tower.commands import Order
from tower.data import audit as questions
from tower.frame import Page

from oms_dagster.warehouse.commands.undo import plan
from oms_dagster.warehouse.connect import reader

VIEWS = ("Commands", "To approve", "Overrides", "Access")
OUTCOMES = ("pending", "awaiting", "accepted", "rejected")
DECISIONS = {"command.approve": "Approve", "command.reject": "Reject"}


def verified(page: Page) -> None:
    """Whether each log is what it was when it was written."""
    newest = "" if page.desk.pending.empty else str(page.desk.pending["command_id"].iloc[0])
    found = questions.verdicts(str(page.home.root), page.copy.path, newest)
    broken = [verdict.broken for _, verdict in found if verdict.broken]
    with st.container(horizontal=True, gap="small"):
        for name, verdict in found:
            rows = words.count(verdict.rows, "row")
            if verdict.broken:
                st.badge(f"{name}: broken after {rows}", icon=":material/link_off:", color="red")
            else:
                about = f"Each row carries a hash of the row before it and of itself. Last: {verdict.head[:16]}"
                st.badge(f"{name} verified, {rows}", icon=":material/verified:", color="green", help=about)
    for line in broken:
        st.error(words.plain(line), icon=":material/link_off:")


def filters(page: Page) -> dict[str, Any]:
    """What is looked for."""
    actors, types = questions.choices(page.copy, page.desk.pending)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = {
            "actors": st.multiselect("By", actors, key="audit-actors", placeholder="Anybody", width=180),
            "types": st.multiselect("Command", types, key="audit-types", placeholder="Any", width=220),
            "outcomes": st.multiselect(
                "Outcome", OUTCOMES, format_func=words.word, key="audit-outcomes", placeholder="Any", width=180
            ),
            "days": st.date_input("Sent", value=(), key="audit-days", width=230),
            "text": st.text_input(
                "Search", key="audit-text", placeholder="Target, reason, id", icon=":material/search:", width=220
            ),
        }
    days = chosen["days"]
    return {**chosen, "days": (days,) if isinstance(days, date) else tuple(days)}


def log(page: Page) -> None:
    """The commands, filtered, to be exported, and one in full."""
    asked = filters(page)
    found = questions.commands(page.copy, page.desk.pending, **asked)
    if found.empty:
        frame.empty("No command matches.")
        return
    total = int(found["found"].iloc[0])
    st.download_button(
        f"Export {words.count(total, 'command')} as CSV",
        lambda: questions.as_csv(questions.commands(page.copy, page.desk.pending, **asked, limit=None)),
        "commands.csv", "text/csv", icon=":material/download:", key="audit-export",
    )  # fmt: skip
    chosen = frame.table(
        found,
        {
            "sequence": frame.number("No.", pinned=True), "issued_at": "Sent", "type": frame.text("Command", width=130),
            "target": frame.text("On", width=185), "outcome": frame.text("Outcome", width=80), "actor": frame.text("By", width=70),
            "reason": frame.text("Reason", width=185), "outcome_reason": frame.text("What came of it", width=220),
            "cycle_id": "Cycle", "seen_cycle_id": "Cycle seen",
        },
        key=page.key("audit", *(str(value) for value in asked.values())), select="single-row", total=total, height=420,
    )  # fmt: skip
    if chosen:
        one(page, found.iloc[chosen[0]])


def one(page: Page, command: pd.Series) -> None:
    """One command in full, and how it would be taken back."""
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{words.plain(command['type'])}** on {words.plain(command['target'])}", width="content")
            frame.badge(command["outcome"])
        st.markdown(words.plain(command["reason"]))
        frame.facts_of(
            [("By", str(command["actor"])), ("Sent", words.moment(command["issued_at"])), ("Cycle seen", words.word(command["seen_cycle_id"])),
             ("What came of it", str(command["outcome_reason"]) or words.DASH), ("Command id", str(command["command_id"]))]
        )  # fmt: skip
        st.code(str(command["payload"]), language="json", wrap_lines=True)
    if command["outcome"] == "accepted":
        take_back(page, command)


def take_back(page: Page, command: pd.Series) -> None:
    """The plan that takes a command back, shown before it is sent."""
    with reader(Path(page.copy.path)) as connection:
        found = plan(connection, str(command["command_id"]))
    if found.refused:
        st.caption(f":material/undo: {words.plain(found.refused)}")
        return
    st.markdown("**To take it back,** these commands would be sent:")
    for step in found.steps:
        said = ", ".join(f"{name} {value}" for name, value in step.payload.items())
        st.markdown(
            f"1. {words.plain(step.said)}  \n   {words.plain(step.type)} on {words.plain(step.target)}: {words.plain(said or words.DASH)}"
        )
    if not forms.may(page, "take this back", *(forms.capability(step.type) for step in found.steps)):
        return

    def orders(_: Mapping[str, Any]) -> Sequence[Order]:
        return [
            Order(step.type, step.target, step.payload, step.seen_hash, undoes=str(command["command_id"]))
            for step in found.steps
        ]

    forms.command_form(page, "undo", "Take it back", orders, primary=False)


def to_approve(page: Page) -> None:
    """Commands above the limit of whoever sent them: somebody else lets them go, or not."""
    waiting = page.desk.pending
    late = waiting[waiting["needs_approval"].astype(bool)] if len(waiting) else waiting
    if late.empty:
        frame.empty("Nothing waits for a second person.")
        return
    decided = {**page.desk.waiting("command.approve"), **page.desk.waiting("command.reject")}
    shown = late.assign(
        decided=late["command_id"].map(lambda id_: f"{decided[id_].split('.')[1]} pending" if id_ in decided else ""),
        amount=pd.to_numeric(late["stake"]),
    )
    chosen = frame.table(
        shown,
        {
            "issued_at": "Sent", "type": frame.text("Command", width=140), "target": frame.text("On", width=240),
            "amount": frame.amount(f"At stake ({page.copy.currency})", "When it was sent; asked again when it is approved. Empty: not known"),
            "decided": frame.text("Decision", width=130), "actor": frame.text("By", width=110),
            "reason": frame.text("Reason", width="large"),
        },
        key=page.key("approve", len(shown)), select="multi-row",
    )  # fmt: skip
    if not forms.may(page, "approve what others sent", "command.approve") or page.desk.user is None:
        return
    picked = shown.iloc[chosen]
    own = picked[picked["actor"] == page.desk.user.user_id]
    others = picked.drop(own.index)
    if len(own):
        st.caption(":material/lock: What you sent yourself, somebody else must decide.")
    if others.empty:
        st.caption("Select what to approve or to reject.")
        return
    deed = st.segmented_control(
        "Decision",
        list(DECISIONS),
        default="command.approve",
        required=True,
        format_func=DECISIONS.__getitem__,
        key="decision",
    )
    forms.command_form(
        page, "decide", f"{DECISIONS[deed]} {words.count(len(others), 'command')}",
        lambda _: [Order(deed, str(command_id)) for command_id in others["command_id"]],
    )  # fmt: skip


def overrides(page: Page) -> None:
    """Whether people did better than the plan, as far as the published tables know."""
    found = questions.overrides(page.copy)
    st.subheader("Pins, exclusions, priorities", anchor=False)
    if found.empty:
        frame.empty("Nobody has overridden the plan yet.")
    else:
        frame.table(
            found,
            {"type": "Command", "actor": "By", "commands": "Commands", "lines": "Lines", "sooner": "Promised sooner (win)",
             "later": "Promised later (loss)", "unchanged": "No change", "unknown": "No promise before",
             "cheaper": "Cheaper (win)", "dearer": "Dearer (loss)",
             "cost_more": frame.amount(f"Cost more than the plan ({page.copy.currency})", "Below 0: the override was cheaper"),
             "cost_unknown": frame.number("Cost not known", help="Not on the floor yet, no promise before, or another quantity")},
            key="overrides",
        )  # fmt: skip
    st.caption(
        "A win is a line that is promised sooner after the command than before it, or cheaper: what its promise cost when it went to the"
        " floor, against what the plan of the time asked for the same quantity. Lateness is in the cost; what other orders lost is not."
    )
    released = questions.releases(page.copy)
    st.subheader("Holds released by people", anchor=False)
    if released.empty:
        frame.empty("Nobody has released a hold yet.")
        return
    frame.table(
        released,
        {"hold_type": "Hold", "cleared_by": "By", "released": "Released", "orders": "Orders",
         "value": frame.amount(f"Value ({page.copy.currency})"), "delivered": "Delivered", "cancelled": "Cancelled",
         "came_back": "With a return"},
        key="releases",
    )  # fmt: skip


def entries(page: Page) -> None:
    """The log of access, for who manages users."""
    if page.desk.user is None or not access.allowed(page.desk.user, "user.manage"):
        st.caption(":material/lock: Sign-ins and changes of users are shown to who may manage users.")
        return
    found = questions.access_events(page.home)
    if found.empty:
        frame.empty("Nobody has signed in, and no user was changed.")
        return
    found["event_at"] = pd.to_datetime(found["event_at"], utc=True).dt.tz_convert(page.copy.timezone)
    frame.table(
        found,
        {"event_at": "When", "event": "What", "subject": "Whom", "actor": "By", "address": "From", "detail": frame.text("Detail", width="large")},
        key="access", height=480,
    )  # fmt: skip


this = frame.open_page("audit", "Audit", about="Who asked for what and why, and what became of it?", types=None)
verified(this)
view = st.segmented_control(
    "View", VIEWS, default=VIEWS[0], required=True, key="audit-view", label_visibility="collapsed"
)
{"Commands": log, "To approve": to_approve, "Overrides": overrides, "Access": entries}[view](this)
