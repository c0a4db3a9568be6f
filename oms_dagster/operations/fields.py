"""The kinds of field that payloads of commands are made of: clean texts, quantities, instants, changes written as text.

Belongs here: one value and its limits. Does not belong here: which fields a command has (``payloads.py``).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field


def clean_text(value: str, limit: int = 200, multiline: bool = False) -> str:
    """Text without blanks around it.

    Raises
    ------
    ValueError
        Empty, longer than ``limit`` characters, or with control characters or half a surrogate pair.
    """
    text = value.strip()
    if not text:
        raise ValueError("is empty: fill it in")
    if len(text) > limit:
        raise ValueError(f"has {len(text)} characters: shorten it to {limit}")
    allowed = "\n\t" if multiline else ""
    if any(unicodedata.category(sign) in ("Cc", "Cs") and sign not in allowed for sign in text):
        raise ValueError("has characters that cannot be printed: remove them")
    return text


def plausible_instant(value: datetime) -> datetime:
    """The instant in UTC.

    Raises
    ------
    ValueError
        No time zone, or a year outside 2000 to 2199.
    """
    if value.tzinfo is None:
        raise ValueError("has no time zone: write it as 2026-01-31T08:00:00+00:00")
    if not 2000 <= value.year <= 2199:
        raise ValueError("is not between the years 2000 and 2199: correct the date")
    return value.astimezone(UTC)


def _not_a_number(value: object) -> object:
    if isinstance(value, datetime) or (isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d[Tt ]", value.strip())):
        return value
    raise ValueError("is no date and time: write it as 2026-01-31T08:00:00+00:00")


def _a_day(value: object) -> object:
    if type(value) is date:
        return value
    try:
        return datetime.strptime(str(value).strip(), "%Y-%m-%d").date()
    except ValueError:
        raise ValueError("is no date: write it as 2026-01-31") from None


def _plausible_day(value: date) -> date:
    if not 2000 <= value.year <= 2199:
        raise ValueError("is not between the years 2000 and 2199: correct the date")
    return value


def _not_a_bool(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("is no number: write digits")
    return value


def _three_places(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.001"))


def _two_places(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"))


def _as_text(value: object) -> object:
    if isinstance(value, float):
        raise ValueError("is a float: write it as text")
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | Decimal) else value


def _country(value: str) -> str:
    if not re.fullmatch("[A-Z]{2}", value):
        raise ValueError("is no country code: write its two letters, such as BR")
    return value


def _currency(value: str) -> str:
    if not re.fullmatch("[A-Z]{3}", value):
        raise ValueError("is no currency: write its three letters, such as BRL")
    return value


def _shouted(value: object) -> object:
    return value.strip().upper() if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a message as it should have been; ``row`` is its place in the file, None for every row of it."""

    row: int | None
    field: str
    value: str


def parse_changes(text: str) -> tuple[Change, ...]:
    """Changes of a message, one a line: ``FIELD=VALUE`` or ``ROW:FIELD=VALUE``.

    Raises
    ------
    ValueError
        A line that is neither, a value that is too long or can't be printed, or no line at all.
    """
    found = []
    for line in filter(None, (part.strip() for part in text.split("\n"))):
        match = re.fullmatch(r"(?:(\d{1,12})\s*:\s*)?([a-z][a-z0-9_]{0,63})\s*=\s*(.*)", line)
        if match is None:
            raise ValueError(f"is {line[:40]!r} in one line: write FIELD=VALUE or ROW:FIELD=VALUE")
        row, name, value = match.groups()
        found.append(Change(int(row) if row else None, name, clean_text(value, 500) if value else ""))
    if not found:
        raise ValueError("is empty: write FIELD=VALUE or ROW:FIELD=VALUE")
    if len(found) > 500:
        raise ValueError(f"has {len(found)} lines: mend so many at the sender")
    return tuple(found)


def written_changes(text: str) -> str:
    """Changes as the log keeps them: checked, one a line, without blanks around."""
    return "\n".join(f"{f'{c.row}:' if c.row else ''}{c.field}={c.value}" for c in parse_changes(text))


@dataclass(frozen=True, slots=True)
class LineAsked:
    """One line of an order taken by phone."""

    sku_code: str
    quantity: Decimal
    unit_price: Decimal


def parse_lines(text: str) -> tuple[LineAsked, ...]:
    """Lines of an order, one a line of text: ``SKU=QUANTITY@PRICE``.

    Raises
    ------
    ValueError
        A line that is none, a quantity that is not above 0 or has more than three decimals, or no line at all.
    """
    found = []
    for line in filter(None, (part.strip() for part in text.split("\n"))):
        match = re.fullmatch(r"(\S.{0,99}?)\s*=\s*(\d{1,9}(?:\.\d{1,3})?)\s*@\s*(\d{1,9}(?:\.\d{1,6})?)", line)
        if match is None or not Decimal(match[2]):
            raise ValueError(f"is {line[:40]!r} in one line: write SKU=QUANTITY@PRICE, such as TEA-1=2@3.50")
        found.append(LineAsked(clean_text(match[1], 100), Decimal(match[2]), Decimal(match[3])))
    if not found:
        raise ValueError("is empty: write SKU=QUANTITY@PRICE, one a line")
    if len(found) > 200:
        raise ValueError(f"has {len(found)} lines: import so many as a file")
    return tuple(found)


def written_lines(text: str) -> str:
    """Lines as the log keeps them: checked, one a line, without blanks around."""
    return "\n".join(f"{line.sku_code}={line.quantity}@{line.unit_price}" for line in parse_lines(text))


def written_shipments(text: str) -> str:
    """Shipments as the log keeps them: one comma apart, each once."""
    names = [clean_text(name) for name in text.replace("\n", ",").split(",") if name.strip()]
    if not names:
        raise ValueError("names no shipment: give at least one")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"names {twice[0]} twice: give each once")
    return ",".join(names)


Word = Annotated[str, AfterValidator(clean_text)]
Value = Annotated[str, BeforeValidator(_as_text), AfterValidator(lambda text: clean_text(text, 2000))]
Instant = Annotated[datetime, BeforeValidator(_not_a_number), AfterValidator(plausible_instant)]
Day = Annotated[date, BeforeValidator(_a_day), AfterValidator(_plausible_day)]
Quantity = Annotated[
    Decimal,
    BeforeValidator(_not_a_bool),
    Field(gt=0, max_digits=18, decimal_places=3),
    AfterValidator(_three_places),
]
SignedQuantity = Annotated[
    Decimal, BeforeValidator(_not_a_bool), Field(max_digits=18, decimal_places=3), AfterValidator(_three_places)
]
Amount = Annotated[
    Decimal, BeforeValidator(_not_a_bool), Field(ge=0, max_digits=18, decimal_places=2), AfterValidator(_two_places)
]
Position = Annotated[int, BeforeValidator(_not_a_bool), Field(ge=1, le=10_000)]
Degrees = Annotated[Decimal, BeforeValidator(_not_a_bool), Field(max_digits=12, decimal_places=9)]
