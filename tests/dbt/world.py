"""A small world, written by hand: five cycles of one warehouse, a case of each thing that can happen to an order.

Belongs here: what happened, in the order in which cycles would have written it. Every figure that `test_marts.py`
expects can be worked out from this page.

- **O1** 3 A for 10.00 after a discount: delivered whole; one unit returned and paid back (R1), then two come back where
  one was authorised (R2).
- **O2** 10 A at 5.00 and 10.00 tax, on account: 6 released, 2 of them not found; 4 shipped, 3 delivered, 1 refused and
  received back (R3); of the 6 open ones cycle 5 promises 5, releases 2 of these, and 1 stays without stock.
- **O8** has not come, its cancellation has. **O9** is in quarantine.
- **O3** 2 B, held by hand. **O4** 1 B: nobody was there, rides again in cycle 5. **O5** 1 B, nothing planned yet.
"""

from __future__ import annotations

from datetime import date

import duckdb
from world_verbs import (
    AS_OF,
    CYCLE,
    at,
    came_back,
    dispatch,
    move,
    order,
    pick_and_pack,
    plan,
    put,
    reference,
    release,
    result,
    stock,
)

# fmt: off


def reference_data(connection: duckdb.DuckDBPyConnection) -> None:
    for customer, limit in (("C1", "1000.00"), ("C2", None)):
        reference(connection, "customers", customer, name=f"Customer {customer}",
            email=f"{customer.lower()}@example.org", currency="GBP", credit_limit=limit, segment="trade", priority=5)
        reference(connection, "addresses", f"{customer}|MAIN", customer_code=customer, address_code="MAIN",
            name="Shop", street="1 High Street", postcode="AL1 1AA", city="St Albans", country="GB", latitude="51.75",
            longitude="-0.34")
    reference(connection, "customers", "C1", since=at(3, 0), name="Customer One", email="c1@example.org",
        currency="GBP", credit_limit="1000.00", segment="trade", priority=5)
    for sku, safety, reorder in (("A", "5", "10"), ("B", "2", "20")):
        reference(connection, "skus", sku, name=f"Thing {sku}", unit="ea", weight_kg="2.0", volume_m3="0.01",
            temperature_class="ambient", hazard_class="none", cost="2.50", currency="GBP", safety_stock=safety,
            reorder_point=reorder, is_active=True)
    reference(connection, "locations", "LON", name="London", kind="dc", city="London", country="GB", latitude="51.50",
        longitude="-0.12", timezone="Europe/London")
    reference(connection, "drivers", "D1", name="Driver", location_code="LON", shift_from="07:00", shift_to="18:00")
    reference(connection, "vehicles", "V1", location_code="LON", payload_kg="500", volume_m3="4", max_stops=10,
        cost_km="0.50", cost_hour="20.00", currency="GBP", driver_code="D1", temperature_classes="ambient",
        is_active=True)
    reference(connection, "suppliers", "S1", name="Supplier", lead_time_days=7, currency="GBP")


