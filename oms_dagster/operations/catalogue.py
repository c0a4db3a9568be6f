"""The types of command: on what each acts, who may send it, what undoes it.

Belongs here: the table `COMMAND_TYPES`, reading a payload by its type, describing them all for docs and forms. Does not
belong here: the payloads' fields (``payloads.py``) and the log that commands are appended to (``commands.py``).
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from .payloads import (
    AddressCorrect,
    DriverAbsent,
    ExceptionClose,
    HoldPlace,
    HoldRelease,
    LineExclude,
    LinePin,
    LineUnpin,
    MessageConflictResolve,
    MessageCorrect,
    Nothing,
    OrderAmend,
    OrderCancel,
    OrderCreate,
    OrderPriority,
    Payload,
    PolicyChange,
    PromiseSet,
    ReplenishmentAccept,
    ReturnAuthorise,
    ReturnInspect,
    ReturnReceive,
    ReturnReject,
    SettlementRecord,
    ShipmentMove,
    StockAdjust,
    StopLock,
    StopResequence,
    SubstitutionAccept,
    VehicleStop,
)
from .roles import ROLES, includes


class PayloadError(ValueError):
    """A payload that its type does not allow: one line with the field, what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class CommandType:
    """One type of command. ``inverse`` is the type that undoes it, with the former values; None where none can."""

    name: str
    target: str
    payload: type[Payload]
    capability: str
    inverse: str | None
    summary: str


