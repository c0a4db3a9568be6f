"""A small world, written by hand: five cycles of one warehouse, with one case of each thing that can happen to an order.

Belongs here: the facts and the plan of the world, in the order in which cycles would have written them. Every figure that
`test_marts.py` expects can be worked out from this page.

- **O1** 3 A for 10.00 after a discount: delivered whole; one unit returned and paid back (R1), then two come back where one was authorised (R2).
- **O2** 10 A at 5.00 and 10.00 tax, on account: 6 released, 2 of them not found; 4 shipped, 3 delivered, 1 refused and received back (R3);
  of the 6 open ones cycle 5 promises 5, releases 2 of these, and 1 stays without stock.
- **O3** 2 B, held by hand. **O4** 1 B: nobody was there, rides again in cycle 5. **O5** 1 B, nothing planned yet.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import duckdb

from oms_dagster.warehouse.write import append

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


def reference(connection: duckdb.DuckDBPyConnection, entity: str, key: str, since: datetime | None = None, **attributes: Any) -> None:
    """One version of a reference entity; the key is its code."""
    since = since or at(1, 0)
    put(
        connection, "reference_versions", 1,
        {"message_id": f"{entity}-{key}-{since:%d}", "entity": entity, "key": key, "version": since.day, "valid_from": since,
         "attributes": json.dumps({f"{entity[:-1]}_code": key, **attributes})},
    )  # fmt: skip


def move(
    connection: duckdb.DuckDBPyConnection, cycle: int, event: str, line: str, source: str, target: str, quantity: int, shipment: str | None,
    hour: int = 11, actor: str = "floor", reason: str | None = None,
) -> None:  # fmt: skip
    """One line event at London."""
    put(
        connection, "line_events", cycle,
        {"event_id": f"{event}#{line}#0", "order_line_id": line, "from_bucket": source, "to_bucket": target, "quantity": quantity,
         "location_id": "LON", "document_id": shipment, "reason_code": reason, "event_at": at(cycle, hour), "actor": actor, "assumed": False},
    )  # fmt: skip


def stock(connection: duckdb.DuckDBPyConnection, cycle: int, movement: str, kind: str, sku: str, quantity: int, reference: str | None = None) -> None:
    """One movement of usable stock at London."""
    put(
        connection, "stock_movements", cycle,
        {"movement_id": movement, "kind": kind, "stock_status": "usable", "sku_id": sku, "location_id": "LON", "quantity": quantity,
         "reference": reference, "event_at": at(cycle, 11)},
    )  # fmt: skip


def reference_data(connection: duckdb.DuckDBPyConnection) -> None:
    for customer, limit in (("C1", "1000.00"), ("C2", None)):
        reference(connection, "customers", customer, name=f"Customer {customer}", email=f"{customer.lower()}@example.org", currency="GBP",
                  credit_limit=limit, segment="trade", priority=5)  # fmt: skip
        reference(connection, "addresses", f"{customer}|MAIN", customer_code=customer, address_code="MAIN", name="Shop", street="1 High Street",
                  postcode="AL1 1AA", city="St Albans", country="GB", latitude="51.75", longitude="-0.34")  # fmt: skip
    reference(connection, "customers", "C1", since=at(3, 0), name="Customer One", email="c1@example.org", currency="GBP", credit_limit="1000.00",
              segment="trade", priority=5)  # fmt: skip
    for sku, safety, reorder in (("A", "5", "10"), ("B", "2", "20")):
        reference(connection, "skus", sku, name=f"Thing {sku}", unit="ea", weight_kg="2.0", volume_m3="0.01", temperature_class="ambient",
                  hazard_class="none", cost="2.50", currency="GBP", safety_stock=safety, reorder_point=reorder, is_active=True)  # fmt: skip
    reference(connection, "locations", "LON", name="London", kind="dc", city="London", country="GB", latitude="51.50", longitude="-0.12",
              timezone="Europe/London")  # fmt: skip
    reference(connection, "drivers", "D1", name="Driver", location_code="LON", shift_from="07:00", shift_to="18:00")
    reference(connection, "vehicles", "V1", location_code="LON", payload_kg="500", volume_m3="4", max_stops=10, cost_km="0.50", cost_hour="20.00",
              currency="GBP", driver_code="D1", temperature_classes="ambient", is_active=True)  # fmt: skip
    reference(connection, "suppliers", "S1", name="Supplier", lead_time_days=7, currency="GBP")


def order(
    connection: duckdb.DuckDBPyConnection, cycle: int, name: str, customer: str, sku: str, quantity: int, price: str, discount: str = "0", tax: str = "0",
    payment_status: str = "paid",
) -> None:  # fmt: skip
    """An order of one line from the channel shop."""
    items = Decimal(price) * quantity
    total = items - Decimal(discount) + Decimal(tax)
    put(
        connection, "orders", cycle,
        {"message_id": f"m-{name}", "order_id": name, "channel": "shop", "channel_order_id": name, "customer_id": customer, "message_kind": "order",
         "placed_at": at(cycle, 8), "requested_to": at(cycle + 3, 18), "currency": "GBP", "payment_status": payment_status,
         "items_total": items, "discount_total": discount, "shipping_total": 0, "charge_total": 0, "tax_total": tax, "rounding_total": 0,
         "order_total": total},
    )  # fmt: skip
    put(
        connection, "order_lines", cycle,
        {"message_id": f"m-{name}", "order_id": name, "order_line_id": f"{name}-1", "line_number": "1", "sku_code": sku, "quantity": quantity,
         "quantity_added": quantity, "unit_price": price, "discount_share": discount, "tax_amount": tax, "line_total": items - Decimal(discount)},
    )  # fmt: skip


def release(connection: duckdb.DuckDBPyConnection, cycle: int, wave: str, shipment: str, order_id: str, sku: str, quantity: int, value: str) -> None:
    """A line in a wave of its own, as a commit writes it."""
    line = f"{order_id}-1"
    put(connection, "waves", cycle, {"wave_id": wave, "location_id": "LON", "cutoff": at(cycle, 17), "released_at": at(cycle), "lines": 1})
    put(
        connection, "shipments", cycle,
        {"shipment_id": shipment, "order_id": order_id, "location_id": "LON", "wave_id": wave, "mode": "own_fleet", "weight_kg": 2 * quantity,
         "volume_m3": Decimal("0.01") * quantity, "value": value, "currency": "GBP", "ship_date": at(cycle).date(), "window_from": at(cycle + 1, 8),
         "window_to": at(cycle + 1, 18), "latitude": "51.75", "longitude": "-0.34", "service_min": 8, "temperature_class": "ambient",
         "hazard_class": "none", "chosen_because": "30 km from LON"},
    )  # fmt: skip
    put(connection, "shipment_lines", cycle, {"shipment_id": shipment, "order_line_id": line, "sku_id": sku, "quantity": quantity})
    put(
        connection, "pick_tasks", cycle,
        {"task_id": f"{wave}-001", "wave_id": wave, "batch_id": f"{wave}-A", "bin": "A-1-1", "zone": "A", "pick_sequence": 1, "order_line_id": line,
         "shipment_id": shipment, "sku_id": sku, "location_id": "LON", "qty_to_pick": quantity},
    )  # fmt: skip
    move(connection, cycle, f"release-{shipment}", line, "open", "released", quantity, shipment, 12, "commit", "WAVE")


def dispatch(connection: duckdb.DuckDBPyConnection, cycle: int, load: str, stops: list[list[tuple[str, str, str, int]]]) -> None:
    """A load leaves: (shipment, line, sku, units) by stop; what is packed is loaded and shipped."""
    shipped = [(number, *what) for number, stop in enumerate(stops, 1) for what in stop]
    put(
        connection, "loads", cycle,
        {"load_id": load, "mode": "own_fleet", "location_id": "LON", "vehicle_id": "V1", "driver_id": "D1", "weight_kg": 20, "volume_m3": "0.1",
         "stops": len(stops), "value": 38, "capacity_kg": 500, "capacity_m3": 4, "utilisation": "0.04", "binding_dimension": "weight",
         "planned_departure": at(cycle, 9), "departed_at": at(cycle), "distance_km": 60, "baseline_distance_km": 70, "duration_min": 90,
         "drive_min": 74, "service_min": 16, "wait_min": 0, "late_min": 0, "cost": 60, "currency": "GBP", "engine": "pyvrp", "seed": 1},
    )  # fmt: skip
    for number, stop in enumerate(stops, 1):
        put(
            connection, "load_stops", cycle,
            {"load_id": load, "stop_sequence": number, "shipment_ids": [s for s, *_ in stop], "latitude": "51.75", "longitude": "-0.34",
             "window_from": at(cycle, 8), "window_to": at(cycle, 18), "eta": at(cycle, 12 + number), "departure": at(cycle, 13 + number),
             "service_min": 8, "late_min": 0, "distance_km": 30, "is_locked": False},
        )  # fmt: skip
    for number, shipment, line, sku, quantity in shipped:
        put(connection, "load_shipments", cycle, {"load_id": load, "shipment_id": shipment, "stop_sequence": number, "load_position": number})
        move(connection, cycle, f"dispatch-{load}-{shipment}-loaded", line, "packed", "loaded", quantity, shipment, 12, "commit")
        move(connection, cycle, f"dispatch-{load}-{shipment}-shipped", line, "loaded", "shipped", quantity, shipment, 12, "commit")
        stock(connection, cycle, f"dispatch-{load}-{shipment}", "ship", sku, -quantity, shipment)


def pick_and_pack(connection: duckdb.DuckDBPyConnection, cycle: int, wave: str, shipment: str, line: str, quantity: int, short: str | None = None) -> None:
    """The floor's scans of a task, and what the ledger made of them."""
    for hour, kind, source, target in ((9, "pick", "released", "picked"), (10, "pack", "picked", "packed")):
        scan = f"{kind}-{shipment}"
        put(
            connection, "floor", cycle,
            {"message_id": scan, "scan_id": scan, "kind": kind, "task_id": f"{wave}-001", "order_line_id": line, "quantity": quantity,
             "short_reason": short if kind == "pick" else None, "package_id": f"P-{shipment}" if kind == "pack" else None, "package_type": "box",
             "actor": "anna", "event_at": at(cycle, hour)},
        )  # fmt: skip
        move(connection, cycle, scan, line, source, target, quantity, shipment, hour, "anna")


