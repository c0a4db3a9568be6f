"""A load's goods by layers: the plan says that they fit, and that they are not shown to once the SKU has grown."""

from __future__ import annotations

import json

from test_one_order_from_capture_to_kpi import REFERENCE, SHOPIFY, Planner, planner  # noqa: F401

VAN = {"cargo_length_mm": "1000", "cargo_width_mm": "1800", "cargo_height_mm": "900"}
ASKED = "select layer_check, layer_binding, floor_used_mm from marts.loads where mode = 'own_fleet'"


def test_a_planned_load_says_whether_it_fits_by_layers(planner: Planner) -> None:  # noqa: F811
    # Three units 400 mm high: two stacks, side by side.
    size = {"length_mm": "800", "width_mm": "600", "height_mm": "400"}
    small = REFERENCE | {
        "skus": [REFERENCE["skus"][0] | size, *REFERENCE["skus"][1:]],
        "vehicles": [REFERENCE["vehicles"][0] | VAN],
    }
    for entity, table in small.items():
        planner.sends(entity, f"{entity}.csv", table)
    planner.sends("stock", "opening.csv", [{"movement_id": "open-1", "kind": "opening", "sku_code": "TEA", "location_code": "LON", "quantity": "20",
                                            "event_at": "2026-03-01T18:00:00Z"}])  # fmt: skip
    planner.sends("shopify", "orders.json", json.dumps({"orders": [SHOPIFY]}))
    planner.cycle("2026-03-02T06:00:00Z")
    assert planner.sees(ASKED) == {"layer_check": "fits", "layer_binding": "floor", "floor_used_mm": 600}

    # It is on the floor by now. The SKU turns out to be wider, and nothing may stand on it: three stacks, two in a row.
    planner.sends("skus", "grown.csv", [small["skus"][0] | {"is_stackable": "false", "width_mm": "700"}])
    planner.cycle("2026-03-02T07:00:00Z")
    assert planner.sees(ASKED) == {"layer_check": "not_shown", "layer_binding": "floor", "floor_used_mm": 1400}
