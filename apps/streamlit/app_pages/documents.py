"""Documents: find, look at, download; the daily reports. Draws only."""

from __future__ import annotations

import pandas as pd
import streamlit as st
from tower import frame, viewer, words
from tower.data import documents as questions
from tower.frame import Page


def papers(page: Page) -> None:
    """Documents issued, and one of them open."""
    totals = questions.totals(page.copy)
    if totals.empty:
        frame.empty(
            "No document has been issued yet.",
            "A picking map comes with a wave, a load manifest and packing slips with a load, a purchase order with what a vendor ships.",
        )
        return
    labels = {
        row.document_type: f"{words.title(row.document_type)} ({row.documents:,.0f})" for row in totals.itertuples()
    }
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Search",
            key="text",
            bind="query-params",
            placeholder="Number, order, load, shipment",
            icon=":material/search:",
            width=300,
        )
        types = st.pills(
            "Type", list(labels), format_func=labels.__getitem__, selection_mode="multi", key="documents-type"
        )
    missing = int(totals["missing"].sum())
    if missing:
        st.error(f"{words.count(missing, 'number')} missing in a series: run `oms doctor`.", icon=":material/error:")
    found = questions.search(page.copy, text or "", types)
    if found.empty:
        frame.empty("No document matches.")
        return
    chosen = frame.table(
        frame.say(found, "document_type", "status"),
        {
            "document_type": frame.text("Document", width=145), "series": "Series", "number": frame.number("No.",
            format="%d"), "issued_at": "Issued", "status": "Status",
            "load_id": frame.text("Load", width=225), "wave_id": frame.text("Wave", width=125),
            "shipment_id": frame.text("Shipment", width=215),
            "order_id": frame.text("Order", width=180), "location_id": "Location", "bytes": frame.number("Bytes"),
        },
        key=page.key("documents", text, *types), select="single-row", height=330, total=int(found["found"].iloc[0]),
    )  # fmt: skip
    if not chosen and len(found) > 1:
        st.caption("Select a document to open it. Numbers run from 1 without a gap per type and series.")
        return
    one(page, found.iloc[chosen[0] if chosen else 0])


def one(page: Page, document: pd.Series) -> None:
    """One document: its bytes, checked against the hash of when it was issued."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(
            f"{words.title(document['document_type'])} {words.plain(document['series'])} {document['number']}",
            anchor=False,
            width="content",
        )
        frame.badge(document["status"])
    if document["status"] == "void":
        st.warning(
            f"Void since {words.moment(document['voided_at'])}: {words.plain(document['void_reason'])}. Its number stays taken.",
            icon=":material/block:",
        )
    try:
        path, content = questions.content(page.home, document["file"], document["sha256"])
    except questions.NoFile as missing:
        st.warning(words.plain(missing), icon=":material/find_in_page:")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Download",
            content,
            file_name=path.name,
            mime="application/pdf",
            icon=":material/download:",
            type="primary",
            on_click="ignore",
        )
        st.caption(
            f"{words.plain(document['file'])} · {len(content):,} bytes · bytes match the hash of when it was issued",
            width="content",
        )
    viewer.show_pdf(content, f"{words.title(document['document_type'])} {document['series']} {document['number']}")


def reports(page: Page) -> None:
    """The report of each closed day."""
    found = questions.reports(page.home)
    if not found:
        frame.empty("No daily report has been written yet.", "The first cycle after a day's end writes it.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        path = st.selectbox("Day", found, format_func=lambda file: file.stem, key="report-day", width=220)
        st.download_button(
            "Download",
            path.read_bytes(),
            file_name=path.name,
            mime="text/html",
            icon=":material/download:",
            on_click="ignore",
        )
    st.iframe(path, height=1100, alt=f"Daily report of {path.stem}")


VIEWS = {"Documents": papers, "Daily reports": reports}

this = frame.open_page("documents", "Documents")
view = st.segmented_control(
    "View", list(VIEWS), default="Documents", required=True, label_visibility="collapsed", key="documents-view"
)
VIEWS[view](this)
