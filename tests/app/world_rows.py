"""The made-up rows of the test world, by table: every state that a page tells apart, at least once.

Belongs here: rows. Does not belong here: how they are published (`published_world`).
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from reportlab.pdfgen import canvas

CYCLE = 7
NOW = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
LONG = "A very long explanation that says the same thing again and again, " * 8

Row = Mapping[str, Any]


def ago(**length: float) -> datetime:
    """An instant before the world's now."""
    return NOW - timedelta(**length)


def _pdf() -> bytes:
    sheet = io.BytesIO()
    page = canvas.Canvas(sheet, invariant=1)
    page.drawString(72, 720, "A document of the test world")
    page.save()
    return sheet.getvalue()


#: A real, small PDF.
PDF = _pdf()


#: A file of the till: one order that is known with other content, and one of two lines whose first has a bad quantity.
TILL = b"""order_no,store,customer_no,placed_at,currency,line_no,sku,qty,unit_price
6,S1,C1,2026-03-03 09:00,GBP,1,SKU-1,3,2.50
7,S1,C1,2026-03-03 09:30,GBP,1,SKU-1,two,2.50
7,S1,C1,2026-03-03 09:30,GBP,2,SKU-2,1,4.00
"""


def orders() -> dict[str, list[Row]]:
    def order(
        number: int, status: str, city: str, latitude: float, longitude: float, total: str = "120.00", **more: Any
    ) -> Row:
        return {
            "order_id": f"shopify-{number}", "channel": "shopify", "channel_order_id": str(number),
            "customer_id": f"C{number % 4}",
            "order_type": "sales", "placed_at": ago(hours=number % 40), "requested_from": NOW,
            "requested_to": NOW + timedelta(days=1), "promised_at": NOW + timedelta(days=2),
            "priority": 5, "currency": "GBP", "items_total": "100.00", "discount_total": "0.00",
            "shipping_total": "0.00", "charge_total": "0.00",
            "tax_total": "20.00", "rounding_total": "0.00", "order_total": total, "is_test": False,
            "fulfilment_status": status, "payment_status": "paid",
            "invoice_status": "not_invoiced", "return_status": "none", "is_held": False, "ship_to_city": city,
            "ship_to_country": "GB",
            "latitude": latitude, "longitude": longitude, "customer_name": f"Customer {number % 4} & *Sons*",
            "ship_to_street": "1 High Street",
            "ship_to_postcode": "M1 1AA", "order_total_base": total, "lines": 2, "recorded_at": NOW, **more,
        }  # fmt: skip

    def line(order: str, number: int, sku: str, quantity: int, **buckets: int) -> Row:
        zeros = {f"qty_{name}": 0 for name in ("open", "held", "promised", "backordered", "unplanned", "released",
        "picked", "packed", "loaded", "shipped",
                                              "delivered", "cancelled", "refused", "lost", "returned")}  # fmt: skip
        return {
            "order_line_id": f"{order}-{number}", "order_id": order, "line_number": str(number), "sku_id": sku,
            "currency": "GBP", "unit_price": "10.00",
            "discount_share": "0.00", "tax_amount": "10.00", "line_total": "50.00", "qty_ordered": quantity, **zeros,
            **{f"qty_{name}": value for name, value in buckets.items()}, "promised_at": NOW + timedelta(days=2),
            "promised_location_id": "MAN",
            "fulfilment_status": "open", "description": f"{sku} as ordered", "is_known_sku": True,
        }  # fmt: skip

    cities = (
        ("Manchester", 53.48, -2.24),
        ("Leeds", 53.80, -1.55),
        ("Sheffield", 53.38, -1.47),
        ("Liverpool", 53.41, -2.99),
        ("York", 53.96, -1.08),
    )
    statuses = ("open", "released", "shipped", "delivered", "cancelled")
    orders = [
        order(1001 + i, statuses[i % 5], *cities[i % 5], is_held=i == 0, total=f"{120 + 40 * i}.00") for i in range(10)
    ]
    orders[5] |= {
        "cancel_after": NOW + timedelta(days=3),
        "incoterm": "DAP",
        "incoterm_place": "Leeds",
        "customer_tax_id": "GB980780684",
    }
    lines = [line(f"shopify-{1001 + i}", n, f"SKU-{n}", 5, **buckets) for i in range(10) for n, buckets in (
        (1, {"open": 5, "held": 5} if i == 0 else {"released": 5} if i == 1 else {"shipped": 5} if i == 2 else {"delivered": 5} if i % 5 == 3 else {"open": 5, "promised": 5}),
        (2, {"open": 5, "backordered": 5} if i == 5 else {"delivered": 4, "returned": 1} if i % 5 == 3 else {"open": 5,
        "promised": 5}),
    )]  # fmt: skip
    lines[10] |= {"quantity_doc": "0.500", "uom_doc": "XCS", "unit_factor": "10"}
    return {
        "orders": orders, "order_lines": lines,
        "customers": [{"customer_id": f"C{n}", "name": f"Customer {n}"} for n in range(4)],
        "skus": [{"sku_id": f"SKU-{n}", "name": f"Teapot {n}", "barcode": f"500{n}", "unit": "each", "safety_stock": 4,
        "reorder_point": 8} for n in (1, 2, 3)],
        "locations": [
            {"location_id": "MAN", "name": "Manchester DC", "kind": "dc", "city": "Manchester", "country": "GB",
            "latitude": 53.46, "longitude": -2.30, "timezone": "Europe/London"},
            {"location_id": "KAS", "name": "Kassel DC", "kind": "dc", "city": "Kassel", "country": "DE",
            "latitude": 51.31, "longitude": 9.48, "timezone": "Europe/Berlin"},
        ],
        "vehicles": [{"vehicle_id": f"V{n}", "plate": f"AB{n} CDE", "location_id": "MAN", "cargo_length_mm": 6100} for n in (1, 2)],
        "payments": [{"payment_id": "P1", "order_id": "shopify-1001", "method": "card", "event": "captured",
        "amount": "120.00", "event_at": ago(hours=1), "currency": "GBP"}],
        "capture_files": [{"file_sha256": "f1", "file_name": "orders-1.json", "channel": "shopify", "bytes": 10,
        "lines_read": 12, "lines_accepted": 10, "lines_quarantined": 1,
                           "messages": 12, "captured_at": NOW, "messages_accepted": 10, "messages_duplicate": 1,
                           "messages_conflict": 0, "messages_quarantined": 1}],
        "capture_messages": [
            {"message_id": "m1", "channel": "shopify", "record": "order", "file_name": "orders-1.json", "file_sha256": "f1",
            "position": 1, "outcome": "accepted", "order_id": "shopify-1001", "received_at": NOW, "lines": 2, "state": "done",
            "warnings": "PHONE_IMPOSSIBLE: message 1, customer_phone: found '1'; expected a number of the length that its country has"},
            {"message_id": "m2", "channel": "pos", "record": "order", "file_name": "till-1.csv",
            "file_sha256": hashlib.sha256(TILL).hexdigest(), "position": 2, "outcome": "quarantined",
            "error_code": "BAD_NUMBER", "error_field": "quantity",
            "error_detail": "row 2, quantity: found 'two'; expected a number", "order_id": "pos-S1-7",
            "message_key": "S1-7|", "received_at": ago(days=4), "lines": 2, "state": "open", "age_days": 4},
            {"message_id": "m3", "channel": "shopify", "record": "order", "file_name": "orders-2.json", "file_sha256": "f2",
            "position": 1, "outcome": "quarantined", "error_code": "UNREADABLE", "error_field": "file",
            "error_detail": "not readable as JSON", "received_at": NOW, "lines": 1, "state": "open", "age_days": 0},
            {"message_id": "m4", "channel": "pos", "record": "order", "file_name": "till-1.csv",
            "file_sha256": hashlib.sha256(TILL).hexdigest(), "position": 1, "outcome": "conflict",
            "order_id": "shopify-1002", "message_key": "S1-6|", "received_at": ago(days=1), "lines": 1,
            "state": "open", "age_days": 1},
            {"message_id": "m5", "channel": "shopify", "record": "order", "file_name": "orders-3.json", "file_sha256": "f3",
            "position": 1, "outcome": "accepted", "order_id": "shopify-2000", "received_at": ago(days=2), "lines": 1,
            "state": "waiting", "waits_for": "order", "age_days": 2},
            {"message_id": "m6", "channel": "stock", "record": "stock", "file_name": "stock.csv", "file_sha256": "f4",
            "position": 1, "outcome": "conflict", "message_key": "M1", "received_at": ago(days=1), "lines": 1,
            "state": "resolved", "resolution": "kept"},
        ],
        "policy_settings": [
            {"policy_key": "credit.overdue_days", "scope": "", "value": "20", "default_value": "30", "kind": "integer", "about": LONG,
             "valid_from": ago(days=2), "changed_by": "maria", "changed_because": "bad debts", "next_value": "30", "next_from": NOW + timedelta(days=9)},
            {"policy_key": "floor.confirm", "scope": "", "value": "scan", "default_value": "scan", "kind": "scan|dispatch", "about": "What leaves"}],
        "order_holds": [
            _hold("CREDIT_LIMIT-shopify-1001-1", "CREDIT_LIMIT", "credit", "shopify-1001"),
            _hold("STOCK_SHORT-shopify-1006-2-1", "STOCK_SHORT", "stock", "shopify-1006", "shopify-1006-2",
            is_releasable=False, capability=None, blocks_release=False),
            _hold("MANUAL_USER-shopify-1001-1", "MANUAL_USER", "manual", "shopify-1001", explanation=LONG,
            age_hours=60),
            _hold("DUPLICATE_SUSPECT-shopify-1002-1", "DUPLICATE_SUSPECT", "fraud", "shopify-1002", status="released",
            cleared_at=ago(hours=1), cleared_by="planner",
                  clear_reason="asked the customer"),
        ],
    }  # fmt: skip


