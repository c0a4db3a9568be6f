"""A line is a ledger: units move between buckets along the moves that exist, none appears, none is lost."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_dagster.domain.ledger import BUCKETS, ENDED, MOVES, OPEN, RESERVED, LedgerError, Move, fold, fulfilment_status

PATHS = st.lists(st.tuples(st.sampled_from(sorted(MOVES)), st.integers(1, 12)), max_size=40)


def moved(*steps: str, units: int = 5) -> list[Move]:
    """All units along a chain of buckets."""
    return [Move(a, b, Decimal(units)) for a, b in zip(steps, steps[1:], strict=False)]


WAY = ("open", "released", "picked", "packed", "loaded", "shipped", "delivered")


def test_an_untouched_line_is_open() -> None:
    buckets = fold(Decimal(5), [])
    assert buckets["open"] == 5
    assert tuple(buckets) == BUCKETS


def test_the_way_of_a_line_from_order_to_door() -> None:
    assert fold(Decimal(5), moved(*WAY))["delivered"] == 5


@pytest.mark.parametrize(
    ("move", "told"),
    [
        (Move("open", "shipped", Decimal(1)), "no move open -> shipped"),
        (Move("delivered", "open", Decimal(1)), "no move"),
        (Move("cancelled", "open", Decimal(1)), "no move"),
        (Move("open", "released", Decimal(0)), "above 0"),
        (Move("open", "released", Decimal(-1)), "above 0"),
        (Move("open", "released", Decimal(6)), "6 of 5 there"),
    ],
)
def test_a_move_that_the_laws_do_not_know_is_refused(move: Move, told: str) -> None:
    with pytest.raises(LedgerError, match=told):
        fold(Decimal(5), [move])


@given(PATHS)
def test_units_are_conserved_and_never_negative_along_any_path(path: list[tuple[tuple[str, str], int]]) -> None:
    buckets, done = fold(Decimal(20), []), []
    for (source, target), units in path:
        there = min(Decimal(units), buckets[source])
        if there > 0:
            done.append(Move(source, target, there))
            buckets = fold(Decimal(20), done)
        assert sum(buckets.values()) == 20
        assert min(buckets.values()) >= 0


def test_every_bucket_can_be_reached_and_what_has_ended_only_comes_back_as_a_return() -> None:
    assert {b for pair in MOVES for b in pair} == set(BUCKETS)
    reached = {OPEN}
    while more := {target for source, target in MOVES if source in reached} - reached:
        reached |= more
    assert reached == set(BUCKETS)
    assert {pair for pair in MOVES if pair[0] in ENDED} == {("refused", "returned"), ("delivered", "returned")}
    assert all(reason for reason in MOVES.values())


def test_goods_on_the_road_can_not_be_cancelled() -> None:
    assert {source for source, target in MOVES if target == "cancelled"} == {"open", "released", "picked", "packed"}
    assert set(RESERVED) == {"released", "picked", "packed", "loaded"}


@pytest.mark.parametrize(
    ("moves", "status"),
    [
        ([], "open"),
        (moved("open", "released"), "released"),
        (moved("open", "released", "picked", "packed", "loaded"), "released"),
        (moved(*WAY[:6], units=2), "partially_shipped"),
        (moved(*WAY[:6]), "shipped"),
        (moved(*WAY[:6], units=3) + moved("open", "cancelled", units=2), "shipped"),
        (moved(*WAY[:6]) + moved("shipped", "delivered", units=1), "partially_delivered"),
        (moved(*WAY), "delivered"),
        (moved(*WAY, "returned"), "delivered"),
        (moved(*WAY, units=4) + moved("open", "cancelled", units=1), "delivered"),
        (moved("open", "cancelled"), "cancelled"),
        (moved(*WAY[:6], "refused"), "closed"),
        (moved(*WAY[:6], "lost"), "closed"),
        (moved(*WAY[:6], "refused", units=4) + moved("open", "cancelled", units=1), "closed"),
    ],
)
def test_the_status_is_read_off_the_buckets(moves: list[Move], status: str) -> None:
    assert fulfilment_status(fold(Decimal(5), moves)) == status


@given(PATHS)
def test_every_state_of_a_line_has_one_status_of_the_closed_list(path: list[tuple[tuple[str, str], int]]) -> None:
    buckets = fold(Decimal(20), [])
    for (source, target), units in path:
        step = min(Decimal(units), buckets[source])
        buckets[source] -= step
        buckets[target] += step
    assert fulfilment_status(buckets) in {
        "open", "released", "partially_shipped", "shipped", "partially_delivered", "delivered", "closed", "cancelled",
    }  # fmt: skip
