"""How the small world is written: one verb for each thing that happens, as the cycle or the floor would record it.

Belongs here: the shape of the facts. Does not belong here: what happened (`world.py`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import duckdb

from oms_dagster.warehouse.write import append

# fmt: off

CYCLE = 5


def at(cycle: int, hour: int = 12) -> datetime:
    """Instant on the day of a cycle: cycle 1 is 2026-03-06, each ends at noon UTC."""
    return datetime(2026, 3, 5 + cycle, hour, tzinfo=UTC)


AS_OF = at(CYCLE)


def put(connection: duckdb.DuckDBPyConnection, table: str, cycle: int, *records: Mapping[str, Any]) -> None:
    """Append facts of a cycle."""
    append(connection, f"facts.{table}", [{**r, "cycle_seq": cycle, "recorded_at": at(cycle)} for r in records])


def plan(connection: duckdb.DuckDBPyConnection, table: str, *records: Mapping[str, Any]) -> None:
    """Append candidates of the running cycle."""
    append(connection, f"plans.{table}", list(records))


def reference(
    connection: duckdb.DuckDBPyConnection, entity: str, key: str, since: datetime | None = None, **attributes: Any
) -> None:
    """One version of a reference entity; the key is its code."""
    since = since or at(1, 0)
    put(connection, "reference_versions", 1, {"message_id": f"{entity}-{key}-{since:%d}", "entity": entity,
        "key": key, "version": since.day, "valid_from": since, "attributes": json.dumps({f"{entity[:-1]}_code": key,
        **attributes})})


def move(
    connection: duckdb.DuckDBPyConnection,
    cycle: int,
    event: str,
    line: str,
    source: str,
    target: str,
    quantity: int,
    shipment: str | None,
    hour: int = 11,
    actor: str = "floor",
    reason: str | None = None,
) -> None:
    """One line event at London."""
    put(
        connection,
        "line_events",
        cycle,
        {
            "event_id": f"{event}#{line}#0",
            "order_line_id": line,
            "from_bucket": source,
            "to_bucket": target,
            "quantity": quantity,
            "location_id": "LON",
            "document_id": shipment,
            "reason_code": reason,
            "event_at": at(cycle, hour),
            "actor": actor,
            "assumed": False,
        },
    )


def stock(
    connection: duckdb.DuckDBPyConnection,
    cycle: int,
    movement: str,
    kind: str,
    sku: str,
    quantity: int,
    reference: str | None = None,
) -> None:
    """One movement of usable stock at London."""
    put(connection, "stock_movements", cycle, {"movement_id": movement, "kind": kind, "stock_status": "usable",
        "sku_id": sku, "location_id": "LON", "quantity": quantity, "reference": reference, "event_at": at(cycle, 11)})


def order(
    connection: duckdb.DuckDBPyConnection,
    cycle: int,
    name: str,
    customer: str,
    sku: str,
    quantity: int,
    price: str,
    discount: str = "0",
    tax: str = "0",
    payment_status: str = "paid",
    cancel_after: datetime | None = None,
) -> None:
    """An order of one line from the channel shop."""
    items = Decimal(price) * quantity
    total = items - Decimal(discount) + Decimal(tax)
    put(connection, "orders", cycle, {"message_id": f"m-{name}", "order_id": name, "channel": "shop",
        "channel_order_id": name, "customer_id": customer, "message_kind": "order", "placed_at": at(cycle, 8),
        "requested_to": at(cycle + 4, 18), "cancel_after": cancel_after, "currency": "GBP", "payment_status": payment_status, "items_total": items,
        "discount_total": discount, "shipping_total": 0, "charge_total": 0, "tax_total": tax, "rounding_total": 0,
        "order_total": total})
    put(connection, "order_lines", cycle, {"message_id": f"m-{name}", "order_id": name, "order_line_id": f"{name}-1",
        "line_number": "1", "sku_code": sku, "quantity": quantity, "quantity_added": quantity, "unit_price": price,
        "discount_share": discount, "tax_amount": tax, "line_total": items - Decimal(discount)})


def release(
    connection: duckdb.DuckDBPyConnection,
    cycle: int,
    wave: str,
    shipment: str,
    order_id: str,
    sku: str,
    quantity: int,
    value: str,
) -> None:
    """A line in a wave of its own, as a commit writes it."""
    line = f"{order_id}-1"
    put(connection, "waves", cycle, {"wave_id": wave, "location_id": "LON", "cutoff": at(cycle, 17),
        "released_at": at(cycle), "lines": 1})
    put(connection, "shipments", cycle, {"shipment_id": shipment, "order_id": order_id, "location_id": "LON",
        "wave_id": wave, "mode": "own_fleet", "weight_kg": 2 * quantity, "volume_m3": Decimal("0.01") * quantity,
        "value": value, "currency": "GBP", "ship_date": at(cycle).date(), "window_from": at(cycle + 1, 8),
        "window_to": at(cycle + 1, 18), "latitude": "51.75", "longitude": "-0.34", "service_min": 8,
        "temperature_class": "ambient", "hazard_class": "none", "chosen_because": "30 km from LON"})
    put(connection, "shipment_lines", cycle, {"shipment_id": shipment, "order_line_id": line, "sku_id": sku,
        "quantity": quantity})
    put(connection, "pick_tasks", cycle, {"task_id": f"{wave}-001", "wave_id": wave, "batch_id": f"{wave}-A",
        "bin": "A-1-1", "zone": "A", "pick_sequence": 1, "order_line_id": line, "shipment_id": shipment,
        "sku_id": sku, "location_id": "LON", "qty_to_pick": quantity})
    move(connection, cycle, f"release-{shipment}", line, "open", "released", quantity, shipment, 12, "commit", "WAVE")


def dispatch(
    connection: duckdb.DuckDBPyConnection, cycle: int, load: str, stops: list[list[tuple[str, str, str, int]]]
) -> None:
    """A load leaves: (shipment, line, sku, units) by stop; what is packed is loaded and shipped."""
    shipped = [(number, *what) for number, stop in enumerate(stops, 1) for what in stop]
    put(connection, "loads", cycle, {"load_id": load, "mode": "own_fleet", "location_id": "LON", "vehicle_id": "V1",
        "driver_id": "D1", "weight_kg": 20, "volume_m3": "0.1", "stops": len(stops), "value": 38, "capacity_kg": 500,
        "capacity_m3": 4, "utilisation": "0.04", "binding_dimension": "weight", "planned_departure": at(cycle, 9),
        "departed_at": at(cycle), "distance_km": 60, "baseline_distance_km": 70, "duration_min": 90, "drive_min": 74,
        "service_min": 16, "wait_min": 0, "late_min": 0, "cost": 60, "currency": "GBP", "engine": "pyvrp", "seed": 1})
    for number, stop in enumerate(stops, 1):
        put(connection, "load_stops", cycle, {"load_id": load, "stop_sequence": number, "shipment_ids": [s for s,
            *_ in stop], "latitude": "51.75", "longitude": "-0.34", "window_from": at(cycle, 8),
            "window_to": at(cycle, 18), "eta": at(cycle, 12 + number), "departure": at(cycle, 13 + number),
            "service_min": 8, "late_min": 0, "distance_km": 30, "is_locked": False})
    for number, shipment, line, sku, quantity in shipped:
        put(connection, "load_shipments", cycle, {"load_id": load, "shipment_id": shipment, "stop_sequence": number,
            "load_position": number})
        move(connection, cycle, f"dispatch-{load}-{shipment}-loaded", line, "packed", "loaded", quantity, shipment,
            12, "commit")
        move(connection, cycle, f"dispatch-{load}-{shipment}-shipped", line, "loaded", "shipped", quantity, shipment,
            12, "commit")
        stock(connection, cycle, f"dispatch-{load}-{shipment}", "ship", sku, -quantity, shipment)


def pick_and_pack(
    connection: duckdb.DuckDBPyConnection,
    cycle: int,
    wave: str,
    shipment: str,
    line: str,
    quantity: int,
    short: str | None = None,
) -> None:
    """The floor's scans of a task, and what the ledger made of them."""
    for hour, kind, source, target in ((9, "pick", "released", "picked"), (10, "pack", "picked", "packed")):
        scan = f"{kind}-{shipment}"
        put(connection, "floor", cycle, {"message_id": scan, "scan_id": scan, "kind": kind, "task_id": f"{wave}-001",
            "order_line_id": line, "quantity": quantity, "short_reason": short if kind == "pick" else None,
            "package_id": f"P-{shipment}" if kind == "pack" else None, "package_type": "box", "actor": "anna",
            "event_at": at(cycle, hour)})
        move(connection, cycle, scan, line, source, target, quantity, shipment, hour, "anna")