def result(connection: duckdb.DuckDBPyConnection, cycle: int, shipment: str, line: str, outcome: str, quantity: int) -> None:
    """What the driver reports of a line, and what the ledger made of it."""
    event = f"{outcome}-{shipment}"
    put(
        connection, "deliveries", cycle,
        {"message_id": event, "event_id": event, "shipment_id": shipment, "order_line_id": line, "outcome": outcome, "quantity": quantity,
         "receiver": "Ms Shop" if outcome == "delivered" else None, "reason_code": None if outcome == "delivered" else outcome.upper(),
         "event_at": at(cycle, 10 if outcome == "delivered" else 11)},
    )  # fmt: skip
    target = {"delivered": "delivered", "refused": "refused", "absent": "packed"}[outcome]
    move(connection, cycle, event, line, "shipped", target, quantity, shipment, 10 if outcome == "delivered" else 11, "driver")


def came_back(connection: duckdb.DuckDBPyConnection, cycle: int, name: str, line: str, kind: str, quantity: int, **more: Any) -> None:
    """One event of a return, as the feed says it."""
    suffix = more.get("disposition", "")
    put(
        connection, "returns", cycle,
        {"message_id": f"{name}-{kind}{suffix}", "event_id": f"{name}-{kind}{suffix}", "return_id": name, "kind": kind, "order_line_id": line,
         "quantity": quantity, "location_code": "LON", "event_at": at(cycle, {"requested": 8, "received": 9, "inspected": 10}[kind]), **more},
    )  # fmt: skip


