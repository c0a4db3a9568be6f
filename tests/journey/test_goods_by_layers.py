"""A load's goods by layers: the plan says whether they fit or what isn't measured; no trailer is hired that isn't shown to take them."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

from pypdf import PdfReader
from test_one_order_from_capture_to_kpi import REFERENCE, SHOPIFY, Planner, planner  # noqa: F401

from oms_dagster.warehouse.run_sheet import run_sheet

VAN = {"cargo_length_mm": "1000", "cargo_width_mm": "1800", "cargo_height_mm": "900"}
ASKED = "select layer_check, layer_binding, floor_used_mm, layer_unmeasured from marts.loads"
#: Three units 400 mm high.
SIZE = {"length_mm": "800", "width_mm": "600", "height_mm": "400"}
TRAILERS = {
    "carriers": [{"carrier_code": "NORTH", "name": "North", "pickup_at": "17:30"}],
    "tariffs": [{"carrier_code": "NORTH", "service": "pallet", "country": "GB", "zone_prefix": "", "base": "60.00", "per_kg": "0.50", "max_kg": "900",
                 "transit_days": "1", "currency": "GBP", "valid_from": "2026-01-01"}],
    "trailers": [{"carrier_code": "NORTH", "trailer_code": "2m", "country": "GB", "payload_kg": "900", "volume_m3": "3", "pallets": "2", "cost_trip": "20.00",
                  "transit_days": "1", "currency": "GBP", "deck_m": "2.0", "cargo_width_mm": "1800", "cargo_height_mm": "900"}],
}  # fmt: skip


def test_a_planned_load_says_whether_it_fits_by_layers(planner: Planner) -> None:  # noqa: F811
    small = REFERENCE | {
        "skus": [REFERENCE["skus"][0] | SIZE, *REFERENCE["skus"][1:]],
        "vehicles": [REFERENCE["vehicles"][0] | VAN],
    }
    for entity, table in small.items():
        planner.sends(entity, f"{entity}.csv", table)
    planner.sends("stock", "opening.csv", [{"movement_id": "open-1", "kind": "opening", "sku_code": "TEA", "location_code": "LON", "quantity": "20",
                                            "event_at": "2026-03-01T18:00:00Z"}])  # fmt: skip
    planner.sends("shopify", "orders.json", json.dumps({"orders": [SHOPIFY]}))
    planner.cycle("2026-03-02T06:00:00Z")
    # Two stacks, side by side.
    assert planner.sees(ASKED) == said("fits", 600)

    # It is on the floor by now. The SKU turns out to be wider, and nothing may stand on it: three stacks, two in a row.
    planner.sends("skus", "grown.csv", [small["skus"][0] | {"is_stackable": "false", "width_mm": "700"}])
    planner.cycle("2026-03-02T07:00:00Z")
    assert planner.sees(ASKED) == said("not_shown", 1400)


def test_a_trailer_is_hired_only_for_what_is_shown_to_fit_or_is_not_measured(planner: Planner) -> None:  # noqa: F811
    tin = REFERENCE["skus"][0]
    given = {name: table for name, table in REFERENCE.items() if name not in ("vehicles", "drivers")} | TRAILERS
    for entity, table in (given | {"skus": [tin | SIZE, *REFERENCE["skus"][1:]]}).items():
        planner.sends(entity, f"{entity}.csv", table)
    planner.sends("stock", "opening.csv", [{"movement_id": "open-1", "kind": "opening", "sku_code": "TEA", "location_code": "LON", "quantity": "20",
                                            "event_at": "2026-03-01T18:00:00Z"}])  # fmt: skip
    planner.sends("shopify", "orders.json", json.dumps({"orders": [SHOPIFY]}))
    planner.cycle("2026-03-02T06:00:00Z")
    task = planner.sees("select task_id, order_line_id from marts.pick_tasks")
    planner.sends("floor", "scans.csv", [
        task | {"quantity": "3", "scan_id": kind, "kind": kind, "actor": "pia", "event_at": f"2026-03-02T{at}:00Z", "package_id": "BOX" if kind == "pack" else ""}
        for kind, at in (("pick", "06:30"), ("pack", "06:40"))
    ])  # fmt: skip
    planner.cycle("2026-03-02T07:00:00Z")
    assert planner.sees(f"{ASKED} where trailer_id = '2m'") == said("fits", 600)
    load_id = planner.sees("select load_id from marts.loads")["load_id"]
    page = PdfReader(BytesIO(run_sheet(planner.home.current, load_id))).pages[0].extract_text()
    assert "North + 2m" in page
    assert "0.6 of 2.0 m" in page

    # A centimetre too high for the trailer: it goes by tariff, and says why.
    planner.sends("skus", "higher.csv", [tin | SIZE | {"height_mm": "910"}])
    planner.cycle("2026-03-02T08:00:00Z")
    assert planner.sees("select trailer_id, layer_check from marts.loads") == {"trailer_id": None, "layer_check": None}
    because = planner.sees("select because from marts.load_shipments")["because"]
    assert because.endswith("; not on a hired trailer: it isn't shown to fit by layers on any trailer of its lane")

    # Nobody knows how high it is: it may ride, and the load names it.
    planner.sends("skus", "unmeasured.csv", [tin | SIZE | {"height_mm": ""}])
    planner.cycle("2026-03-02T09:00:00Z")
    assert planner.sees(f"{ASKED} where trailer_id = '2m'") == said("unknown", None, None, "TEA")


def said(
    answer: str, floor_mm: int | None, binding: str | None = "floor", unmeasured: str | None = None
) -> dict[str, Any]:
    return {"layer_check": answer, "layer_binding": binding, "floor_used_mm": floor_mm, "layer_unmeasured": unmeasured}