def _hold(hold_id: str, kind: str, family: str, order: str, line: str | None = None, **more: Any) -> Row:
    return {
        "hold_id": hold_id, "order_id": order, "order_line_id": line, "hold_type": kind, "family": family,
        "scope": "line" if line else "order", "status": "open",
        "observed": "1,312.40 GBP", "threshold": "1,000.00 GBP",
        "explanation": "exposure with this order is above the limit", "remedy": "take a payment or raise the limit",
        "placed_at": ago(hours=30), "rule_version": "1", "placed_by": "rule", "blocks_release": True,
        "is_releasable": True, "capability": f"hold.release.{family}",
        "sla_hours": 24, "owner": "team:credit", "age_hours": 30, **more,
    }  # fmt: skip


def stock() -> dict[str, list[Row]]:
    def position(sku: str, place: str, on_hand: int, promised: int, status: str) -> Row:
        return {
            "sku_id": sku, "location_id": place, "on_hand": on_hand, "unusable": 1, "reserved": 2,
            "promised": promised, "available": on_hand - 3,
            "inbound": 30, "atp": on_hand - 3 - promised, "online_atp": max(0, on_hand - 7 - promised),
            "safety_stock": 4, "floor_minimum": 0, "reorder_point": 8,
            "days_of_supply": 5.5, "stock_status": status, "daily_demand": 4, "in_transit": 0, "leaving": 0,
            "stock_out_in_days": 5, "below_safety_in_days": 4,
        }  # fmt: skip

    return {
        "inventory_positions": [position("SKU-1", "MAN", 60, 12, "ok"), position("SKU-2", "MAN", 3, 0, "out"),
        position("SKU-2", "KAS", 200, 5, "excess")],
        "supply": [{"supply_id": "PO-1", "kind": "purchase", "sku_id": "SKU-1", "location_id": "MAN",
        "supplier_id": "S1", "quantity_open": 30,
                    "due_date": TODAY + timedelta(days=4), "status": "confirmed", "is_overdue": False,
                    "event_at": ago(days=2)}],
        "purchase_order_lines": [{"purchase_order_id": "purchase_order-A-000001", "line_number": 1, "kind": "replenishment", "seller_id": "S1",
                                  "location_id": "MAN", "sku_id": "SKU-1", "supply_id": "PO-1", "status": "accepted", "quantity": 30,
                                  "due_date": TODAY + timedelta(days=4), "issued_at": ago(days=2)}],
        "stock_movements": [
            {"movement_id": "o1", "kind": "opening", "stock_status": "usable", "sku_id": "SKU-1", "location_id": "MAN",
            "quantity": 65, "event_at": ago(days=3), "is_future": False},
            {"movement_id": "s1", "kind": "ship", "stock_status": "usable", "sku_id": "SKU-1", "location_id": "MAN",
            "quantity": -5, "reference": "L1", "event_at": ago(days=1),
             "is_future": False},
        ],
        "demand_forecast": [{"sku_id": "SKU-1", "location_id": "MAN", "day": TODAY + timedelta(days=n), "quantity": 20, "lower": 12, "upper": 30,
                             "method": "mean_28d", "history_days": 28, "tested_days": 7, "version": 1, "made_at": NOW} for n in (1, 2)],
        "stock_lots": [{"sku_id": "SKU-1", "location_id": "MAN", "lot_id": "L-7", "expiry": TODAY + timedelta(days=3), "status": "approved",
                        "on_hand": 60, "unusable": 1, "reserved": 2, "available": 57, "days_left": 3}],
        "stock_snapshots": [{"snapshot_id": "wms:SKU-1@MAN:20260304T060000", "system": "wms", "sku_id": "SKU-1", "location_id": "MAN",
                             "event_at": ago(hours=3), "found": 57, "expected": 60, "adjusted": 0, "drift": -3}],
        "replenishment_suggestions": [{"sku_id": "SKU-2", "location_id": "MAN", "kind": "transfer", "quantity": 40,
        "source": "KAS", "needed_by": TODAY, "reason": "0 uncommitted"}],
    }  # fmt: skip


