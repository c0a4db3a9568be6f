"""Promises of a real home don't flutter: cycle after cycle without new facts, a day later, and when the last plan is lost."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path
from typing import Any

from oms_dagster.actions import put
from oms_dagster.run import run_cycle
from oms_dagster.settings import Home
from oms_dagster.warehouse.connect import reader, writer

PLACES = {"LON": ("London", "51.50", "-0.12"), "MAN": ("Manchester", "53.48", "-2.24")}
SKUS = [f"SKU-{n}" for n in range(6)]


def orders(draw: random.Random, first: int, count: int, at: str) -> str:
    """A shop's file: orders of one to three lines, all over the country, already paid."""
    return json.dumps({"orders": [
        {
            "id": number, "name": f"#{number}", "created_at": at, "updated_at": at, "currency": "GBP", "financial_status": "paid", "test": False,
            "taxes_included": False, "email": f"{number}@example.com", "customer": {"id": 77, "first_name": "Ann", "last_name": "Lee"},
            "total_price": f"{10 * sum(units):.2f}", "total_tax": "0.00", "shipping_lines": [],
            "shipping_address": {"name": f"Customer {number}", "address1": f"{number} High Street", "city": "Town", "zip": f"AL{number % 10} 1AA",
                                 "country_code": "GB", "latitude": round(draw.uniform(50.8, 55), 3), "longitude": round(draw.uniform(-3.5, 0), 3)},
            "line_items": [{"id": 10 * number + n, "sku": draw.choice(SKUS), "title": "Thing", "quantity": wanted, "price": "10.00", "tax_lines": []}
                           for n, wanted in enumerate(units)],
        }
        for number in range(first, first + count)
        for units in [[draw.randrange(1, 9) for _ in range(draw.randrange(1, 4))]]
    ]})  # fmt: skip


def sends(home: Home, desk: Path, feed: str, table: list[dict[str, Any]]) -> None:
    """A CSV arrives in a feed's inbox."""
    file = desk / f"{feed}.csv"
    with file.open("w", newline="") as out:
        writing = csv.DictWriter(out, table[0])
        writing.writeheader()
        writing.writerows(table)
    put(home, file, feed)


def told(home: Home) -> list[tuple[str, str, str]]:
    """All that was ever said of promises."""
    with reader(home.current) as connection:
        return connection.execute(
            "select order_line_id, event, reason from facts.promise_events order by cycle_seq, order_line_id"
        ).fetchall()


def one(home: Home, sql: str) -> int:
    """The one number that a query on the published copy gives."""
    with reader(home.current) as connection:
        return int(connection.execute(sql).fetchall()[0][0])


def test_promises_keep_still_without_new_facts(fresh_home: Home, tmp_path: Path) -> None:
    # Nothing is there yet: all that is promised waits for purchases that come next week, and a part of it is short.
    draw = random.Random(3)
    reference: dict[str, list[dict[str, Any]]] = {
        "customers": [{"customer_code": "77", "name": "Ann Lee", "currency": "GBP", "segment": "retail"}],
        "skus": [{"sku_code": sku, "name": sku, "unit": "ea", "weight_kg": "2", "volume_m3": "0.01", "cost": "4.00", "currency": "GBP", "is_active": "true"}
                 for sku in SKUS],
        "locations": [{"location_code": code, "name": city, "kind": "dc", "city": city, "country": "GB", "latitude": latitude, "longitude": longitude,
                       "timezone": "Europe/London", "cutoff": "14:00"} for code, (city, latitude, longitude) in PLACES.items()],
        "supply": [{"supply_id": f"PO-{sku}-{place}", "kind": "purchase", "sku_code": sku, "location_code": place, "quantity": draw.randrange(10, 40),
                    "due_date": f"2026-03-{draw.randrange(9, 13):02}", "status": "confirmed", "event_at": "2026-03-01T18:00:00Z"}
                   for sku in SKUS for place in PLACES],
    }  # fmt: skip
    for feed, table in reference.items():
        sends(fresh_home, tmp_path, feed, table)
    shop = tmp_path / "orders.json"
    shop.write_text(orders(draw, 1000, 30, "2026-03-01T09:00:00Z"))
    put(fresh_home, shop, "shopify")
    run_cycle(fresh_home, as_of="2026-03-02T05:30:00Z", seed=1)
    first = told(fresh_home)
    assert len(first) > 40
    assert one(fresh_home, "select count(*) from marts.backorders") > 0
    assert one(fresh_home, "select count(distinct location_id) from marts.promises") == 2

    # The same facts a day later, and then without the last plan: not one promise moves.
    run_cycle(fresh_home, as_of="2026-03-03T05:30:00Z", seed=1)
    assert told(fresh_home) == first
    with writer(fresh_home.warehouse) as connection:
        connection.execute("drop schema plans cascade")
    sends(
        fresh_home,
        tmp_path,
        "customers",
        [{"customer_code": "78", "name": "Bob Lee", "currency": "GBP", "segment": "retail"}],
    )
    run_cycle(fresh_home, as_of="2026-03-03T06:30:00Z", seed=1)
    assert one(fresh_home, "select max(cycle_seq) from facts.cycles") == 3
    assert told(fresh_home) == first
