"""Hired trailers: taken where one costs less than the tariffs of its goods, loaded last in first out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from oms_dagster.domain.loads.building.verify import findings
from oms_dagster.domain.loads.deck import Deck
from oms_dagster.domain.loads.hiring import TrailerKind, hire, pallet_places
from oms_dagster.domain.loads.layers import Contents
from oms_dagster.domain.loads.shopping import choose
from oms_dagster.domain.loads.tariffs import FreightRequest, Tariff
from oms_dagster.domain.solving import Budget

PALLET = Tariff("NORTH", "pallet", "GB", "", 4_000, 10, 0, 1_200_000, 2, 17 * 3600, max_parcels=4)
TRUCK = TrailerKind("NORTH", "13.6m", "GB", "AB", 24_000_000, 88_000, 26, 8, 40_000, 500, 2, 17 * 3600)
GOODS = [FreightRequest(f"S{n}", "GB", f"AB{n} 1AA", 800_000, 1_600, 100_000, due_in_days=2) for n in range(1, 7)]
METRES = {r.shipment_id: 1_000 * n for n, r in enumerate(GOODS)}


def hired(
    goods: list[FreightRequest], kinds: list[TrailerKind], budget: int = 100, held: Mapping[str, Contents] | None = None
):
    choices = {r.shipment_id: choose(r, [PALLET]) for r in goods}
    return hire(goods, choices, kinds, METRES, held or {}, Budget(budget), 1), choices


def test_six_pallets_ride_on_a_trailer_that_costs_less_than_their_tariffs_and_bear_its_cost_together():
    """4,000 + 800 x 10 cents each by tariff; 40,000 + 6 x 500 on the trailer."""
    found, _ = hired(GOODS, [TRUCK])
    (load,) = found.loads
    assert (load.instead_cents, load.cost_cents, sum(load.shares_cents)) == (72_000, 43_000, 43_000)
    assert (load.shipment_ids[0], load.load_positions[0]) == ("S1", 6)
    assert (load.pallets_permille, load.binding_dimension, load.utilisation_permille) == (6_000, "stops", 750)
    assert found.plan is not None and found.plan.report.status == "optimal"


def test_on_the_floor_each_shipment_has_its_place_and_later_stops_stand_in_front():
    deck = Deck(13_600, 1_500, 9_000, 12_000_000, 24_000_000)
    (load,) = hired(GOODS, [replace(TRUCK, deck=deck)])[0].loads
    spans = sorted(load.floor)
    assert all(a + length == b for (a, length), (b, _) in zip(spans, spans[1:], strict=False))
    assert spans[0][0] == load.arrangement.start_mm * 26_000 // deck.length_mm
    assert sum(spans[-1]) <= 26_000
    assert [start for start, _ in load.floor] == sorted((start for start, _ in load.floor), reverse=True)
    assert min(hired(GOODS, [TRUCK])[0].loads[0].floor) == (0, 1_000)  # a floor without measures: from its front


def test_three_pallets_stay_with_the_tariff():
    assert hired(GOODS[:3], [TRUCK])[0].loads == ()


def test_only_what_the_trailer_may_take_in_time_and_on_its_lane_rides():
    goods = [
        *GOODS[:4],
        replace(GOODS[4], postcode="SW1 1AA"),
        replace(GOODS[5], due_in_days=1),
        replace(GOODS[5], shipment_id="S7", hazard_class="3"),
        replace(GOODS[5], shipment_id="S8", ready_s=18 * 3600),
    ]
    express = replace(PALLET, service="express", base_cents=9_000, transit_days=1, hazard_ok=True)
    choices = {r.shipment_id: choose(r, [PALLET, express]) for r in goods}
    cheap = replace(TRUCK, trip_cents=20_000)
    metres = METRES | {"S7": 1, "S8": 1}
    found = hire(goods, choices, [cheap], metres, {}, Budget(100), 1)
    assert [load.shipment_ids for load in found.loads] == [("S1", "S2", "S3", "S4")]
    assert hire(goods, choices, [replace(cheap, cutoff_s=-1)], metres, {}, Budget(100), 1).plan is None


def test_places_are_shares_of_a_pallet_until_one_is_full():
    assert pallet_places(replace(GOODS[0], weight_g=100, volume_dm3=160)) == 100
    assert pallet_places(replace(GOODS[0], weight_g=500_000, volume_dm3=1)) == 500
    assert pallet_places(replace(GOODS[0], volume_dm3=1_601)) == 2_000


def test_where_the_floor_is_known_the_axles_are_planned():
    found, _ = hired(GOODS, [replace(TRUCK, deck=Deck(13_600, 1_600, 9_300, 13_000_000, 24_000_000))])
    floor = found.loads[0].arrangement
    assert floor is not None and floor.within
    assert floor.shipment_ids == ("S6", "S5", "S4", "S3", "S2", "S1")
    assert floor.front_g + floor.rear_g >= 4_800_000


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 3_000_000), st.integers(1, 9_000)), min_size=1, max_size=6),
    st.integers(1, 90_000),
    st.integers(1, 6),
)
def test_hiring_never_costs_more_than_the_tariffs_and_shares_add_up(
    goods: list[tuple[int, int]], trip_cents: int, stops: int
):
    requests = [replace(r, weight_g=g, volume_dm3=v) for r, (g, v) in zip(GOODS, goods, strict=False)]
    found, choices = hired(requests, [replace(TRUCK, trip_cents=trip_cents, max_stops=stops)], 50)
    seen = [s for load in found.loads for s in load.shipment_ids]
    assert len(seen) == len(set(seen))
    assert found.problem is None or found.plan is None or list(findings(found.problem, found.plan)) == []
    for load in found.loads:
        assert sum(load.shares_cents) == load.cost_cents <= load.instead_cents
        assert load.instead_cents == sum(c.chosen.total_cents for s in load.shipment_ids if (c := choices[s]).chosen)
