"""Messages: what was captured and needs a person: in quarantine, in conflict, waiting for its order. Draws only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st
from tower import charts, forms, frame, words
from tower.data import messages as questions
from tower.forms import Order
from tower.frame import Page

from oms_dagster.domain.capture.records import LATEST_COUNTS
from oms_dagster.warehouse.payload import Payload, read_payload

AGES = {"Any age": 0, "1 day or more": 1, "3 days": 3, "7 days": 7}
SETTLE = ("message.dismiss", "message.correct", "message.retry", "message.conflict_resolve")
EMPTY = {
    "Quarantine": "Nothing is in quarantine.",
    "Conflicts": "No message contradicts one that was accepted.",
    "Waiting": "Nothing waits for its order.",
    "Warnings": "No message was accepted with a warning.",
    "Settled": "No message has been settled by a person yet.",
}
RESOLUTIONS = {
    "keep": "Keep what was accepted first",
    "replace": "Replace it by this one",
    "cancel": "Cancel the order",
}


def summary(page: Page) -> None:
    """How much waits for a person, and how long."""
    row = questions.total(page.copy).iloc[0]
    with st.container(horizontal=True):
        frame.tile("In quarantine", words.quantity(row["quarantine"]))
        frame.tile("In conflict", words.quantity(row["conflicts"]), about="A known key came with other content.")
        frame.tile("Waiting", words.quantity(row["waiting"]), about="A cancellation that came before its order.")
        frame.tile(
            "Warnings",
            words.quantity(row["warnings"]),
            about="Accepted, with something odd that doesn't stop the goods.",
        )
        frame.tile("Oldest, days", words.quantity(row["oldest_days"]))


def filters(page: Page, view: str) -> pd.DataFrame:
    """Counts per channel and error, filters, and what they leave."""
    found = questions.counts(page.copy, view)
    if found.empty:
        return found
    with st.expander("By channel and error", icon=":material/bar_chart:"):
        named = found.assign(name=found["channel"] + " · " + found["error"].map(words.word))
        figures = [
            f"{row.messages:,.0f}"
            if words.is_missing(row.oldest_days)
            else f"{row.messages:,.0f} · {row.oldest_days:,.0f} d"
            for row in named.itertuples()
        ]
        title = "Messages by channel and error, with the age of the oldest"
        charts.draw(
            charts.bars(named.iloc[::-1], "name", {"messages": "messages"}, title, "messages", figures=figures[::-1]),
            "messages-by-error",
        )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        channels = st.multiselect(
            "Channel", sorted(set(found["channel"])), key=f"channel-{view}", placeholder="All", width=200
        )
        errors = st.multiselect(
            "Error",
            sorted(set(found["error"])),
            format_func=words.word,
            key=f"error-{view}",
            placeholder="All",
            width=240,
        )
        age = st.selectbox("Age", list(AGES), key=f"age-{view}", width=160)
        text = st.text_input(
            "Search", key=f"text-{view}", placeholder="Order, file, field, detail", icon=":material/search:", width=260
        )
    queue = questions.queue(page.copy, view, channels, errors, AGES[age], text)
    if queue.empty:
        frame.empty("No message matches.")
    return queue


def table(page: Page, view: str, found: pd.DataFrame) -> pd.DataFrame:
    """The queue; returns the messages chosen."""
    waiting = page.desk.waiting(*SETTLE)
    shown = found.assign(
        pending=found["message_id"].map(lambda id_: f"{waiting[id_].split('.')[1]} pending" if id_ in waiting else "")
    )
    chosen = frame.table(
        frame.say(shown, "error", "resolution"),
        {
            "received_at": "Received", "pending": frame.text("Command", width=140),
            **({"resolution": "Settled as"} if view == "Settled" else {"age_days": frame.number("Days")}), "channel": frame.text("Channel", width=85),
            "error": frame.text("Error", width=135), "error_field": frame.text("Field", width=95),
            "error_detail": frame.text("What was found", width=340), "order_id": frame.text("Order", width=170),
            "file_name": frame.text("File", width="medium"), "position": frame.number("Row"),
        },
        key=page.key("messages", view, len(found), *found["message_id"].head(1)), select="multi-row", height=330,
        total=int(found["found"].iloc[0]),
    )  # fmt: skip
    return shown.iloc[chosen]


def payload_of(page: Page, message: pd.Series) -> Payload:
    """The message as it came."""
    place = int(message["position"])
    return read_payload(page.home.archive, page.home.channels, message["file_sha256"], message["channel"], place)


def heading(message: pd.Series) -> None:
    """Which message, and what is wrong with it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        name = message["order_id"] if not words.is_missing(message["order_id"]) else message["message_key"]
        st.subheader(words.plain(name or message["file_name"]), anchor=False, width="content")
        frame.badge(message["outcome"])
    if not words.is_missing(message["error_detail"]):
        st.warning(words.plain(message["error_detail"]), icon=":material/report:")
    frame.facts_of(
        [("Channel", str(message["channel"])), ("File", str(message["file_name"])), ("Row", words.quantity(message["position"])),
         ("Received", words.moment(message["received_at"])), ("Error", words.word(message["error"])), ("Message", str(message["message_id"]))]
    )  # fmt: skip


