"""Overview: today against yesterday, alerts, how fresh the data is, the last failure, commands. Draws only."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st
from tower import commands, forms, frame, runs, words
from tower.data import overview as questions
from tower.frame import Page

from oms_dagster.warehouse.publish import read_status


def failure(page: Page) -> None:
    """What the status file says of the last cycle, above everything else."""
    status = read_status(page.home)
    if status.get("outcome") == "failed":
        where, why = status.get("failed_asset", "?"), status.get("message", "no message")
        st.error(
            f"The last cycle failed at **{words.plain(where)}**: {words.plain(why)}  \nShown is the last good copy. Facts are safe; the next cycle tries again.",
            icon=":material/error:",
        )
    elif status.get("outcome") == "nothing new":
        seen = pd.Timestamp(str(status["as_of"])).tz_convert(page.copy.timezone)
        st.caption(f"The last cycle looked at {words.moment(seen)} and found nothing new: this copy still holds.")


def run_button(page: Page) -> None:
    """Start a cycle as a second process, and what it is doing."""
    if page.desk.user is None or not forms.may(page, "start a cycle", "cycle.run"):
        return
    progress(page)


@st.fragment(run_every=2)
def progress(page: Page) -> None:
    """The button, or the line of the running cycle; the page is drawn anew when it has ended."""
    now = runs.running(page.home)
    was = bool(st.session_state.get("cycle_runs"))
    st.session_state["cycle_runs"] = now is not None
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button("Run a cycle now", icon=":material/play_arrow:", type="primary", disabled=now is not None)
        if now is not None:
            st.caption(f":material/progress_activity: {words.plain(now.line)} This page stays usable.")
    if pressed:
        runs.start(page.home)
        st.session_state["cycle_runs"] = True
        st.rerun()
    if was and now is None:
        words_left = runs.last_words(page.home)
        st.session_state["told"] = "" if words_left else "The cycle has ended."
        st.session_state["failed"] = words_left
        st.rerun(scope="app")


#: Tile -> label, how its figure reads, whether more is better (None: neither).
TILES = (
    ("orders", "Orders today", "count", None),
    ("orders_value", "Order value today", "money", None),
    ("orders_held", "Orders held", "count", False),
    ("value_at_stake", "Value at stake", "money", False),
    ("lines_open", "Lines open", "count", None),
    ("lines_backordered", "Lines backordered", "count", False),
    ("loads_departed", "Loads departed today", "count", None),
    ("deliveries", "Deliveries today", "count", True),
)

#: KPI -> label; the first anchor in this order that has figures is shown.
KPI_TILES = {
    "fill_rate_lines": "Fill rate, lines", "otif_orders": "OTIF, orders", "perfect_order": "Perfect orders",
    "vehicle_utilisation": "Vehicle utilisation",
}  # fmt: skip
ANCHORS = ("requested", "first commitment", "latest commitment", "")


def tiles(page: Page) -> None:
    """Today against the same figure a day ago."""
    found = questions.tiles(page.copy).set_index("tile")
    st.caption(
        "Changes are against the same figure a day ago; KPIs are of the last closed day, against the day before."
    )
    with st.container(horizontal=True):
        for name, label, kind, better in TILES:
            now, before = found.loc[name, "now"], found.loc[name, "before"]
            said = partial(words.money_short, currency=page.copy.currency) if kind == "money" else words.quantity
            frame.tile(label, said(now), change(now, before, kind), more_is_better=better)
        for _, row in kpi_tiles(page).iterrows():
            against = f" against the {row['anchor']} date" if row["anchor"] else ""
            frame.tile(
                KPI_TILES[row["kpi"]], words.percent(row["value"]), change(row["value"], row["before"], "share"),
                more_is_better=True,
                about=f"{row['day']:%a %d %b}{against}, n = {row['n']:,.0f}. The KPIs page has the formula and the rows.",
            )  # fmt: skip


def change(now: object, before: object, kind: str) -> str | None:
    """The difference as a tile shows it; none where one side is not known or nothing changed."""
    if words.is_missing(now) or words.is_missing(before) or now == before:
        return None
    difference = float(str(now)) - float(str(before))
    if kind == "share":
        return f"{difference * 100:+.1f} pts"
    return ("+" if difference > 0 else "-") + (words.money_short if kind == "money" else words.quantity)(
        abs(difference)
    )


def kpi_tiles(page: Page) -> pd.DataFrame:
    """The last day's value of a few KPIs, one anchor each."""
    found = questions.last_kpis(page.copy)
    found = found[found["kpi"].isin(KPI_TILES)]
    ranked = found.assign(
        place=found["anchor"].map({name: i for i, name in enumerate(ANCHORS)}),
        shown=found["kpi"].map(list(KPI_TILES).index),
    )
    return ranked.sort_values(["shown", "place"]).drop_duplicates("kpi")


