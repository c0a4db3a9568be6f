"""What fits by layers: certain where it says so, never better for more goods, and the same in any order."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_dagster.domain.loads.layers import CargoSpace, Goods, LayerCheck, check

VAN = CargoSpace(4_200, 1_800, 1_900)
#: A semi-trailer: three pallets across along it, or two turned.
TRAILER = CargoSpace(13_600, 2_450, 2_600)
CRATE = Goods(1, 1, 600, 400, 300)
PALLET = Goods(1, 1, 1_200, 800, 1_500, is_stackable=False)

_spaces = st.builds(CargoSpace, st.integers(4, 40), st.integers(3, 12), st.integers(3, 12))
_goods = st.builds(
    Goods, st.integers(1, 3), st.integers(0, 9), st.integers(1, 9), st.integers(1, 9), st.integers(1, 9), st.booleans()
)


def volume(goods: list[Goods]) -> int:
    return sum(g.units * g.length_mm * g.width_mm * g.height_mm for g in goods)


@given(_spaces, st.lists(_goods, max_size=8))
def test_what_is_said_to_fit_is_within_the_space_in_volume_and_in_each_unit(space: CargoSpace, goods: list[Goods]):
    found = check(space, goods)
    if found.floor_mm is not None:
        assert volume(goods) <= found.floor_mm * space.width_mm * space.height_mm
    if found.answer == "fits":
        assert found.floor_mm is not None
        assert found.floor_mm <= space.length_mm
        for g in (g for g in goods if g.units):
            short, long = sorted((g.length_mm, g.width_mm))
            assert g.height_mm <= space.height_mm
            assert (short <= space.width_mm and long <= space.length_mm) or (
                long <= space.width_mm and short <= space.length_mm
            )


@given(_spaces, st.lists(_goods, max_size=8), st.lists(_goods, min_size=1, max_size=3))
def test_goods_that_are_added_never_need_less_floor(space: CargoSpace, goods: list[Goods], more: list[Goods]):
    before, after = check(space, goods), check(space, goods + more)
    assert not (before.answer == "not_shown" and after.answer == "fits")
    if before.floor_mm is None:
        assert after.floor_mm is None
    elif after.floor_mm is not None:
        assert after.floor_mm >= before.floor_mm


@given(_spaces, st.lists(_goods, max_size=8), st.data())
def test_neither_the_order_of_the_goods_nor_how_they_are_counted_matters(
    space: CargoSpace, goods: list[Goods], data: st.DataObject
):
    one_by_one = [replace(g, units=1) for g in goods for _ in range(g.units)]
    shuffled = data.draw(st.permutations(one_by_one))
    assert check(space, shuffled) == check(space, goods)


@given(_spaces, st.lists(_goods, max_size=8))
def test_a_lid_that_may_be_stood_on_never_needs_more_floor(space: CargoSpace, goods: list[Goods]):
    open_lids = check(space, [replace(g, is_stackable=True) for g in goods])
    if open_lids.floor_mm is not None:
        stacks = check(space, [replace(g, is_stackable=False) for g in goods]).floor_mm
        assert stacks is not None
        assert open_lids.floor_mm <= stacks


@pytest.mark.parametrize(
    ("units", "floor_mm"),
    # Six crates in a stack: three stacks in a row 400 mm deep, or turned, four in a row 600 mm deep.
    [(0, 0), (1, 400), (18, 400), (19, 600), (24, 600), (25, 800), (180, 4_000), (181, 4_400)],
)
def test_crates_stand_in_stacks_across_the_floor(units: int, floor_mm: int):
    found = check(VAN, [replace(CRATE, units=units)])
    assert found == LayerCheck("fits" if floor_mm <= 4_200 else "not_shown", floor_mm, "floor")


def test_a_stop_of_a_pallet_shares_its_row_with_the_next():
    """A stop each: 33 in 11 rows of three, the 34th with all in 17 rows of two, no room for the 35th."""
    stops = [replace(PALLET, stop=stop) for stop in range(1, 36)]
    assert check(TRAILER, stops[:33]) == LayerCheck("fits", 13_200, "floor")
    assert check(TRAILER, stops[:34]) == LayerCheck("fits", 13_600, "floor")
    assert check(TRAILER, stops) == LayerCheck("not_shown", 14_400, "floor")


def test_goods_of_two_stops_share_no_stack():
    assert check(VAN, [replace(CRATE, units=2, width_mm=1_700, length_mm=1_000)]).floor_mm == 1_000
    assert check(VAN, [replace(CRATE, stop=s, width_mm=1_700, length_mm=1_000) for s in (1, 2)]).floor_mm == 2_000


def test_what_nothing_may_stand_on_tops_a_stack():
    wide = replace(CRATE, length_mm=1_700, width_mm=1_000, height_mm=900)
    lid = replace(wide, is_stackable=False)
    assert check(VAN, [wide, lid]).floor_mm == 1_000
    assert check(VAN, [lid, lid]).floor_mm == 2_000
    assert check(VAN, [replace(wide, units=2), lid]).floor_mm == 2_000


@pytest.mark.parametrize(
    ("piece", "expected"),
    [
        (replace(CRATE, height_mm=1_900), LayerCheck("fits", 400, "floor")),
        (replace(CRATE, height_mm=1_901), LayerCheck("not_shown", None, "height")),
        (replace(CRATE, length_mm=4_200, width_mm=1_800), LayerCheck("fits", 4_200, "floor")),
        (replace(CRATE, length_mm=4_200, width_mm=1_801), LayerCheck("not_shown", None, "width")),
        (replace(CRATE, length_mm=4_201, width_mm=10), LayerCheck("not_shown", 4_201, "floor")),
    ],
)
def test_one_millimetre_decides(piece: Goods, expected: LayerCheck):
    assert check(VAN, [piece]) == expected


def test_a_measure_of_nothing_is_refused():
    with pytest.raises(ValueError, match="goods"):
        check(VAN, [replace(CRATE, height_mm=0)])
    with pytest.raises(ValueError, match="cargo space"):
        check(replace(VAN, width_mm=0), [])
