"""Countries by code and by name."""

import pytest

from oms_dagster.domain.capture.countries import COUNTRIES, country_code


def test_there_are_249_countries_each_found_by_code_and_name() -> None:
    assert len(COUNTRIES) == 249
    assert all(country_code(name) == code == country_code(code.lower()) for code, name in COUNTRIES.items())


@pytest.mark.parametrize(
    ("text", "code"),
    [("EIRE", "IE"), ("usa", "US"), (" UK ", "GB"), ("RSA", "ZA"), ("AUS", "AU"), ("Nowhere", None), ("", None)],
)
def test_other_spellings_are_understood(text: str, code: str | None) -> None:
    assert country_code(text) == code