def as_frame(payload: Payload, bad: str) -> pd.DataFrame:
    """Rows of the message: the bad field first, fields that are empty everywhere left out."""
    rows = pd.DataFrame([texts for _, texts in payload.rows], columns=list(payload.fields), dtype="object")
    used = [name for name in rows.columns if name != bad and rows[name].notna().any()]
    shown = rows.reindex(columns=[bad, *used] if bad else used).fillna("").astype("object")
    return shown.set_axis(pd.Index([place for place, _ in payload.rows], name="Row"), axis=0)


def file_of(payload: Payload) -> None:
    """The file itself, its beginning."""
    with st.expander("The file as it came", icon=":material/draft:"):
        st.code(payload.raw or "(empty)", language=None, wrap_lines=True, height=300)
        if not payload.is_whole:
            st.caption("Only its beginning is shown. The whole file lies in the archive.")


def changes(before: pd.DataFrame, after: pd.DataFrame) -> str:
    """What was edited, as the command says it: ROW:FIELD=VALUE, one a line."""
    return "\n".join(
        f"{row}:{field}={str(after.at[row, field] or '').strip()}"
        for row in before.index
        for field in before.columns
        if str(after.at[row, field] or "") != str(before.at[row, field] or "")
    )


def correct(page: Page, message: pd.Series, payload: Payload) -> None:
    """Edit the fields and send what changed."""
    field = message["error_field"]
    known = payload.rows and not words.is_missing(field)
    if not payload.rows or (known and field not in payload.fields and field in ("file", "row", "order", "channel")):
        st.caption(
            f":material/info: There is no field to mend here. {words.plain(payload.problem)} Mend it at the sender and send it again."
        )
        return
    bad = str(field) if known and str(field).isidentifier() else ""
    before = as_frame(payload, bad)

    def fields() -> Mapping[str, Any]:
        columns: dict[str, Any] = {name: st.column_config.TextColumn(name) for name in before.columns}
        columns["_index"] = st.column_config.NumberColumn("Row", disabled=True)
        if bad:
            columns[bad] = st.column_config.TextColumn(f"⚠ {bad}", help=str(message["error_detail"]))
        edited = st.data_editor(before, column_config=columns, key=f"mend-{message['message_id']}", num_rows="fixed")
        st.caption("Edit the cells that are wrong. The original stays in the archive as it came.")
        return {"edited": edited}

    def orders(values: Mapping[str, Any]) -> list[Order]:
        return [Order("message.correct", str(message["message_id"]), {"changes": changes(before, values["edited"])})]

    forms.command_form(page, "correct", "Send the correction", orders, fields)


def each(page: Page, chosen: pd.DataFrame, type_: str, button: str) -> None:
    """One command a message."""
    targets = [str(id_) for id_ in chosen["message_id"]]
    label = f"{button} {words.count(len(targets), 'message')}"
    forms.command_form(page, type_, label, lambda _: [Order(type_, target) for target in targets])


