"""Returned rows find the lines that they belong to, the latest first."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from oms_dagster.domain.capture.returns import Match, Purchase, ReturnedRow, match_returns


def test_the_latest_earlier_line_is_taken_first() -> None:
    bought = [Purchase("old", "tea", 1, 5), Purchase("new", "tea", 2, 5), Purchase("later", "tea", 9, 5)]
    assert match_returns(bought, [ReturnedRow(1, "tea", 3, 4)]) == [Match(1, "new", 4)]


def test_a_return_may_use_several_lines() -> None:
    bought = [Purchase("old", "tea", 1, 5), Purchase("new", "tea", 2, 5)]
    assert match_returns(bought, [ReturnedRow(1, "tea", 3, 7)]) == [Match(1, "new", 5), Match(1, "old", 2)]


def test_a_return_that_is_not_covered_takes_nothing() -> None:
    bought = [Purchase("a", "tea", 1, 5)]
    assert match_returns(bought, [ReturnedRow(1, "tea", 3, 6), ReturnedRow(2, "tea", 4, 5)]) == [Match(2, "a", 5)]


def test_another_customer_or_sku_is_not_asked() -> None:
    assert match_returns([Purchase("a", "tea", 1, 5)], [ReturnedRow(1, "cup", 3, 1)]) == []


_PURCHASES = st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 9), st.integers(1, 9)), max_size=8)


@given(_PURCHASES, _PURCHASES)
def test_no_line_gives_back_more_than_it_sold_or_before_it_was_sold(
    bought: list[tuple[str, int, int]], back: list[tuple[str, int, int]]
) -> None:
    purchases = [Purchase(f"l{n}", *item) for n, item in enumerate(bought)]
    returned = [ReturnedRow(n, *item) for n, item in enumerate(back)]
    matches = match_returns(purchases, returned)
    sold, asked = {p.order_line_id: p for p in purchases}, {r.number: r for r in returned}
    taken: Counter[str] = Counter()
    given_back: Counter[int] = Counter()
    for match in matches:
        taken[match.order_line_id] += match.milli
        given_back[match.number] += match.milli
        assert sold[match.order_line_id].group == asked[match.number].group
        assert sold[match.order_line_id].at <= asked[match.number].at
    assert all(units <= sold[line].milli for line, units in taken.items())
    assert all(units == asked[number].milli for number, units in given_back.items())
