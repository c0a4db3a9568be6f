"""What each type of command says: one typed payload a type.

Belongs here: fields and the rules among the fields of one payload. Does not belong here: the kinds of field
(``fields.py``), the table of types (``catalogue.py``), and whether a command fits the state of the warehouse, which
only the cycle can tell.

Quantities are in the base unit with three decimals, amounts in the order's currency, times carry a zone and are kept
in UTC. Decimals stay text in JSON: nothing here becomes a double.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from .fields import (
    Amount,
    Day,
    Degrees,
    Instant,
    Position,
    Quantity,
    SignedQuantity,
    Value,
    Word,
    _country,
    _currency,
    _not_a_bool,
    _shouted,
    clean_text,
    written_changes,
    written_lines,
    written_shipments,
)


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
    hold_until: Instant | None = Field(None, description="the hold ends then by itself")


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


class PromiseSet(Payload):
    """The day that was agreed with the customer."""

    scope: Literal["order", "line"] = Field(description="what the target is")
    deliver_by: Day = Field(description="delivered on this day at the latest, where it is delivered")


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


class SubstitutionAccept(Payload):
    """What goes in the place of a line's open units."""

    sku_id: Word = Field(description="the substitute, one of `substitution_suggestions`")
    quantity: Quantity | None = Field(None, description="open units of the line that it replaces; without it all")


class ShipmentMove(Payload):
    """The load a shipment goes to."""

    load_id: Word = Field(description="where the shipment goes")


class StopLock(Payload):
    """A stop and its place."""

    stop_sequence: Position = Field(description="the stop's place in the route, from 1")
    shipment_id: Word | None = Field(None, description="a shipment of that stop; without it the stop there when seen")


class StopResequence(Payload):
    """The order in which a load serves its stops."""

    shipments: Annotated[str, AfterValidator(written_shipments)] = Field(
        description="shipments of the load in the order of their stops, a comma between them; those left out follow"
    )


class VehicleStop(Payload):
    """For how long a vehicle is out."""

    until: Day | None = Field(None, description="last day it is out; without it until it is resumed")


class DriverAbsent(Payload):
    """For how long a driver is away, and who stands in."""

    until: Day | None = Field(None, description="last day away; without it until the driver is back")
    stand_in: Word | None = Field(None, description="driver who takes the vehicle; without it the vehicle stays")


class StockAdjust(Payload):
    """A difference of stock."""

    location_id: Word = Field(description="where the stock is")
    lot_id: Word | None = Field(None, description="of SKUs kept by lot")
    stock_status: Literal["usable", "quarantine", "damaged", "on_hold"] | None = Field(
        None, description="of the units; usable without it"
    )
    quantity: SignedQuantity = Field(description="effect on on-hand in the base unit, below 0 for a loss")
    reason_code: Annotated[
        Literal["COUNT", "DAMAGED", "FOUND", "LOST", "MIS_SHIPPED", "SAMPLE", "STOLEN", "OTHER"],
        BeforeValidator(_shouted),
    ] = Field(description="why, for the reports")
    reference: Word | None = Field(None, description="snapshot_id of the stock snapshot that it answers")

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if self.quantity == 0:
            raise ValueError("quantity: 0 changes nothing: give the difference")
        return self


class ReplenishmentAccept(Payload):
    """A suggestion as it is ordered."""

    kind: Literal["purchase", "transfer"] = Field(description="bought from a supplier, or moved between two locations")
    location_id: Word = Field(description="where it arrives")
    source: Word = Field(description="the supplier, or the location that gives it")
    quantity: Quantity = Field(description="ordered, in the base unit")
    due_date: Day = Field(description="day on which it is due there")


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


class ReturnReceive(Payload):
    """What came back through the door."""

    order_line_id: Word | None = Field(None, description="the line; needed where the return has several")
    quantity: Quantity = Field(description="received, in the base unit")
    location_id: Word = Field(description="where it was received")


class ReturnInspect(Payload):
    """What the inspection found."""

    order_line_id: Word | None = Field(None, description="the line; needed where the return has several")
    quantity: Quantity = Field(description="inspected, in the base unit")
    location_id: Word = Field(description="where it stands")
    disposition: Literal["restock", "refurbish", "vendor", "scrap", "donate", "back_to_customer"] = Field(
        description="where the goods go"
    )
    condition: Word | None = Field(None, description="what was seen")


class SettlementRecord(Payload):
    """What was counted of one part of a load's account; counted again, it takes the place of the count before."""

    part: Literal["money", "empties", "expenses"] = Field(description="part of the account; the goods count themselves")
    payment_form: Annotated[str, AfterValidator(clean_text), Field(max_length=40)] = Field(
        description="what it is counted in: cash, card, cheque; of empties their kind, such as crate"
    )
    expected: Amount = Field(description="what should come in: money in the reporting currency, empties in pieces")
    returned: Amount = Field(Decimal("0.00"), description="of it, what is not due any more")
    received: Amount = Field(description="what was counted")
    driver_debit: Amount = Field(Decimal("0.00"), description="of a difference, what the driver owes")
    driver_credit: Amount = Field(Decimal("0.00"), description="of a difference, what the driver is owed")

    @model_validator(mode="after")
    def _returned_is_of_expected(self) -> Self:
        if self.returned > self.expected:
            raise ValueError("returned: is more than was expected: correct one of them")
        return self


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
