"""What a unit's text means, and what one unit is worth in another."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_dagster.domain.capture.units import CODES, conversion, unit_code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("C62", "C62"),
        ("ea", "EA"),
        ("PCE", "H87"),
        ("case", "XCS"),
        ("CS", "XCS"),
        ("XPX", "XPX"),
        ("kg", "KGM"),
        ("dozen", "DZN"),
    ],
)
def test_codes_older_codes_and_everyday_words_mean_a_unit(text: str, code: str) -> None:
    assert unit_code(text) == code


def test_one_text_means_another_unit_in_x12() -> None:
    assert unit_code("CA", is_x12=True) == "XCS"
    assert unit_code("CA") is None, "a can to some, a case to others: only the reference data can say"
    assert unit_code("TN", is_x12=True) == "STN"


def test_a_word_that_we_do_not_know_has_no_code() -> None:
    assert unit_code("banana") is None


@pytest.mark.parametrize(
    ("code", "base", "factor"),
    [("DZN", "EA", 12), ("EA", "C62", 1), ("KGM", "GRM", 1000), ("GRM", "KGM", Fraction(1, 1000)), ("LBR", "GRM", Fraction(45359237, 100000)),
     ("GLL", "LTR", Fraction(3785411784, 1000000000)), ("FOT", "INH", 12), ("YDK", "FTK", 9)],
)  # fmt: skip
def test_dozens_grams_and_feet_hold_the_same_of_all_goods(code: str, base: str, factor: Fraction) -> None:
    assert conversion(code, base) == factor


def test_what_a_case_or_a_litre_weighs_depends_on_the_goods() -> None:
    assert conversion("XCS", "EA") is None
    assert conversion("LTR", "KGM") is None


@given(st.sampled_from(sorted(CODES)), st.sampled_from(sorted(CODES)), st.sampled_from(sorted(CODES)))
def test_conversions_agree_with_each_other(one: str, two: str, three: str) -> None:
    there, back, on = conversion(one, two), conversion(two, one), conversion(two, three)
    assert (there is None) == (back is None)
    if there is not None and back is not None:
        assert there * back == 1
        if on is not None:
            assert conversion(one, three) == there * on