#: All types, by name.
COMMAND_TYPES: Mapping[str, CommandType] = {
    command.name: command
    for command in (
        CommandType("hold.place", "order or line", HoldPlace, "hold.place", "hold.release", "Hold it by hand."),
        CommandType("hold.release", "hold", HoldRelease, "hold.release", None, "Release a hold."),
        CommandType(
            "order.create", "order number", OrderCreate, "order.create", "order.cancel", "Take an order by phone."
        ),
        CommandType("order.cancel", "order or line", OrderCancel, "order.cancel", None, "Cancel what has not left."),
        CommandType(
            "order.amend", "order or line", OrderAmend, "order.amend", "order.amend", "Change a quantity or the date."
        ),
        CommandType(
            "order.priority", "order", OrderPriority, "order.priority", "order.priority", "Serve sooner or later."
        ),
        CommandType(
            "order.split", "order", Nothing, "order.amend", None, "Ship what is there, the rest when it comes."
        ),
        CommandType(
            "promise.set",
            "order or line",
            PromiseSet,
            "promise.set",
            "promise.set",
            "Keep the delivery date agreed with the customer.",
        ),
        CommandType("line.pin", "line", LinePin, "line.pin", "line.unpin", "Source the line from one location only."),
        CommandType("line.unpin", "line", LineUnpin, "line.pin", None, "Take back pins and exclusions of the line."),
        CommandType("line.exclude", "line", LineExclude, "line.pin", "line.unpin", "Never source it from a location."),
        CommandType(
            "substitution.accept",
            "line",
            SubstitutionAccept,
            "order.amend",
            "order.amend",
            "Send another SKU in its place.",
        ),
        CommandType(
            "wave.release",
            "location",
            Nothing,
            "wave.release",
            None,
            "Release its waiting waves, where they are manual.",
        ),
        CommandType("wave.stop", "wave", Nothing, "wave.stop", None, "Stop a wave, for what is not picked."),
        CommandType(
            "purchase_order.withdraw",
            "purchase_order",
            Nothing,
            "wave.stop",
            None,
            "Take a purchase order to a vendor back, for what has not left.",
        ),
        CommandType("load.lock", "load", Nothing, "load.lock", "load.unlock", "Keep the load as it was seen."),
        CommandType("load.unlock", "load", Nothing, "load.lock", "load.lock", "Let the plan change the load again."),
        CommandType("load.approve", "load", Nothing, "load.approve", "load.withdraw", "Allow its dispatch as seen."),
        CommandType("load.withdraw", "load", Nothing, "load.approve", "load.approve", "Take the approval back."),
        CommandType("load.dispatch", "load", Nothing, "load.dispatch", None, "Send it off: the goods are in transit."),
        CommandType(
            "shipment.move", "shipment", ShipmentMove, "shipment.move", "shipment.move", "Put it on another load."
        ),
        CommandType("stop.lock", "load", StopLock, "stop.lock", "stop.unlock", "Fix a stop's place in the route."),
        CommandType("stop.unlock", "load", StopLock, "stop.lock", "stop.lock", "Let the plan move the stop again."),
        CommandType(
            "stop.resequence", "load", StopResequence, "stop.lock", None, "Serve the stops of a load in this order."
        ),
        CommandType(
            "vehicle.stop",
            "vehicle",
            VehicleStop,
            "vehicle.stop",
            "vehicle.resume",
            "It broke down: what it has not delivered goes with others.",
        ),
        CommandType("vehicle.resume", "vehicle", Nothing, "vehicle.stop", "vehicle.stop", "It is in service again."),
        CommandType(
            "driver.absent",
            "driver",
            DriverAbsent,
            "vehicle.stop",
            "driver.return",
            "Away or ill: somebody stands in, or the vehicle stays.",
        ),
        CommandType("driver.return", "driver", Nothing, "vehicle.stop", "driver.absent", "The driver is back."),
        CommandType(
            "stock.adjust", "sku", StockAdjust, "stock.adjust", "stock.adjust", "Correct stock by a difference."
        ),
        CommandType(
            "replenishment.accept",
            "sku",
            ReplenishmentAccept,
            "replenishment.accept",
            "replenishment.cancel",
            "Order what was suggested, or another quantity of it.",
        ),
        CommandType(
            "replenishment.cancel",
            "supply",
            Nothing,
            "replenishment.accept",
            None,
            "Cancel an order of goods of which nothing has come.",
        ),
        CommandType(
            "return.authorise", "return", ReturnAuthorise, "return.authorise", None, "Let the goods come back."
        ),
        CommandType("return.receive", "return", ReturnReceive, "return.receive", None, "Book what came back."),
        CommandType(
            "return.inspect", "return", ReturnInspect, "return.receive", None, "Say where the returned goods go."
        ),
        CommandType("document.void", "document", Nothing, "document.void", None, "Make it void; its number stays."),
        CommandType(
            "document.reissue",
            "document",
            Nothing,
            "document.void",
            None,
            "Make it void and issue it anew, numbered on.",
        ),
        CommandType(
            "settlement.record",
            "load",
            SettlementRecord,
            "settlement.record",
            "settlement.record",
            "Count money, empties or expenses of a load that left.",
        ),
        CommandType("settlement.sign", "load", Nothing, "settlement.sign", None, "Close the account of a load."),
        CommandType("cycle.run", "cycle", Nothing, "cycle.run", None, "Ask for a planning cycle now."),
        CommandType("return.reject", "return", ReturnReject, "return.authorise", None, "Refuse a requested return."),
        CommandType(
            "message.correct", "message", MessageCorrect, "message.resolve", None, "Mend a quarantined message."
        ),
        CommandType("message.retry", "message", Nothing, "message.resolve", None, "Send it through the gate again."),
        CommandType("message.dismiss", "message", Nothing, "message.resolve", None, "Drop a quarantined message."),
        CommandType(
            "message.conflict_resolve",
            "message",
            MessageConflictResolve,
            "message.resolve",
            None,
            "Say which of two contents of one key counts.",
        ),
        CommandType(
            "policy.change", "policy", PolicyChange, "policy.change", "policy.change", "Set a policy from a date on."
        ),
        CommandType(
            "address.correct", "order", AddressCorrect, "address.correct", "address.correct", "Correct the ship-to."
        ),
        CommandType("exception.close", "exception", ExceptionClose, "exception.close", None, "Close an exception."),
        CommandType(
            "command.approve",
            "command id",
            Nothing,
            "command.approve",
            None,
            "Let a command above its author's limit go.",
        ),
        CommandType(
            "command.reject",
            "command id",
            Nothing,
            "command.approve",
            None,
            "Refuse a command above its author's limit.",
        ),
    )
}


