"""Commands about returns: authorise or reject one, book what came back, say where inspection sends it.

Belongs here: the checks of each against the return that was asked for, and what it does to the ledger.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from oms_dagster.domain.fulfilment import events as outside
from oms_dagster.warehouse.commands.room import Effect, Issued, Rejected, Room, cause, exists
from oms_dagster.warehouse.read import rows


def decide_return(event: str) -> Effect:
    def effect(room: Room, command: Issued) -> str:
        asked = rows(
            room.connection,
            "select return_id, order_line_id, sum(quantity) as quantity from facts.returns where return_id = ? and kind = 'requested' group by all order by 2",
            [command.target],
        )
        if not asked:
            raise Rejected(f"{command.target} is no requested return")
        if exists(room, "select 1 from facts.return_decisions where return_id = ?", command.target):
            raise Rejected(f"{command.target} is decided already")
        if command.payload.get("quantity"):
            if len(asked) > 1:
                raise Rejected(f"{command.target} has {len(asked)} lines: leave the quantity out, or reject it")
            asked[0]["quantity"] = Decimal(command.payload["quantity"])
        for line in asked:
            room.keep(
                "facts.return_decisions",
                {
                    **line,
                    "event": event,
                    "reason": command.reason,
                    "command_id": command.command_id,
                    "event_at": room.now.as_of,
                },
            )
        return f"return {event}"

    return effect


def receive_return(room: Room, command: Issued) -> str:
    """What came back, as the feed `returns` would say it."""
    event = _event(room, command, "received")
    outside.receive_return(room.book, event["order_line_id"], event["quantity"], cause(command, room))
    return f"{event['quantity'].normalize():f} of {event['order_line_id']} received"


def inspect_return(room: Room, command: Issued) -> str:
    """Where the goods go; what is fit for it goes back into stock."""
    received = rows(
        room.connection,
        "select order_line_id, sum(case when kind = 'received' then quantity else -quantity end) as quantity from facts.returns"
        " where return_id = ? and kind in ('received', 'inspected') group by all order by 1",
        [command.target],
    )
    quantity = Decimal(command.payload["quantity"])
    line = _line(command, [r["order_line_id"] for r in received])
    left = next(r["quantity"] for r in received if r["order_line_id"] == line)
    if quantity > left:
        raise Rejected(f"only {left.normalize():f} of {line} were received and not inspected")
    event = _event(room, command, "inspected")
    outside.inspect_return(
        room.book, line, quantity, event["disposition"], event["location_code"], cause(command, room)
    )
    return f"{quantity.normalize():f} of {line} go to {command.payload['disposition'].replace('_', ' ')}"


def _event(room: Room, command: Issued, kind: str) -> dict[str, Any]:
    """Keep a record of the feed `returns`, said by a person."""
    if not exists(
        room,
        "select 1 from facts.reference_versions where entity = 'locations' and key = ?",
        command.payload["location_id"],
    ):
        raise Rejected(f"{command.payload['location_id']} is no location that we know")
    asked = rows(
        room.connection,
        "select distinct order_line_id from facts.returns where return_id = ? order by 1",
        [command.target],
    )
    event = {
        "message_id": command.command_id, "event_id": command.command_id, "return_id": command.target, "kind": kind,
        "order_line_id": _line(command, [row["order_line_id"] for row in asked]), "quantity": Decimal(command.payload["quantity"]),
        "disposition": command.payload.get("disposition"), "condition": command.payload.get("condition"),
        "location_code": command.payload["location_id"], "event_at": room.now.as_of, "source": "command",
    }  # fmt: skip
    room.keep("facts.returns", event)
    return event


def _line(command: Issued, lines: list[str]) -> str:
    """The line meant: the only one of the return, or the one named."""
    if not lines:
        raise Rejected(f"{command.target} is no return that we know")
    named = command.payload.get("order_line_id")
    if named is None and len(lines) > 1:
        raise Rejected(f"{command.target} has {len(lines)} lines: name one of {', '.join(lines)}")
    if named is not None and named not in lines:
        raise Rejected(f"{named} is no line of {command.target}: it has {', '.join(lines)}")
    return named or lines[0]
