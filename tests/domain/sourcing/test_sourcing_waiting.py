"""What it costs to let a line wait."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from oms_dagster.domain.sourcing.problem import Ints
from oms_dagster.domain.sourcing.waiting import backorder_cents


def cells(*rows: list[int]) -> Ints:
    return np.array(rows, dtype=np.int64)


def cost(
    freight: Ints,
    *,
    shipment: int = 0,
    may_ship: Ints | None = None,
    waiting: int = 100,
    at_risk: int = 0,
    late: int = 0,
) -> tuple[list[int], list[int]]:
    def each(cents: int) -> Ints:
        return np.full(len(freight), cents, dtype=np.int64)

    may = np.ones(freight.shape, dtype=bool) if may_ship is None else may_ship.astype(bool)
    shipments = np.full(freight.shape, shipment, dtype=np.int64)
    whole, remainder = backorder_cents(
        each(waiting), each(at_risk), may, freight, shipments, 14, np.ones_like(freight), each(5), each(late)
    )
    return whole.tolist(), remainder.tolist()


def test_freight_put_off_is_not_freight_saved() -> None:
    """Regression: a heavy line waited beside its goods, since shipping it cost more than 48.00, whatever it was worth."""
    assert cost(cells([4_000, 9_000]))[0] == [9_100]


def test_the_last_unit_of_a_line_waits_no_cheaper_than_a_shipment_of_its_own() -> None:
    """Regression: one unit of twenty-four waited though it lay in another place, its share of the cost being small."""
    assert cost(cells([40]), shipment=4_500) == ([100 + 40 + 4_500 + 4_500], [4_500])


def test_a_place_that_may_not_ship_it_does_not_count() -> None:
    assert cost(cells([4_000, 9_000], [70, 80]), may_ship=cells([1, 0], [0, 0])) == ([4_100, 100], [0, 0])


def test_lateness_put_off_is_not_lateness_saved() -> None:
    """Delivered ten days after it was due, by day 15 at the latest."""
    assert cost(cells([0]), late=150)[0] == [100 + 10 * 150]


def test_what_may_be_lost_with_the_customer_counts() -> None:
    assert cost(cells([0]), at_risk=250)[0] == [350]


@given(st.lists(st.lists(st.integers(0, 10**6), min_size=3, max_size=3), min_size=1, max_size=5), st.integers(1, 10**4))
def test_no_way_to_ship_is_dearer_than_waiting(freight: list[list[int]], waiting: int) -> None:
    ways = cells(*freight)
    assert (np.array(cost(ways, waiting=waiting)[0])[:, None] > ways).all()
