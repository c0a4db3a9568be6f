"""What the paper says, in which order, on how many pages, and that it is always the same bytes."""

from __future__ import annotations

import hashlib
import pickle
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from oms_dagster.domain.documents.packing_slip import render_packing_slip
from oms_dagster.domain.documents.picking_map import render_picking_map, zones_in_order
from oms_dagster.domain.documents.purchase_order import content, render_purchase_order
from oms_dagster.domain.documents.romaneio import NOT_FISCAL, render_romaneio, value_totals

RENDERERS = {
    "picking_map": render_picking_map,
    "romaneio": render_romaneio,
    "packing_slip": render_packing_slip,
    "purchase_order": render_purchase_order,
}


def at(text, *words):
    """Positions of words in a page's text; each must be there."""
    for word in words:
        assert word in text, word
    return [text.index(word) for word in words]


@pytest.mark.parametrize("name", RENDERERS)
def test_the_same_input_gives_the_same_bytes_in_another_process(name, request, tmp_path):
    data = request.getfixturevalue(name)
    here = hashlib.sha256(RENDERERS[name](data)).hexdigest()
    Path(tmp_path / "data.pickle").write_bytes(pickle.dumps(data))
    program = (
        "import hashlib, pickle, sys\n"
        f"from oms_dagster.domain.documents.{name} import render_{name} as render\n"
        "data = pickle.loads(open(sys.argv[1], 'rb').read())\n"
        "print(hashlib.sha256(render(data)).hexdigest())"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "data.pickle")]
    there = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    assert here == there == hashlib.sha256(RENDERERS[name](data)).hexdigest()


@pytest.mark.parametrize("name", RENDERERS)
def test_another_number_gives_other_bytes(name, request):
    data = request.getfixturevalue(name)
    assert RENDERERS[name](data) != RENDERERS[name](replace(data, number=data.number + 1))


@pytest.mark.parametrize("name", RENDERERS)
def test_an_instant_without_a_zone_or_an_unknown_zone_is_refused(name, request):
    data = request.getfixturevalue(name)
    with pytest.raises(ValueError, match="time zone"):
        RENDERERS[name](replace(data, issued_at=datetime(2026, 7, 1, 12)))
    with pytest.raises(ValueError, match="Europe/Lisbom"):
        RENDERERS[name](replace(data, timezone="Europe/Lisbom"))


@pytest.mark.parametrize("name", RENDERERS)
def test_the_stamp_is_on_the_wall_clock_of_the_location_which_is_named(name, request, pages):
    data = request.getfixturevalue(name)
    for page in pages(RENDERERS[name](data)):
        at(page, "issued 2026-07-01 13:00 (Europe/Lisbon)", f"template {name}/1")
    at(pages(RENDERERS[name](replace(data, timezone="Asia/Tokyo")))[0], "issued 2026-07-01 21:00 (Asia/Tokyo)")


# --- picking map ---------------------------------------------------------------------------------------------


def test_a_picking_map_follows_the_walk_zone_by_zone(picking_map, pages):
    dry, cold, loading = pages(render_picking_map(picking_map))
    at(dry, "Zone DRY", "wave W-2026-07-01-LIS1", "Armazém Central", "2026-07-01 15:00", "page 1 of 3")
    walk = at(dry, "A01-07-2", "A02-01-0", "A03-04-1")
    assert walk == sorted(walk)
    at(cold, "Zone COLD", "C01-02-1", "page 2 of 3")
    assert "RICE" not in cold
    at(dry, "2.5", "LOT-9", "Anomaly", "Picker", "Checker", "Start", "End")
    assert "Loading order" in loading


def test_for_loading_the_last_stop_comes_first(picking_map, pages):
    by_loading = replace(picking_map, order_by="loading")
    assert [t.task_id for t in zones_in_order(by_loading)[0][1]] == ["T-3", "T-2", "T-1"]
    loading = pages(render_picking_map(picking_map))[2]
    places = at(loading, "stop 2", "stop 1")
    assert places == sorted(places)


def test_a_wave_without_loads_has_no_loading_page(picking_map, pages):
    tasks = tuple(replace(t, load_id="", stop_sequence=None) for t in picking_map.tasks)
    assert len(pages(render_picking_map(replace(picking_map, tasks=tasks)))) == 2


def test_a_blind_check_shows_no_quantity(picking_map, pages):
    odd = tuple(replace(t, quantity_milli=98_765_000) for t in picking_map.tasks)
    shown = replace(picking_map, tasks=odd)
    assert "98 765" in pages(render_picking_map(shown))[0]
    blind = pages(render_picking_map(replace(shown, hide_quantities=True)))
    at(blind[0], "Picking map, blind check", "Counted")
    assert "98 765" not in "".join(blind) and "To pick" not in "".join(blind)


