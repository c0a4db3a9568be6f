"""The ECB's reference rates: the last one published, both ways, the same for ever."""

from datetime import date
from decimal import Decimal

from oms_dagster.domain.capture.reference_rates import ReferenceRate, reference_rates


def test_a_sunday_takes_fridays_rate_and_says_so() -> None:
    # The bank published 1.0779 dollars for a euro.
    found, missing = reference_rates([("USD", date(2024, 5, 12)), ("USD", date(2024, 5, 10))], "EUR")
    assert found == (ReferenceRate("USD", date(2024, 5, 10), Decimal("0.927730")),)
    assert missing == ()


def test_two_currencies_that_the_bank_quotes_in_euro_cross_through_it() -> None:
    day = date(2024, 5, 10)
    (in_euro,), _ = reference_rates([("USD", day)], "EUR")
    (pound,), _ = reference_rates([("GBP", day)], "EUR")
    (crossed,), _ = reference_rates([("USD", day)], "GBP")
    assert abs(crossed.rate - in_euro.rate / pound.rate) < Decimal("0.000002")


def test_the_reporting_currency_needs_none_and_what_the_bank_never_quoted_is_missing() -> None:
    day = date(2024, 5, 10)
    assert reference_rates([("GBP", day), ("XAF", day), ("EUR", date(1998, 1, 1))], "GBP") == (
        (),
        (("EUR", date(1998, 1, 1)), ("XAF", day)),
    )
