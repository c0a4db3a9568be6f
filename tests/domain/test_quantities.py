"""Money and quantities: parts always sum to the whole, and half a cent goes up."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_dagster.domain.quantities import (
    from_cents,
    from_milli,
    largest_remainder,
    minor_digits,
    pro_rata,
    round_half_up,
    to_cents,
    to_milli,
)

WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=30)


def test_a_hundred_split_in_three_gives_the_cent_left_to_the_first() -> None:
    assert largest_remainder(100, [1, 1, 1]) == [34, 33, 33]


def test_the_cents_left_go_to_the_largest_remainders_not_to_the_largest_parts() -> None:
    # Exact shares of 10 over 45:35:20 are 4.5, 3.5 and 2.0: one cent is left, and the earlier of two equal remainders gets it.
    assert largest_remainder(10, [45, 35, 20]) == [5, 3, 2]
    # 7 over 6:5:1 is 3.5, 2.9167 and 0.5833: the two cents left go to the second, then to the third.
    assert largest_remainder(7, [6, 5, 1]) == [3, 3, 1]


def test_weights_that_are_all_zero_split_evenly() -> None:
    assert largest_remainder(5, [0, 0]) == [3, 2]


def test_a_refund_is_split_as_the_charge_was() -> None:
    assert largest_remainder(-101, [3, 3, 1]) == [-part for part in largest_remainder(101, [3, 3, 1])]


@pytest.mark.parametrize("weights", [[], [1, -1]])
def test_nothing_or_a_negative_weight_is_refused(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="largest_remainder"):
        largest_remainder(10, weights)


@given(st.integers(-(10**12), 10**12), WEIGHTS)
def test_parts_sum_to_the_whole_and_none_is_a_cent_from_its_share(total: int, weights: list[int]) -> None:
    parts = largest_remainder(total, weights)
    assert sum(parts) == total
    whole = sum(weights) or len(weights)
    for part, weight in zip(parts, weights if sum(weights) else [1] * len(weights), strict=True):
        assert abs(part * whole - total * weight) < whole


@given(st.integers(0, 10**9), WEIGHTS)
def test_a_weight_of_zero_gets_nothing_and_equal_weights_differ_by_a_cent_at_most(
    total: int, weights: list[int]
) -> None:
    parts = largest_remainder(total, weights)
    if sum(weights):
        assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if weight == 0)
    for weight in set(weights):
        same = [part for part, w in zip(parts, weights, strict=True) if w == weight]
        assert max(same) - min(same) <= 1


def test_ten_at_23_90_less_a_quarter_is_credited_as_179_25() -> None:
    """10 × 23.90 including 20 % VAT, 25 % off: the customer paid 179.25 and gets it back, in one return or in ten."""
    paid = to_cents(round_half_up(Decimal("23.90") * 10 * Decimal("0.75")))
    assert paid == 17925
    assert [pro_rata(paid, k, 10) for k in (1, 3, 10)] == [1793, 5378, 17925]


@given(st.integers(0, 10**9), st.lists(st.integers(1, 50_000), min_size=1, max_size=12))
def test_any_split_of_a_full_return_credits_exactly_what_was_paid(paid: int, returned: list[int]) -> None:
    """After k of n units round(paid × k / n) is due in all; each return credits the difference."""
    whole, credited, so_far = sum(returned), [], 0
    for units in returned:
        before, so_far = so_far, so_far + units
        credited.append(pro_rata(paid, so_far, whole) - pro_rata(paid, before, whole))
    assert sum(credited) == paid
    assert all(credit >= 0 for credit in credited)


@given(st.permutations([1, 2, 3, 4]))
def test_every_split_of_the_ten_units_credits_179_25(split: list[int]) -> None:
    steps = [0, *(sum(split[: n + 1]) for n in range(len(split)))]
    assert sum(pro_rata(17925, b, 10) - pro_rata(17925, a, 10) for a, b in zip(steps, steps[1:], strict=False)) == 17925


@given(st.integers(-(10**9), 10**9), st.integers(0, 1000), st.integers(1, 1000))
def test_pro_rata_is_commercial_rounding_of_the_exact_share(total: int, part: int, whole: int) -> None:
    exact = (Decimal(abs(total)) * part / whole).quantize(Decimal(1), "ROUND_HALF_UP")
    assert pro_rata(total, part, whole) == (exact if total >= 0 else -exact)


def test_a_share_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="whole"):
        pro_rata(100, 1, 0)


@pytest.mark.parametrize(
    ("amount", "cents"), [("0.005", 1), ("0.0049", 0), ("-0.005", -1), ("179.25", 17925), (3, 300)]
)
def test_half_a_cent_goes_away_from_zero(amount: str | int, cents: int) -> None:
    assert to_cents(amount) == cents


@given(st.integers(-(10**15), 10**15))
def test_cents_and_thousandths_come_back_as_they_went(number: int) -> None:
    assert to_cents(from_cents(number)) == number
    assert to_milli(from_milli(number)) == number


def test_amounts_have_two_places_and_quantities_three() -> None:
    assert str(from_cents(5)) == "0.05"
    assert str(from_milli(-1500)) == "-1.500"
    assert str(round_half_up(Decimal("2.345"))) == "2.35"
    assert str(round_half_up(Decimal("2.5"), 0)) == "3"


def test_yen_have_no_minor_unit_and_dinars_three_places() -> None:
    assert [minor_digits(code) for code in ("EUR", "JPY", "KWD")] == [2, 0, 3]