def test_the_wave_is_a_barcode_on_each_page_and_each_task_beside_its_line(picking_map, barcodes):
    dry, cold, loading = barcodes(render_picking_map(picking_map))
    assert sorted(dry) == ["T-1", "T-2", "T-3", "W-2026-07-01-LIS1"]
    assert sorted(cold) == ["T-4", "W-2026-07-01-LIS1"]
    assert loading == ["W-2026-07-01-LIS1"]


def test_what_code_128_cannot_carry_is_printed_as_text(picking_map, pages, barcodes):
    tasks = (replace(picking_map.tasks[0], task_id="Tarefa-ç1"), replace(picking_map.tasks[0], task_id="T" * 70))
    pdf = render_picking_map(replace(picking_map, tasks=tasks))
    assert barcodes(pdf) == [["W-2026-07-01-LIS1"]]
    at(pages(pdf)[0], "Tarefa-ç1", "TTTTTTTT")


def test_sixty_lines_repeat_the_header_and_lose_no_line(picking_map, pages):
    tasks = tuple(replace(picking_map.tasks[2], task_id=f"T-{i:03d}", pick_sequence=i) for i in range(60))
    found = pages(render_picking_map(replace(picking_map, tasks=tasks)))
    assert len(found) >= 3
    for number, page in enumerate(found, start=1):
        at(page, f"page {number} of {len(found)}", "Picking map", "No. A-000042", "Zone DRY")
        if "T-0" in page:
            at(page, "SKU and description", "Anomaly")
    assert sorted(f"T-{i:03d}" for i in range(60) if any(f"T-{i:03d}" in page for page in found)) == [
        f"T-{i:03d}" for i in range(60)
    ]
    assert sum(page.count("Checker") for page in found) == 1


def test_a_wave_with_nothing_to_pick_says_so(picking_map, pages):
    (only,) = pages(render_picking_map(replace(picking_map, tasks=())))
    assert "Nothing to pick" in only


# --- romaneio ------------------------------------------------------------------------------------------------


def test_a_romaneio_leads_through_the_stops_in_delivery_sequence(romaneio, pages, barcodes):
    pdf = render_romaneio(romaneio)
    (page,) = pages(pdf)
    places = at(page, "Köln GmbH", "Mercearia São Paulo")
    assert places == sorted(places)
    at(page, NOT_FISCAL, "AA-12-BB", "João Conceição", "D3", "Seal", "Gate in", "Gate out", "own fleet", "183.4 km")
    at(
        page,
        "2026-07-01 13:00–15:00",
        "ETA 2026-07-01 13:00",
        "any time",
        "FT/12",
        "ring twice",
        "gross weight × distance",
    )
    at(page, "Loaded and checked by", "Driver", "Gate", "Planned departure")
    assert barcodes(pdf) == [["L-2026-07-01-V1-1"]]


def test_totals_add_up_and_never_mix_currencies(romaneio, pages):
    (page,) = pages(render_romaneio(romaneio))
    at(page, "Total: 2 stops", "11.750", "0.037", "10.50 EUR", "9.99 GBP")
    assert value_totals(romaneio.stops) == {"EUR": 1_050, "GBP": 999}


def test_a_hired_trailer_stands_beside_its_carrier_and_its_plate_is_left_to_write(romaneio, pages):
    hired = replace(romaneio, carrier="Northline", vehicle="", trailers=("13.6m",))
    (page,) = pages(render_romaneio(hired))
    at(page, "Northline + 13.6m")


def test_a_romaneio_says_what_to_collect_at_a_stop_and_a_stop_for_that_alone_has_no_value(romaneio, pages):
    first = replace(romaneio.stops[0], pickups=("2 pieces, 4.0 kg, return RET-7",))
    alone = replace(
        romaneio.stops[-1], currency="", value_cents=0, shipment_ids=(), pickups=("6 pieces, 9.0 kg, empties X",)
    )
    before = value_totals(romaneio.stops[:-1])
    collecting = replace(romaneio, stops=(first, *romaneio.stops[1:-1], alone))
    text = " ".join(" ".join(pages(render_romaneio(collecting))).split())
    assert "Collect: 2 pieces, 4.0 kg, return RET-7" in text
    assert "Collect: 6 pieces, 9.0 kg, empties X" in text
    assert value_totals(collecting.stops) == before


def test_a_run_sheet_is_the_same_sheet_of_a_load_that_may_still_change(romaneio, pages):
    (page,) = pages(render_romaneio(replace(romaneio, is_planned=True, series="plan", number=12, floor="4.2 of 6.1 m")))
    at(page, "Run sheet (as planned)", "Floor, by layers", "4.2 of 6.1 m")
    assert "plan-000012" in page
    assert "The load has not left" in page
    assert NOT_FISCAL not in page


