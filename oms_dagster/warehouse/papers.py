"""Between the facts and the document renderers: what each issued document says, read from committed facts alone.

Belongs here: one reader a document type. A new type is one function here and one renderer in `domain.documents`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import duckdb

from oms_dagster.domain.documents import packing_slip, picking_map, purchase_order, romaneio
from oms_dagster.domain.quantities import to_cents, to_milli
from oms_dagster.warehouse.read import rows

Row = Mapping[str, Any]


def pending(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Documents issued and not yet rendered, in order of their number."""
    return rows(
        connection,
        "select d.*, l.name as location_name, l.timezone from facts.documents as d"
        " left join intermediate.int_locations__in_force as l on d.location_id = l.location_id"
        " where not exists (select 1 from facts.document_renderings as r where r.document_id = d.document_id)"
        " order by d.document_type, d.series, d.number",
    )


def render(connection: duckdb.DuckDBPyConnection, document: Row) -> bytes:
    """The document's bytes: the same for the same facts."""
    return RENDERERS[document["document_type"]](connection, document)


def _head(document: Row) -> dict[str, Any]:
    return {
        "number": document["number"], "series": document["series"], "issued_at": document["issued_at"],
        "timezone": document["timezone"] or "UTC", "location_name": document["location_name"] or document["location_id"],
    }  # fmt: skip


def _picking_map(connection: duckdb.DuckDBPyConnection, document: Row) -> bytes:
    tasks = rows(
        connection,
        "select t.*, coalesce(k.name, t.sku_id) as description, coalesce(k.unit, 'ea') as unit, p.load_id, p.stop_sequence"
        " from facts.pick_tasks as t left join intermediate.int_skus__in_force as k on t.sku_id = k.sku_id"
        " left join plans.load_shipments as p on t.shipment_id = p.shipment_id"
        " where t.wave_id = ? order by t.pick_sequence, t.task_id",
        [document["wave_id"]],
    )
    wave = rows(connection, "select cutoff from facts.waves where wave_id = ?", [document["wave_id"]])[0]
    return picking_map.render_picking_map(
        picking_map.PickingMap(
            **_head(document), location_id=document["location_id"], wave_id=document["wave_id"], cutoff_at=wave["cutoff"],
            tasks=tuple(
                picking_map.PickTask(
                    task_id=t["task_id"], zone=t["zone"] or "", **_address(t["bin"]), pick_sequence=t["pick_sequence"], sku_id=t["sku_id"],
                    description=t["description"], unit=t["unit"], quantity_milli=to_milli(t["qty_to_pick"]), lot=t["lot_id"] or "",
                    load_id=t["load_id"] or "", stop_sequence=t["stop_sequence"],
                )
                for t in tasks
            ),
        )
    )  # fmt: skip


def _address(bin_code: str) -> dict[str, str]:
    """Aisle, bay and level of a bin code such as ``A-12-3``."""
    parts = [*bin_code.split("-"), "", "", ""][:3] if "-" in bin_code else [bin_code, "", ""]
    return dict(zip(("aisle", "bay", "level"), parts, strict=True))


def _romaneio(connection: duckdb.DuckDBPyConnection, document: Row) -> bytes:
    load = rows(
        connection,
        "select l.*, v.plate, d.name as driver_name, c.name as carrier_name from facts.loads as l"
        " left join intermediate.int_vehicles__in_force as v on l.vehicle_id = v.vehicle_id"
        " left join intermediate.int_drivers__in_force as d on l.driver_id = d.driver_id"
        " left join intermediate.int_carriers__in_force as c on l.carrier_id = c.carrier_id where l.load_id = ?",
        [document["load_id"]],
    )[0]
    carried = rows(
        connection,
        "select ls.stop_sequence, s.shipment_id, o.ship_to_name, o.ship_to_street, o.ship_to_postcode, o.ship_to_city, o.ship_to_country,"
        " s.window_from, s.window_to, st.eta, s.weight_kg, s.volume_m3, s.value, s.currency,"
        " (select count(distinct f.package_id) from facts.floor as f inner join facts.pick_tasks as t on f.task_id = t.task_id"
        "  where t.shipment_id = s.shipment_id and f.package_id is not null) as packages"
        " from facts.load_shipments as ls inner join facts.shipments as s on ls.shipment_id = s.shipment_id"
        " inner join intermediate.int_orders__current as o on s.order_id = o.order_id"
        " left join facts.load_stops as st on ls.load_id = st.load_id and ls.stop_sequence = st.stop_sequence"
        " where ls.load_id = ? order by ls.stop_sequence, s.shipment_id",
        [document["load_id"]],
    )
    return romaneio.render_romaneio(
        romaneio.Romaneio(
            **_head(document), location_id=document["location_id"], load_id=document["load_id"],
            planned_departure=load["planned_departure"], carrier=load["carrier_name"] or "", vehicle=load["plate"] or load["vehicle_id"] or "",
            driver=load["driver_name"] or "", freight_basis="weight and distance" if load["vehicle_id"] else "carrier's tariff",
            distance_m=None if load["distance_km"] is None else to_milli(load["distance_km"]),
            stops=tuple(stops_of(carried, _collected(connection, document["load_id"]))),
        )
    )  # fmt: skip


