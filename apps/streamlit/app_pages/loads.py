"""Loads and routes: the map, the Gantt, what is left behind, and the dispatcher's commands. Draws only."""

from __future__ import annotations

import pandas as pd
import streamlit as st
from tower import charts, commands, deck, dispatch, forms, frame, gantt, maps, words
from tower.data import loads as questions
from tower.forms import Order
from tower.frame import Page

ALL = "All locations"

#: Command -> (button, states of a load in which it makes sense, only on a locked (True) or a free (False) load, warning).
ACTIONS = {
    "load.lock": ("Lock", ("planned", "approved"), False, ""),
    "load.unlock": ("Unlock", ("planned", "approved"), True, ""),
    "load.approve": ("Approve", ("planned",), None, ""),
    "load.withdraw": ("Withdraw the approval", ("approved",), None, ""),
    "load.dispatch": (
        "Dispatch",
        ("planned", "approved", "loading"),
        None,
        "Only what is packed leaves. A dispatch can't be taken back.",
    ),
}


def choose(page: Page) -> tuple[pd.Timestamp, str, str] | None:
    """Day and location; returns them with the zone that times are shown in."""
    days = questions.days(page.copy)
    if days.empty:
        frame.empty("No load is planned and none has left.", "Loads come from shipments that a wave has released.")
        return None
    known = list(dict.fromkeys(days["day"]))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        day = st.selectbox(
            "Day of departure", known,
            format_func=lambda d: f"{d:%a %d %b %Y} ({words.count(days.loc[days['day'] == d, 'loads'].sum(), 'load')})",
            key="loads-day", width=270,
        )  # fmt: skip
        places = list(days.loc[days["day"] == day, "location_id"])
        place = st.segmented_control(
            "Location", [*places, ALL], default=places[0], required=True, key=f"loads-place-{day:%Y%m%d}"
        )
    zones = list(dict.fromkeys(days.loc[days["location_id"] == place, "timezone"].dropna()))
    return day, "" if place == ALL else str(place), zones[0] if len(zones) == 1 else page.copy.timezone


def totals(found: pd.DataFrame, left: pd.DataFrame) -> None:
    """The day in a row of tiles."""
    routed = found[found["distance_km"].notna()]
    own = found[found["mode"] == "own_fleet"]
    planned, naive = routed["distance_km"].sum(), routed["baseline_distance_km"].sum()
    saved = f"{(planned - naive) / naive:+.1%}" if naive > 0 and abs(planned - naive) * 1000 > naive else None
    with st.container(horizontal=True):
        frame.tile(
            "Loads", f"{len(found):,}", about=f"{len(own)} on own vehicles, {len(found) - len(own)} with carriers."
        )
        frame.tile("Stops", words.quantity(found["stops"].fillna(0).sum()))
        frame.tile(
            "Distance", f"{planned:,.0f} km", saved, more_is_better=False,
            about=f"The same stops in postal-code order, under the same locks: {naive:,.0f} km.",
        )  # fmt: skip
        mean = words.percent(own["utilisation"].mean()) if len(own) else words.DASH
        frame.tile("Mean utilisation", mean, about="Of own vehicles, in the dimension that is fullest.")
        frame.tile(
            "Late, minutes",
            words.quantity(routed["late_min"].fillna(0).sum()),
            about="Planned after the window, all stops.",
        )
        frame.tile("Left behind", f"{len(left):,}", about="Shipments that fit on no load; see below.")


