"""A channel: how the files of one sender become records.

Belongs here: the channel's settings and the small language of its mapping. Does not belong here: its YAML
(`channel_file`), reading a data file (`warehouse.flat`, `shopify`, `x12`, …) or judging what it says (`warehouse.gate`,
`quality`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from oms_dagster.domain.capture.countries import country_code
from oms_dagster.domain.capture.records import RECORDS, Record

FORMATS = ("csv", "parquet", "json", "shopify", "x12", "edifact", "ubl", "cxml", "auto")
#: Formats whose file is a document, parsed message by message; the others are rows and columns.
DOCUMENTS = ("shopify", "x12", "edifact", "ubl", "cxml")
ENCODINGS = ("auto", "utf-8", "utf-16", "latin-1")
TESTS = ("in", "matches", "equals", "below", "above", "missing")
#: Captured from an order file though they aren't orders: row kind -> record that its rows become.
SECOND_TARGETS: Mapping[str, str] = {"return": "returns", "adjustment": "stock"}

How = Literal["column", "value", "join", "product"]


@dataclass(frozen=True, slots=True)
class Expression:
    """Where a field's text comes from.

    Attributes
    ----------
    how
        ``column``: one source column; ``value``: a constant; ``join``: several columns with a separator, blanks left
        out; ``product``: of two numeric columns.
    formats
        strptime formats tried in order (dates and times only); ISO 8601 when empty.
    negate
        The number with its sign turned.
    """

    how: How
    columns: tuple[str, ...] = ()
    value: str | None = None
    separator: str = ", "
    formats: tuple[str, ...] = ()
    negate: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """A test on one source column; numbers for ``below`` and ``above`` (exclusive), texts otherwise."""

    column: str
    test: str
    operands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RowRule:
    """Rows that meet all conditions are of this kind; ``fields`` replace the channel's for them."""

    row_kind: str
    when: tuple[Condition, ...]
    fields: Mapping[str, Expression] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Expectations:
    """Parameters of the channel's business rules (`quality.suites`).

    Attributes
    ----------
    currencies
        Accepted ISO 4217 codes; empty: any three letters.
    countries
        Spellings accepted beside the ISO countries and their names.
    maximum_quantity
        Largest believable quantity of a line.
    days_ahead
        How far after the cycle's time an order may be placed; None: no limit (a file of history).
    total_tolerance_percent
        Beyond this the declared total contradicts the lines; a smaller difference is a hold.
    sku_pattern
        Regular expression of a SKU code; empty: printable, at most 64 characters.
    value_or_customer
        An order must be worth something or name its customer.
    """

    currencies: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    maximum_quantity: int = 100_000
    days_ahead: int | None = 1
    total_tolerance_percent: int = 25
    sku_pattern: str = ""
    value_or_customer: bool = False


@dataclass(frozen=True, slots=True)
class Channel:
    """Settings of a channel.

    Attributes
    ----------
    timezone
        IANA name: the zone of times without one.
    currency, location
        Used where the file names none; ``location`` is a location code.
    remorse_minutes
        Cancellation is free so long after placement.
    cutoff
        HH:MM local: later orders count for the next working day.
    rounding
        Amounts are rounded per ``line`` or once per ``order``.
    fields
        Canonical field -> where its text comes from; a field not named is read from the column of its own name.
    """

    slug: str
    record: str
    format: str
    about: str = ""
    delimiter: str | None = None
    encoding: str = "auto"
    decimal: str = "."
    timezone: str = "UTC"
    currency: str | None = None
    location: str | None = None
    remorse_minutes: int = 0
    cutoff: str | None = None
    prices_include_tax: bool = False
    unknown_customer: str = "accept"
    rounding: str = "line"
    fields: Mapping[str, Expression] = field(default_factory=dict)
    rows: tuple[RowRule, ...] = ()
    expect: Expectations = Expectations()

    @property
    def contract(self) -> Record:
        """The record that the channel's files hold."""
        return RECORDS[self.record]


def accepted_countries(channel: Channel) -> tuple[str, ...]:
    """Spellings that the channel accepts beside ISO countries, those that name none among them."""
    return tuple(name for name in channel.expect.countries if country_code(name) is None)
