"""The picture of a trailer's floor: each shipment where it stands, the supports where they are, and what they carry."""

from __future__ import annotations

import pandas as pd
from tower import deck

CARRIED = pd.DataFrame(
    {
        "stop_sequence": [1, 2, 3], "shipment_id": ["S1", "S2", "S3"], "customer_name": ["Ann", None, "Cleo"],
        "weight_kg": [800, 400.5, 90], "pallets_before": [6.4, 2.4, 1.4], "pallets": [1.6, 4.0, 1.0],
    }
)  # fmt: skip
TRAILER = pd.Series(
    {"places": 12, "deck_m": 6.0, "kingpin_m": 0.9, "rear_axle_m": 4.1, "front_axle_kg": 700, "front_max_kg": 2_500, "rear_axle_kg": 800,
     "rear_max_kg": 4_500}
)  # fmt: skip


def test_each_shipment_is_a_bar_where_it_stands_with_its_stop():
    figure = deck.floor(CARRIED, TRAILER, "Floor")
    bars = sorted(
        (base, length, text)
        for bar in figure.data
        for base, length, text in zip(bar.base, bar.x, bar.text, strict=True)
    )
    assert bars == [(0.7, 0.5, "3"), (1.2, 2.0, "2"), (3.2, 0.8, "1")]
    assert tuple(figure.layout.xaxis.range) == (0, 6)


def test_supports_are_drawn_with_their_loads_only_where_they_are_known():
    texts = [note.text for note in deck.floor(CARRIED, TRAILER, "Floor").layout.annotations]
    assert texts == ["front support: 700 of 2,500 kg", "rear axles: 800 of 4,500 kg"]
    unknown = TRAILER.astype(object)
    unknown["kingpin_m"] = None
    assert [note.text for note in deck.floor(CARRIED, unknown, "Floor").layout.annotations] == texts[1:]


def test_a_floor_without_measures_counts_pallet_places():
    bare = TRAILER.astype(object)
    bare["deck_m"] = None
    figure = deck.floor(CARRIED, bare, "Floor")
    assert tuple(figure.layout.xaxis.range) == (0, 12)
    assert max(base for bar in figure.data for base in bar.base) == 6.4
    assert not figure.layout.annotations