def table(page: Page, found: pd.DataFrame, key: str) -> str:
    """The loads; returns the one chosen."""
    waiting = page.desk.waiting(*ACTIONS)
    shown = found.assign(
        pending=found["load_id"].map(lambda load: f"{waiting[load]} pending" if load in waiting else ""),
        who=found["plate"].fillna(found["vehicle_id"]).fillna(found["carrier_id"]),
    )
    chosen = frame.table(
        frame.say(shown, "mode", "status", "binding_dimension"),
        {
            "load_id": frame.text("Load", pinned=True, width=210), "pending": frame.text("Command", width=150),
            "status": "Status", "is_locked": "Locked", "who": "Vehicle or carrier", "planned_departure": "Leaves",
            "planned_loading_start": "Loaded from", "planned_dock": frame.number("Dock", format="%d"),
            "stops": frame.number("Stops"), "weight_fill": frame.share("Weight"), "volume_fill": frame.share("Volume"),
            "stops_fill": frame.share("Stops used", help="Of the stops that the vehicle may make."),
            "floor_fill": frame.share("Floor", help="Of the length that the goods take by layers. Above 100 %: not shown to fit. Empty: a measure is missing."),
            "utilisation": frame.share("Fullest", help="In the dimension that binds."),
            "binding_dimension": frame.text("Fullest in", help="Weight, volume, stops, value or time."),
            "distance_km": frame.number("km", format="%,.0f"),
            "saved": frame.number("Saved", format="percent", help="Kilometres, against the same stops in postal-code order."),
            "late_min": frame.number("Late, min", format="%,.0f"), "cost": frame.amount("Cost"),
            "currency": frame.text("Cur.", width=60), "duration_min": frame.number("Minutes", format="%,.0f"),
            "weight_kg": frame.number("kg", format="%,.0f"), "volume_m3": frame.number("m³", format="%,.2f"),
            "driver_id": "Driver", "mode": "Mode", "departed_at": "Left",
        },
        key=key, select="single-row",
    )  # fmt: skip
    return str(found.iloc[chosen[0]]["load_id"]) if chosen else ""


def plan(page: Page) -> None:
    """Loads of a day on the map, in time, and in a table."""
    asked = choose(page)
    if asked is None:
        left_behind(page, "")
        dispatch.options(page, "")
        dispatch.crews(page, "")
        return
    day, place, zone = asked
    found, stops = questions.loads(page.copy, day, place), questions.stops(page.copy, day, place)
    left = questions.dropped(page.copy, place)
    totals(found, left)
    key = page.key("loads", f"{day:%Y%m%d}", place)
    # The table stands below the map, but the map must know what was chosen in it: its state is read first.
    state = st.session_state.get(key)
    rows = [row for row in (state["selection"]["rows"] if state else []) if row < len(found)]
    highlight = str(found.iloc[rows[0]]["load_id"]) if rows else ""
    if stops.empty:
        frame.empty("No own vehicle is routed on this day here.", "Carriers' collections have no route of ours.")
    else:
        drawn = stops.assign(eta=stops["eta"].dt.tz_convert(zone))
        title = f"Routes of {day:%a %d %b} from {place or 'all locations'}" + (
            f", load {highlight}" if highlight else ""
        )
        charts.draw(
            maps.loads_map(drawn, questions.places(page.copy), left, title, highlight=highlight), "map", movable=True
        )
        st.caption(
            "Lines join stops in their order; they do not follow roads. Drag to move, scroll to zoom, double-click to see all. Squares are locations, crosses are left behind."
        )
        if not highlight:
            charts.draw(gantt.vehicles_in_time(stops, f"Vehicles on {day:%a %d %b}", zone), "load-gantt")
    chosen = table(page, found, key)
    if chosen:
        one_load(page, found[found["load_id"] == chosen].iloc[0], stops[stops["load_id"] == chosen], zone)
    else:
        st.caption("Select a load to see its stops and shipments, and to move, lock, approve or dispatch.")
        left_behind(page, place)
        to_collect(page, place)
        dispatch.options(page, place)
        dispatch.crews(page, place)
        if place:
            dispatch.versions(
                page, place, day, str(found["currency"].dropna().iloc[0]) if found["currency"].any() else ""
            )
        gains(page)