def history(connection: duckdb.DuckDBPyConnection) -> None:
    """Cycles 1 to 4, and what cycle 5 captured and applied before it planned."""
    stock(connection, 1, "rec-A", "receipt", "A", 20)
    stock(connection, 1, "rec-B", "receipt", "B", 10)
    order(connection, 2, "O1", "C2", "A", 3, "4.00", discount="2.00")
    order(connection, 2, "O2", "C1", "A", 10, "5.00", tax="10.00", payment_status="on_account")
    order(connection, 3, "O3", "C2", "B", 2, "8.00")
    order(connection, 2, "O4", "C2", "B", 1, "8.00")
    order(connection, 5, "O5", "C2", "B", 1, "8.00", payment_status="pending")

    release(connection, 2, "W1", "S1", "O1", "A", 3, "10.00")
    release(connection, 2, "W2", "S2", "O2", "A", 6, "30.00")
    release(connection, 2, "W4", "S4", "O4", "B", 1, "8.00")
    pick_and_pack(connection, 3, "W1", "S1", "O1-1", 3)
    pick_and_pack(connection, 3, "W2", "S2", "O2-1", 4, short="NOT_FOUND")
    move(connection, 3, "pick-S2-short", "O2-1", "released", "open", 2, "S2", 9, "anna", "NOT_FOUND")
    stock(connection, 3, "pick-S2#O2-1#variance", "variance", "A", -2, "pick-S2")
    pick_and_pack(connection, 3, "W4", "S4", "O4-1", 1)
    dispatch(connection, 3, "L1", [[("S1", "O1-1", "A", 3), ("S2", "O2-1", "A", 4)], [("S4", "O4-1", "B", 1)]])

    result(connection, 4, "S1", "O1-1", "delivered", 3)
    result(connection, 4, "S2", "O2-1", "delivered", 3)
    result(connection, 4, "S2", "O2-1", "refused", 1)
    result(connection, 4, "S4", "O4-1", "absent", 1)
    stock(connection, 4, "absent-S4#O4-1#return_restock", "return_restock", "B", 1, "absent-S4")
    for kind, hour in (("gate_in", 6), ("dock_in", 7), ("loading_start", 8), ("loading_end", 9), ("gate_out", 10)):
        put(connection, "yard", 3, {"message_id": f"y-{kind}", "event_id": f"y-{kind}", "visit_id": "Y1", "load_id": "L1", "dock_id": "2",
                                    "kind": kind, "event_at": at(3, hour)})  # fmt: skip
    put(connection, "yard", 4, {"message_id": "y-returned", "event_id": "y-returned", "visit_id": "Y1", "load_id": "L1", "kind": "returned",
                                "event_at": at(4, 12)})  # fmt: skip

    came_back(connection, 5, "R1", "O1-1", "requested", 1, origin="customer", reason_code="NO_NEED", resolution="refund")
    came_back(connection, 5, "R1", "O1-1", "received", 1)
    came_back(connection, 5, "R1", "O1-1", "inspected", 1, disposition="restock")
    move(connection, 5, "R1-received", "O1-1", "delivered", "returned", 1, "S1", 9, "warehouse")
    stock(connection, 5, "R1-inspectedrestock#O1-1#return_restock", "return_restock", "A", 1, "R1-inspectedrestock")
    came_back(connection, 5, "R2", "O1-1", "requested", 1, origin="customer", resolution="refund", event_at=at(5, 9))
    came_back(connection, 5, "R2", "O1-1", "received", 2)
    came_back(connection, 5, "R2", "O1-1", "inspected", 1, disposition="restock")
    came_back(connection, 5, "R2", "O1-1", "inspected", 1, disposition="scrap")
    move(connection, 5, "R2-received", "O1-1", "delivered", "returned", 2, "S1", 9, "warehouse")
    stock(connection, 5, "R2-inspectedrestock#O1-1#return_restock", "return_restock", "A", 1, "R2-inspectedrestock")
    came_back(connection, 5, "R3", "O2-1", "received", 1, origin="door")
    move(connection, 5, "R3-received", "O2-1", "refused", "returned", 1, "S2", 9, "warehouse")

    for payment, cycle, event, amount in (("p1", 2, "captured", "10.00"), ("p2", 5, "refunded", "3.33")):
        put(connection, "payments", cycle, {"message_id": payment, "payment_id": payment, "channel": "shop", "channel_order_id": "O1",
                                            "method": "card", "event": event, "amount": amount, "currency": "GBP", "event_at": at(cycle, 9)})  # fmt: skip
    put(connection, "receivables", 2, {"message_id": "r1", "invoice_number": "90", "customer_code": "C1", "open_amount": "100.00", "currency": "GBP",
                                       "due_date": date(2026, 4, 1), "event_at": at(2, 9)})  # fmt: skip
    for supply, sku, quantity, due, status in (("PO1", "A", 3, date(2026, 3, 12), "confirmed"), ("PO2", "B", 5, date(2026, 3, 1), "draft"),
                                               ("PO3", "A", 20, date(2026, 3, 6), "received")):  # fmt: skip
        put(connection, "supply", 1, {"message_id": supply, "supply_id": supply, "kind": "purchase", "sku_code": sku, "location_code": "LON",
                                      "supplier_code": "S1", "quantity": quantity, "due_date": due, "status": status, "event_at": at(1, 9)})  # fmt: skip
    put(
        connection, "hold_events", 3,
        {"hold_id": "MANUAL_USER-O3-1", "event": "placed", "hold_type": "MANUAL_USER", "family": "manual", "scope": "order", "order_id": "O3",
         "observed": "held by hand", "threshold": "no hold", "explanation": "wait for the buyer", "remedy": "ask maria, or release it",
         "rule_version": "1", "actor": "maria", "reason": "wait for the buyer", "command_id": "c1", "event_at": at(3)},
        {"hold_id": "MANUAL_USER-O2-1", "event": "placed", "hold_type": "MANUAL_USER", "family": "manual", "scope": "order", "order_id": "O2",
         "explanation": "check the price", "remedy": "release it", "rule_version": "1", "actor": "maria", "event_at": at(2)},
        {"hold_id": "MANUAL_USER-O2-1", "event": "released", "hold_type": "MANUAL_USER", "family": "manual", "scope": "order", "order_id": "O2",
         "actor": "maria", "reason": "price is right", "event_at": at(3)},
    )  # fmt: skip
    put(
        connection, "commands", 3,
        {"command_id": "c1", "sequence": 1, "type": "hold.place", "target": "O3", "payload": "{}", "actor": "maria", "reason": "wait for the buyer",
         "issued_at": at(3, 9), "seen_cycle_id": "2", "outcome": "accepted", "outcome_reason": "hold placed"},
        {"command_id": "c2", "sequence": 2, "type": "load.lock", "target": "L9", "payload": "{}", "actor": "maria", "reason": "keep it",
         "issued_at": at(3, 9), "seen_cycle_id": "2", "outcome": "rejected", "outcome_reason": "L9 is no load of the last plan"},
    )  # fmt: skip
    put(
        connection, "exceptions", 4,
        {"exception_id": "e1", "kind": "DELIVERY_UNKNOWN", "key": "S9", "expected": "goods on the road", "found": "S9", "difference": "",
         "explanation": "delivered reported for S9, which has nothing on the road", "event_at": at(4)},
    )  # fmt: skip
    put(
        connection, "capture_files", 2,
        {"file_sha256": "f" * 64, "file_name": "orders.csv", "channel": "shop", "bytes": 300, "modified_ns": 1, "lines_read": 4, "lines_accepted": 3,
         "lines_quarantined": 1, "lines_duplicate": 0, "lines_conflict": 0, "messages": 4, "messages_accepted": 3, "messages_duplicate": 0,
         "messages_conflict": 0, "messages_quarantined": 1, "captured_at": at(2)},
    )  # fmt: skip
    put(connection, "capture_messages", 2, *(
        {"message_id": f"m-{name}", "channel": "shop", "record": "order", "file_name": "orders.csv", "file_sha256": "f" * 64, "position": number,
         "lines": 1, "outcome": "quarantined" if name == "O9" else "accepted", "error_code": "MISSING_FIELD" if name == "O9" else None,
         "order_id": name, "received_at": at(2)}
        for number, name in enumerate(("O1", "O2", "O4", "O9"), 1)
    ))  # fmt: skip
    for number, (kind, load, shipment, order_id) in enumerate(
        (("romaneio", "L1", None, None), ("packing_slip", "L1", "S1", "O1"), ("packing_slip", "L1", "S2", "O2"), ("invoice", "L1", "S1", "O1")), 1
    ):
        document = f"{kind}-A-{2 if number == 3 else 1}"
        put(connection, "documents", 3, {"document_id": document, "document_type": kind, "series": "A", "number": 2 if number == 3 else 1,
                                         "load_id": load, "shipment_id": shipment, "order_id": order_id, "issued_at": at(3)})  # fmt: skip
        put(connection, "document_renderings", 3, {"document_id": document, "file": f"{document}.pdf", "sha256": "a" * 64, "bytes": 9})
    put(connection, "promise_events", 2, {"order_line_id": "O2-1", "event": "first", "location_id": "LON", "quantity": 6,
                                          "ship_date": date(2026, 3, 8), "deliver_date": date(2026, 3, 9), "event_at": at(2)})  # fmt: skip
    put(connection, "backorder_events", 3, {"order_line_id": "O2-1", "event": "begun", "quantity": 4, "reason": "no stock", "event_at": at(3)})
    for cycle in range(1, CYCLE):
        for state in ("planned", "committed", "published"):
            put(connection, "cycles", cycle, {"state": state, "as_of": at(cycle), "started_at": at(cycle), "ended_at": at(cycle, 13), "seed": 1,
                                              "input_hash": "i", "plan_hash": "p", "code_version": "1"})  # fmt: skip


