"""What a policy's value may be: a value that does not parse is refused before it is in force.

Belongs here: the kinds of value that the seed `policies` names. Does not belong here: which policies there are (the
seed), or what they do (the models and solvers that read them).
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def objection(kind: str, value: str) -> str | None:
    """Why a value is none of its kind, with what would be; None when it is.

    Parameters
    ----------
    kind
        ``integer`` (0 or more), ``count`` (whole, above 0), ``number`` (0 or more), ``positive`` (above 0), ``boolean``, ``time`` (HH:MM), ``timezone`` (IANA),
        ``currency`` (ISO 4217), ``countries`` (ISO 3166 codes such as ``CH|NO``, or ``none``), ``rules`` (of sourcing, that may give way), ``pairs`` (``food+toxic|food+flammable``), ``slow_hours`` (``51.51,-0.12,20,07:00,09:30,1.4``), or a closed list such as ``scan|dispatch``.
    """
    if "|" in kind:
        return None if value in kind.split("|") else f"use {' or '.join(kind.split('|'))}"
    if kind == "timezone":
        return None if _is_zone(value) else "use an IANA time zone such as Europe/London"
    if kind in _PATTERNS:
        pattern, wanted = _PATTERNS[kind]
        return None if re.fullmatch(pattern, value) else wanted
    number = _number(value)
    if number is None or number < 0 or (kind == "positive" and number == 0):
        return "use a number above 0" if kind == "positive" else "use a number, 0 or more"
    return None


_PAIR = r"[A-Za-z0-9_-]+\+[A-Za-z0-9_-]+"
_SLOW = r"-?[0-9]{1,2}(\.[0-9]+)?,-?[0-9]{1,3}(\.[0-9]+)?,[0-9]{1,3}(,([01][0-9]|2[0-3]):[0-5][0-9]){2},[1-9](\.[0-9]{1,3})?"
_SOFT = "(customer_exclusion|rejected_recently|max_splits)"
_PATTERNS = {
    "integer": ("[0-9]{1,9}", "use a whole number, 0 or more"),
    "count": ("0*[1-9][0-9]{0,8}", "use a whole number above 0"),
    "boolean": ("true|false", "use true or false"),
    "time": ("([01][0-9]|2[0-3]):[0-5][0-9]", "use a local time such as 09:00"),
    "currency": ("[A-Z]{3}", "use an ISO 4217 code such as GBP"),
    "rules": (
        rf"none|{_SOFT}(\|{_SOFT})*",
        "use some of customer_exclusion, rejected_recently, max_splits with | between them, or none",
    ),
    "pairs": (
        rf"none|{_PAIR}(\|{_PAIR})*",
        "use pairs of classes such as food+toxic with | between them, or none",
    ),
    "slow_hours": (
        rf"none|{_SLOW}(;{_SLOW})*",
        "use latitude,longitude,km,from,to,factor such as 51.51,-0.12,20,07:00,09:30,1.4 with ; between them, or none",
    ),
    "countries": (r"none|[A-Z]{2}(\|[A-Z]{2})*", "use ISO 3166 codes with | between them, such as CH|NO, or none"),
}


def _number(text: str) -> Decimal | None:
    """Plain decimals only: what SQL's cast to a decimal reads too (no exponent, no NaN, no blanks)."""
    try:
        return Decimal(text) if re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,6})?", text) else None
    except InvalidOperation:
        return None


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return bool(name)
