"""Two orders, and a van that makes one stop: what it leaves behind goes with a carrier on the same day, with both costs said."""

from __future__ import annotations

import json
from decimal import Decimal

from test_one_order_from_capture_to_kpi import REFERENCE, SHOPIFY, Planner, planner  # noqa: F401

CARRIERS = {
    "carriers": [{"carrier_code": "DASH", "name": "Dash", "pickup_at": "17:30"}],
    "tariffs": [{"carrier_code": "DASH", "service": "express", "country": "GB", "zone_prefix": "", "base": "6.00", "per_kg": "0.50", "fuel_pct": "10",
                 "max_kg": "30", "transit_days": "1", "currency": "GBP", "valid_from": "2026-01-01"}],
}  # fmt: skip
WATFORD = {
    "name": "Bo Day",
    "address1": "2 Low Street",
    "city": "Watford",
    "zip": "WD17 1AA",
    "country_code": "GB",
    "latitude": 51.66,
    "longitude": -0.40,
}


def test_what_the_van_leaves_behind_goes_with_a_carrier_on_the_same_day(planner: Planner) -> None:  # noqa: F811
    second = SHOPIFY | {
        "id": 4712,
        "name": "#1002",
        "email": "bo@example.com",
        "customer": {"id": 78, "first_name": "Bo", "last_name": "Day"},
        "shipping_address": WATFORD,
        "line_items": [SHOPIFY["line_items"][0] | {"id": 12}],  # type: ignore[index]
    }
    small = REFERENCE | CARRIERS
    small |= {
        "customers": [
            REFERENCE["customers"][0],
            REFERENCE["customers"][0] | {"customer_code": "78", "name": "Bo Day", "email": "bo@example.com"},
        ],
        "vehicles": [REFERENCE["vehicles"][0] | {"max_stops": "1", "cost_km": "0.05", "cost_hour": "2.00"}],
    }
    for entity, table in small.items():
        planner.sends(entity, f"{entity}.csv", table)
    planner.sends("stock", "opening.csv", [{"movement_id": "open-1", "kind": "opening", "sku_code": "TEA", "location_code": "LON", "quantity": "20",
                                            "event_at": "2026-03-01T18:00:00Z"}])  # fmt: skip
    planner.sends("shopify", "orders.json", json.dumps({"orders": [SHOPIFY, second]}))

    # Six o'clock: both go to the floor for the van of nine. The plan says already that it makes one stop; there is time.
    planner.cycle("2026-03-02T06:00:00Z")
    assert planner.sees("select distinct mode from marts.shipments") == {"mode": "own_fleet"}
    assert planner.sees("select reason from marts.dropped_shipments") == {"reason": "MAX_STOPS"}
    scans = []
    for line in (11, 12):
        task = planner.sees(f"select task_id from marts.pick_tasks where order_line_id = 'shopify-47{line}-{line}'")
        for kind, at in (("pick", "07:10"), ("pack", "07:40")):
            scans.append({"task_id": task["task_id"], "order_line_id": f"shopify-47{line}-{line}", "quantity": "3", "scan_id": f"{kind}{line}",
                          "kind": kind, "actor": "pia", "event_at": f"2026-03-02T{at}:00Z", "package_id": f"BOX-{line}" if kind == "pack" else "",
                          "weight_kg": "1.7" if kind == "pack" else ""})  # fmt: skip
    planner.sends("floor", "scans.csv", scans)

    # Nine: the van leaves with one. The other could not be there before tomorrow, nor with the carrier, and a carrier is sure.
    planner.cycle("2026-03-02T09:00:00Z")
    other = planner.sees("select * from marts.shipments where mode = 'carrier'")
    assert (other["carrier_id"], other["service"], other["freight_quote"]) == ("DASH", "express", Decimal("7.70"))
    assert other["chosen_because"].startswith(
        "own vehicles leave it behind (MAX_STOPS, no vehicle can); DASH express is no later than they could be for 7.70"
    )
    assert planner.sees("select count(*) as n from marts.dropped_shipments") == {"n": 0}
    assert planner.sees("select count(*) as n from marts.loads where status = 'departed'") == {"n": 1}
    assert planner.sees(f"select load_id from marts.load_shipments where shipment_id = '{other['shipment_id']}'") == {
        "load_id": "LON-20260302-DASH-express-1"
    }

    # Half past five: it is collected. Every unit is on the road, and the KPI counts van and carrier once.
    planner.cycle("2026-03-02T17:35:00Z")
    assert planner.sees("select sum(qty_shipped) as shipped, sum(qty_ordered) as ordered from marts.order_lines") == {
        "shipped": 6,
        "ordered": 6,
    }
    assert planner.sees("select count(*) as n from marts.loads where status = 'departed'") == {"n": 2}
    assert planner.sees(f"select mode, status from marts.shipments where shipment_id = '{other['shipment_id']}'") == {
        "mode": "carrier",
        "status": "shipped",
    }
