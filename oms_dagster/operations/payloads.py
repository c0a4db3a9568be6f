"""What each type of command says: one typed payload a type, and the kinds of field they are made of.

Belongs here: fields, their limits and the rules among the fields of one payload. Does not belong here: the table of
types (``catalogue.py``), and whether a command fits the state of the warehouse, which only the cycle can tell.

Quantities are in the base unit with three decimals, amounts in the order's currency, times carry a zone and are kept
in UTC. Decimals stay text in JSON: nothing here becomes a double.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)


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


def _not_a_bool(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("is no number: write digits")
    return value


def _three_places(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.001"))


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


Word = Annotated[str, AfterValidator(clean_text)]
Value = Annotated[str, BeforeValidator(_as_text), AfterValidator(lambda text: clean_text(text, 2000))]
Instant = Annotated[datetime, BeforeValidator(_not_a_number), AfterValidator(plausible_instant)]
Quantity = Annotated[
    Decimal,
    BeforeValidator(_not_a_bool),
    Field(gt=0, max_digits=18, decimal_places=3),
    AfterValidator(_three_places),
]
SignedQuantity = Annotated[
    Decimal, BeforeValidator(_not_a_bool), Field(max_digits=18, decimal_places=3), AfterValidator(_three_places)
]
Position = Annotated[int, BeforeValidator(_not_a_bool), Field(ge=1, le=10_000)]
Degrees = Annotated[Decimal, BeforeValidator(_not_a_bool), Field(max_digits=12, decimal_places=9)]


class Payload(BaseModel):
    """What a command says beyond its type and target. Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def capability(self, base: str) -> str:
        """The capability that this payload needs, given that of its type."""
        return base


class Nothing(Payload):
    """Type and target say it all."""


class HoldPlace(Payload):
    """A manual hold."""

    hold_type: Literal["MANUAL_USER"] = Field("MANUAL_USER", description="only this type is placed by hand")
    scope: Literal["order", "line"] = Field(description="what the target is")


class HoldRelease(Payload):
    """The release of one hold, with its validity."""

    family: Literal["credit", "payment", "fraud", "commercial", "master_data", "logistics", "manual"] | None = Field(
        None, description="family of the hold; without it the right to release any hold is needed"
    )
    valid_until: Instant | None = Field(None, description="the release lapses then")
    amount: Quantity | None = Field(None, description="released up to this amount, in the order's currency")

    def capability(self, base: str) -> str:
        """Releasing a hold takes the right over its family."""
        return f"{base}.{self.family}" if self.family else base


class OrderCreate(Payload):
    """An order taken by phone; the target is its number, new for each order."""

    customer_code: Word = Field(description="the customer's number, or a new one for somebody unknown")
    customer_name: Word | None = Field(None, description="name of somebody unknown")
    customer_phone: Word | None = Field(None, description="where to call back")
    lines: Annotated[str, AfterValidator(written_lines)] = Field(
        description="SKU=QUANTITY@PRICE, one a line; the price is of a unit, in the order's currency"
    )
    currency: Annotated[str, BeforeValidator(_shouted), AfterValidator(_currency)] = Field(description="ISO 4217")
    payment_status: Literal["on_account", "pending", "paid"] = Field(
        "pending", description="pending: is to pay before delivery"
    )
    requested_to: Instant | None = Field(None, description="latest delivery that the customer accepts")
    ship_to_name: Word | None = Field(None, description="who receives; the customer's own address without any")
    ship_to_street: Word | None = Field(None, description="street and number")
    ship_to_postcode: Word | None = Field(None, description="postal code")
    ship_to_city: Word | None = Field(None, description="city")
    ship_to_country: Annotated[str, BeforeValidator(_shouted), AfterValidator(_country)] | None = Field(
        None, description="two letters, ISO 3166-1"
    )
    purchase_order_number: Word | None = Field(None, description="the customer's own reference")
    note: Word | None = Field(None, description="what the next person should know")


class OrderCancel(Payload):
    """What is cancelled and why."""

    scope: Literal["order", "line"] = Field(description="what the target is")
    quantity: Quantity | None = Field(None, description="of a line, in the base unit; all that is left without it")
    reason_code: Annotated[
        Literal["CUSTOMER", "DECLINED", "DUPLICATE", "EXPIRED", "FRAUD", "INVENTORY", "STAFF", "OTHER"],
        BeforeValidator(_shouted),
    ] = Field(description="why, for the reports")

    @model_validator(mode="after")
    def _quantity_is_of_a_line(self) -> Self:
        if self.scope == "order" and self.quantity is not None:
            raise ValueError("quantity: an order has none: cancel a line, or leave it out")
        return self


