"""Files of two records of a feed or of reference data, a good one and one that breaks one rule, by channel and code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from gate_desk import (
    csv_text,
)

from oms_dagster.domain.capture.channel_file import load_channels

CHANNELS = load_channels()[0]
Breaking = dict[str, Any]

AT = "2025-06-01T08:00:00Z"
RECORDS: Mapping[str, tuple[Breaking, Mapping[str, Breaking]]] = {
    "stock": (
        {"movement_id": "M1", "kind": "receipt", "sku_code": "A", "location_code": "DC", "quantity": 1, "event_at": AT},
        {
            "QUANTITY_TOO_LARGE": {"quantity": 10_000_001},
            "COUNT_NEGATIVE": {"kind": "count", "quantity": -1},
            "MOVEMENT_SIGN": {"kind": "ship"},
            "SERIAL_OF_MANY": {"quantity": 2, "serial_number": "N1"},
        },
    ),
    "stock_snapshot": (
        {"system": "wms", "sku_code": "A", "location_code": "DC", "quantity": 1, "event_at": AT},
        {"QUANTITY_TOO_LARGE": {"quantity": 10_000_001}},
    ),
    "pickups": (
        {"event_id": "E1", "pickup_id": "R1", "outcome": "not_collected", "reason_code": "closed", "event_at": AT},
        {},
    ),
    "empties": (
        {
            "customer_code": "C1",
            "address_code": "A1",
            "sku_code": "CRATE",
            "location_code": "DC",
            "quantity": 4,
            "event_at": AT,
        },
        {"QUANTITY_TOO_LARGE": {"quantity": 100_001}},
    ),
    "supply": (
        {
            "supply_id": "P1",
            "kind": "purchase",
            "sku_code": "A",
            "location_code": "DC",
            "quantity": 1,
            "due_date": "2025-07-01",
            "status": "confirmed",
            "event_at": AT,
        },
        {"QUANTITY_TOO_LARGE": {"quantity": 10_000_001}, "DUE_TOO_FAR": {"due_date": "2052-07-01"}},
    ),
    "payments": (
        {
            "payment_id": "P1",
            "channel": "pos",
            "channel_order_id": "1",
            "event": "captured",
            "amount": 5,
            "currency": "GBP",
            "payer_iban": "GB82 WEST 1234 5698 7654 32",
            "event_at": AT,
        },
        {
            "AMOUNT_ZERO": {"amount": 0},
            "CURRENCY_NOT_ACCEPTED": {"currency": "pounds"},
            "IBAN_CHECK_DIGITS": {"payer_iban": "GB83WEST12345698765432"},
        },
    ),
    "receivables": (
        {
            "invoice_number": "I1",
            "customer_code": "C1",
            "open_amount": 5,
            "currency": "GBP",
            "issued_at": "2025-05-01",
            "due_date": "2025-06-01",
            "event_at": AT,
        },
        {"DUE_BEFORE_ISSUED": {"due_date": "2025-04-01"}, "CURRENCY_NOT_ACCEPTED": {"currency": "pounds"}},
    ),
    "rates": (
        {"currency": "EUR", "rate": "0.85", "rate_date": "2025-06-01"},
        {
            "RATE_IMPLAUSIBLE": {"rate": 1_000_001, "rate_date": "2025-06-02"},
            "CURRENCY_NOT_ACCEPTED": {"currency": "Euro"},
        },
    ),
    "floor": (
        {"scan_id": "S1", "kind": "pick", "order_line_id": "L1", "quantity": 1, "weight_kg": 1, "event_at": AT},
        {
            "QUANTITY_TOO_LARGE": {"quantity": 1_000_001},
            "PACKAGE_TOO_HEAVY": {"weight_kg": 2001},
            "SERIAL_OF_MANY": {"quantity": 2, "serial_number": "N1"},
        },
    ),
    "deliveries": (
        {
            "event_id": "E1",
            "shipment_id": "S1",
            "order_line_id": "L1",
            "outcome": "delivered",
            "quantity": 1,
            "event_at": AT,
        },
        {"QUANTITY_TOO_LARGE": {"quantity": 1_000_001}, "QUANTITY_WITHOUT_LINE": {"order_line_id": ""}},
    ),
    "vendors": (
        {
            "event_id": "E1",
            "purchase_order_id": "P1",
            "kind": "shipped",
            "line_number": 1,
            "quantity": 1,
            "event_at": AT,
        },
        {"QUANTITY_TOO_LARGE": {"quantity": 1_000_001}, "QUANTITY_WITHOUT_LINE": {"line_number": ""}},
    ),
    "returns": (
        {
            "event_id": "E1",
            "return_id": "R1",
            "kind": "inspected",
            "order_line_id": "L1",
            "quantity": 1,
            "disposition": "restock",
            "event_at": AT,
        },
        {"QUANTITY_ZERO": {"quantity": 0}, "INSPECTED_WITHOUT_DISPOSITION": {"disposition": ""}},
    ),
    "opening": (
        {"event_id": "E1", "order_line_id": "L1", "kind": "delivered", "quantity": 1, "event_at": AT},
        {"QUANTITY_ZERO": {"quantity": 0}},
    ),
    "yard": (
        {"event_id": "E1", "visit_id": "V1", "load_id": "L1", "kind": "loading_start", "event_at": AT},
        {"LOADING_WITHOUT_LOAD": {"load_id": ""}},
    ),
    "customers": (
        {
            "customer_code": "C1",
            "name": "Ann",
            "email": "ann@example.com",
            "phone": "+49 30 123456",
            "tax_id": "DE136695976",
            "currency": "EUR",
        },
        {
            "KEY_PATTERN": {"customer_code": "C|2"},
            "EMAIL_PATTERN": {"email": "ann at home"},
            "CURRENCY_NOT_ACCEPTED": {"currency": "XXX"},
            "TAX_ID_CHECK": {"tax_id": "DE136695977"},
            "PHONE_IMPOSSIBLE": {"phone": "+49 1"},
        },
    ),
    "addresses": (
        {
            "customer_code": "C1",
            "address_code": "A",
            "city": "Bonn",
            "country": "DE",
            "latitude": 50,
            "longitude": 7,
            "window_from": "08:00",
            "window_to": "12:00",
        },
        {
            "KEY_PATTERN": {"customer_code": "C|2"},
            "WINDOW_REVERSED": {"window_to": "07:00"},
            "GAP_REVERSED": {"closed_from": "11:00", "closed_to": "10:00"},
            "COUNTRY_UNKNOWN": {"country": "XX"},
        },
    ),
    "delivery_windows": (
        {"customer_code": "C1", "address_code": "A", "weekday": 1, "window_from": "08:00", "window_to": "12:00"},
        {
            "KEY_PATTERN": {"customer_code": "C|2"},
            "WINDOW_REVERSED": {"weekday": 2, "window_to": "08:00"},
            "GAP_REVERSED": {"weekday": 3, "closed_from": "11:00", "closed_to": "11:00"},
        },
    ),
    "skus": (
        {
            "sku_code": "A",
            "name": "Tea",
            "weight_kg": 1,
            "volume_m3": "0.001",
            "barcode": "4006381333931",
            "currency": "EUR",
        },
        {
            "KEY_PATTERN": {"sku_code": "A|B"},
            "WEIGHT_IMPLAUSIBLE": {"weight_kg": 5001},
            "VOLUME_IMPLAUSIBLE": {"volume_m3": 51},
            "BARCODE_CHECK_DIGIT": {"barcode": "4006381333932"},
            "CURRENCY_NOT_ACCEPTED": {"currency": "Euro"},
        },
    ),
    "locations": (
        {
            "location_code": "DC",
            "name": "Depot",
            "kind": "dc",
            "city": "Bonn",
            "country": "DE",
            "latitude": 50,
            "longitude": 7,
            "timezone": "Europe/Berlin",
            "ships_on": "1-5",
            "holidays": "none",
        },
        {
            "KEY_PATTERN": {"location_code": "D|C"},
            "TIMEZONE_UNKNOWN": {"timezone": "Bonn"},
            "COUNTRY_UNKNOWN": {"country": "XX"},
            "WEEKDAYS_PATTERN": {"ships_on": "Mon-Fri"},
            "HOLIDAYS_UNKNOWN": {"holidays": "GB-XYZ"},
        },
    ),
    "lots": (
        {"sku_code": "A", "lot_code": "L1", "manufactured": "2025-06-01", "expiry": "2025-12-01"},
        {"KEY_PATTERN": {"sku_code": "A|1"}, "EXPIRED_WHEN_MADE": {"expiry": "2025-05-31"}},
    ),
    "sku_components": (
        {"sku_code": "K", "component_sku_code": "A", "quantity": "2"},
        {"KEY_PATTERN": {"sku_code": "A|B"}},
    ),
    "sku_substitutes": (
        {"sku_code": "A", "substitute_sku_code": "B", "factor": "2", "price_policy": "keep"},
        {"KEY_PATTERN": {"sku_code": "A|B"}},
    ),
    "customer_exclusions": (
        {"customer_code": "C1", "location_code": "DC"},
        {"KEY_PATTERN": {"customer_code": "C|1"}},
    ),
    "bins": (
        {"location_code": "DC", "sku_code": "A", "bin": "A-1", "pick_sequence": 1},
        {"KEY_PATTERN": {"location_code": "D|C"}},
    ),
    "vehicles": (
        {
            "vehicle_code": "V1",
            "location_code": "DC",
            "payload_kg": 1000,
            "volume_m3": 8,
            "cost_km": 1,
            "cost_hour": 20,
            "currency": "GBP",
        },
        {
            "KEY_PATTERN": {"vehicle_code": "V|1"},
            "PAYLOAD_IMPLAUSIBLE": {"payload_kg": 0},
            "CURRENCY_NOT_ACCEPTED": {"currency": "Euro"},
        },
    ),
    "drivers": (
        {"driver_code": "D1", "name": "Ann", "shift_from": "06:00", "shift_to": "14:00"},
        {"KEY_PATTERN": {"driver_code": "D|1"}, "SHIFT_EMPTY": {"shift_to": "06:00"}},
    ),
    "carriers": (
        {"carrier_code": "C1", "name": "Post", "works_on": "1-5|7"},
        {"KEY_PATTERN": {"carrier_code": "C|1"}, "WEEKDAYS_PATTERN": {"works_on": "0"}},
    ),
    "calendar_exceptions": (
        {"calendar_code": "DC", "day": "2025-12-24", "is_open": "false"},
        {"KEY_PATTERN": {"calendar_code": "D|C"}},
    ),
    "tariffs": (
        {
            "carrier_code": "C1",
            "service": "std",
            "country": "DE",
            "base": 4,
            "per_kg": 1,
            "transit_days": 2,
            "currency": "EUR",
            "valid_from": "2025-01-01",
        },
        {
            "KEY_PATTERN": {"carrier_code": "C|1"},
            "TRANSIT_TOO_LONG": {"transit_days": 91},
            "WEIGHT_BREAKS_PATTERN": {"weight_breaks": "2=4.20"},
            "SURCHARGES_PATTERN": {"surcharges": "toll"},
            "COUNTRY_UNKNOWN": {"country": "XX"},
            "CURRENCY_NOT_ACCEPTED": {"currency": "Euro"},
        },
    ),
    "trailers": (
        {
            "carrier_code": "C1",
            "trailer_code": "13.6m",
            "country": "DE",
            "payload_kg": 24000,
            "volume_m3": 88,
            "pallets": 33,
            "cost_trip": 520,
            "transit_days": 1,
            "currency": "EUR",
        },
        {
            "KEY_PATTERN": {"carrier_code": "C|1"},
            "COUNTRY_UNKNOWN": {"country": "XX"},
            "CURRENCY_NOT_ACCEPTED": {"currency": "Euro"},
        },
    ),
    "suppliers": (
        {"supplier_code": "S1", "name": "One", "lead_time_days": 5, "currency": "EUR"},
        {
            "KEY_PATTERN": {"supplier_code": "S|1"},
            "LEAD_TIME_TOO_LONG": {"lead_time_days": 731},
            "CURRENCY_NOT_ACCEPTED": {"currency": "Euro"},
        },
    ),
    "sku_units": ({"sku_code": "A", "unit": "XCS", "factor": "12"}, {"KEY_PATTERN": {"sku_code": "A|B"}}),
    "prices": (
        {"price_list": "A", "sku_code": "A", "unit_price": 1, "currency": "EUR", "valid_from": "2025-01-01"},
        {"KEY_PATTERN": {"price_list": "A|B"}, "CURRENCY_NOT_ACCEPTED": {"currency": "Euro", "sku_code": "B"}},
    ),
}


def record_file(channel: str) -> Callable[[str, Path], str]:
    good, breaking = RECORDS[channel]
    key = CHANNELS[channel].contract.key[0]

    def content(code: str, _: Path) -> str:
        broken = good | {key: f"{good[key]}2"} | breaking[code] if channel != "rates" else good | breaking[code]
        blank = dict.fromkeys(broken, "")
        return csv_text([{name: str(value) for name, value in (blank | row).items()} for row in (good, broken)])

    return content