def one_load(page: Page, load: pd.Series, stops: pd.DataFrame, zone: str) -> None:
    """One load: stops in time, shipments, what people decided, commands."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(words.plain(load["load_id"]), anchor=False, width="content")
        frame.badge(load["status"])
        if load["is_locked"]:
            st.badge("locked", icon=":material/lock:", color="violet")
        dispatch.paper(page, load)
    layers(load)
    actions(page, load)
    if not stops.empty:
        charts.draw(gantt.stops_in_time(stops, f"Stops of {load['load_id']}", zone), "gantt")
        frame.table(
            frame.say(stops.assign(**{name: stops[name].dt.tz_convert(zone) for name in ("window_from", "window_to",
            "eta", "departure", "arrived_at")}), "result"),
            {
                "stop_sequence": frame.number("Stop"), "city": "City", "postcode": frame.text("Postcode", width=90),
                "customers": frame.text("Customers", width=220),
                "eta": "Arrives", "window_from": "Window from", "window_to": "Window to", "departure": "Leaves",
                "late_min": frame.number("Late, min", format="%,.0f"),
                "distance_km": frame.number("km", format="%,.1f"), "weight_kg": frame.number("kg", format="%,.0f"),
                "result": "Result", "arrived_at": "Arrived",
                "is_locked": "Locked", "shipments": frame.text("Shipments", width=240),
                "pickups": frame.text("Collect", width=200),
            },
            key="stops",
        )  # fmt: skip
        if load["status"] in ("planned", "approved"):
            with st.expander("Change the stops", icon=":material/low_priority:"):
                dispatch.stops(page, load, stops)
    carried = questions.shipments(page.copy, load["load_id"])
    if isinstance(load["trailer_id"], str):
        trailer(page, load, carried)
    if load["mode"] == "own_fleet" and load["status"] in ("planned", "approved") and len(carried):
        with st.expander("Move a shipment to another load", icon=":material/move_item:", expanded=True):
            dispatch.move(page, load, carried)
    with st.expander(words.count(len(carried), "shipment"), icon=":material/package_2:"):
        frame.table(
            frame.say(carried, "status"),
            {
                "stop_sequence": frame.number("Stop"), "shipment_id": frame.text("Shipment", width=220),
                "customer_name": frame.text("Customer", width=200),
                "ship_to_city": "City", "weight_kg": frame.number("kg", format="%,.1f"),
                "volume_m3": frame.number("m³", format="%,.3f"),
                "value": frame.amount("Value"), "currency": "Currency", "status": "Status",
                "chosen_because": frame.text("Why on this", width="large"),
            },
            key="shipments",
        )  # fmt: skip
    history = questions.events(page.copy, load["load_id"])
    if not history.empty:
        frame.table(
            frame.say(history, "event"),
            {"event_at": "When", "event": "What", "actor": "By", "reason": frame.text("Reason", width="large")},
            key="load-events",
        )


def layers(load: pd.Series) -> None:
    """Whether its goods are shown to stand in the cargo space, or what has no measures."""
    if words.is_missing(load["layer_check"]):
        return
    if load["layer_check"] == "unknown":
        st.caption(
            f":material/layers: Not known whether it fits by layers: no measures of {words.plain(load['layer_unmeasured'])}."
        )
        return
    if words.is_missing(load["floor_used_mm"]):
        binding = "high" if load["layer_binding"] == "height" else "wide"
        room = f": a unit is too {binding} for the cargo space"
    else:
        room = f": {words.quantity(load['floor_used_mm'] / 1000)} m"
        if not words.is_missing(load["cargo_length_mm"]):
            room += f" of {words.quantity(load['cargo_length_mm'] / 1000)} m floor"
    if load["layer_check"] == "fits":
        st.caption(f":material/layers: Fits by layers{room}.")
    else:
        st.warning(
            f"Not shown to fit{room}. It may fit all the same: only stacks of one stop and one footprint are tried.",
            icon=":material/layers:",
        )


def trailer(page: Page, load: pd.Series, carried: pd.DataFrame) -> None:
    """A hired trailer: what fills it first, what it saves, how good the plan of its day is, and its floor."""
    hired = questions.hiring(page.copy, load["load_id"]).iloc[0]
    places = "" if words.is_missing(hired["places"]) else f" of {int(hired['places'])}"
    with st.container(horizontal=True):
        frame.tile("Pallet places", f"{words.quantity(hired['pallets'])}{places}")
        frame.tile(
            "Fullest",
            words.percent(hired["utilisation"]),
            about=f"In {words.word(hired['binding_dimension'])}, which fills first.",
        )
        frame.tile(
            f"Cost ({hired['currency']})",
            f"{hired['cost']:,.2f}",
            about=f"By tariff its goods would cost {hired['tariff_cost']:,.2f}.",
        )
        if not words.is_missing(hired["bound"]):
            frame.tile(
                "From the bound", words.percent(hired["gap"]),
                about=f"All trailers and tariffs of the day cost {hired['objective']:,.2f}; nothing below {hired['bound']:,.2f} is possible ({words.word(hired['bound_kind'])}).",
            )  # fmt: skip
    if words.is_missing(hired["places"]) or carried["pallets"].isna().any():
        return
    charts.draw(deck.floor(carried, hired, f"Floor of the {load['trailer_id']}, by stop"), "deck")
    if hired["axles_ok"] is False or str(hired["axles_ok"]) == "False":
        st.warning(
            "No order of loading that the stops allow keeps both axle loads: load it by hand.",
            icon=":material/balance:",
        )


def actions(page: Page, load: pd.Series) -> None:
    """Commands that fit the load's state, with the content that is seen."""
    fitting = {
        type_: (button, danger)
        for type_, (button, states, locked, danger) in ACTIONS.items()
        if load["status"] in states and (locked is None or bool(load["is_locked"]) == locked)
    }
    if not fitting:
        st.caption("It has left: only scans and results change it now.")
        return
    waiting = page.desk.waiting(*ACTIONS)
    if load["load_id"] in waiting:
        st.caption(f":material/schedule_send: {waiting[load['load_id']]} is pending: the next cycle decides.")
    if not forms.may(page, "lock, approve or dispatch loads", *(forms.capability(type_) for type_ in fitting)):
        return
    seen = commands.seen_hash(page.copy, str(load["load_id"]))
    kind = st.segmented_control(
        "Command",
        list(fitting),
        format_func=lambda type_: fitting[type_][0],
        default=next(iter(fitting)),
        required=True,
        key="load-command",
    )
    if forms.may(page, fitting[kind][0].lower(), forms.capability(kind)):
        forms.command_form(
            page,
            "load",
            fitting[kind][0],
            lambda _: [Order(kind, str(load["load_id"]), seen_hash=seen)],
            danger=fitting[kind][1],
        )
        st.caption(
            "Sent with the content that you see. If the load has changed by then, the command is rejected and says how."
        )


