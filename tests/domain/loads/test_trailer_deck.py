"""The order on the floor: last in first out, and neither support above its limit where an order allows it."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oms_dagster.domain.loads.deck import Deck, Piece, arrange, worst

#: 13.6 m, kingpin 1.6 m and axle group 9.3 m from the front.
TRAILER = Deck(13_600, 1_600, 9_300, 13_000_000, 24_000_000)


def test_a_pallet_between_the_supports_is_carried_by_both_in_proportion():
    """Its middle is 5.45 m from the front: half way."""
    assert worst(TRAILER, [Piece("a", 1, 1_000_000, 1_200)], 4_850) == (500_000, 500_000)


def test_a_pallet_at_the_doors_lifts_the_front():
    front, rear = worst(TRAILER, [Piece("a", 1, 1_000_000, 1_200)], 12_400)
    assert (front, rear) == (0, 1_480_520)


def test_later_stops_stand_in_front_and_the_first_stop_at_the_doors():
    order = arrange(
        TRAILER, [Piece("a", 1, 500_000, 1_200), Piece("c", 3, 100_000, 1_200), Piece("b", 2, 900_000, 1_200)]
    )
    assert order.shipment_ids == ("c", "b", "a")
    assert order.within


def test_a_heavy_pallet_goes_where_the_axles_are_when_its_stop_leaves_a_choice():
    """All for one stop: the heavy one in front would press 16 t on a kingpin that bears 13 t."""
    pieces = [Piece("heavy", 1, 12_000_000, 2_400), *(Piece(f"p{n}", 1, 1_400_000, 1_200) for n in range(8))]
    found = arrange(TRAILER, pieces)
    assert found.within
    front_first = sorted(pieces, key=lambda p: -p.weight_g)
    assert worst(TRAILER, front_first, 0)[0] > TRAILER.front_max_g


def test_what_no_order_can_mend_is_said():
    assert not arrange(TRAILER, [Piece("a", 1, 40_000_000, 1_200)]).within
    with pytest.raises(ValueError, match="400 mm of goods too much"):
        arrange(TRAILER, [Piece("a", 1, 1, 14_000)])
    with pytest.raises(ValueError, match="supports at 5 and 5"):
        Deck(10, 5, 5, 1, 1)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 2_000_000), st.integers(1, 1_200)), min_size=1, max_size=9))
def test_moments_balance_and_stops_are_never_blocked(goods: list[tuple[int, int, int]]):
    pieces = [Piece(f"p{n}", *each) for n, each in enumerate(goods)]
    found = arrange(TRAILER, pieces)
    by_id = {p.shipment_id: p for p in pieces}
    stops = [by_id[s].stop for s in found.shipment_ids]
    assert stops == sorted(stops, reverse=True)
    rear, at = Fraction(0), Fraction(found.start_mm)
    for shipment_id in found.shipment_ids:
        piece = by_id[shipment_id]
        rear += piece.weight_g * (at + Fraction(piece.length_mm, 2) - 1_600) / 7_700
        at += piece.length_mm
    assert at <= TRAILER.length_mm
    assert found.rear_g >= rear
    assert found.front_g >= sum(p.weight_g for p in pieces) - rear