def _collected(connection: duckdb.DuckDBPyConnection, load_id: str) -> dict[int, list[Row]]:
    """What is picked up at each stop of a load."""
    found: dict[int, list[Row]] = {}
    for row in rows(
        connection,
        "select p.*, s.window_from, s.window_to, s.eta, p.name as ship_to_name,"
        " p.street as ship_to_street, p.postcode as ship_to_postcode, p.city as ship_to_city, p.country as ship_to_country"
        " from facts.load_pickups as p inner join facts.load_stops as s on p.load_id = s.load_id and p.stop_sequence = s.stop_sequence"
        " where p.load_id = ? order by p.stop_sequence, p.pickup_id",
        [load_id],
    ):
        found.setdefault(row["stop_sequence"], []).append(row)
    return found


def stops_of(carried: list[dict[str, Any]], collected: Mapping[int, list[Row]]) -> list[romaneio.Stop]:
    """The stops of a load from its shipments and what it picks up, both with names and addresses."""
    grouped: dict[int, list[dict[str, Any]]] = {}
    for number, shipment in enumerate(carried, 1):
        grouped.setdefault(shipment["stop_sequence"] or number, []).append(shipment)
    found = []
    for sequence in sorted({*grouped, *collected}):
        shipments, pickups = grouped.get(sequence, []), collected.get(sequence, [])
        first = (shipments or pickups)[0]
        found.append(
            romaneio.Stop(
                stop_sequence=sequence, consignee=first["ship_to_name"] or "", address=_address_lines(first),
                window_from=first["window_from"], window_to=first["window_to"], eta=first["eta"],
                packages=sum(s["packages"] or 1 for s in shipments), weight_g=sum(to_milli(s["weight_kg"]) for s in shipments),
                volume_dm3=sum(to_milli(s["volume_m3"]) for s in shipments), value_cents=sum(to_cents(s["value"]) for s in shipments),
                currency=first.get("currency", ""), shipment_ids=tuple(s["shipment_id"] for s in shipments),
                pickups=tuple(f"{p['quantity'].normalize():f} pieces, {p['weight_kg']:.1f} kg, {p['pickup_kind']} {p['pickup_id']}" for p in pickups),
            )
        )  # fmt: skip
    return found


def _address_lines(row: Row) -> tuple[str, ...]:
    town = " ".join(part for part in (row["ship_to_postcode"], row["ship_to_city"]) if part)
    return tuple(part for part in (row["ship_to_street"], town, row["ship_to_country"]) if part)


def _packing_slip(connection: duckdb.DuckDBPyConnection, document: Row) -> bytes:
    head = rows(
        connection,
        "select s.*, o.channel_order_id, o.placed_at, o.ship_to_name, o.ship_to_street, o.ship_to_postcode, o.ship_to_city, o.ship_to_country,"
        " c.name as carrier_name from facts.shipments as s inner join intermediate.int_orders__current as o on s.order_id = o.order_id"
        " left join intermediate.int_carriers__in_force as c on s.carrier_id = c.carrier_id where s.shipment_id = ?",
        [document["shipment_id"]],
    )[0]
    lines = rows(
        connection,
        "select b.order_line_id, b.sku_id, b.description || coalesce(' (in place of ' || o.sku_id || ')', ' (part of ' || b.kit_sku_id || ')', '') as description, coalesce(k.unit, 'ea') as unit,"
        " b.qty_ordered, b.qty_cancelled, coalesce(sum(e.quantity) filter (where e.document_id = $id), 0) as shipped,"
        " coalesce(sum(e.quantity) filter (where e.document_id <> $id and e.event_at < $at), 0) as before"
        " from intermediate.int_order_lines__balanced as b"
        " left join intermediate.int_order_lines__balanced as o on b.substitution_of_line_id = o.order_line_id"
        " left join facts.line_events as e on b.order_line_id = e.order_line_id and e.to_bucket = 'shipped'"
        " left join intermediate.int_skus__in_force as k on b.sku_id = k.sku_id where b.order_id = $order group by all order by b.order_line_id",
        {"id": document["shipment_id"], "at": document["issued_at"], "order": document["order_id"]},
    )
    lines = [{**row, "line_number": number} for number, row in enumerate(lines, 1)]
    parcels = rows(
        connection,
        "select f.package_id, any_value(coalesce(f.package_type, 'box')) as box_type, max(f.weight_kg) as weight_kg"
        " from facts.floor as f inner join facts.pick_tasks as t on f.task_id = t.task_id"
        " where t.shipment_id = ? and f.package_id is not null group by 1 order by 1",
        [document["shipment_id"]],
    )
    return packing_slip.render_packing_slip(
        packing_slip.PackingSlip(
            **_head(document), shipment_id=document["shipment_id"], order_id=document["order_id"], channel_order_id=head["channel_order_id"],
            placed_at=head["placed_at"], ship_to=tuple(p for p in (head["ship_to_name"], *_address_lines(head)) if p),
            lines=tuple(
                packing_slip.ShippedLine(
                    line_number=r["line_number"], sku_id=r["sku_id"], description=r["description"], unit=r["unit"],
                    ordered_milli=to_milli(r["qty_ordered"]), shipped_milli=to_milli(r["shipped"]), shipped_before_milli=to_milli(r["before"]),
                    cancelled_milli=to_milli(r["qty_cancelled"]),
                )
                for r in lines if r["shipped"] > 0
            ),
            remaining=tuple(
                packing_slip.RemainingLine(
                    line_number=r["line_number"], sku_id=r["sku_id"], description=r["description"], unit=r["unit"],
                    remaining_milli=to_milli(r["qty_ordered"] - r["qty_cancelled"] - r["shipped"] - r["before"]),
                )
                for r in lines if r["qty_ordered"] - r["qty_cancelled"] - r["shipped"] - r["before"] > 0
            ),
            packages=tuple(packing_slip.Parcel(p["package_id"], p["box_type"], to_milli(p["weight_kg"] or 0)) for p in parcels),
            carrier=head["carrier_name"] or "", service=head["service"] or "",
        )
    )  # fmt: skip