def plans() -> dict[str, list[Row]]:
    return {
        "promises": [{
            "order_line_id": f"shopify-{1001 + i}-2", "sku_id": "SKU-2", "location_id": "MAN", "quantity": 5,
            "ship_date": TODAY + timedelta(days=i % 3), "deliver_date": TODAY + timedelta(days=i % 3 + 1),
            "first_promised_at": ago(hours=5), "cost": "7.20", "explanation": "cheapest place with stock",
            "runner_up_location_id": "KAS", "runner_up_cost": "19.80", "is_firm": False,
            "order_id": f"shopify-{1001 + i}", "currency": "GBP",
        } for i in (0, 1, 4)],
        "backorders": [{"order_line_id": "shopify-1006-2", "quantity": 5, "since": ago(days=3),
        "expected_cover_date": TODAY + timedelta(days=4), "cover_reference": "PO-1",
                        "reason": "no stock anywhere", "order_id": "shopify-1006", "sku_id": "SKU-2"}],
        "substitution_suggestions": [{"order_line_id": "shopify-1006-2", "order_id": "shopify-1006", "sku_id": "SKU-2",
        "substitute_sku_id": sku, "rank": rank, "quantity": 5, "factor": rank, "substitute_quantity": 5 * rank, "quantity_spare": 40,
        "location_id": "MAN", "distance_km": "12.5", "price_policy": "lower", "currency": "GBP", "line_value": "50.00",
        "substitute_value": "45.00", "price_difference": "-5.00", "cost_difference_base": "1.25", "consent": "ask",
        "is_automatic": False} for rank, sku in ((1, "SKU-4"), (2, "SKU-5"))],
        "solver_runs": [{"cycle_id": str(CYCLE - n), "stage": stage, "scope": scope, "engine": "prices",
        "status": "feasible", "objective": 9000 + n, "baseline": "first_come_greedy",
                         "baseline_objective": 10000, "bound": 8800, "bound_kind": "relaxation", "gap": "0.02",
                         "effort": 60, "fuse": False, "wall_s": "1.5", "seed": 1, "size": "20 lines"}
                        for n in (0, 1) for stage, scope in (("sourcing", "all"), ("routes", "MAN"))],
        "decisions": [{"decision_id": "d1", "stage": "sourcing", "subject_type": "line",
        "subject_id": "shopify-1001-2", "chosen": "MAN", "because": "cheapest", "runner_up": "KAS",
                       "runner_up_delta": "12.60", "actor": "plan", "recorded_at": NOW}],
        "commands": [{"command_id": "c0", "sequence": 1, "type": "hold.release",
        "target": "DUPLICATE_SUSPECT-shopify-1002-1", "actor": "planner", "reason": "asked the customer",
                      "issued_at": ago(hours=2), "outcome": "accepted", "outcome_reason": "released",
                      "recorded_at": ago(hours=1), "payload": "{}"}],
    }  # fmt: skip