class OrderAmend(Payload):
    """The one thing about an order or a line that changes."""

    scope: Literal["order", "line"] = Field(description="what the target is")
    quantity: Quantity | None = Field(None, description="of a line: what it shall be, in the base unit")
    requested_to: Instant | None = Field(None, description="of an order: latest delivery that the customer accepts")

    @model_validator(mode="after")
    def _one_change_that_fits(self) -> Self:
        if self.scope == "line" and (self.quantity is None or self.requested_to is not None):
            raise ValueError("quantity: amending a line takes it and nothing else: give quantity only")
        if self.scope == "order" and (self.requested_to is None or self.quantity is not None):
            raise ValueError("requested_to: amending an order takes it and nothing else: give requested_to only")
        return self


class OrderPriority(Payload):
    """A rank among open orders."""

    priority: Annotated[int, BeforeValidator(_not_a_bool), Field(ge=1, le=9, description="1 goes first, 9 last")]


class LinePin(Payload):
    """The one location of a line."""

    location_id: Word = Field(description="the line is sourced there and nowhere else")


class LineUnpin(Payload):
    """Which pins and exclusions end."""

    location_id: Word | None = Field(None, description="only the pin or exclusion of it; without it all of the line's")


class LineExclude(Payload):
    """A location that a line avoids."""

    location_id: Word = Field(description="the line is never sourced there")


class ShipmentMove(Payload):
    """The load a shipment goes to."""

    load_id: Word = Field(description="where the shipment goes")


class StopLock(Payload):
    """A stop and its place."""

    stop_sequence: Position = Field(description="the stop's place in the route, from 1")
    shipment_id: Word | None = Field(None, description="a shipment of that stop; without it the stop there when seen")


class StockAdjust(Payload):
    """A difference of stock."""

    location_id: Word = Field(description="where the stock is")
    lot_id: Word | None = Field(None, description="of SKUs kept by lot")
    quantity: SignedQuantity = Field(description="effect on on-hand in the base unit, below 0 for a loss")
    reason_code: Annotated[
        Literal["COUNT", "DAMAGED", "FOUND", "LOST", "MIS_SHIPPED", "SAMPLE", "STOLEN", "OTHER"],
        BeforeValidator(_shouted),
    ] = Field(description="why, for the reports")

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if self.quantity == 0:
            raise ValueError("quantity: 0 changes nothing: give the difference")
        return self


class ReturnAuthorise(Payload):
    """How much may come back and for what."""

    quantity: Quantity | None = Field(None, description="authorised, in the base unit; all requested without it")
    resolution: Literal["refund", "credit", "exchange", "replacement"] | None = Field(
        None, description="what the customer gets; as requested without it"
    )


class ReturnReject(Payload):
    """Why a return is refused."""

    reason_code: Annotated[
        Literal["ALREADY_REFUNDED", "NOT_DELIVERED", "NOT_RETURNABLE", "TOO_LATE", "OTHER"], BeforeValidator(_shouted)
    ] = Field(description="why, for the customer")


class MessageCorrect(Payload):
    """What a quarantined message should have said."""

    changes: Annotated[str, AfterValidator(written_changes)] = Field(
        description="FIELD=VALUE, or ROW:FIELD=VALUE for one row of the file; one a line"
    )


class MessageConflictResolve(Payload):
    """Which content counts."""

    resolution: Literal["keep", "replace", "cancel"] = Field(
        description="keep what was accepted first, replace it by this one, or cancel the order"
    )

    def capability(self, base: str) -> str:
        """Cancelling takes the right to cancel orders."""
        return "order.cancel" if self.resolution == "cancel" else base


class PolicyChange(Payload):
    """A setting, its value and from when."""

    key: Word = Field(description="key of the setting in full, such as floor.confirm")
    scope: Word | None = Field(None, description="whom it holds for; everyone without it")
    value: Value = Field(description="the new value, as text")
    valid_from: Instant | None = Field(None, description="from then on; at once without it")


class AddressCorrect(Payload):
    """The fields of the ship-to address that change."""

    name: Word | None = Field(None, description="who receives")
    street: Word | None = Field(None, description="street and number")
    city: Word | None = Field(None, description="city")
    region: Word | None = Field(None, description="state, province or county")
    postcode: Word | None = Field(None, description="postal code")
    country: Annotated[str, BeforeValidator(_shouted), AfterValidator(_country)] | None = Field(
        None, description="two letters, ISO 3166-1"
    )
    latitude: Annotated[Degrees, Field(ge=-90, le=90)] | None = Field(None, description="degrees north, WGS 84")
    longitude: Annotated[Degrees, Field(ge=-180, le=180)] | None = Field(None, description="degrees east, WGS 84")

    @model_validator(mode="after")
    def _corrects_something(self) -> Self:
        if not self.model_dump(exclude_none=True):
            raise ValueError("address: nothing to correct: give at least one field")
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("latitude: comes with longitude: give both or neither")
        return self


class ExceptionClose(Payload):
    """Which exception is closed."""

    kind: Word | None = Field(None, description="kind of the exception, where its key is not unique")