def test_a_carrier_collection_has_no_vehicle_and_no_route(romaneio, pages):
    collection = replace(romaneio, vehicle="", driver="", carrier="Express Parcels", distance_m=None)
    (page,) = pages(render_romaneio(collection))
    at(page, "Express Parcels", "not planned")


def test_a_long_trip_repeats_the_header_and_has_one_total(romaneio, pages):
    stops = tuple(replace(romaneio.stops[0], stop_sequence=i, consignee=f"Shop-{i:03d}") for i in range(1, 61))
    found = pages(render_romaneio(replace(romaneio, stops=stops)))
    for number, page in enumerate(found, start=1):
        at(page, f"page {number} of {len(found)}", NOT_FISCAL)
        if "Shop-" in page:
            at(page, "Consignee and address", "Received by")
    assert "".join(found).count("Total: 60 stops") == 1
    assert all(any(f"Shop-{i:03d}" in page for page in found) for i in range(1, 61))


def test_a_text_longer_than_a_page_flows_over_pages(romaneio, pages):
    """Regression: a cell taller than the page ended the rendering of the whole cycle's documents."""
    note = " ".join(f"word{i}" for i in range(1500))
    found = pages(render_romaneio(replace(romaneio, stops=(replace(romaneio.stops[0], note=note),))))
    joined = " ".join(found).split()
    assert [w for w in joined if w.startswith("word")] == note.split()


# --- packing slip --------------------------------------------------------------------------------------------


def test_a_packing_slip_says_what_is_in_it_and_what_is_still_to_come(packing_slip, pages, barcodes):
    pdf = render_packing_slip(packing_slip)
    (page,) = pages(pdf)
    at(page, "#1001", "ORD-1001", "Ελένη Παπαδοπούλου", "RICE", "Ordered", "In this shipment", "UPS Standard")
    at(
        page,
        "backordered, 2026-07-20",
        "P-1",
        "1Z999AA1",
        "340123450000000016",
        "4.200",
        "ask for a return under order",
    )
    assert barcodes(pdf) == [["S-1001-LIS1-1"]]


def test_a_complete_order_says_that_nothing_follows(packing_slip, pages):
    (page,) = pages(render_packing_slip(replace(packing_slip, remaining=(), packages=(), return_note="Keep it.")))
    at(page, "the order is complete", "Not packed into numbered packages", "Keep it.")


def test_no_price_stands_on_a_packing_slip(packing_slip, pages):
    assert not any(word in pages(render_packing_slip(packing_slip))[0] for word in ("EUR", "GBP", "Price", "Value"))


def test_a_name_with_markup_is_printed_as_it_is(packing_slip, pages):
    odd = 'Smith & Sons <b>"bold"</b> <para>'
    (page,) = pages(render_packing_slip(replace(packing_slip, ship_to=(odd,))))
    assert odd in page


def test_long_lists_of_a_packing_slip_repeat_their_header(packing_slip, pages):
    lines = tuple(replace(packing_slip.lines[0], line_number=i, sku_id=f"SKU-{i:03d}") for i in range(60))
    placed = packing_slip.placed_at + timedelta(days=1)
    found = pages(render_packing_slip(replace(packing_slip, lines=lines, placed_at=placed)))
    assert len(found) > 2
    assert all("In this" in page for page in found if "SKU-0" in page)
    assert all(any(f"SKU-{i:03d}" in page for page in found) for i in range(60))


def test_a_purchase_order_adds_up_line_by_line(purchase_order, pages):
    (page,) = pages(render_purchase_order(purchase_order))
    at(
        page,
        "Purchase order",
        "PO-12",
        "Elbe Technik",
        "Ελένη Παπαδοπούλου",
        "RICE",
        "26.50 EUR",
        "as agreed",
        "in our name",
    )
    first, second = content(purchase_order)["lines"]
    assert (first["quantity"], first["unit_cost"], first["fee"], first["line_total"]) == ("12", "2.1", "1.30", "26.50")
    assert (second["unit_cost"], second["line_total"]) == (None, "0.00")


def test_a_change_of_a_purchase_order_says_what_is_wanted_now(purchase_order, pages):
    less = replace(purchase_order.lines[0], quantity_milli=5_000, before_milli=12_000)
    change = replace(purchase_order, document_id="CHANGE-1", changes="PO-12", lines=(less,))
    (page,) = pages(render_purchase_order(change))
    at(page, "Change of purchase order", "PO-12", "Before", "Now", "not wanted any more")
    said = content(change)
    assert (said["purchase_order_id"], said["lines"][0]["quantity_before"], said["lines"][0]["quantity"]) == (
        "PO-12",
        "12",
        "5",
    )