def quarantined(page: Page, chosen: pd.DataFrame) -> None:
    """Correct one; retry or dismiss one or many."""
    kinds = ["Correct", "Retry", "Dismiss"] if len(chosen) == 1 else ["Retry", "Dismiss"]
    kind = st.segmented_control("Settle", kinds, default=kinds[0], required=True, key=f"settle-{len(kinds)}")
    if kind == "Correct":
        correct(page, chosen.iloc[0], payload_of(page, chosen.iloc[0]))
    elif kind == "Retry":
        st.caption("Sends it through the gate again as it came: after its channel file or what it names was mended.")
        each(page, chosen, "message.retry", "Retry")
    else:
        each(page, chosen, "message.dismiss", "Dismiss")


def resolutions(records: set[str]) -> list[str]:
    """What may be said of conflicts of these records: events that are booked when they come can't be taken back."""
    if records == {"order"}:
        return list(RESOLUTIONS)
    return ["keep", "replace"] if records <= set(LATEST_COUNTS) else ["keep"]


def conflicting(page: Page, chosen: pd.DataFrame) -> None:
    """Both contents, and which one counts."""
    if len(chosen) == 1:
        message = chosen.iloc[0]
        payload = payload_of(page, message)
        st.markdown("**Accepted first**")
        first = (
            pd.DataFrame()
            if words.is_missing(message["order_id"])
            else questions.order_lines(page.copy, message["order_id"])
        )
        if first.empty:
            st.caption(f"A record of {words.word(message['record'])}: its facts are kept.")
        else:
            frame.table(
                first,
                {"line_number": "Line", "sku_id": "SKU", "qty_ordered": frame.number("Ordered"), "unit_price": frame.number("Unit price", format="%,.2f"),
                 "line_total": frame.amount("Line total"), "qty_open": frame.number("Open"), "qty_cancelled": frame.number("Cancelled")},
                key="conflict-first",
            )  # fmt: skip
        st.markdown("**This message**")
        if payload.rows:
            shown = as_frame(payload, "")
            st.dataframe(shown, key="conflict-second")
        else:
            st.caption(words.plain(payload.problem))
        file_of(payload)
    choices = resolutions(set(chosen["record"]))

    def fields() -> Mapping[str, Any]:
        picked = st.radio("Which content counts?", choices, format_func=RESOLUTIONS.__getitem__, key="resolution")
        return {"resolution": picked}

    forms.command_form(
        page, "conflict", f"Settle {words.count(len(chosen), 'conflict')}",
        lambda values: [Order("message.conflict_resolve", str(id_), values) for id_ in chosen["message_id"]], fields,
    )  # fmt: skip


def settle(page: Page, view: str, chosen: pd.DataFrame) -> None:
    """What can be done with the messages chosen."""
    if len(chosen) == 1:
        heading(chosen.iloc[0])
        if view != "Conflicts":
            file_of(payload_of(page, chosen.iloc[0]))
    if view not in ("Quarantine", "Conflicts"):
        return
    open_ = chosen[chosen["pending"] == ""]
    if len(open_) < len(chosen):
        st.caption(
            f":material/schedule_send: {words.count(len(chosen) - len(open_), 'message')} chosen already wait for the next cycle."
        )
    if open_.empty or not forms.may(page, "settle messages", "message.resolve"):
        return
    (quarantined if view == "Quarantine" else conflicting)(page, open_)


this = frame.open_page("messages", "Messages", types=("message",))
summary(this)
shown_view = st.segmented_control(
    "View",
    list(questions.VIEWS),
    default="Quarantine",
    required=True,
    label_visibility="collapsed",
    key="messages-view",
)
left = filters(this, shown_view)
if not left.empty:
    picked = table(this, shown_view, left)
    if len(picked):
        settle(this, shown_view, picked)
    elif shown_view in ("Quarantine", "Conflicts"):
        st.caption("Select one message to see it and to mend it, or several to settle them together.")
elif not questions.total(this.copy).iloc[0][shown_view.lower()]:
    frame.empty(EMPTY[shown_view])