def transport() -> dict[str, list[Row]]:
    def shipment(number: int, order: int, **more: Any) -> Row:
        return {
            "shipment_id": f"SH{number}", "order_id": f"shopify-{order}", "location_id": "MAN", "mode": "own_fleet",
            "weight_kg": 12, "volume_m3": "0.1", "value": "100.00",
            "window_from": NOW, "window_to": NOW + timedelta(hours=8), "status": "packed",
            "tracking_status": "not_shipped", "chosen_because": "inside the delivery area",
            "currency": "GBP", "wave_id": "W1", "ship_date": TODAY, "latitude": 53.4 + number / 10,
            "longitude": -2.5 + number / 8, **more,
        }  # fmt: skip

    def load(name: str, vehicle: str, status: str, **more: Any) -> Row:
        return {
            "load_id": name, "mode": "own_fleet", "location_id": "MAN", "vehicle_id": vehicle, "driver_id": "D1",
            "status": status, "weight_kg": 400, "volume_m3": 3, "stops": 2,
            "value": "900.00", "capacity_kg": 1000, "capacity_m3": 8, "utilisation": "0.4",
            "binding_dimension": "weight", "is_locked": False,
            "planned_departure": NOW + timedelta(hours=1), **more,
        }  # fmt: skip

    def stop(load: str, sequence: int, shipment: str, latitude: float, longitude: float, late: int = 0) -> Row:
        eta = NOW + timedelta(hours=1 + sequence)
        return {
            "load_id": load, "stop_sequence": sequence, "shipment_ids": [shipment], "latitude": latitude,
            "longitude": longitude, "window_from": NOW + timedelta(hours=1),
            "window_to": NOW + timedelta(hours=4), "eta": eta, "departure": eta + timedelta(minutes=10),
            "service_min": 10, "wait_min": 5, "late_min": late, "distance_km": 40, "is_locked": False,
        }  # fmt: skip

    return {
        "shipments": [shipment(1, 1002), shipment(2, 1007), shipment(3, 1003, status="shipped", load_id="L3",
        departed_at=ago(hours=20)), shipment(4, 1004), shipment(5, 1009)],
        "load_shipments": [{"load_id": a, "shipment_id": s, "stop_sequence": q, "load_position": q} for a, s, q in
                           (("L1", "SH1", 1), ("L1", "SH2", 2), ("L2", "SH4", 1), ("L3", "SH3", 1))],
        "loads": [load("L1", "V1", "planned", layer_check="fits", layer_binding="floor", floor_used_mm=4210, planned_dock=2, planned_loading_start=NOW, planned_loading_end=NOW + timedelta(minutes=40)), load("L2", "V2", "approved", is_locked=True, layer_check="not_shown", layer_binding="floor", floor_used_mm=7300), load("L3", "V1",
        "departed", planned_departure=ago(hours=20), departed_at=ago(hours=20)),
                  load("L4", "", "planned", mode="carrier", vehicle_id=None, carrier_id="DPD", utilisation=None)],
        "routes": [{"load_id": name, "distance_km": km, "duration_min": 300, "drive_min": 200, "service_min": 40,
        "wait_min": 60, "late_min": late, "cost": "150.00", "currency": "GBP",
                    "engine": "pyvrp", "seed": 1, "baseline_distance_km": km + 30} for name, km, late in (("L1", 120,
                    25), ("L2", 80, 0), ("L3", 90, 0))],
        "route_stops": [stop("L1", 1, "SH1", 53.80, -1.55), stop("L1", 2, "SH2", 53.38, -1.47, late=25), stop("L2", 1,
        "SH4", 53.41, -2.99), stop("L3", 1, "SH3", 53.96, -1.08)],
        "dropped_shipments": [{"shipment_id": "SH5", "reason": "window_too_tight",
        "cheapest_fix": "widen the window by 35 minutes", "fix_cost": "17.50"}],
        "route_what_ifs": [{"location_id": "MAN", "day": TODAY, "option_kind": kind, "option": option, "saving": saving,
        "currency": "GBP", "distance_km": -12, "left_behind": 1, "left_behind_with": 0} for kind, option, saving in
        (("vehicle", "one more van like V1", "84.20"), ("time", "30 minutes more for every driver", "0.00"))],
        "release_queue": [
            {"order_line_id": f"shopify-{order}-1", "order_id": f"shopify-{order}", "sku_id": "TEA-1", "location_id": "MAN", "quantity": 2,
             "ship_date": TODAY, "deliver_date": TODAY + timedelta(days=1), "priority": 5, "leaves_by": "own_fleet", "release_rank": rank,
             "waits_too_long": False, "waits_for": waits, "because": because, "wave_id": "W1" if waits is None else None}
            for order, rank, waits, because in ((1002, 1, None, "goes now, number 1 in the queue of MAN"), (1001, None, "HELD", LONG),
            (1003, 2, "CAPACITY", "MAN does 40 lines a day; number 2 in its queue"), (1004, 3, "NOT_ASKED", "waves of MAN go when a person releases them"))],
        "release_capacity": [{"location_id": "MAN", "day": TODAY, "max_lines": 40, "lines_released": 38, "max_pick_min": 120,
        "pick_min_released": 61, "max_dock_min": None, "dock_min_released": 12, "lines_waiting": 3}],
        "waves": [{"wave_id": "W1", "location_id": "MAN", "cutoff": NOW, "status": "released",
        "released_at": ago(hours=3), "lines": 2, "shipments": 2}],
        "pick_tasks": [{"task_id": f"T{n}", "wave_id": "W1", "bin": f"A-{n}", "pick_sequence": n,
        "order_line_id": f"shopify-100{n}-1", "sku_id": "SKU-1", "qty_to_pick": 5,
                        "qty_picked": 5 if n == 1 else 2, "status": "picked" if n == 1 else "short",
                        "short_reason": None if n == 1 else "not found", "shipment_id": f"SH{n}",
                        "location_id": "MAN", "zone": "A"} for n in (1, 2)],
        "line_events": [{"event_id": f"e{n}", "order_line_id": "shopify-1002-1", "from_bucket": a, "to_bucket": b,
        "quantity": 5, "location_id": "MAN", "event_at": ago(hours=3 - n),
                         "recorded_at": NOW, "actor": "commit", "is_assumed": n == 1} for n, (a,
                         b) in enumerate((("open", "released"), ("released", "picked")))],
    }  # fmt: skip


