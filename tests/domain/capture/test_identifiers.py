"""Numbers that carry their own check: what the libraries say, and where they have nothing to say."""

import pytest

from oms_dagster.domain.capture.identifiers import CURRENCIES, is_gtin, is_iban, is_phone, is_tax_id


def test_a_currency_is_one_that_somebody_pays_in_or_paid_in_since_2000() -> None:
    assert {"EUR", "GBP", "BRL", "XAF", "HRK", "BGN"} <= CURRENCIES
    assert not {"XXX", "XTS", "XAU", "EURO", "eur", ""} & CURRENCIES


@pytest.mark.parametrize("text", ["4006381333931", "96385074", "036000291452", "14006381333938"])
def test_one_digit_off_is_no_gtin(text: str) -> None:
    assert is_gtin(text)
    assert not any(is_gtin(text[:-1] + digit) for digit in "0123456789" if digit != text[-1])


def test_an_iban_is_read_with_its_blanks_and_two_digits_exchanged_are_seen() -> None:
    assert is_iban("DE89 3704 0044 0532 0130 00")
    assert not is_iban("DE89 3704 0044 0532 0103 00")


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("DE136695976", True), ("DE136695977", False), ("GB980780684", True), ("GB980780685", False), ("EL094259216", True),
        ("ATU13585627", True), ("FR40303265045", True), ("CHE107787577MWST", True), ("QQ12", True), ("SC123456", True),
    ],
)  # fmt: skip
def test_a_tax_id_is_judged_by_the_country_that_it_begins_with_and_passes_where_no_rule_is_known(
    text: str, good: bool
) -> None:
    assert is_tax_id(text) is good


@pytest.mark.parametrize(
    ("text", "country", "good"),
    [
        ("020 7946 0000", "GB", True), ("+44 20 7946 0000", "DE", True), ("+44 20 7946 0000", None, True), ("+49 1", "DE", False),
        ("ask Ann", "GB", False), ("020 7946 0000", None, True), ("ask Ann", None, True), ("020", "Atlantis", True),
        ("00 44 20 7946 0000", "DE", True), ("+999 1234567", None, False),
    ],
)  # fmt: skip
def test_a_phone_is_judged_by_its_own_country_code_else_by_that_of_the_address(
    text: str, country: str | None, good: bool
) -> None:
    assert is_phone(text, country) is good
