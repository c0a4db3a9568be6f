"""The run sheet of a planned load, from a published copy: what the driver gets before the manifest has its number.

Belongs here: reading the plan as the manifest reads a dispatched load. Does not belong here: how it looks
(`domain.documents.romaneio`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from oms_dagster.domain.documents.romaneio import Romaneio, render_romaneio
from oms_dagster.domain.quantities import to_milli
from oms_dagster.warehouse.connect import reader
from oms_dagster.warehouse.papers import stops_of
from oms_dagster.warehouse.read import rows

_LOAD = """
    select l.*, r.distance_km, v.plate, d.name as driver_name, c.name as carrier_name, o.name as location_name, o.timezone, p.cycle_seq,
        coalesce(v.cargo_length_mm, t.deck_mm) as cargo_length_mm
    from marts.loads as l cross join plans.cycle as p
    left join marts.routes as r on l.load_id = r.load_id
    left join intermediate.int_locations__in_force as o on l.location_id = o.location_id
    left join intermediate.int_vehicles__in_force as v on l.vehicle_id = v.vehicle_id
    left join intermediate.int_drivers__in_force as d on l.driver_id = d.driver_id
    left join intermediate.int_carriers__in_force as c on l.carrier_id = c.carrier_id
    left join (select carrier_id, trailer_id, max(1000 * deck_m) as deck_mm from intermediate.int_trailers__in_force group by all) as t
        on l.carrier_id = t.carrier_id and l.trailer_id = t.trailer_id
    where l.load_id = ? and l.departed_at is null
"""
_CARRIED = """
    select a.stop_sequence, s.shipment_id, o.ship_to_name, o.ship_to_street, o.ship_to_postcode, o.ship_to_city, o.ship_to_country,
        coalesce(t.window_from, s.window_from) as window_from, coalesce(t.window_to, s.window_to) as window_to, t.eta,
        s.weight_kg, s.volume_m3, s.value, s.currency, cast(null as bigint) as packages
    from marts.load_shipments as a inner join marts.shipments as s on a.shipment_id = s.shipment_id
    inner join intermediate.int_orders__current as o on s.order_id = o.order_id
    left join marts.route_stops as t on a.load_id = t.load_id and a.stop_sequence = t.stop_sequence
    where a.load_id = ? order by a.stop_sequence, s.shipment_id
"""
_COLLECTED = """
    select t.stop_sequence, t.window_from, t.window_to, t.eta, p.pickup_id, p.pickup_kind, p.quantity, p.weight_kg, p.name as ship_to_name,
        p.street as ship_to_street, p.postcode as ship_to_postcode, p.city as ship_to_city, p.country as ship_to_country
    from (select *, unnest(pickup_ids) as pickup_id from marts.route_stops where load_id = ?) as t
    inner join intermediate.int_pickups__tracked as p on t.pickup_id = p.pickup_id order by t.stop_sequence, p.pickup_id
"""


def run_sheet(copy: Path, load_id: str) -> bytes:
    """The sheet as PDF, the same bytes for the same copy.

    Raises
    ------
    ValueError
        The load isn't one that the plan still holds: one line.
    """
    with reader(copy) as connection:
        found = rows(connection, _LOAD, [load_id])
        if not found:
            raise ValueError(f"{load_id} is no load of the plan: it has left, or was never planned")
        load = found[0]
        collected: dict[int, list[dict[str, Any]]] = {}
        for row in rows(connection, _COLLECTED, [load_id]):
            collected.setdefault(row["stop_sequence"], []).append(row)
        stops = tuple(stops_of(rows(connection, _CARRIED, [load_id]), collected))
    return render_romaneio(
        Romaneio(
            number=load["cycle_seq"], series="plan", issued_at=load["as_of"], timezone=load["timezone"] or "UTC", location_id=load["location_id"],
            location_name=load["location_name"] or load["location_id"], load_id=load_id, stops=stops, planned_departure=load["planned_departure"],
            carrier=load["carrier_name"] or "", vehicle=load["plate"] or load["vehicle_id"] or "", driver=load["driver_name"] or "",
            trailers=(load["trailer_id"],) if load["trailer_id"] else (),
            freight_basis="weight and distance" if load["vehicle_id"] else "carrier's tariff",
            distance_m=None if load["distance_km"] is None else to_milli(load["distance_km"]),
            floor=_floor(load), is_planned=True,
        )
    )  # fmt: skip


def _floor(load: Mapping[str, Any]) -> str:
    """What the layer check says, for a line of the sheet."""
    if load["layer_check"] is None:
        return ""
    if load["layer_check"] == "unknown":
        return "not known: measures missing"
    if load["floor_used_mm"] is None:
        return f"a unit is too {'high' if load['layer_binding'] == 'height' else 'wide'}"
    room = f"{load['floor_used_mm'] / 1000:.1f}"
    of = f" of {load['cargo_length_mm'] / 1000:.1f}" if load["cargo_length_mm"] else ""
    return f"{room}{of} m" + ("" if load["layer_check"] == "fits" else ", not shown to fit")