def afterwards() -> dict[str, list[Row]]:
    def back(number: int, status: str, **more: Any) -> Row:
        return {
            "return_id": f"R{number}", "order_line_id": "shopify-1004-2", "origin": "customer",
            "reason_code": "damaged", "resolution": "refund", "qty_requested": 1, "qty_authorised": 0,
            "qty_received": 0, "qty_accepted": 0, "qty_unexpected": 0, "unit_refund": "12.00", "refund_total": "12.00",
            "status": status, "requested_at": ago(hours=4),
            "order_id": "shopify-1004", "currency": "GBP", **more,
        }  # fmt: skip

    return {
        "returns": [back(1, "requested"), back(2, "closed", qty_authorised=1, qty_received=2, qty_accepted=1,
        qty_unexpected=1, closed_at=NOW)],
        "returns_reconciliation": [{"return_id": f"R{n}", "order_line_id": "shopify-1004-2",
        "received_vs_authorised": n - 1, "restocked_qty": 0, "credited_total": "12.00",
                                    "refunded_total": "0.00", "difference": "12.00",
                                    "status": "open" if n == 1 else "divergent", "explanation": "1 more came back",
                                    "currency": "GBP"}
                                   for n in (1, 2)],
        "deliveries": [{"shipment_id": "SH3", "load_id": "L3", "outcome": "delivered", "attempted_at": ago(hours=18),
        "delivered_at": ago(hours=18), "receiver": "Ann", "attempts": 1,
                        "qty_shipped": 5, "qty_delivered": 5}],
        "settlements": [{"load_id": "L3", "part": "cargo", "payment_form": "goods", "expected": "100.00",
        "returned": "0.00", "due": "100.00", "received": "90.00",
                         "driver_debit": 0, "driver_credit": 0, "difference": "-10.00", "status": "divergent",
                         "qty_out": 0, "currency": "GBP"}],
        "reconciliation_exceptions": [{"kind": "OVER_RETURN", "key": "R2", "expected": "1", "found": "2",
        "difference": "1", "age_days": 1, "owner": "team:finance", "status": "open",
                                       "exception_id": "OVER_RETURN#R2", "explanation": LONG, "event_at": ago(days=1)}],
        "documents": [{"document_id": f"D{n}", "document_type": kind, "number": n, "series": "MAN", "load_id": load,
        "shipment_id": shipment, "order_id": order, "status": status,
                       "issued_at": ago(hours=20), "file": f"documents/{kind}-{n}.pdf",
                       "sha256": hashlib.sha256(PDF).hexdigest(), "template_version": "1", "bytes": len(PDF),
                       "voided_at": NOW if status == "void" else None,
                       "void_reason": "wrong load" if status == "void" else None}
                      for n, kind, load, shipment, order, status in ((1, "romaneio", "L3", None, None, "issued"), (1,
                      "packing_slip", "L3", "SH3", "shopify-1003", "void"))],
    }  # fmt: skip