def history(connection: duckdb.DuckDBPyConnection) -> None:
    """Cycles 1 to 4, and what cycle 5 captured and applied before it planned."""
    stock(connection, 1, "rec-A", "receipt", "A", 20)
    stock(connection, 1, "rec-B", "receipt", "B", 10)
    order(connection, 2, "O1", "C2", "A", 3, "4.00", discount="2.00")
    order(connection, 2, "O2", "C1", "A", 10, "5.00", tax="10.00", payment_status="on_account")
    order(connection, 3, "O3", "C2", "B", 2, "8.00")
    order(connection, 2, "O4", "C2", "B", 1, "8.00")
    order(connection, 5, "O5", "C2", "B", 1, "8.00", payment_status="pending", cancel_after=at(5, 9))

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
        put(connection, "yard", 3, {"message_id": f"y-{kind}", "event_id": f"y-{kind}", "visit_id": "Y1",
            "load_id": "L1", "dock_id": "2", "kind": kind, "event_at": at(3, hour)})
    put(connection, "yard", 4, {"message_id": "y-returned", "event_id": "y-returned", "visit_id": "Y1",
        "load_id": "L1", "kind": "returned", "event_at": at(4, 12)})

    came_back(connection, 5, "R1", "O1-1", "requested", 1, origin="customer", reason_code="NO_NEED",
        resolution="refund")
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
        put(connection, "payments", cycle, {"message_id": payment, "payment_id": payment, "channel": "shop",
            "channel_order_id": "O1", "method": "card", "event": event, "amount": amount, "currency": "GBP",
            "event_at": at(cycle, 9)})
    put(connection, "receivables", 2, {"message_id": "r1", "invoice_number": "90", "customer_code": "C1",
        "open_amount": "100.00", "currency": "GBP", "due_date": date(2026, 4, 1), "event_at": at(2, 9)})
    for supply, sku, quantity, due, status in (
        ("PO1", "A", 3, date(2026, 3, 12), "confirmed"),
        ("PO2", "B", 5, date(2026, 3, 1), "draft"),
        ("PO3", "A", 20, date(2026, 3, 6), "received"),
    ):
        put(connection, "supply", 1, {"message_id": supply, "supply_id": supply, "kind": "purchase", "sku_code": sku,
            "location_code": "LON", "supplier_code": "S1", "quantity": quantity, "due_date": due, "status": status,
            "event_at": at(1, 9)})
    put(connection, "hold_events", 3, {"hold_id": "MANUAL_USER-O3-1", "event": "placed", "hold_type": "MANUAL_USER",
        "family": "manual", "scope": "order", "order_id": "O3", "observed": "held by hand", "threshold": "no hold",
        "explanation": "wait for the buyer", "remedy": "ask maria, or release it", "rule_version": "1",
        "actor": "maria", "reason": "wait for the buyer", "command_id": "c1", "event_at": at(3)},
        {"hold_id": "MANUAL_USER-O2-1", "event": "placed", "hold_type": "MANUAL_USER", "family": "manual",
        "scope": "order", "order_id": "O2", "explanation": "check the price", "remedy": "release it",
        "rule_version": "1", "actor": "maria", "event_at": at(2)}, {"hold_id": "MANUAL_USER-O2-1",
        "event": "released", "hold_type": "MANUAL_USER", "family": "manual", "scope": "order", "order_id": "O2",
        "actor": "maria", "reason": "price is right", "event_at": at(3)})
    put(connection, "commands", 3, {"command_id": "c1", "sequence": 1, "type": "hold.place", "target": "O3",
        "payload": "{}", "actor": "maria", "reason": "wait for the buyer", "issued_at": at(3, 9),
        "seen_cycle_id": "2", "outcome": "accepted", "outcome_reason": "hold placed"}, {"command_id": "c2",
        "sequence": 2, "type": "load.lock", "target": "L9", "payload": "{}", "actor": "maria", "reason": "keep it",
        "issued_at": at(3, 9), "seen_cycle_id": "2", "outcome": "rejected",
        "outcome_reason": "L9 is no load of the last plan"})
    put(connection, "exceptions", 4, {"exception_id": "e1", "kind": "DELIVERY_UNKNOWN", "key": "S9",
        "expected": "goods on the road", "found": "S9", "difference": "",
        "explanation": "delivered reported for S9, which has nothing on the road", "event_at": at(4)})
    put(connection, "capture_files", 2, {"file_sha256": "f" * 64, "file_name": "orders.csv", "channel": "shop",
        "bytes": 300, "modified_ns": 1, "lines_read": 4, "lines_accepted": 3, "lines_quarantined": 1,
        "lines_duplicate": 0, "lines_conflict": 0, "messages": 4, "messages_accepted": 3, "messages_duplicate": 0,
        "messages_conflict": 0, "messages_quarantined": 1, "captured_at": at(2)})
    put(connection, "capture_messages", 2, *({"message_id": f"m-{name}", "channel": "shop", "record": "order",
        "file_name": "orders.csv", "file_sha256": "f" * 64, "position": number, "lines": 1,
        "outcome": "quarantined" if name == "O9" else "accepted",
        "error_code": "MISSING_FIELD" if name == "O9" else None, "order_id": name, "received_at": at(2)} for number,
        name in enumerate(("O1", "O2", "O4", "O9"), 1)))
    put(connection, "capture_messages", 1, {"message_id": "m-O8", "channel": "shop", "record": "order",
        "file_name": "cancels.csv", "file_sha256": "e" * 64, "position": 1, "lines": 1, "outcome": "accepted",
        "order_id": "O8", "received_at": at(1)})
    put(connection, "orders", 1, {"message_id": "m-O8", "order_id": "O8", "channel": "shop", "channel_order_id": "O8",
        "message_kind": "cancel", "placed_at": at(1, 8), "currency": "GBP"})
    put(connection, "capture_files", 1, {"file_sha256": "e" * 64, "file_name": "cancels.csv", "channel": "shop",
        "bytes": 30, "modified_ns": 1, "lines_read": 1, "lines_accepted": 1, "lines_quarantined": 0,
        "lines_duplicate": 0, "lines_conflict": 0, "messages": 1, "messages_accepted": 1, "messages_duplicate": 0,
        "messages_conflict": 0, "messages_quarantined": 0, "captured_at": at(1)})
    for number, (kind, load, shipment, order_id) in enumerate(
        (
            ("romaneio", "L1", None, None),
            ("packing_slip", "L1", "S1", "O1"),
            ("packing_slip", "L1", "S2", "O2"),
            ("invoice", "L1", "S1", "O1"),
        ),
        1,
    ):
        document = f"{kind}-A-{2 if number == 3 else 1}"
        put(connection, "documents", 3, {"document_id": document, "document_type": kind, "series": "A",
            "number": 2 if number == 3 else 1, "load_id": load, "shipment_id": shipment, "order_id": order_id,
            "issued_at": at(3)})
        put(connection, "document_renderings", 3, {"document_id": document, "file": f"{document}.pdf",
            "sha256": "a" * 64, "bytes": 9})
    put(connection, "promise_events", 2, {"order_line_id": "O2-1", "event": "first", "location_id": "LON",
        "quantity": 6, "ship_date": date(2026, 3, 8), "deliver_date": date(2026, 3, 9), "event_at": at(2)})
    put(connection, "backorder_events", 3, {"order_line_id": "O2-1", "event": "begun", "quantity": 4,
        "reason": "no stock", "event_at": at(3)})
    for cycle in range(1, CYCLE):
        for state in ("planned", "committed", "published"):
            put(connection, "cycles", cycle, {"state": state, "as_of": at(cycle), "started_at": at(cycle),
                "ended_at": at(cycle, 13), "seed": 1, "input_hash": "i", "plan_hash": "p", "code_version": "1"})


