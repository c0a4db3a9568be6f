"""An order for each type of hold that a rule places, and what ends it on the next day.

Belongs here: the cases, with customers, goods and a cross-dock of their own, so that they take nothing from the world around
them. Does not belong here: commands (the demo's people), the awkward cases of ordinary orders (`awkward`). The order number is
the hold type: `pos-ST-LON-CREDIT_LIMIT` is held by CREDIT_LIMIT.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from oms_dagster.simulate.orders import epoch
from oms_dagster.simulate.tables import instant, write_columns

SOURCE = "simulated"
STORE, SITE, DOCK = "ST-LON", "DC-DAV", "XD-DAV"
#: SKU -> cost, usable units at the site when the world begins
GOODS = {
    "HELD-TEA": ("4.00", 400), "HELD-CUP": ("4.00", 400), "HELD-PIN": ("0.20", 400), "HELD-GEM": ("80.00", 400),
    "HELD-OIL": ("4.00", 0), "HELD-RARE": ("4.00", 0), "HELD-WAIT": ("4.00", 0), "HELD-DOCK": ("4.00", 0),
}  # fmt: skip
#: Where the cases are delivered, all within an hour of the site: city, postcode, degrees north, degrees east
TOWNS = (
    ("Daventry", "NN11 4FP", "52.2573", "-1.1612"), ("Rugby", "CV21 3BX", "52.3709", "-1.2615"), ("Northampton", "NN1 1DE", "52.2405", "-0.9027"),
    ("Banbury", "OX16 5QB", "52.0629", "-1.3398"), ("Towcester", "NN12 6BT", "52.1335", "-0.9880"), ("Kettering", "NN16 0AN", "52.3963", "-0.7302"),
    ("Leamington Spa", "CV32 4AA", "52.2852", "-1.5364"), ("Lutterworth", "LE17 4AN", "52.4562", "-1.2030"), ("Brackley", "NN13 7DP", "52.0283", "-1.1470"),
    ("Market Harborough", "LE16 7AF", "52.4776", "-0.9206"), ("Southam", "CV47 0HA", "52.2520", "-1.3885"), ("Wellingborough", "NN8 4HL", "52.3022", "-0.6936"),
)  # fmt: skip
#: Cases that say a postcode of their own: it is Daventry's in the end.
_AT_HOME = ("FRAUD_SCORE", "ADDRESS_INVALID", "SHIP_RESTRICTION")
PRICE_LIST = "HELD"
MIN_PRICE = "9.00"


class Case(NamedTuple):
    """One order: its line, what else its rows say, its customer, and what comes on the next day.

    `amended` are columns of the next version; `customer_then` the customer's next version; `pays` what is captured then.
    """

    sku: str = "HELD-TEA"
    quantity: int = 10
    price: str = "10.00"
    says: Mapping[str, Any] = {}
    customer: Mapping[str, Any] = {}
    amended: Mapping[str, Any] = {}
    customer_then: Mapping[str, Any] = {}
    pays: str = ""


def cases(start: date) -> dict[str, Case]:
    """Hold type -> its case."""
    tomorrow, far = start + timedelta(days=1), start + timedelta(days=8)
    return {
        "CREDIT_LIMIT": Case(customer={"credit_limit": "80.00"}, pays="20.00"),
        "CREDIT_LIMIT_EXPIRED": Case(
            customer={"credit_limit_expiry": (start - timedelta(days=3)).isoformat()},
            customer_then={"credit_limit_expiry": (start + timedelta(days=365)).isoformat()},
        ),
        "CREDIT_RISK_CLASS": Case(customer={"risk_class": "e"}, customer_then={"risk_class": "c"}),
        "CREDIT_OVERDUE": Case(),
        "CREDIT_REOPENED": Case(customer={"credit_limit": "80.00"}, amended={"qty": 14}),
        "PAYMENT_AWAITED": Case(says={"payment_status": "pending"}, pays="99.95"),
        "PAYMENT_MISMATCH": Case(says={"order_total": "110.00"}, amended={"order_total": "100.00"}),
        "PREPAYMENT_REQUIRED": Case(customer={"prepayment_pct": "30"}, pays="30.00"),
        "PAYMENT_EXPIRED": Case(says={"payment_status": "pending", "days_ago": 9}, pays="99.95"),
        "FRAUD_SCORE": Case(
            says={"payment_status": "paid", "bill_to_country": "DE", "bill_to_postcode": "34123"},
            amended={"bill_to_country": "GB", "bill_to_postcode": "NN11 4FP"},
        ),
        "DUPLICATE_SUSPECT": Case(amended={"qty": 12}),
        "PRICE_BELOW_MIN": Case(price="8.00", amended={"unit_price": MIN_PRICE}),
        "MARGIN_BELOW_MIN": Case("HELD-CUP", price="4.05", amended={"unit_price": "5.00"}),
        "DISCOUNT_ABOVE_MAX": Case("HELD-CUP", says={"discount": "40.00"}, amended={"discount": "25.00"}),
        "ORDER_BELOW_MIN": Case("HELD-PIN", 1, "0.50", amended={"qty": 20}),
        "ORDER_ABOVE_MAX": Case("HELD-GEM", 300, "100.00", customer={"credit_limit": "90000.00"}, amended={"qty": 100}),
        "CUSTOMER_BLOCKED": Case(
            customer={"is_blocked": "true", "block_reason": "returned cheque"}, customer_then={"is_blocked": "false", "block_reason": None}
        ),
        "ADDRESS_INVALID": Case(says={"postcode": "TBC"}, amended={"postcode": "NN11 4FP"}),
        "SKU_INVALID": Case("HELD-NEW"),
        "STOCK_SHORT": Case("HELD-RARE"),
        "SHIP_RESTRICTION": Case(
            says={"country": "KP", "postcode": "", "city": "Pyongyang", "latitude": "39.03", "longitude": "125.75"},
            amended={"country": "GB", "postcode": "NN11 4FP", "city": "Daventry", "latitude": "", "longitude": ""},
        ),
        "DATE_UNPROMISABLE": Case(
            "HELD-WAIT", says={"requested_date": tomorrow.isoformat()}, amended={"requested_date": far.isoformat()}
        ),
        "MANUAL_STOCK": Case("HELD-OIL"),
        "REMORSE_WINDOW": Case(says={"minutes": 12}),
        "DOWNSTREAM_NOT_READY": Case("HELD-DOCK"),
    }  # fmt: skip


def write_held(out: Path, start: date) -> int:
    """Write the files of the cases below ``out/<day>/<channel or feed>/``; returns how many."""
    known, tomorrow = cases(start), start + timedelta(days=1)
    codes = {name: f"HELD-{number:02d}" for number, name in enumerate(known, 1)}
    files = _reference(out / start.isoformat(), known, codes)
    files += _first_day(out / start.isoformat(), known, codes, start)
    return files + _next_day(out / tomorrow.isoformat(), known, codes, start, tomorrow)


def _write(folder: Path, feed: str, name: str, rows: Sequence[Mapping[str, Any]]) -> int:
    columns: dict[str, list[Any]] = {column: [row.get(column) for row in rows] for row in rows for column in row}
    write_columns(
        folder / feed / f"{name}.csv",
        {c: [None if v is None else str(v) for v in column] for c, column in columns.items()},
    )
    return 1


def _reference(folder: Path, known: Mapping[str, Case], codes: Mapping[str, str]) -> int:
    customers = [_customer(codes[name], case.customer) for name, case in known.items()]
    addresses = [
        {"customer_code": code, "address_code": "MAIN", "name": f"Held {code}", "street": "1 High Street", "postcode": postcode,
         "city": city, "country": "GB", "latitude": latitude, "longitude": longitude, "service_min": 5}
        for name, code in codes.items()
        for city, postcode, latitude, longitude in [_town(name, code)]
    ]  # fmt: skip
    prices = [
        {"price_list": PRICE_LIST, "sku_code": "HELD-TEA", "unit_price": "10.00", "currency": "GBP", "valid_from": "2026-01-01", "min_price": MIN_PRICE}
    ]  # fmt: skip
    dock = {
        "location_code": DOCK, "name": "Daventry cross-dock", "kind": "dc", "city": "Daventry", "country": "GB", "latitude": "52.27",
        "longitude": "-1.15", "timezone": "Europe/London", "not_ready_until": f"{folder.name}T08:00:00Z", "not_ready_reason": "stock count",
    }  # fmt: skip
    skus = [_sku(code, cost) for code, (cost, _) in GOODS.items()]
    parts = {"customers": customers, "addresses": addresses, "skus": skus, "prices": prices, "locations": [dock]}
    return sum(_write(folder, "reference", f"{entity}-held-0510", rows) for entity, rows in parts.items())


def _town(name: str, code: str) -> tuple[str, str, str, str]:
    return TOWNS[0] if name in _AT_HOME else TOWNS[int(code.rpartition("-")[2]) % len(TOWNS)]


def _customer(code: str, given: Mapping[str, Any]) -> dict[str, Any]:
    usual = {
        "customer_code": code, "name": f"Held {code}", "email": f"{code.lower()}@example.com", "segment": "counter", "priority": 4,
        "credit_limit": "5000.00", "currency": "GBP", "credit_limit_expiry": "2027-12-31", "is_blocked": "false", "block_reason": None,
        "price_list": PRICE_LIST, "risk_class": "b", "prepayment_pct": None,
    }  # fmt: skip
    return {**usual, **given}


def _sku(code: str, cost: str) -> dict[str, Any]:
    return {
        "sku_code": code, "name": code.title().replace("-", " "), "unit": "EA", "weight_kg": "0.2", "volume_m3": "0.001", "cost": cost,
        "currency": "GBP", "is_active": "true",
    }  # fmt: skip


def _order(number: str, code: str, case: Case, day: date, given: Mapping[str, Any], version: int) -> dict[str, Any]:
    minutes, (city, postcode, *_) = given.get("minutes", 90), _town(number, code)
    placed = epoch(day, 5 * 3600 + 1800) - 60 * int(minutes) - 86400 * int(given.get("days_ago", 0))
    row = {
        "order_no": number, "store": STORE, "customer_no": code, "order_version": version, "placed_at": instant(placed), "currency": "GBP",
        "line_no": 1, "sku": case.sku, "description": case.sku, "qty": case.quantity, "unit_price": case.price, "discount": "0.00",
        "tax": "0.00", "payment": "account", "payment_status": None, "ship_name": f"Held {code}", "street": "1 High Street",
        "postcode": postcode, "city": city, "country": "GB", "latitude": None, "longitude": None, "requested_date": None,
        "bill_to_country": None, "bill_to_postcode": None,
    } | {name: value for name, value in given.items() if name not in ("minutes", "days_ago")}  # fmt: skip
    total = int(str(row["qty"])) * Decimal(str(row["unit_price"])) - Decimal(str(row["discount"]))
    return {"order_total": str(total), **row}


def _payment(name: str, event: str, amount: str, at: int) -> dict[str, Any]:
    return {
        "payment_id": f"HELD-{name}-{event}", "channel": "pos", "channel_order_id": f"{STORE}-{name}", "method": "transfer", "event": event,
        "amount": amount, "currency": "GBP", "event_at": instant(at), "source": SOURCE,
    }  # fmt: skip


def _movement(
    name: str, kind: str, sku: str, quantity: int, at: int, status: str = "usable", place: str = SITE
) -> dict[str, Any]:
    return {
        "movement_id": f"HELD-{name}", "kind": kind, "sku_code": sku, "location_code": place, "stock_status": status, "quantity": quantity,
        "event_at": instant(at), "source": SOURCE,
    }  # fmt: skip


def _invoice(code: str, amount: str, day: date, at: int) -> dict[str, Any]:
    return {
        "invoice_number": f"INV-{code}", "customer_code": code, "open_amount": amount, "currency": "GBP",
        "issued_at": (day - timedelta(days=75)).isoformat(), "due_date": (day - timedelta(days=45)).isoformat(), "event_at": instant(at),
        "source": SOURCE,
    }  # fmt: skip


def _first_day(folder: Path, known: Mapping[str, Case], codes: Mapping[str, str], day: date) -> int:
    at = epoch(day, 5 * 3600)
    stock = [_movement(f"OPEN-{sku}", "opening", sku, units, at) for sku, (_, units) in GOODS.items() if units]
    stock.append(_movement("OPEN-HELD-OIL", "opening", "HELD-OIL", 40, at, "on_hold"))
    stock.append(_movement("OPEN-HELD-DOCK", "opening", "HELD-DOCK", 40, at, place=DOCK))
    supply = {
        "supply_id": "HELD-WAIT-PO", "kind": "purchase", "sku_code": "HELD-WAIT", "location_code": SITE, "supplier_code": "SUP-01",
        "quantity": 40, "due_date": (day + timedelta(days=7)).isoformat(), "status": "confirmed", "event_at": instant(at), "source": SOURCE,
    }  # fmt: skip
    authorised = _payment("PAYMENT_EXPIRED", "authorised", "100.00", at - 9 * 86400)
    orders = [_order(name, codes[name], case, day, case.says, 1) for name, case in known.items()]
    duplicate = known["DUPLICATE_SUSPECT"]
    orders.insert(0, _order("DUPLICATE-FIRST", codes["DUPLICATE_SUSPECT"], duplicate, day, {"minutes": 150}, 1))
    parts: dict[str, list[dict[str, Any]]] = {
        "stock": stock, "supply": [supply], "payments": [authorised], "receivables": [_invoice(codes["CREDIT_OVERDUE"], "80.00", day, at)],
        "pos": orders,
    }  # fmt: skip
    return sum(_write(folder, feed, f"{feed}-held-{day:%Y%m%d}T0520", rows) for feed, rows in parts.items())


def _next_day(folder: Path, known: Mapping[str, Case], codes: Mapping[str, str], start: date, day: date) -> int:
    at = epoch(day, 6 * 3600 + 1800)
    amended = {name: case for name, case in known.items() if case.amended}
    customers = [
        _customer(codes[name], {**case.customer, **case.customer_then})
        for name, case in known.items()
        if case.customer_then
    ]
    stock = [
        _movement("NEW", "receipt", "HELD-NEW", 40, at), _movement("RARE", "receipt", "HELD-RARE", 40, at),
        _movement("OIL-blocked", "status_change", "HELD-OIL", -40, at, "on_hold"), _movement("OIL-freed", "status_change", "HELD-OIL", 40, at),
    ]  # fmt: skip
    parts: dict[str, list[dict[str, Any]]] = {
        "stock": stock,
        "payments": [_payment(name, "captured", case.pays, at) for name, case in known.items() if case.pays],
        "receivables": [_invoice(codes["CREDIT_OVERDUE"], "0.00", start, at)],
        "pos": [
            _order(name, codes[name], case, start, {**case.says, **case.amended}, 2) for name, case in amended.items()
        ],
    }
    files = sum(_write(folder, feed, f"{feed}-held-{day:%Y%m%d}T0700", rows) for feed, rows in parts.items())
    files += _write(folder, "reference", "customers-held-0710", customers)
    files += _write(folder, "reference", "skus-held-0710", [_sku("HELD-NEW", "4.00")])
    reopened = known["CREDIT_REOPENED"]
    back = _order("CREDIT_REOPENED", codes["CREDIT_REOPENED"], reopened, start, {}, 3)
    return files + _write(folder, "pos", f"pos-held-{day:%Y%m%d}T1200", [back])
