"""An order for each way in which a line is filled beyond its own SKU from a warehouse.

Belongs here: the cases, with a customer and goods of their own, so that they take nothing from the world around them. Does not
belong here: commands (the demo's people). The order number is the case: `pos-ST-LON-SUBSTITUTE_ASK`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from oms_dagster.simulate.orders import epoch
from oms_dagster.simulate.tables import instant, write_columns

STORE, SITE, CUSTOMER = "ST-LON", "DC-DAV", "FILL-01"


class Case(NamedTuple):
    """One order of one line, and what else its row says."""

    sku: str
    quantity: int
    price: str
    says: Mapping[str, Any] = {}


#: SKU -> name, list price, usable units by location when the world begins
GOODS: Mapping[str, tuple[str, str, Mapping[str, int]]] = {
    "FILL-TEA": ("Assam, tin of 200", "9.00", {}),
    "FILL-HERB": ("Rooibos, tin of 100", "4.00", {SITE: 200}),
    "FILL-MINT": ("Mint, tin of 200", "9.50", {SITE: 60, STORE: 12}),
    "FILL-CUP": ("Cup, blue", "6.00", {}),
    "FILL-MUG": ("Mug, blue", "7.00", {SITE: 60}),
    "FILL-BOX": ("Breakfast box: two mint teas and a mug", "24.00", {}),
}
#: What may go in another's place: factor, rank, price policy.
SUBSTITUTES = (
    ("FILL-TEA", "FILL-HERB", "2", 1, "lower"),
    ("FILL-TEA", "FILL-MINT", "1", 2, "new"),
    ("FILL-CUP", "FILL-MUG", "1", 1, "keep"),
)
#: Kit -> its parts.
KITS = {"FILL-BOX": {"FILL-MINT": 2, "FILL-MUG": 1}}
CASES: Mapping[str, Case] = {
    "SUBSTITUTE_ASK": Case("FILL-TEA", 10, "9.00"),
    "KIT": Case("FILL-BOX", 3, "23.99"),
    "PICKUP": Case("FILL-MINT", 2, "9.50", {"pickup_location_code": STORE}),
    "SUBSTITUTE_AUTO": Case("FILL-CUP", 6, "6.00", {"substitution_consent": "auto"}),
}


def write_filled(out: Path, start: date) -> int:
    """Write the files of the cases below ``out/<day>/<channel or feed>/``; returns how many."""
    folder, at = out / start.isoformat(), epoch(start, 5 * 3600)
    stock = [
        {"movement_id": f"FILL-{place}-{sku}", "kind": "opening", "sku_code": sku, "location_code": place, "quantity": units,
         "event_at": instant(at), "source": "simulated"}
        for sku, (_, _, places) in GOODS.items() for place, units in places.items()
    ]  # fmt: skip
    parts = {**_reference(), "stock": stock, "pos": [_order(name, case, start) for name, case in CASES.items()]}
    for name, rows in parts.items():
        feed = name if name in ("stock", "pos") else "reference"
        _write(folder / feed / f"{name}-filled-{'0520' if feed == 'pos' else '0510'}.csv", rows)
    tomorrow = start + timedelta(days=1)
    collected = {
        "event_id": "FILL-COLLECTED", "shipment_id": f"pos-{STORE}-PICKUP-{STORE}-1", "outcome": "delivered", "receiver": "M. Fenn",
        "event_at": instant(epoch(tomorrow, 11 * 3600)), "source": "simulated",
    }  # fmt: skip
    _write(out / tomorrow.isoformat() / "deliveries" / "deliveries-filled-1105.csv", [collected])
    return len(parts) + 1


def _write(file: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    names = {name: None for row in rows for name in row}
    write_columns(file, {n: [None if row.get(n) is None else str(row[n]) for row in rows] for n in names})


def _reference() -> dict[str, list[dict[str, Any]]]:
    customer = {
        "customer_code": CUSTOMER, "name": "Fenland Tea Rooms", "email": "tea@example.com", "segment": "counter", "priority": 4,
        "credit_limit": "5000.00", "currency": "GBP",
    }  # fmt: skip
    address = {
        "customer_code": CUSTOMER, "address_code": "MAIN", "name": "Fenland Tea Rooms", "street": "2 Sheaf Street",
        "postcode": "NN11 4FP", "city": "Daventry", "country": "GB", "latitude": "52.2573", "longitude": "-1.1612", "service_min": 5,
    }  # fmt: skip
    skus = [
        {"sku_code": sku, "name": name, "unit": "EA", "weight_kg": "0.3", "volume_m3": "0.001", "cost": "3.00", "currency": "GBP",
         "list_price": price, "is_active": "true"}
        for sku, (name, price, _) in GOODS.items()
    ]  # fmt: skip
    substitutes = [
        {"sku_code": sku, "substitute_sku_code": other, "factor": factor, "rank": rank, "price_policy": policy, "consent": "ask"}
        for sku, other, factor, rank, policy in SUBSTITUTES
    ]  # fmt: skip
    parts = [
        {"sku_code": kit, "component_sku_code": part, "quantity": quantity} for kit, of in KITS.items() for part, quantity in of.items()
    ]  # fmt: skip
    return {
        "customers": [customer], "addresses": [address], "skus": skus, "sku_substitutes": substitutes, "sku_components": parts,
    }  # fmt: skip


def _order(number: str, case: Case, day: date) -> dict[str, Any]:
    return {
        "order_no": number, "store": STORE, "customer_no": CUSTOMER, "order_version": 1, "placed_at": instant(epoch(day, 4 * 3600)),
        "currency": "GBP", "line_no": 1, "sku": case.sku, "description": GOODS[case.sku][0], "qty": case.quantity, "unit_price": case.price,
        "payment": "account", "ship_name": "Fenland Tea Rooms", "street": "2 Sheaf Street", "postcode": "NN11 4FP", "city": "Daventry",
        "country": "GB", **case.says,
    }  # fmt: skip
