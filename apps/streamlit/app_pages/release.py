"""Release: what may go to the floor now, what waits and for what, the day's capacity, waves and their picking. Draws only."""

from __future__ import annotations

import streamlit as st
from tower import forms, frame, words
from tower.data import release as questions
from tower.data.inventory import locations
from tower.forms import Order
from tower.frame import Page

#: What a line waits for, as people say it.
WAITS = {
    "NOW": "Goes now", "HELD": "Held", "NOT_DUE": "Not due yet", "NOT_WHOLE": "Order not complete", "NO_STOCK_HERE": "Stock not here yet",
    "NOT_ASKED": "Waits for a person", "CAPACITY": "Day is full",
}  # fmt: skip


def capacity(page: Page) -> None:
    """Bars of what each location's day has taken."""
    found = questions.capacity(page.copy)
    if found.empty:
        frame.empty("No location is known yet.", "Load reference data.")
        return
    share = {
        "lines_share": ("Lines", "Lines released today, of what the location can release in a day"),
        "pick_share": ("Picking", "Hours of picking in today's waves, of those that pickers work"),
        "dock_share": ("Docks", "Hours of loading for today's waves, of those that docks load"),
    }
    bars = {name: frame.share(*told, width=110) for name, told in share.items() if found[name].notna().any()}
    frame.table(
        found.assign(**{name: found[name].astype(float).round(2) for name in bars}),
        {
            "location_id": frame.text("Location", pinned=True, width=90), **bars,
            "lines_waiting": frame.number("Left for tomorrow", help="Lines that did not fit into the day"),
            "lines_released": frame.number("Lines released"), "max_lines": frame.number("Lines a day"),
            "pick_hours": frame.number("Hours of picking", format="%,.1f"), "max_pick_hours": frame.number("Hours pickers work", format="%,.1f"),
            "dock_hours": frame.number("Hours at docks", format="%,.1f"), "max_dock_hours": frame.number("Hours docks load", format="%,.1f"),
            "name": frame.text("Name", width=170), "day": "Day",
        },
        key="capacity", height=300,
    )  # fmt: skip


def queue(page: Page) -> None:
    """The queue, in the order in which it is served, with what each line waits for."""
    totals = questions.totals(page.copy)
    labels = {row.waits_for: f"{WAITS[row.waits_for]} ({row.lines:,})" for row in totals.itertuples()}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Search", key="release-text", placeholder="Order, customer, SKU", icon=":material/search:", width=300
        )
        places = st.multiselect("Location", locations(page.copy), key="release-places", placeholder="All", width=260)
    reasons = (
        st.pills("Waits for", list(labels), format_func=labels.__getitem__, selection_mode="multi", key="release-waits")
        if labels
        else []
    )
    found = questions.queue(page.copy, text, places, reasons)
    if found.empty:
        frame.empty(
            "No line matches." if text or places or reasons else "No line is promised.",
            "" if text else "See Backorders for what waits for stock.",
        )
    else:
        frame.table(
            found.assign(waits_for=found["waits_for"].map(WAITS), leaves_by=found["leaves_by"].map(words.title)),
            {
                "release_rank": frame.number("Place", pinned=True, help="Place of its shipment in the location's queue; 1 goes first"),
                "waits_for": "Waits for", "because": frame.text("Why", width=300),
                **({"remedy": frame.text("What clears it", width=330)} if found["remedy"].notna().any() else {}),
                "location_id": "Location",
                "order_line_id": frame.text("Line", width=200), "customer_name": frame.text("Customer", width=190),
                "sku_id": frame.text("SKU", width=120), "quantity": frame.number("Quantity"), "ship_date": "Ships",
                "deliver_date": "Delivered", "priority": frame.number("Priority"), "leaves_by": "Leaves by",
                "wave_id": frame.text("Wave", width=180),
            },
            key=page.key("queue", text, *places, *reasons), height=380, total=int(found["found"].iloc[0]),
        )  # fmt: skip
    ask_for_waves(page)


def ask_for_waves(page: Page) -> None:
    """Where waves are manual: release those of some locations."""
    waiting = questions.asks_for_waves(page.copy)
    if not waiting or not forms.may(page, "release waves", "wave.release"):
        return
    forms.command_form(
        page, "waves", "Release the waves", lambda values: [Order("wave.release", place) for place in values["places"]],
        lambda: {"places": st.multiselect("Locations", waiting, default=waiting, key="wave-places")},
    )  # fmt: skip


def next_waves(page: Page) -> None:
    """What goes next, by day."""
    found = questions.next_waves(page.copy)
    if found.empty:
        frame.empty("Nothing is promised beyond what has gone.")
        return
    frame.table(
        frame.say(found, "leaves_by"),
        {
            "ship_date": "Ships", "location_id": "Location", "leaves_by": "Leaves by", "orders": frame.number("Orders"),
            "lines": frame.number("Lines"), "units": frame.number("Units"), "weight_kg": frame.number("kg", format="%,.0f"),
            "lines_left_over": frame.number("Left over", help="Lines of these that did not fit into today"),
        },
        key="next-waves",
    )  # fmt: skip
    st.caption("If nothing changes: held lines are not in it, and each cycle plans anew.")


def waves(page: Page) -> None:
    """Waves, their picking, and stopping one."""
    found = questions.waves(page.copy)
    if found.empty:
        frame.empty("No wave has been released yet.")
        return
    waiting = page.desk.waiting("wave.stop")
    shown = found.assign(pending=found["wave_id"].map(lambda wave: "stop pending" if wave in waiting else ""))
    chosen = frame.table(
        frame.say(shown, "status", "leaves_by"),
        {
            "wave_id": frame.text("Wave", pinned=True, width=210), "pending": frame.text("Command", width=110),
            "location_id": "Location", "status": "Status",
            "leaves_by": "Leaves by", "released_at": "Released", "cutoff": "Cut-off", "shipments": frame.number("Shipments"),
            "lines": frame.number("Lines"),
            "progress": frame.share("Picked"), "tasks_done": frame.number("Tasks done"),
            "tasks": frame.number("Tasks"), "tasks_short": frame.number("Short"),
        },
        key=page.key("waves"), select="single-row", height=330,
    )  # fmt: skip
    if not chosen:
        st.caption("Select a wave to see its picking, or to stop it.")
        return
    wave = found.iloc[chosen[0]]
    st.subheader(words.plain(wave["wave_id"]), anchor=False)
    frame.table(
        frame.say(questions.tasks(page.copy, wave["wave_id"]), "status"),
        {
            "pick_sequence": frame.number("Way"), "zone": "Zone", "bin": "Bin", "sku_id": "SKU",
            "name": frame.text("Name", width=220),
            "qty_to_pick": frame.number("To pick"), "qty_picked": frame.number("Picked"), "status": "Status",
            "short_reason": "Short because",
            "order_line_id": frame.text("Line", width=200),
        },
        key="tasks",
    )  # fmt: skip
    if wave["status"] == "released" and forms.may(page, "stop waves", "wave.stop"):
        forms.command_form(
            page, "wave", "Stop the wave", lambda _: [Order("wave.stop", str(wave["wave_id"]))], primary=False,
            danger="What is not picked goes back to planning; what is picked goes on.",
        )  # fmt: skip


VIEWS = {"Queue": queue, "Next waves": next_waves, "Waves": waves}

this = frame.open_page("release", "Release", feeds=("floor",), types=("wave",))
capacity(this)
view = st.segmented_control(
    "View", list(VIEWS), default="Queue", required=True, label_visibility="collapsed", key="release-view"
)
VIEWS[view](this)
