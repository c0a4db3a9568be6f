"""Commands about orders, their lines, holds and returns.

Belongs here: the checks of each against the ledger of its lines, and what it does to it.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from oms_dagster.domain.fulfilment import events as outside
from oms_dagster.warehouse.commands.room import Issued, Rejected, Room, cause, exists, need_order_or_line
from oms_dagster.warehouse.read import rows, value


def place_hold(room: Room, command: Issued) -> str:
    need_order_or_line(room, command)
    line = command.target if command.target in room.book.sku_of else None
    order = value(
        room.connection,
        "select order_id from facts.order_lines where order_line_id = ? or order_id = ?",
        [command.target] * 2,
    )
    times = value(
        room.connection,
        "select count(*) from facts.hold_events where event = 'placed' and hold_type = 'MANUAL_USER' and coalesce(order_line_id, order_id) = ?",
        [command.target],
    )
    hold_id = f"MANUAL_USER-{command.target}-{times + 1}"
    room.keep(
        "facts.hold_events",
        {
            "hold_id": hold_id, "event": "placed", "hold_type": "MANUAL_USER", "family": "manual", "scope": "line" if line else "order",
            "order_id": order, "order_line_id": line, "observed": "held by hand", "threshold": "no hold", "explanation": command.reason,
            "remedy": f"ask {command.actor}, or release it", "rule_version": "1", "actor": command.actor, "reason": command.reason,
            "command_id": command.command_id, "event_at": room.now.as_of, "subject_id": command.target,
            "hold_until": command.payload.get("hold_until"),
        },
    )  # fmt: skip
    return f"hold {hold_id} placed"


def release_hold(room: Room, command: Issued) -> str:
    found = rows(
        room.connection,
        "select p.*, t.releasable, (select arg_max(e.event, struct_pack(a := e.cycle_seq, b := e.event <> 'placed')) from facts.hold_events as e where e.hold_id = p.hold_id) as last_event"
        " from facts.hold_events as p left join staging.hold_types as t on p.hold_type = t.hold_type"
        " where p.hold_id = ? and p.event = 'placed'",
        [command.target],
    )
    if not found:
        raise Rejected(f"{command.target} is no hold that we know")
    hold = found[0]
    if hold["last_event"] != "placed":
        raise Rejected(f"{command.target} is {hold['last_event']} already")
    if hold["releasable"] is False:
        raise Rejected(f"{hold['hold_type']} is cleared by the data alone: {hold['remedy']}")
    family = command.payload.get("family")
    if family and family != hold["family"]:
        raise Rejected(f"{command.target} is of family {hold['family']}, not {family}")
    room.keep(
        "facts.hold_events",
        {
            **{k: hold[k] for k in ("hold_id", "hold_type", "family", "scope", "order_id", "order_line_id", "observed", "threshold",
                                    "explanation", "remedy", "rule_version")},
            "event": "released", "actor": command.actor, "reason": command.reason, "command_id": command.command_id,
            "event_at": room.now.as_of, "valid_until": command.payload.get("valid_until"),
        },
    )  # fmt: skip
    return f"{hold['hold_type']} of {hold['order_line_id'] or hold['order_id']} released"


def cancel_order(room: Room, command: Issued) -> str:
    need_order_or_line(room, command)
    quantity = Decimal(command.payload["quantity"]) if command.payload.get("quantity") else None
    done = sum(
        (
            outside.cancel(
                room.book, line, quantity, cause(command, room, command.payload.get("reason_code", "CUSTOMER"))
            )
            for line in sorted(room.book.sku_of)
        ),
        Decimal(0),
    )
    if done == 0:
        raise Rejected(f"nothing of {command.target} can be cancelled any more: it has left, or is cancelled already")
    return f"{done.normalize():f} units cancelled"


def amend_order(room: Room, command: Issued) -> str:
    need_order_or_line(room, command)
    if command.payload.get("scope") == "order":
        return f"requested by {command.payload['requested_to']}"
    line, wanted = command.target, Decimal(command.payload["quantity"])
    if line not in room.book.sku_of:
        raise Rejected(f"{line} is no line that we know")
    alive = room.book.alive(line)
    if wanted < alive:
        done = outside.cancel(room.book, line, alive - wanted, cause(command, room, "AMENDED"))
        if done < alive - wanted:
            room.book.moves.clear()
            raise Rejected(
                f"only {done.normalize():f} of {(alive - wanted).normalize():f} can still be taken off {line}"
            )
        return f"{done.normalize():f} units taken off"
    if wanted == alive:
        raise Rejected(f"{line} asks for {wanted.normalize():f} already")
    last = rows(
        room.connection,
        "select * from facts.order_lines where order_line_id = ? order by cycle_seq desc, order_version desc limit 1",
        [line],
    )[0]
    room.keep(
        "facts.order_lines",
        {k: v for k, v in last.items() if k not in ("cycle_seq", "recorded_at")}
        | {
            "message_id": command.command_id,
            "quantity": wanted,
            "quantity_added": wanted - alive,
            "quantity_doc": wanted,
            "unit_price_doc": last["unit_price"],
            "unit": None,
            "unit_code": None,
            "unit_factor": 1,
        },
    )
    room.book.ask_for_more(line, wanted - alive)
    return f"{(wanted - alive).normalize():f} units added"


def set_promise(room: Room, command: Issued) -> str:
    """Noted for the plan, which reads the accepted command: a due day, and what DATE_UNPROMISABLE measures against."""
    need_order_or_line(room, command)
    day = date.fromisoformat(str(command.payload["deliver_by"]))
    if day < room.now.as_of.date():
        raise Rejected(f"{day} is past: agree on a day to come")
    if not any(room.book.held(line, "open") for line in room.book.sku_of):
        raise Rejected(f"no unit of {command.target} is open any more")
    return f"agreed for {day}: the next plan delivers by then where it can, and says where it can't"


def pin_line(room: Room, command: Issued) -> str:
    if command.target not in room.book.sku_of:
        raise Rejected(f"{command.target} is no line that we know")
    location = command.payload.get("location_id")
    if location and not exists(
        room, "select 1 from facts.reference_versions where entity = 'locations' and key = ?", location
    ):
        raise Rejected(f"{location} is no location that we know")
    if room.book.held(command.target, "open") == 0:
        raise Rejected(f"no unit of {command.target} is open any more")
    return "noted: the next plan keeps to it"
