"""Numbers with units in their names: what is summed, compared or hashed is an integer or a Decimal.

Belongs here: conversions between the warehouse's decimals and the solvers' integers, rounding of money,
splitting a whole into parts. Does not belong here: anything that knows what an order is.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

#: ISO 4217 currencies whose minor unit is not 1/100.
MINOR_DIGITS = {"JPY": 0, "KRW": 0, "CLP": 0, "VND": 0, "ISK": 0, "BHD": 3, "KWD": 3, "OMR": 3, "TND": 3, "JOD": 3}


def minor_digits(currency: str) -> int:
    """Decimal places of a currency's minor unit (2 unless ISO 4217 says otherwise)."""
    return MINOR_DIGITS.get(currency, 2)


def to_cents(amount: Decimal | int | str) -> int:
    """An amount as whole hundredths, rounded half up."""
    return int((Decimal(amount) * 100).quantize(Decimal(1), ROUND_HALF_UP))


def from_cents(cents: int) -> Decimal:
    """Whole hundredths as an amount with two places."""
    return Decimal(cents).scaleb(-2)


def to_milli(quantity: Decimal | int | str) -> int:
    """A quantity, weight (kg) or volume (m3) as whole thousandths (units/1000, g, dm3), rounded half up."""
    return int((Decimal(quantity) * 1000).quantize(Decimal(1), ROUND_HALF_UP))


def from_milli(milli: int) -> Decimal:
    """Whole thousandths as a decimal with three places."""
    return Decimal(milli).scaleb(-3)


def round_half_up(amount: Decimal, digits: int = 2) -> Decimal:
    """Commercial rounding, the way invoices are rounded."""
    return amount.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def largest_remainder(total: int, weights: Sequence[int]) -> list[int]:
    """Split a whole number of cents over weights so that the parts sum to the whole.

    Each part gets the floor of its exact share; the cents left go to the largest remainders, ties to the
    earlier position. A negative total is split as its absolute value and negated.

    Parameters
    ----------
    total
        Whole cents to split.
    weights
        Non-negative weights, one a part. All zero: split evenly.

    Returns
    -------
    list of int
        Parts in the order of ``weights``; ``sum(parts) == total``.

    Raises
    ------
    ValueError
        No weights, or a negative one.
    """
    if not weights:
        raise ValueError("largest_remainder: nothing to split over")
    if min(weights) < 0:
        raise ValueError("largest_remainder: negative weight")
    if total < 0:
        return [-part for part in largest_remainder(-total, weights)]
    if sum(weights) == 0:
        weights = [1] * len(weights)
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    remainders = [total * weight % whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-remainders[i], i))
    for i in by_remainder[: total - sum(parts)]:
        parts[i] += 1
    return parts


def pro_rata(total: int, part: int, whole: int) -> int:
    """``round(total * part / whole)`` in integers, half up: the credit due after ``part`` of ``whole`` units."""
    if whole <= 0:
        raise ValueError("pro_rata: the whole must be positive")
    sign = -1 if total < 0 else 1
    return sign * ((2 * abs(total) * part + whole) // (2 * whole))