def candidates(connection: duckdb.DuckDBPyConnection) -> None:
    """The plan of cycle 5."""
    connection.execute("delete from plans.cycle")
    connection.execute("insert into plans.cycle values (?, ?, 1)", [CYCLE, AS_OF])
    promise = {"order_line_id": "O2-1", "order_id": "O2", "sku_id": "A", "location_id": "LON", "cost": "1.20",
        "explanation": "nearest", "is_firm": False}
    plan(connection, "promises", {**promise, "quantity": 2, "ship_date": date(2026, 3, 10), "deliver_date": date(2026,
        3, 11)}, {**promise, "quantity": 3, "ship_date": date(2026, 3, 12), "deliver_date": date(2026, 3, 13),
        "supply_id": "PO1"})
    plan(connection, "backorders", {"order_line_id": "O2-1", "order_id": "O2", "sku_id": "A", "quantity": 1,
        "reason": "no stock is left"})
    load = {"mode": "own_fleet", "location_id": "LON", "vehicle_id": "V1", "driver_id": "D1", "stops": 1, "value": 8,
        "capacity_kg": 500, "capacity_m3": 4, "utilisation": "0.01", "binding_dimension": "weight",
        "is_locked": False, "distance_km": 60, "baseline_distance_km": 60, "duration_min": 90, "drive_min": 74,
        "service_min": 8, "wait_min": 0, "late_min": 0, "cost": 60, "currency": "GBP", "engine": "pyvrp", "seed": 1}
    stop = {"latitude": "51.75", "longitude": "-0.34", "service_min": 60, "late_min": 0, "distance_km": 30,
        "is_locked": False}
    for name, day, shipment in (("L2", 5, "S4"), ("L3", 6, "O2-LON-2")):
        plan(connection, "loads", {**load, "load_id": name, "planned_departure": at(day, 12), "weight_kg": 4,
            "volume_m3": "0.02"})
        plan(connection, "load_shipments", {"load_id": name, "shipment_id": shipment, "stop_sequence": 1,
            "load_position": 1})
        plan(connection, "route_stops", {**stop, "load_id": name, "stop_sequence": 1, "shipment_ids": [shipment],
            "eta": at(day, 13), "departure": at(day, 14), "window_from": at(day, 8), "window_to": at(day, 18)})
        plan(connection, "shipment_modes", {"shipment_id": shipment, "mode": "own_fleet"})
    plan(connection, "solver_runs", {"stage": "routes", "scope": "LON", "engine": "pyvrp", "status": "feasible",
        "objective": 6000, "baseline": "postal code order", "baseline_objective": 6100, "effort": 600, "fuse": True,
        "seed": 1})