@dataclass(frozen=True, slots=True)
class FieldDescription:
    """One field of a payload. ``kind`` is text, choice, integer, decimal, date or timestamp; ``choices`` are of a choice."""

    name: str
    kind: str
    required: bool
    choices: tuple[str, ...]
    default: str | None
    description: str


@dataclass(frozen=True, slots=True)
class CommandDescription:
    """One type of command as docs and forms show it. ``roles`` may send it in at least one form."""

    type: str
    summary: str
    target: str
    fields: tuple[FieldDescription, ...]
    capability: str
    roles: tuple[str, ...]
    inverse: str | None


def describe() -> list[CommandDescription]:
    """One row per type of command, in the order of the catalogue."""
    return [
        CommandDescription(
            type=command.name,
            summary=command.summary,
            target=command.target,
            fields=tuple(_describe_field(name, field) for name, field in command.payload.model_fields.items()),
            capability=command.capability,
            roles=tuple(role for role, held in ROLES.items() if _in_part(held, command.capability)),
            inverse=command.inverse,
        )
        for command in COMMAND_TYPES.values()
    ]


def _in_part(held: frozenset[str], capability: str) -> bool:
    return any(includes(one, capability) or includes(capability, one) for one in held)


_KINDS: Mapping[object, str] = {str: "text", int: "integer", Decimal: "decimal", date: "date", datetime: "timestamp"}


def _describe_field(name: str, field: FieldInfo) -> FieldDescription:
    base = _base_type(field.annotation)
    choices = tuple(str(choice) for choice in get_args(base)) if get_origin(base) is Literal else ()
    return FieldDescription(
        name=name,
        kind="choice" if choices else _KINDS[base],
        required=field.is_required(),
        choices=choices,
        default=None if field.is_required() or field.default is None else str(field.default),
        description=field.description or "",
    )


def _base_type(annotation: Any) -> Any:
    """The type below ``Annotated`` and ``| None``."""
    if get_origin(annotation) is Annotated:
        return _base_type(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return next(_base_type(part) for part in get_args(annotation) if part is not types.NoneType)
    return annotation


def parse_payload(command_type: str, payload: Mapping[str, Any]) -> Payload:
    """The typed payload of a command, from a form, a command line or the log.

    Raises
    ------
    PayloadError
        An unknown type, or the first field that is wrong.
    """
    if command_type not in COMMAND_TYPES:
        raise PayloadError(f"type: {command_type!r} is not known: use one of {', '.join(COMMAND_TYPES)}")
    if not isinstance(payload, Mapping):
        raise PayloadError(f"payload: {str(payload)[:60]!r} is no mapping: give field names with their values")
    model = COMMAND_TYPES[command_type].payload
    try:
        return model.model_validate(dict(payload))
    except ValidationError as error:
        raise PayloadError(_one_line(error, model)) from None


def stored_payload(payload: Payload) -> dict[str, Any]:
    """The payload as JSON values, without the fields left out: what the log keeps and compares."""
    stored: dict[str, Any] = payload.model_dump(mode="json", exclude_none=True)
    return stored


def _one_line(error: ValidationError, model: type[Payload]) -> str:
    """The first finding as "field: what: what to do"."""
    finding = error.errors()[0]
    field = str(finding["loc"][0]) if finding["loc"] else ""
    if finding["type"] == "extra_forbidden":
        return f"{field[:60]!r}: is no field of it: use {', '.join(model.model_fields) or 'no field at all'}"
    if finding["type"] == "missing":
        return f"{field}: is missing: give it ({model.model_fields[field].description})"
    ours = finding.get("ctx", {}).get("error")
    if not field:
        return str(ours or finding["msg"])
    seen = repr(finding["input"])
    seen = seen if len(seen) <= 60 else seen[:57] + "..."
    if ours is not None:
        return f"{field}: {seen} {ours}"
    wanted = finding["msg"][:1].lower() + finding["msg"][1:]
    return f"{field}: {seen} will not do: {wanted}"