def result(
    connection: duckdb.DuckDBPyConnection, cycle: int, shipment: str, line: str, outcome: str, quantity: int
) -> None:
    """What the driver reports of a line, and what the ledger made of it."""
    event = f"{outcome}-{shipment}"
    put(connection, "deliveries", cycle, {"message_id": event, "event_id": event, "shipment_id": shipment,
        "order_line_id": line, "outcome": outcome, "quantity": quantity,
        "receiver": "Ms Shop" if outcome == "delivered" else None,
        "reason_code": None if outcome == "delivered" else outcome.upper(), "event_at": at(cycle,
        10 if outcome == "delivered" else 11)})
    target = {"delivered": "delivered", "refused": "refused", "absent": "packed"}[outcome]
    move(connection, cycle, event, line, "shipped", target, quantity, shipment, 10 if outcome == "delivered" else 11,
        "driver")


def came_back(
    connection: duckdb.DuckDBPyConnection, cycle: int, name: str, line: str, kind: str, quantity: int, **more: Any
) -> None:
    """One event of a return, as the feed says it."""
    suffix = more.get("disposition", "")
    put(connection, "returns", cycle, {"message_id": f"{name}-{kind}{suffix}", "event_id": f"{name}-{kind}{suffix}",
        "return_id": name, "kind": kind, "order_line_id": line, "quantity": quantity, "location_code": "LON",
        "event_at": at(cycle, {"requested": 8, "received": 9, "inspected": 10}[kind]), **more})