def left_behind(page: Page, place: str) -> None:
    """Shipments on no load, with the cheapest fix."""
    found = questions.dropped(page.copy, place)
    st.subheader("Left behind", anchor=False)
    if found.empty:
        frame.empty("Every shipment that is due is on a load.")
        return
    frame.table(
        frame.say(found, "reason"),
        {
            "shipment_id": frame.text("Shipment", pinned=True, width=210), "reason": frame.text("Why", width=170),
            "cheapest_fix": frame.text("Cheapest fix", width="large"),
            "fix_cost": frame.amount("Fix costs", help="What the fix is held to cost, with what it adds to the routes."),
            "customer_name": frame.text("Customer", width=190), "ship_to_city": "City", "weight_kg": frame.number("kg",
            format="%,.0f"),
            "volume_m3": frame.number("m³", format="%,.2f"), "window_from": "Window from", "window_to": "Window to",
            "value": frame.amount("Value"), "currency": "Currency",
        },
        key="dropped",
    )  # fmt: skip


def to_collect(page: Page, place: str) -> None:
    """Returns and empties that vehicles collect on their way."""
    found = questions.pickups(page.copy, place)
    if found.empty:
        return
    st.subheader("To collect on the way", anchor=False)
    frame.table(
        frame.say(found, "status", "pickup_kind", "reason", "reason_code"),
        {
            "pickup_id": frame.text("Pick-up", pinned=True, width=190), "pickup_kind": "What", "status": "Status",
            "load_id": frame.text("Load", width=190), "stop_sequence": frame.number("Stop", width=45),
            "customer_name": frame.text("Customer", width=150), "city": frame.text("City", width=90), "quantity": frame.number("Units", width=50),
            "weight_kg": frame.number("kg", format="%,.1f", width=50), "reason": frame.text("Why on no load", width=110),
            "cheapest_fix": frame.text("Cheapest fix", width="large"), "reported_at": "Driver reported",
            "reason_code": "Not collected because", "requested_at": "Asked on",
        },
        key="pickups",
    )  # fmt: skip


def gains(page: Page) -> None:
    """Kilometres against the naive way, by day."""
    rows = questions.gains(page.copy)
    if not rows.empty:
        charts.draw(
            charts.against(rows, "Kilometres of own vehicles: plan and postal-code order (same loads, same stops)"),
            "against",
        )


plan(
    frame.open_page(
        "loads",
        "Loads and routes",
        feeds=("floor", "yard", "deliveries", "empties", "pickups"),
        types=("load", "stop", "shipment"),
    )
)
