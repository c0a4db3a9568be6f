"""What a load's row says of its layers: nothing as soon as anything on board or the vehicle has no measure."""

from __future__ import annotations

from types import SimpleNamespace as As
from typing import Any

import pytest

from oms_dagster.warehouse.cargo import layer_columns

VAN = {"vehicle_id": "V1", "cargo_length_mm": 4_200, "cargo_width_mm": 1_800, "cargo_height_mm": 1_900}
CRATES = {"sku_id": "A", "units": 20, "length_mm": 600, "width_mm": 400, "height_mm": 300, "is_stackable": True}


def said(on_board: dict[str, list[dict[str, Any]]], positions: tuple[int, ...] = (1, 2), **van: Any) -> dict[str, Any]:
    """Of a load with a stop for S1 and one for S2."""
    stops = [As(stop_sequence=n, shipment_ids=(f"S{n}",), load_positions=(p,)) for n, p in enumerate(positions, 1)]
    return layer_columns(As(vehicle_id="V1", stops=stops), As(vehicles=[VAN | van]), on_board)  # type: ignore[arg-type]


def test_both_stops_count():
    assert said({"S1": [CRATES], "S2": [CRATES]}) == {
        "layer_check": "fits",
        "layer_binding": "floor",
        "floor_used_mm": 1_200,
    }


def test_what_is_picked_up_on_the_way_does_not():
    assert said({"S1": [CRATES]}, positions=(1, 0))["floor_used_mm"] == 600
    assert said({}, positions=(0, 0)) == {}


@pytest.mark.parametrize(
    ("second", "van"),
    [
        ([CRATES, CRATES | {"sku_id": "B", "height_mm": None}], {}),
        ([], {}),
        ([CRATES], {"cargo_height_mm": None}),
    ],
)
def test_one_unknown_measure_or_shipment_silences_it(second: list[dict[str, Any]], van: dict[str, Any]):
    assert said({"S1": [CRATES], "S2": second}, **van) == {}
