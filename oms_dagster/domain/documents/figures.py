"""How figures read on paper and in reports: digits grouped by a thin space, a decimal point, local times.

Belongs here: integers with a unit -> text, the same in every country ("1 234.50 EUR", never "1,234.50" or
"1.234,50", which mean different sums to different readers). Does not belong here: arithmetic.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from oms_dagster.domain.quantities import from_cents, from_milli, minor_digits

#: NARROW NO-BREAK SPACE: groups digits without letting a line break inside a number.
GROUP = "\u202f"


def grouped(number: Decimal | int, digits: int | None = None) -> str:
    """A number with its digits in groups of three.

    Parameters
    ----------
    number
        Any exact number.
    digits
        Decimal places; None keeps what the number has, without trailing zeros.
    """
    exact = Decimal(number)
    text = f"{exact:,f}" if digits is None else f"{exact:,.{digits}f}"
    if digits is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(",", GROUP)


def quantity(milli: int) -> str:
    """Thousandths of the base unit as units, without trailing zeros: 12500 -> ``12.5``."""
    return grouped(from_milli(milli))


def kilograms(grams: int) -> str:
    """Grams as kilograms with three places, so that a column adds up to its printed total."""
    return grouped(from_milli(grams), 3)


def cubic_metres(dm3: int) -> str:
    """Cubic decimetres as cubic metres with three places."""
    return grouped(from_milli(dm3), 3)


def kilometres(metres: int) -> str:
    """Metres as kilometres with one place."""
    return grouped(from_milli(metres), 1)


def amount(cents: int, currency: str) -> str:
    """Hundredths of a currency with the places that its minor unit has; a fraction is never hidden."""
    digits = min(2, minor_digits(currency))
    return grouped(from_cents(cents), 2 if cents % 100 else digits)


def money(cents: int, currency: str) -> str:
    """An amount with its ISO 4217 code: ``1 234.50 EUR``."""
    return f"{amount(cents, currency)}\u00a0{currency}"


def zone(name: str) -> ZoneInfo:
    """The IANA time zone of a location.

    Raises
    ------
    ValueError
        No such zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"time zone {name!r}: not an IANA name such as Europe/Lisbon") from error


def local(moment: datetime, timezone: str) -> datetime:
    """An instant as the wall clock of a location shows it.

    Raises
    ------
    ValueError
        ``moment`` has no time zone of its own, or ``timezone`` is unknown.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()}: an instant needs a time zone")
    return moment.astimezone(zone(timezone))


def moment_text(moment: datetime | None, timezone: str, blank: str = "") -> str:
    """``2026-03-02 14:05`` on the location's wall clock; ``blank`` for None."""
    return blank if moment is None else f"{local(moment, timezone):%Y-%m-%d %H:%M}"


def window_text(start: datetime | None, end: datetime | None, timezone: str) -> str:
    """A time window; the date is printed once when both ends share it, an open end as ``from`` or ``by``."""
    if start is None and end is None:
        return "any time"
    if start is None or end is None:
        word, moment = ("from", start) if end is None else ("by", end)
        return f"{word} {moment_text(moment, timezone)}"
    first, last = local(start, timezone), local(end, timezone)
    same_day = first.date() == last.date()
    return f"{first:%Y-%m-%d %H:%M}–{last:%H:%M}" if same_day else f"{first:%Y-%m-%d %H:%M} – {last:%Y-%m-%d %H:%M}"