def reports(cycle: int) -> dict[str, list[Row]]:
    kpis = [
        {"kpi": kpi, "kpi_version": "1", "anchor": anchor, "day": TODAY - timedelta(days=back), "dimension": dimension,
        "dimension_value": value, "numerator": 8 + back, "denominator": 12,
         "n": 12, "value": (8 + back) / 12}
        for kpi, anchor in (("otif_orders", "requested"), ("otif_orders", "latest commitment"), ("fill_rate_lines",
        "first commitment"))
        for back in range(4)
        for dimension, value in (("all", "all"), ("channel", "shopify"), ("channel", "pos"))
    ]  # fmt: skip
    return {
        "cycles": [{"cycle_id": str(cycle - n), "as_of": ago(hours=12 * n), "started_at": ago(hours=12 * n),
        "ended_at": ago(hours=12 * n) + timedelta(seconds=21), "seed": 1,
                    "orders_captured": 10, "lines_open": 14 - n, "status": "published",
                    "code_version": "0.1.0"} for n in range(3)],
        "alerts": [{"alert_id": "a1", "kind": "HOLD_AGE", "severity": "warning", "subject_type": "hold",
        "subject_id": "MANUAL_USER-shopify-1001-1", "message": LONG,
                    "raised_at": ago(hours=2), "owner": "team:planning", "status": "open"}],
        "data_quality": [{"check": "orders__total_adds_up", "stage": "capture", "severity": "error", "passed": True,
        "failing_rows": 0, "scope": "", "checked_rows": 10, "recorded_at": NOW}],
        "kpi_daily": kpis,
    }  # fmt: skip
