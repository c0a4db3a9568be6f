"""Hired trailers and the room in them: nothing is planned that isn't shown to fit, and the checker stands every unit up."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from oms_dagster.domain.loads.building.verify import findings
from oms_dagster.domain.loads.hiring import Hired, HiredLoad, TrailerKind, hire
from oms_dagster.domain.loads.layers import CargoSpace, Contents, Goods, LayerCheck, check_stops
from oms_dagster.domain.loads.shopping import choose
from oms_dagster.domain.loads.tariffs import FreightRequest, Tariff
from oms_dagster.domain.loads.verify import check_hired
from oms_dagster.domain.solving import Budget

PALLET = Tariff("NORTH", "pallet", "GB", "", 4_000, 10, 0, 1_200_000, 2, 17 * 3600, max_parcels=4)
#: Three pallets across along it: the floor of six is 2.4 m.
SPACE = CargoSpace(13_600, 2_450, 2_600)
TRUCK = TrailerKind("NORTH", "13.6m", "GB", "", 24_000_000, 88_000, 26, 8, 30_000, 500, 2, 17 * 3600, space=SPACE)
SHIPMENTS = [FreightRequest(f"S{n}", "GB", f"AB{n} 1AA", 800_000, 1_600, 100_000, due_in_days=2) for n in range(1, 7)]
METRES = {r.shipment_id: 1_000 * n for n, r in enumerate(SHIPMENTS)}
PALLETS = {r.shipment_id: Contents((Goods(0, 1, 1_200, 800, 1_500, is_stackable=False),)) for r in SHIPMENTS}


def hired(held: dict[str, Contents], *kinds: TrailerKind) -> Hired:
    """The trailers of the six shipments: 12,000 cents each by tariff. Whatever is planned, no checker finds fault with it."""
    choices = {r.shipment_id: choose(r, [PALLET]) for r in SHIPMENTS}
    found = hire(SHIPMENTS, choices, kinds, METRES, held, Budget(100), 1)
    assert found.problem is not None
    assert found.plan is not None
    assert list(findings(found.problem, found.plan)) == []
    assert check_hired(found.loads, held) == ()
    return found


def long(shipment_id: str, mm: int) -> dict[str, Contents]:
    return PALLETS | {shipment_id: Contents((Goods(0, 1, mm, 2_400, 1_500),))}


def test_the_load_says_that_it_fits_and_how_much_floor_it_takes():
    (load,) = hired(PALLETS, TRUCK).loads
    assert load.layers == LayerCheck("fits", 2_400, "floor")


def test_of_what_is_not_measured_the_load_names_the_sku_and_rides():
    (load,) = hired(PALLETS | {"S3": Contents((), ("KETTLE",))}, TRUCK).loads
    assert len(load.shipment_ids) == 6
    assert load.layers == LayerCheck("unknown", None, None, ("KETTLE",))
    (load,) = hired(PALLETS, replace(TRUCK, space=None)).loads
    assert load.layers.unmeasured == ("cargo space",)


def test_the_shipment_that_takes_the_floor_goes_by_tariff_and_says_why():
    """12.4 m of S4, and five pallets in two rows: a metre too much, which one pallet less would not free."""
    found = hired(long("S4", 12_400), TRUCK)
    (load,) = found.loads
    assert load.shipment_ids == ("S1", "S2", "S3", "S5", "S6")
    assert load.layers.answer == "fits"
    assert found.no_room == {"S4": "no room by layers on the NORTH 13.6m"}


def test_where_another_trailer_has_the_room_it_is_taken_instead():
    short = replace(TRUCK, trailer_id="short", trip_cents=20_000, space=replace(SPACE, length_mm=2_000))
    found = hired(PALLETS, short, TRUCK)
    assert [load.kind.trailer_id for load in found.loads] == ["13.6m"]
    assert found.no_room == {}


def test_what_is_left_rides_only_where_the_trailer_still_pays():
    """Two rows of a pallet each: 2 x 12,000 cents by tariff are less than the trip."""
    found = hired(PALLETS, replace(TRUCK, space=CargoSpace(1_600, 1_250, 2_600)))
    assert found.loads == ()
    assert sorted(found.no_room) == [r.shipment_id for r in SHIPMENTS]


@pytest.mark.parametrize("piece", [(800, 1_200, 2_601), (2_500, 2_500, 100), (13_601, 100, 100)])
def test_a_unit_that_no_trailer_takes_alone_stays_with_the_tariff(piece: tuple[int, int, int]):
    found = hired(PALLETS | {"S2": Contents((Goods(0, 1, *piece),), ("KETTLE",))}, TRUCK)
    assert "S2" not in found.loads[0].shipment_ids
    assert found.no_room == {"S2": "it isn't shown to fit by layers on any trailer of its lane"}
    high = replace(TRUCK, trailer_id="mega", trip_cents=31_000, space=CargoSpace(18_000, 2_500, 3_000))
    (load,) = hired(PALLETS | {"S2": Contents((Goods(0, 1, *piece),))}, TRUCK, high).loads
    assert (load.kind.trailer_id, len(load.shipment_ids)) == ("mega", 6)


_space = st.builds(CargoSpace, st.integers(4, 40), st.integers(3, 12), st.integers(3, 12))
_goods = st.builds(
    Goods, st.just(0), st.integers(1, 9), st.integers(1, 9), st.integers(1, 9), st.integers(1, 9), st.booleans()
)
_contents = st.builds(
    Contents, st.lists(_goods, max_size=4).map(tuple), st.sampled_from([(), (), (), ("TEA",), ("MUG", "TEA")])
)


@given(_space, st.lists(_contents, min_size=6, max_size=6), st.integers(0, 60_000))
def test_whatever_the_goods_what_is_planned_stands_in_its_trailer(space: CargoSpace, each: list[Contents], trip: int):
    held = {r.shipment_id: c for r, c in zip(SHIPMENTS, each, strict=True)}
    other = replace(TRUCK, trailer_id="other", trip_cents=trip * 2, space=replace(space, length_mm=space.length_mm + 9))
    found = hired(held, replace(TRUCK, trip_cents=trip, space=space), other)
    riding = [s for load in found.loads for s in load.shipment_ids]
    assert len(riding) == len(set(riding))
    assert not set(riding) & set(found.no_room)
    assert all(load.layers.answer != "not_shown" for load in found.loads)


def a_load(space: CargoSpace, each: list[Contents]) -> tuple[HiredLoad, dict[str, Contents]]:
    """Whatever the check says of it, planned."""
    held = {f"S{n}": c for n, c in enumerate(each, 1)}
    (load,) = hired(PALLETS, TRUCK).loads
    return replace(
        load,
        kind=replace(TRUCK, space=space),
        shipment_ids=tuple(held),
        load_positions=tuple(range(len(held), 0, -1)),
        layers=check_stops(space, each),
    ), held


@given(_space, st.lists(_contents, min_size=1, max_size=5), st.data())
def test_the_checker_agrees_with_the_check_and_catches_what_is_changed(
    space: CargoSpace, each: list[Contents], data: st.DataObject
):
    load, held = a_load(space, each)
    assert (check_hired([load], held) == ()) == (load.layers.answer != "not_shown")
    assume(load.layers.answer == "fits")
    floor_mm = load.layers.floor_mm or 0
    broken = data.draw(
        st.sampled_from(
            [
                replace(load, layers=replace(load.layers, floor_mm=floor_mm + 1)),
                replace(load, layers=LayerCheck("unknown", None, None, ("TEA",))),
                replace(load, layers=replace(load.layers, answer="not_shown")),
                replace(load, kind=replace(load.kind, space=None)),
                replace(load, shipment_ids=(*load.shipment_ids, "S9"), load_positions=(*load.load_positions, 0)),
            ]
        )
    )
    assert [f.rule for f in check_hired([broken], held)] == ["LOAD-08"]
    if floor_mm:
        shorter = replace(load, kind=replace(load.kind, space=replace(space, length_mm=floor_mm - 1)))
        assert [f.rule for f in check_hired([shorter], held)] == ["LOAD-08"]
    if len(held) > 1:
        forward = replace(load, load_positions=load.load_positions[::-1])
        assert [f.rule for f in check_hired([forward], held)] == ["LOAD-08"]
