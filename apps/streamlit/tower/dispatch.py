"""The dispatcher's desk below the loads: move a shipment with its cost seen first, stops, crews, options, plan versions.

Belongs here: these parts of the page Loads. Does not belong here: what is asked (`data.dispatch`), map and Gantt.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from tower import forms, frame, words
from tower.data import dispatch as questions
from tower.data import documents as papers
from tower.forms import Order
from tower.frame import Page


def move(page: Page, load: pd.Series, carried: pd.DataFrame) -> None:
    """Another load for a shipment of this one: every load that it could go to, with the cost, then the command."""
    labels = {
        row.shipment_id: words.short(f"{row.shipment_id} · stop {row.stop_sequence} · {row.customer_name or ''}", 70)
        for row in carried.itertuples()
    }
    chosen = st.selectbox(
        "Shipment", list(labels), format_func=labels.__getitem__, index=None, key=f"move-{load['load_id']}",
        placeholder="Choose a shipment to see where it could go",
    )  # fmt: skip
    if chosen:
        place(page, chosen, str(load["currency"] or ""))


def place(page: Page, shipment_id: str, currency: str) -> None:
    """The loads that a shipment could go to, and the form that sends it."""
    try:
        found = questions.moves(page.home, page.copy, shipment_id)
    except questions.CannotTell as problem:
        st.info(words.plain(problem), icon=":material/block:")
        return
    if found.empty:
        frame.empty("No other load or idle vehicle is there.")
        return
    frame.table(
        found.assign(
            fits=["yes" if fits else "no" for fits in found["is_feasible"]],
            load=[f"{load}, new" if new else load for load, new in zip(found["load_id"], found["is_new"], strict=True)],
        ),
        {
            "load": frame.text("Load", width=210, pinned=True), "fits": frame.text("Fits", width=60),
            "cost": frame.number(f"Cost, {currency}".rstrip(", "), format="%+,.2f"),
            "distance_km": frame.number("km", format="%+,.1f"), "late_min": frame.number("Late, min", format="%+,.0f"),
            "needs": frame.text("What would have to give way", width="large"),
        },
        key=f"moves-{shipment_id}",
    )  # fmt: skip
    st.caption("What the move adds to the plan, both loads counted, everything else as it is; below 0 it saves.")
    fitting = found[found["is_feasible"]].set_index("load_id")
    if fitting.empty:
        st.caption(":material/block: No load can take it as things are.")
        return
    if not forms.may(page, "move shipments", forms.capability("shipment.move")):
        return
    labels = {
        load: f"{load} · {row.cost:+,.2f} {currency} · {row.distance_km:+,.1f} km".replace("  ", " ")
        for load, row in fitting.iterrows()
    }
    target = st.selectbox("To load", list(labels), format_func=labels.__getitem__, key=f"move-to-{shipment_id}")
    row = fitting.loc[target]
    with st.container(horizontal=True):
        frame.tile(
            "Cost", f"{row['cost']:+,.2f}", about="Of both loads, with what the move saves on the one it leaves."
        )
        frame.tile("Distance", f"{row['distance_km']:+,.1f} km")
        frame.tile("Late", f"{row['late_min']:+,.0f} min")
    forms.command_form(
        page, f"move-{shipment_id}", f"Move for {row['cost']:+,.2f} {currency}".rstrip(),
        lambda _: [Order("shipment.move", shipment_id, {"load_id": target})],
    )  # fmt: skip


def paper(page: Page, load: pd.Series) -> None:
    """The load manifest, to print; of a load that has not left the run sheet as planned."""
    if load["status"] in ("planned", "approved", "loading"):
        st.download_button(
            "Run sheet", lambda: questions.run_sheet(page.copy, str(load["load_id"])), f"run-sheet-{load['load_id']}.pdf", "application/pdf",
            icon=":material/print:", key="run-sheet", on_click="ignore",
        )  # fmt: skip
        return
    issued = papers.search(page.copy, str(load["load_id"]), ["romaneio"])
    issued = issued[(issued["load_id"] == load["load_id"]) & (issued["status"] == "issued")]
    if issued.empty:
        return
    document = issued.iloc[0]
    try:
        path, content = papers.content(page.home, document["file"], document["sha256"])
    except papers.NoFile as problem:
        st.caption(f":material/print_disabled: {words.plain(problem)}")
        return
    st.download_button(
        f"Load manifest {document['series']}-{int(document['number'])}", content, path.name, "application/pdf",
        icon=":material/print:", key="manifest", on_click="ignore",
    )  # fmt: skip


def stops(page: Page, load: pd.Series, rows: pd.DataFrame) -> None:
    """Fix a stop in its place, let it move again, or serve it earlier or later."""
    rows = rows[rows["shipment_ids"].map(len) > 0]  # a stop where something is only collected goes where it pays
    if rows.empty or not forms.may(page, "change stops", forms.capability("stop.lock")):
        return
    firsts = {int(row.stop_sequence): str(row.shipment_ids[0]) for row in rows.itertuples()}
    labels = {
        int(row.stop_sequence): words.short(f"{row.stop_sequence} {row.city or ''} {row.customers or ''}", 60)
        for row in rows.itertuples()
    }
    kinds = {
        "stop.lock": "Keep in its place",
        "stop.unlock": "Let the plan move stops",
        "stop.resequence": "Serve earlier or later",
    }
    kind = st.segmented_control(
        "Stops", list(kinds), format_func=kinds.__getitem__, default="stop.lock", required=True, key="stop-kind"
    )

    def fields() -> Mapping[str, Any]:
        stop = st.selectbox("Stop", list(labels), format_func=labels.__getitem__, key=f"stop-{kind}")
        if kind != "stop.resequence":
            return {"stop": stop}
        return {"stop": stop, "place": st.number_input("Place in the route", 1, len(firsts), 1, key="stop-place")}

    def orders(values: Mapping[str, Any]) -> list[Order]:
        shipment = firsts[values["stop"]]
        if kind != "stop.resequence":
            return [Order(kind, str(load["load_id"]), {"stop_sequence": values["stop"], "shipment_id": shipment})]
        others = [s for _, s in sorted(firsts.items()) if s != shipment]
        others.insert(int(values["place"]) - 1, shipment)
        return [Order(kind, str(load["load_id"]), {"shipments": ",".join(others)})]

    forms.command_form(page, "stop", kinds[kind], orders, fields)


def options(page: Page, location_id: str) -> None:
    """What one more vehicle, or more time, would save."""
    found = questions.what_ifs(page.copy, location_id)
    if found.empty:
        return
    st.subheader("What would help", anchor=False)
    frame.table(
        found,
        {
            "location_id": "Location", "day": "Day", "option": frame.text("With", width="large"),
            "saving": frame.amount("Saves", help="A day, its own cost counted; a shipment that rides counts by its penalty."),
            "currency": frame.text("Cur.", width=60), "distance_km": frame.number("km", format="%+,.0f"),
            "left_behind": frame.number("Left behind now"), "left_behind_with": frame.number("Left behind then"),
        },
        key="what-ifs",
    )  # fmt: skip
    st.caption("Found by planning the day again with it. 0.00: it would not be used.")


#: What can happen to a vehicle or a driver -> its button.
CREW = {
    "vehicle.stop": "Vehicle out", "vehicle.resume": "Vehicle back", "driver.absent": "Driver out",
    "driver.return": "Driver back",
}  # fmt: skip


def crews(page: Page, location_id: str) -> None:
    """Vehicles with their drivers; one that breaks down or is ill leaves the plan."""
    found = questions.crews(page.copy, location_id)
    out = int((found["vehicle_out"] | found["driver_out"]).sum()) if len(found) else 0
    with st.expander(
        f"Vehicles and drivers ({out} out)" if out else "Vehicles and drivers", icon=":material/local_shipping:"
    ):
        if found.empty:
            frame.empty("No vehicle is based here.")
            return
        frame.table(
            found,
            {
                "vehicle_id": frame.text("Vehicle", pinned=True), "plate": "Plate", "vehicle_class": "Kind",
                "payload_kg": frame.number("Payload, kg", format="%,.0f"), "trips": frame.number("Trips a day", help="Loads that it may take in a day"),
                "base": frame.text("Loaded at", help="Its location, or latitude and longitude of a base of its own"),
                "vehicle_out": "Out", "driver_id": "Driver", "driver_out": "Driver out", "stand_in": "Stands in",
                "until": "Until", "location_id": "Location",
            },
            key="crews",
        )  # fmt: skip
        if not forms.may(page, "take vehicles and drivers out", forms.capability("vehicle.stop")):
            return
        kind = st.segmented_control(
            "What happened", list(CREW), format_func=CREW.__getitem__, default="vehicle.stop", required=True, key="crew"
        )
        column = "vehicle" if kind.startswith("vehicle") else "driver"
        known = found.loc[found[f"{column}_out"] == (kind in ("vehicle.resume", "driver.return")), f"{column}_id"]
        names = list(dict.fromkeys(known.dropna()))
        if not names:
            st.caption(f"No {column} is out." if kind in ("vehicle.resume", "driver.return") else f"No {column} is in.")
            return
        drivers = list(dict.fromkeys(found["driver_id"].dropna()))
        target = st.selectbox(words.title(column), names, key=f"crew-{kind}")
        lost = questions.without(page.home, page.copy, target) if kind == "vehicle.stop" else None
        if lost is not None:
            st.caption(
                f"The planned day without {words.plain(target)}: {float(lost.cost_cents) / 100:+,.2f} on the routes,"
                f" {words.count(lost.left_behind, 'shipment')} more left behind."
            )

        def fields() -> Mapping[str, Any]:
            values: dict[str, Any] = {}
            if kind in ("vehicle.stop", "driver.absent"):
                values["until"] = st.date_input("Last day out (empty: until it is back)", None, key=f"until-{kind}")
            if kind == "driver.absent":
                values["stand_in"] = st.selectbox("Stands in", drivers, index=None, key="stand-in")
            return values

        def orders(values: Mapping[str, Any]) -> list[Order]:
            return [Order(kind, str(target), {name: str(value) for name, value in values.items() if value})]

        forms.command_form(
            page, "crew", CREW[kind], orders, fields,
            danger="What it has on the road and not delivered comes back and goes with others." * (kind == "vehicle.stop"),
        )  # fmt: skip


def versions(page: Page, location_id: str, day: object, currency: str) -> None:
    """Two plans of the same day side by side."""
    found = questions.versions(page.copy, location_id, day)
    if len(found) < 2:
        return
    with st.expander(f"{words.count(len(found), 'version')} of this day's plan", icon=":material/compare:"):
        at = dict(zip(found["cycle_id"], found["planned_at"], strict=True))
        label = {c: f"cycle {c}, {words.moment(t.tz_convert(page.copy.timezone))}" for c, t in at.items()}
        with st.container(horizontal=True):
            old = st.selectbox(
                "From", list(label), format_func=label.__getitem__, index=1, key="version-old", width=300
            )
            new = st.selectbox("To", list(label), format_func=label.__getitem__, index=0, key="version-new", width=300)
        one, other = (found[found["cycle_id"] == cycle].iloc[0] for cycle in (old, new))
        changed = questions.moved(one["homes"], other["homes"])
        with st.container(horizontal=True):
            for heading, name, form in (
                ("Cost", "cost", "{:,.2f}"), ("Distance, km", "distance_km", "{:,.0f}"), ("Loads", "loads", "{:,.0f}"),
                ("Late, min", "late_min", "{:,.0f}"), ("Left behind", "left_behind", "{:,.0f}"),
            ):  # fmt: skip
                step = other[name] - one[name]
                frame.tile(
                    heading, form.format(other[name]), form.replace(":", ":+").format(step) if step else None,
                    more_is_better=False, about=f"{form.format(one[name])} before. {currency if name == 'cost' else ''}",
                )  # fmt: skip
            frame.tile("Shipments moved", f"{len(changed):,}", about="On another load, new, or gone.")
        if len(changed):
            frame.table(
                changed,
                {"shipment_id": frame.text("Shipment", width=260), "was": "Was on", "is_now": "Is on"},
                key="moved",
            )