def _purchase_order(connection: duckdb.DuckDBPyConnection, document: Row) -> purchase_order.PurchaseOrder:
    """A purchase order as it was issued, or the lines of an earlier one that a document changes."""
    lines = rows(
        connection,
        "select d.*, coalesce(k.name, d.sku_id) as description, coalesce(k.unit, 'ea') as unit, t.quantity as now, t.fee as fee_now, t.due_date as due"
        " from facts.purchase_order_lines as d left join intermediate.int_skus__in_force as k on d.sku_id = k.sku_id"
        " inner join lateral (select sum(u.quantity) as quantity, sum(u.fee) as fee, max(u.due_date) as due_date from facts.purchase_order_lines as u"
        "   where u.purchase_order_id = d.purchase_order_id and u.line_number = d.line_number and u.cycle_seq <= d.cycle_seq) as t on true"
        " where d.document_id = ? order by d.line_number",
        [document["document_id"]],
    )
    first = lines[0]
    is_dropship = first["kind"] == "dropship"
    sellers, key = ("locations", "location_id") if is_dropship else ("suppliers", "supplier_id")
    seller = rows(
        connection, f"select * from intermediate.int_{sellers}__in_force where {key} = ?", [first["seller_id"]]
    )
    if is_dropship:
        to = rows(
            connection, "select * from intermediate.int_orders__current where order_id = ?", [document["order_id"]]
        )[0]
        ship_to = (to["ship_to_name"] or "", *_address_lines(to))
    else:
        to = rows(
            connection,
            "select * from intermediate.int_locations__in_force where location_id = ?",
            [document["location_id"]],
        )[0]
        ship_to = (to["name"], *_place(to))
    head = {name: told for name, told in _head(document).items() if name != "location_name"}
    return purchase_order.PurchaseOrder(
        **head, document_id=document["document_id"], is_dropship=is_dropship, shipment_id=document["shipment_id"] or "",
        seller=(seller[0]["name"], *(_place(seller[0]) if is_dropship else ())) if seller else (first["seller_id"],),
        ship_to=tuple(part for part in ship_to if part), customer_reference=to["channel_order_id"] if is_dropship else "",
        changes="" if first["purchase_order_id"] == document["document_id"] else first["purchase_order_id"],
        lines=tuple(
            purchase_order.OrderedLine(
                line_number=r["line_number"], reference=r["order_line_id"] or r["supply_id"], sku_id=r["sku_id"], description=r["description"],
                unit=r["unit"], quantity_milli=to_milli(r["now"]), before_milli=to_milli(max(r["now"] - r["quantity"], 0)), due_on=r["due"],
                unit_cost=r["unit_cost"], fee_cents=to_cents(r["fee_now"]), currency=r["currency"] or "",
            )
            for r in lines
        ),
    )  # fmt: skip


def _place(row: Row) -> tuple[str, ...]:
    """Address of a location."""
    town = " ".join(part for part in (row["postcode"], row["city"]) if part)
    return tuple(part for part in (row["street"], town, row["country"]) if part)


def content(connection: duckdb.DuckDBPyConnection, document: Row) -> dict[str, Any] | None:
    """What the envelope says of a document beside where it lies: of a purchase order its lines, for who reads no PDF."""
    if not document["document_type"].startswith(purchase_order.DOCUMENT_TYPE):
        return None
    return purchase_order.content(_purchase_order(connection, document))


def _order_paper(connection: duckdb.DuckDBPyConnection, document: Row) -> bytes:
    return purchase_order.render_purchase_order(_purchase_order(connection, document))


RENDERERS: Mapping[str, Callable[[duckdb.DuckDBPyConnection, Row], bytes]] = {
    "picking_map": _picking_map,
    "romaneio": _romaneio,
    "packing_slip": _packing_slip,
    "purchase_order": _order_paper,
    "purchase_order_change": _order_paper,
}