def candidates(connection: duckdb.DuckDBPyConnection) -> None:
    """The plan of cycle 5."""
    connection.execute("delete from plans.cycle")
    connection.execute("insert into plans.cycle values (?, ?, 1)", [CYCLE, AS_OF])
    promise = {"order_line_id": "O2-1", "order_id": "O2", "sku_id": "A", "location_id": "LON", "cost": "1.20", "explanation": "nearest",
               "is_firm": False}  # fmt: skip
    plan(
        connection, "promises",
        {**promise, "quantity": 2, "ship_date": date(2026, 3, 10), "deliver_date": date(2026, 3, 11)},
        {**promise, "quantity": 3, "ship_date": date(2026, 3, 12), "deliver_date": date(2026, 3, 13), "supply_id": "PO1"},
    )  # fmt: skip
    plan(connection, "backorders", {"order_line_id": "O2-1", "order_id": "O2", "sku_id": "A", "quantity": 1, "reason": "no stock is left"})
    load = {"mode": "own_fleet", "location_id": "LON", "vehicle_id": "V1", "driver_id": "D1", "stops": 1, "value": 8, "capacity_kg": 500,
            "capacity_m3": 4, "utilisation": "0.01", "binding_dimension": "weight", "is_locked": False, "distance_km": 60,
            "baseline_distance_km": 60, "duration_min": 90, "drive_min": 74, "service_min": 8, "wait_min": 0, "late_min": 0, "cost": 60,
            "currency": "GBP", "engine": "pyvrp", "seed": 1}  # fmt: skip
    stop = {"latitude": "51.75", "longitude": "-0.34", "service_min": 60, "late_min": 0, "distance_km": 30, "is_locked": False}
    for name, day, shipment in (("L2", 5, "S4"), ("L3", 6, "O2-LON-2")):
        plan(connection, "loads", {**load, "load_id": name, "planned_departure": at(day, 12), "weight_kg": 4, "volume_m3": "0.02"})
        plan(connection, "load_shipments", {"load_id": name, "shipment_id": shipment, "stop_sequence": 1, "load_position": 1})
        plan(connection, "route_stops", {**stop, "load_id": name, "stop_sequence": 1, "shipment_ids": [shipment], "eta": at(day, 13),
                                         "departure": at(day, 14), "window_from": at(day, 8), "window_to": at(day, 18)})  # fmt: skip
        plan(connection, "shipment_modes", {"shipment_id": shipment, "mode": "own_fleet"})
    plan(connection, "solver_runs", {"stage": "routes", "scope": "LON", "engine": "pyvrp", "status": "feasible", "objective": 6000,
                                     "baseline": "postal code order", "baseline_objective": 6100, "effort": 600, "fuse": True, "seed": 1})  # fmt: skip


