"""Numbers as documents write them, for the few places where a parser must calculate.

Belongs here: text to Decimal and back. Does not belong here: what an amount means, or refusing one (`warehouse.gate`): a
text that is no number stays as it is until the gate names it.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

_PLAIN = re.compile(r"[+-]?(?:[0-9]{1,18}(?:\.[0-9]{0,12})?|\.[0-9]{1,12})")


def number(text: str | None) -> Decimal | None:
    """The number, or None when the text isn't a plain one of believable length."""
    return Decimal(text) if text and _PLAIN.fullmatch(text) else None


def plain(value: Decimal) -> str:
    """A decimal without exponent, at most six digits after the point, no trailing zeros."""
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return text or "0"


def cents(value: Decimal) -> Decimal:
    """Rounded to hundredths, half away from zero."""
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


def per_unit(price: str | None, basis: str | None) -> str | None:
    """A price of ``basis`` units as a price of one; unchanged where either is no number."""
    value, units = number(price), number(basis)
    if value is None or not units or units == 1:
        return price or None
    return plain(value / units)
