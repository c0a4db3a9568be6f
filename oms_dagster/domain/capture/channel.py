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

FORMATS = (
    "csv", "excel", "parquet", "json", "json-orders", "shopify", "x12", "edifact", "ubl", "cxml", "auto",
)  # fmt: skip
#: Formats whose file is a document, parsed message by message; the others are rows and columns.
DOCUMENTS = ("json-orders", "shopify", "x12", "edifact", "ubl", "cxml")
ENCODINGS = ("auto", "utf-8", "utf-16", "latin-1", "cp1252", "cp1250", "cp1251", "shift_jis", "gb18030")
TESTS = ("in", "matches", "equals", "below", "above", "missing")
#: Captured from an order file though they aren't orders: row kind -> record that its rows become.
SECOND_TARGETS: Mapping[str, str] = {"return": "returns", "adjustment": "stock"}

How = Literal["column", "value", "join", "product", "first", "ratio", "sum"]


@dataclass(frozen=True, slots=True)
class Expression:
    """Where a field's text comes from.

    Attributes
    ----------
    how
        ``column``: one source column; ``value``: a constant; ``join``: several columns with a separator, blanks left
        out; ``product``, ``ratio``: of two numeric columns; ``first``: the first column that isn't blank; ``sum``: of
        numeric columns, those of ``less`` taken off. In a document a column is a path (`json_paths`).
    formats
        strptime formats tried in order (dates and times only); ISO 8601 when empty.
    negate, absolute, scale
        The number with its sign turned, without sign, times ten to the power of ``scale``.
    part
        Separator and place (from 1): the piece of the text at that place.
    lookup, otherwise, is_closed
        Sender's word in small letters -> ours. Another word stays, or becomes ``otherwise`` where the lookup is closed.
    """

    how: How
    columns: tuple[str, ...] = ()
    value: str | None = None
    separator: str = ", "
    formats: tuple[str, ...] = ()
    negate: bool = False
    less: tuple[str, ...] = ()
    absolute: bool = False
    scale: int = 0
    part: tuple[str, int] | None = None
    lookup: Mapping[str, str | None] = field(default_factory=dict)
    otherwise: str | None = None
    is_closed: bool = False


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
class AlsoRow:
    """A further row out of each row of a flat file: what was paid for shipping beside the line.

    It exists where its amount is neither blank nor 0; ``fields`` are its own, the others are those of the line.
    """

    row_kind: str
    fields: Mapping[str, Expression]


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """Rows of one kind out of an order document.

    Attributes
    ----------
    each
        Path of the list whose elements are the rows; None: one row, of the order itself.
    unless
        Paths in the element: where one says anything, the element is left out.
    only
        Path in the element: where it says nothing, the element is left out.
    """

    row_kind: str
    each: str | None
    fields: Mapping[str, Expression]
    unless: tuple[str, ...] = ()
    only: str | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """One shape of a channel's order documents: the first shape fits of whose paths ``has`` none leads nowhere."""

    has: tuple[str, ...]
    fields: Mapping[str, Expression]
    rows: tuple[DocumentRow, ...]


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
        Cancellation is free so long after placement; None: as the policy ``orders.remorse_minutes`` says.
    cutoff
        HH:MM in the channel's time zone: later orders, and those of weekends, count for the next working day and don't leave before it.
    unknown_customer
        ``hold``: an order whose customer isn't in the reference data waits until it is; ``accept``: only where it is on account.
    rounding
        Amounts are rounded per ``line`` or once per ``order``.
    delimiter, quote, encoding, decimal
        Detected from the file where the YAML doesn't say; ``quote`` is a character or ``none``.
    sheet
        Name of the Excel sheet; the first one when None.
    fields
        Canonical field -> where its text comes from; a field not named is read from the column of its own name.
    documents, wrappers
        Shapes of order documents (format ``json-orders``), and paths under which orders may stand.
    """

    slug: str
    record: str
    format: str
    about: str = ""
    delimiter: str | None = None
    quote: str | None = None
    encoding: str = "auto"
    decimal: str = "auto"
    sheet: str | None = None
    timezone: str = "UTC"
    currency: str | None = None
    location: str | None = None
    remorse_minutes: int | None = None
    cutoff: str | None = None
    prices_include_tax: bool = False
    unknown_customer: str = "accept"
    rounding: str = "line"
    fields: Mapping[str, Expression] = field(default_factory=dict)
    rows: tuple[RowRule, ...] = ()
    also: tuple[AlsoRow, ...] = ()
    documents: tuple[Shape, ...] = ()
    wrappers: tuple[str, ...] = ()
    expect: Expectations = Expectations()

    @property
    def contract(self) -> Record:
        """The record that the channel's files hold."""
        return RECORDS[self.record]


def accepted_countries(channel: Channel) -> tuple[str, ...]:
    """Spellings that the channel accepts beside ISO countries, those that name none among them."""
    return tuple(name for name in channel.expect.countries if country_code(name) is None)