def commit(connection: duckdb.DuckDBPyConnection) -> None:
    """What cycle 5 commits: two units of O2 go to the floor, O4 rides again, promises and the solve are remembered."""
    release(connection, 5, "W5", "O2-LON-2", "O2", "A", 2, "10.00")
    dispatch(connection, 5, "L2", [[("S4", "O4-1", "B", 1)]])
    put(connection, "load_events", 5, {"load_id": "L3", "event": "approved", "actor": "maria", "event_at": at(5, 11)})
    put(connection, "promise_events", 5, {"order_line_id": "O2-1", "event": "changed", "location_id": "LON", "quantity": 5,
                                          "ship_date": date(2026, 3, 12), "deliver_date": date(2026, 3, 13), "event_at": at(5)})  # fmt: skip
    put(connection, "decisions", 5, {"decision_id": "5-sourcing-O2-1", "stage": "sourcing", "subject_type": "line", "subject_id": "O2-1",
                                     "chosen": "LON", "because": "nearest", "actor": "plan"})  # fmt: skip
    put(connection, "solver_runs", 5, {"stage": "routes", "scope": "LON", "engine": "pyvrp", "status": "feasible", "objective": 6000,
                                       "baseline_objective": 6100, "effort": 600, "fuse": True, "seed": 1})  # fmt: skip
    put(connection, "data_quality", 5, {"check_name": "inv_01_units", "scope": "", "stage": "commit", "severity": "error", "passed": True,
                                        "failing_rows": 0})  # fmt: skip
    for state in ("planned", "committed"):
        put(connection, "cycles", 5, {"state": state, "as_of": AS_OF, "started_at": AS_OF, "ended_at": AS_OF, "seed": 1})