def alerts(page: Page) -> None:
    """Open alerts, the gravest first."""
    found = questions.alerts(page.copy)
    if found.empty:
        frame.empty(
            "No alert is open.",
            "What is checked: ages of holds, oversold stock, dropped shipments, quarantine, overdue supply, late stops.",
        )
        return
    marks = {"critical": "🛑 critical", "warning": "⚠️ warning"}
    frame.table(
        frame.say(
            found.assign(
                severity=found["severity"].map(lambda s: marks.get(s, s)), owner=found["owner"].str.removeprefix("team:")
            ),
            "kind", "subject_type",
        ),
        {
            "severity": frame.text("Severity", width=100), "kind": frame.text("Alert", width=145),
            "subject_id": frame.text("On", width=215),
            "message": frame.text("What and what to do", width=350), "raised_at": "Since", "owner": frame.text("Owner", width=95),
        },
        key="alerts", height=480, wrap=True,
    )  # fmt: skip


def freshness(page: Page) -> None:
    """Cycles and captured files."""
    found = frame.say(questions.cycles(page.copy), "status")
    frame.table(
        found,
        {
            "cycle_id": "Cycle", "as_of": "As of", "status": "Status",
            "orders_captured": frame.number("Orders captured"),
            "lines_open": frame.number("Lines open after"), "seconds": frame.number("Seconds", format="%.1f"),
            "code_version": "Code",
        },
        key="cycles",
    )  # fmt: skip
    st.subheader("Files captured", anchor=False)
    files = questions.files(page.copy)
    if files.empty:
        frame.empty("No file has been captured yet.", "Put one in with `oms import FILE --channel NAME`.")
    else:
        frame.table(
            files,
            {
                "captured_at": "Captured", "channel": "Channel or feed", "file_name": frame.text("File",
                width="medium"), "messages": frame.number("Messages"),
                "messages_accepted": frame.number("Accepted"), "messages_duplicate": frame.number("Duplicate"),
                "messages_conflict": frame.number("Conflict"), "messages_quarantined": frame.number("Quarantined"),
            },
            key="files",
        )  # fmt: skip


def quarantine(page: Page) -> None:
    """Messages that a person must look at."""
    found = questions.quarantine(page.copy)
    if found.empty:
        frame.empty("Nothing is in quarantine.")
        return
    chosen = frame.table(
        frame.say(found, "outcome"),
        {
            "received_at": "Received", "channel": "Channel", "file_name": frame.text("File", width="medium"),
            "position": frame.number("No."),
            "outcome": "Outcome", "error_code": "Error", "error_field": "Field",
            "error_detail": frame.text("What was found", width="large"), "order_id": "Order",
        },
        key=page.key("quarantine"), select="multi-row",
    )  # fmt: skip
    if not forms.may(page, "settle messages", "message.resolve"):
        return
    if not chosen:
        st.caption("Select messages to dismiss them once they are dealt with. Their bytes stay in the archive.")
        return
    targets = list(found.iloc[chosen]["message_id"])
    forms.command_form(
        page,
        "dismiss",
        f"Dismiss {words.count(len(targets), 'message')}",
        lambda _: [forms.Order("message.dismiss", target) for target in targets],
    )


def checks(page: Page) -> None:
    """What the last cycle checked."""
    found = questions.checks(page.copy)
    if found.empty:
        frame.empty("No check has run yet.")
        return
    failed = int((~found["passed"].astype(bool)).sum())
    st.caption(
        "All checks passed."
        if not failed
        else f"{words.count(failed, 'check')} of {len(found)} failed; they stand first."
    )
    frame.table(
        found,
        {
            "passed": "Passed", "check": frame.text("Check", width="large"), "scope": "Scope", "stage": "Stage",
            "severity": "Severity",
            "failing_rows": frame.number("Failing rows"), "checked_rows": frame.number("Rows checked"),
        },
        key="checks",
    )  # fmt: skip


def outcomes(page: Page) -> None:
    """What became of the last commands."""
    found = commands.outcomes(page.copy)
    if found.empty:
        frame.empty(
            "No command has been decided yet.", "What you send from these pages appears here after the next cycle."
        )
        return
    frame.table(
        found,
        {
            "recorded_at": "Decided", "outcome": "Outcome", "type": "Command", "target": frame.text("On", width=220),
            "outcome_reason": frame.text("What happened", width="large"), "reason": frame.text("Reason given",
            width="medium"), "actor": "By", "cycle_id": "Cycle",
        },
        key="outcomes",
    )  # fmt: skip


VIEWS = {
    "Alerts": alerts,
    "Data freshness": freshness,
    "Quarantine": quarantine,
    "Checks": checks,
    "Commands decided": outcomes,
}

this = frame.open_page("overview", "Overview", feeds=("stock", "floor", "deliveries", "returns"))
failure(this)
run_button(this)
tiles(this)
view = st.segmented_control(
    "View", list(VIEWS), default="Alerts", required=True, label_visibility="collapsed", key="overview-view"
)
VIEWS[view](this)