def commit(connection: duckdb.DuckDBPyConnection) -> None:
    """What cycle 5 commits: two units of O2 go to the floor, O4 rides again, promises and the solve are remembered."""
    release(connection, 5, "W5", "O2-LON-2", "O2", "A", 2, "10.00")
    dispatch(connection, 5, "L2", [[("S4", "O4-1", "B", 1)]])
    put(connection, "load_events", 5, {"load_id": "L3", "event": "approved", "actor": "maria", "event_at": at(5, 11)})
    for cycle, units, method in ((4, 9, "mean_28d"), (5, 3, "croston")):
        put(connection, "demand_forecasts", cycle, {"sku_id": "A", "location_id": "LON",
            "first_day": date(2026, 3, 5 + cycle), "quantity": [units] * 28, "lower": [1] * 28, "upper": [12] * 28,
            "method": method, "deviation": 2, "history_days": 3, "tested_days": 1, "history_hash": "h"})
    put(connection, "promise_events", 5, {"order_line_id": "O2-1", "event": "changed", "location_id": "LON",
        "quantity": 5, "ship_date": date(2026, 3, 12), "deliver_date": date(2026, 3, 13), "event_at": at(5)})
    put(connection, "decisions", 5, {"decision_id": "5-sourcing-O2-1", "stage": "sourcing", "subject_type": "line",
        "subject_id": "O2-1", "chosen": "LON", "because": "nearest", "actor": "plan"})
    put(connection, "solver_runs", 5, {"stage": "routes", "scope": "LON", "engine": "pyvrp", "status": "feasible",
        "objective": 6000, "baseline_objective": 6100, "effort": 600, "fuse": True, "seed": 1})
    put(connection, "data_quality", 5, {"check_name": "inv_01_units", "scope": "", "stage": "commit",
        "severity": "error", "passed": True, "failing_rows": 0})
    for state in ("planned", "committed"):
        put(connection, "cycles", 5, {"state": state, "as_of": AS_OF, "started_at": AS_OF, "ended_at": AS_OF,
            "seed": 1})
