"""Words and figures as people read them: names of codes, money, quantities, ages.

Belongs here: turning a code or a number into text. Does not belong here: which of them a page shows. Terms are those of
the published tables; a code that is not listed is shown with its underscores as blanks.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pandas as pd

DASH = "–"

#: Codes whose plain form says too little.
SAID = {
    "own_fleet": "own vehicle",
    "picking_map": "picking map",
    "romaneio": "load manifest (romaneio)",
    "packing_slip": "packing slip",
    "purchase_order_change": "change of purchase order",
    "dropship": "drop-ship",
    "partially_received": "partly received",
    "partially_shipped": "partly shipped",
    "partially_delivered": "partly delivered",
    "shift": "shift",
    "held": "held",
    "apart": "goods kept apart",
    "otif": "OTIF",
    "sku": "SKU",
    "wape": "WAPE",
    "c0": "first commitment",
    "c1": "latest commitment",
    "r": "requested date",
}

#: Colours of `st.badge` by status word; anything else is grey. The word is always shown beside the colour.
BADGES = {
    "open": "blue", "released": "blue", "planned": "blue", "requested": "blue", "pending": "orange",
    "approved": "violet",
    "authorised": "violet", "loading": "violet", "departed": "violet", "shipped": "violet",
    "partially_shipped": "violet",
    "delivered": "green", "settled": "green", "accepted": "green", "done": "green", "closed": "green", "paid": "green",
    "matched": "green",
    "cancelled": "grey", "stopped": "grey", "void": "grey", "rejected": "red", "divergent": "red", "failed": "red",
    "critical": "red",
    "warning": "orange", "info": "grey", "quarantined": "orange", "conflict": "orange", "duplicate": "grey",
}  # fmt: skip


def word(code: Any) -> str:
    """A code as words."""
    if code is None or code is pd.NA or (isinstance(code, float) and code != code) or code == "":
        return DASH
    text = str(code)
    known = SAID.get(text.lower())
    if known is None:
        known = text.replace("_", " ")
    return known.lower() if text.isupper() and ("_" in text or len(text) > 5) else known


def title(code: Any) -> str:
    """A code as a heading."""
    text = word(code)
    return text[:1].upper() + text[1:]


def plain(text: Any) -> str:
    """Text from outside, safe inside Markdown: shown as it is written."""
    return re.sub(r"([\\`*_{}\[\]()#+!|<>$:~^-])", r"\\\1", str(text).replace("\n", " "))


def short(text: Any, limit: int = 60) -> str:
    """Text cut to a length, with an ellipsis."""
    whole = str(text)
    return whole if len(whole) <= limit else whole[: limit - 1].rstrip() + "…"


def is_missing(value: Any) -> bool:
    """Null, in whatever form a frame gives it."""
    return value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and value != value)


def quantity(value: Any) -> str:
    """A quantity without needless zeros: 3, 2.5, 1,200."""
    return DASH if is_missing(value) else f"{float(value):,.3f}".rstrip("0").rstrip(".")


def money(amount: Any, currency: str = "") -> str:
    """An amount with its currency: 1,250.00 GBP."""
    return DASH if is_missing(amount) else f"{float(amount):,.2f} {currency}".strip()


def money_short(amount: Any, currency: str = "") -> str:
    """An amount for a tile: 12.5k GBP from ten thousand on, whole units below."""
    if is_missing(amount):
        return DASH
    value = float(amount)
    if abs(value) >= 1_000_000:
        text = f"{value / 1_000_000:,.1f}M"
    elif abs(value) >= 10_000:
        text = f"{value / 1_000:,.1f}k"
    else:
        text = f"{value:,.0f}"
    return f"{text} {currency}".strip()


def percent(share: Any, digits: int = 1) -> str:
    """A share as a percentage."""
    return DASH if is_missing(share) else f"{float(share) * 100:.{digits}f} %"


def moment(instant: Any, *, seconds: bool = False) -> str:
    """An instant in the zone it carries: Mon 2 Mar 2026, 09:05."""
    if is_missing(instant):
        return DASH
    at: datetime = instant
    return f"{at:%a} {at.day} {at:%b %Y, %H:%M}" + (f":{at:%S}" if seconds else "")


def day(value: Any) -> str:
    """A day: Mon 2 Mar 2026."""
    return DASH if is_missing(value) else f"{value:%a} {value.day} {value:%b %Y}"


def hours(value: Any) -> str:
    """A length of time in hours, in the unit that fits: 45 min, 5 h, 3.2 days."""
    if is_missing(value):
        return DASH
    length = float(value)
    if length < 1:
        return f"{length * 60:.0f} min"
    return f"{length:.0f} h" if length < 48 else f"{length / 24:.1f} days"


def count(number: Any, one: str, many: str | None = None) -> str:
    """A number with its noun: 1 hold, 3 holds."""
    return f"{int(number):,} {one if int(number) == 1 else many or one + 's'}"
