"""What a load's row says of its layers: whether they fit, or what has no measure."""

from __future__ import annotations

from types import SimpleNamespace as As
from typing import Any

from oms_dagster.domain.loads.layers import Contents, Goods
from oms_dagster.warehouse.cargo import layer_columns

VAN = {"vehicle_id": "V1", "cargo_length_mm": 4_200, "cargo_width_mm": 1_800, "cargo_height_mm": 1_900}
CRATES = Contents((Goods(0, 20, 600, 400, 300),))


def said(held: dict[str, Contents], positions: tuple[int, ...] = (1, 2), **van: Any) -> dict[str, Any]:
    """Of a load with a stop for S1 and one for S2."""
    stops = [As(stop_sequence=n, shipment_ids=(f"S{n}",), load_positions=(p,)) for n, p in enumerate(positions, 1)]
    return layer_columns(As(vehicle_id="V1", stops=stops), As(vehicles=[VAN | van]), held)  # type: ignore[arg-type]


def unknown(unmeasured: str) -> dict[str, Any]:
    return {"layer_check": "unknown", "layer_binding": None, "floor_used_mm": None, "layer_unmeasured": unmeasured}


def test_both_stops_count():
    assert said({"S1": CRATES, "S2": CRATES}) == {
        "layer_check": "fits",
        "layer_binding": "floor",
        "floor_used_mm": 1_200,
        "layer_unmeasured": None,
    }


def test_what_is_picked_up_on_the_way_does_not():
    assert said({"S1": CRATES}, positions=(1, 0))["floor_used_mm"] == 600
    assert said({}, positions=(0, 0)) == {}


def test_what_has_no_measure_is_named():
    assert said({"S1": CRATES, "S2": Contents(CRATES.goods, ("TEA", "MUG"))}) == unknown("MUG, TEA")
    assert said({"S1": CRATES}) == unknown("S2")
    assert said({"S1": CRATES, "S2": CRATES}, cargo_height_mm=None) == unknown("cargo space")
    many = Contents((), tuple("ABCDEFG"))
    assert said({"S1": many, "S2": CRATES}) == unknown("A, B, C, D, E and 2 more")


def test_what_some_goods_do_not_show_others_without_measures_do_not_either():
    tall = Contents((Goods(0, 1, 600, 400, 1_901),), ("TEA",))
    assert said({"S1": tall, "S2": CRATES}) == {
        "layer_check": "not_shown",
        "layer_binding": "height",
        "floor_used_mm": None,
        "layer_unmeasured": "TEA",
    }
