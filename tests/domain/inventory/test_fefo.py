"""First expired, first out: the earliest lot that lasts long enough, never one that does not, and nothing twice."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_dagster.domain.inventory.fefo import Lot, Want, take

DAY = date(2026, 3, 2)
D = Decimal


def want(quantity: int = 1, key: str = "L", life: int = 0, deliver: date = DAY) -> Want:
    return Want(key, D(quantity), DAY, deliver, life)


def lots_of(lots: list[Lot], *wants: Want) -> list[tuple[str, str | None, int]]:
    return [(t.key, t.lot_id, int(t.quantity)) for t in take(lots, wants)[0]]


@pytest.mark.parametrize(("expires_in", "fits"), [(-1, False), (0, True), (1, True)])
def test_a_unit_may_be_used_on_its_expiry_day_and_not_after(expires_in: int, fits: bool) -> None:
    lot = Lot("A", D(1), DAY + timedelta(days=expires_in))
    taken, short = take([lot], [want()])
    assert (len(taken), short) == ((1, {}) if fits else (0, {"L": D(1)}))


@pytest.mark.parametrize(("expires_in", "fits"), [(6, False), (7, True), (8, True)])
def test_it_lasts_the_days_asked_for_after_delivery_not_after_shipping(expires_in: int, fits: bool) -> None:
    lot = Lot("A", D(1), DAY + timedelta(days=2 + expires_in))
    assert (lots_of([lot], want(life=7, deliver=DAY + timedelta(days=2))) == [("L", "A", 1)]) == fits


def test_the_lot_that_expires_first_goes_first_and_one_without_expiry_last() -> None:
    lots = [
        Lot("C", D(9)),
        Lot("B", D(2), DAY + timedelta(days=9)),
        Lot("A", D(1), DAY + timedelta(days=30)),
        Lot(None, D(1)),
    ]
    assert lots_of(lots, want(5)) == [("L", "B", 2), ("L", "A", 1), ("L", "C", 2)]


def test_a_customer_who_asks_for_more_life_passes_the_earlier_lot_by_and_is_told_so() -> None:
    lots = [Lot("A", D(5), DAY + timedelta(days=3)), Lot("B", D(5), DAY + timedelta(days=60))]
    (taken,), short = take(lots, [want(2, life=30)])
    assert (taken.lot_id, short) == ("B", {})
    assert taken.because == (
        "lot B expires first, on 2026-05-01, 60 days after delivery (30 are asked for); 1 earlier lot does not last that long"
    )


def test_what_was_lost_without_naming_a_lot_is_taken_off_the_lot_that_expires_first() -> None:
    lots = [Lot("A", D(2), DAY), Lot("B", D(2), DAY + timedelta(days=1)), Lot(None, D(-3))]
    taken, short = take(lots, [want(4)])
    assert [(t.lot_id, t.quantity) for t in taken] == [("B", 1)] and short == {"L": D(3)}


def test_supply_that_comes_later_serves_only_what_ships_then() -> None:
    coming = Lot(None, D(5), from_day=DAY + timedelta(days=3))
    later = Want("M", D(2), DAY + timedelta(days=3), DAY + timedelta(days=4))
    taken, short = take([coming], [want(1), later])
    assert ([t.key for t in taken], short) == (["M"], {"L": D(1)})


shelves = st.lists(
    st.builds(Lot, st.sampled_from("ABCDEF"), st.integers(0, 6).map(D), st.none() | st.integers(-2, 9).map(lambda d: DAY + timedelta(days=d))),
    max_size=6, unique_by=lambda lot: lot.lot_id,
)  # fmt: skip
asked = st.lists(st.tuples(st.integers(1, 6), st.integers(0, 8)), max_size=6)


@given(shelves, asked)
def test_no_lot_gives_more_than_it_holds_and_no_unit_is_too_old(
    shelf: list[Lot], wanted: list[tuple[int, int]]
) -> None:
    wants = [want(q, f"L{n}", life) for n, (q, life) in enumerate(wanted)]
    taken, short = take(shelf, wants)
    by_id = {lot.lot_id: lot for lot in shelf}
    given_out: dict[str | None, Decimal] = defaultdict(Decimal)
    for t in taken:
        given_out[t.lot_id] += t.quantity
        expiry = by_id[t.lot_id].expiry
        assert expiry is None or expiry >= wants[int(t.key[1:])].last_day
    assert all(units <= by_id[lot].quantity for lot, units in given_out.items())
    for w in wants:
        assert sum((t.quantity for t in taken if t.key == w.key), D(0)) + short.get(w.key, D(0)) == w.quantity


@given(shelves, asked, st.randoms())
def test_whoever_is_served_first_as_many_units_go_out(
    shelf: list[Lot], wanted: list[tuple[int, int]], dice: object
) -> None:
    """What a plan found covered by lots stays coverable in any order in which the waves go."""
    wants = [want(q, f"L{n}", life) for n, (q, life) in enumerate(wanted)]
    other = list(wants)
    dice.shuffle(other)  # type: ignore[attr-defined]
    first, second = (sum((t.quantity for t in take(shelf, order)[0]), D(0)) for order in (wants, other))
    assert first == second
