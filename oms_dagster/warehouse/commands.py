"""Commands meet the state: each one not yet looked at is accepted or rejected, with the reason, and its effect is kept.

Belongs here: the check against the state that the cycle finds, and what an accepted command does at once (moves, hold
events, policy changes). Pins, locks and priorities need nothing here: the plan reads them from the accepted commands.
Does not belong here: who may send what (`operations`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import duckdb

from oms_dagster.cycle import Cycle
from oms_dagster.domain.fulfilment import book as books
from oms_dagster.domain.fulfilment.book import Book, Cause, StockMove
from oms_dagster.warehouse import ledger, policies
from oms_dagster.warehouse.read import rows, value
from oms_dagster.warehouse.write import append


@dataclass(frozen=True, slots=True)
class Issued:
    """A command as the operations store keeps it."""

    command_id: str
    sequence: int
    type: str
    target: str
    payload: Mapping[str, Any]
    actor: str
    reason: str
    issued_at: datetime
    seen_cycle_id: str | None
    seen_hash: str | None = None


class Rejected(Exception):
    """Why a command can't be accepted now: one line."""


@dataclass(slots=True)
class Room:
    """What a command's effect may use."""

    connection: duckdb.DuckDBPyConnection
    now: Cycle
    book: Book

    def stamp(self) -> dict[str, Any]:
        return {"cycle_seq": self.now.cycle_seq, "recorded_at": self.now.as_of}

    def keep(self, table: str, record: Mapping[str, Any]) -> None:
        append(self.connection, table, [{**record, **self.stamp()}])


Effect = Callable[[Room, Issued], str]


def record(connection: duckdb.DuckDBPyConnection, issued: Iterable[Issued], now: Cycle) -> dict[str, int]:
    """Accept or reject commands in their order; returns how many ended how.

    Each command is one row of `facts.commands`; one that is there already is passed over.
    """
    known = {row[0] for row in connection.execute("select command_id from facts.commands").fetchall()}
    counts = {"accepted": 0, "rejected": 0}
    for command in sorted((c for c in issued if c.command_id not in known), key=lambda c: c.sequence):
        lines = _lines_of(connection, command.target)
        book = ledger.open_book(connection, lines, now.cycle_seq)
        try:
            effect = EFFECTS.get(command.type)
            if effect is None:
                raise Rejected(f"this version does not know commands of type {command.type}")
            reason = effect(Room(connection, now, book), command)
            outcome = "accepted"
            ledger.keep(connection, book, now)
        except Rejected as rejection:
            outcome, reason = "rejected", str(rejection)
        counts[outcome] += 1
        append(
            connection,
            "facts.commands",
            [
                {
                    "command_id": command.command_id, "sequence": command.sequence, "type": command.type, "target": command.target,
                    "payload": json.dumps(dict(command.payload), default=str, sort_keys=True), "actor": command.actor,
                    "reason": command.reason, "issued_at": command.issued_at, "seen_cycle_id": command.seen_cycle_id,
                    "outcome": outcome, "outcome_reason": reason, "cycle_seq": now.cycle_seq, "recorded_at": now.as_of,
                }
            ],
        )  # fmt: skip
    return counts


def _lines_of(connection: duckdb.DuckDBPyConnection, target: str) -> list[str]:
    found = connection.execute(
        "select distinct order_line_id from facts.order_lines where order_line_id = $id or order_id = $id"
        " union select order_line_id from facts.pick_tasks where wave_id = $id",
        {"id": target},
    ).fetchall()
    return sorted(row[0] for row in found)


def _exists(room: Room, sql: str, *parameters: Any) -> bool:
    return bool(room.connection.execute(sql, list(parameters)).fetchall())


def _need_order_or_line(room: Room, command: Issued) -> None:
    if not room.book.sku_of:
        raise Rejected(f"{command.target} is no order and no line that we know")


def _cause(command: Issued, room: Room, reason_code: str | None = None) -> Cause:
    return Cause(command.command_id, room.now.as_of, command.actor, reason_code)


def place_hold(room: Room, command: Issued) -> str:
    _need_order_or_line(room, command)
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
            "command_id": command.command_id, "event_at": room.now.as_of,
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
    _need_order_or_line(room, command)
    quantity = Decimal(command.payload["quantity"]) if command.payload.get("quantity") else None
    done = sum(
        (
            books.cancel(
                room.book, line, quantity, _cause(command, room, command.payload.get("reason_code", "CUSTOMER"))
            )
            for line in sorted(room.book.sku_of)
        ),
        Decimal(0),
    )
    if done == 0:
        raise Rejected(f"nothing of {command.target} can be cancelled any more: it has left, or is cancelled already")
    return f"{done.normalize():f} units cancelled"


def amend_order(room: Room, command: Issued) -> str:
    _need_order_or_line(room, command)
    if command.payload.get("scope") == "order":
        return f"requested by {command.payload['requested_to']}"
    line, wanted = command.target, Decimal(command.payload["quantity"])
    if line not in room.book.sku_of:
        raise Rejected(f"{line} is no line that we know")
    alive = sum(
        (q for (found, bucket, _), q in room.book.balances.items() if found == line and bucket != "cancelled"),
        Decimal(0),
    )
    if wanted < alive:
        done = books.cancel(room.book, line, alive - wanted, _cause(command, room, "AMENDED"))
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
        | {"message_id": command.command_id, "quantity": wanted, "quantity_added": wanted - alive},
    )
    return f"{(wanted - alive).normalize():f} units added"


def note_for_plan(kind: str, known: str) -> Effect:
    """An accepted command that the plan reads: only its target is checked."""

    def effect(room: Room, command: Issued) -> str:
        if not _exists(room, known, command.target):
            raise Rejected(f"{command.target} is no {kind} that we know")
        return "noted: the next plan keeps to it"

    return effect


def pin_line(room: Room, command: Issued) -> str:
    if command.target not in room.book.sku_of:
        raise Rejected(f"{command.target} is no line that we know")
    location = command.payload.get("location_id")
    if location and not _exists(
        room, "select 1 from facts.reference_versions where entity = 'locations' and key = ?", location
    ):
        raise Rejected(f"{location} is no location that we know")
    if room.book.held(command.target, "open") == 0:
        raise Rejected(f"no unit of {command.target} is open any more")
    return "noted: the next plan keeps to it"


def stop_wave(room: Room, command: Issued) -> str:
    if not _exists(room, "select 1 from facts.waves where wave_id = ?", command.target):
        raise Rejected(f"{command.target} is no wave that we know")
    done = Decimal(0)
    for task in rows(
        room.connection,
        "select distinct order_line_id, shipment_id from facts.pick_tasks where wave_id = ? order by 1, 2",
        [command.target],
    ):
        held = room.book.held(task["order_line_id"], "released", task["shipment_id"])
        done += room.book.move(
            task["order_line_id"],
            ("released", "open"),
            held,
            task["shipment_id"],
            _cause(command, room, "WAVE_STOPPED"),
        )
    if done == 0:
        raise Rejected(f"nothing of {command.target} is still to be picked")
    room.keep(
        "facts.wave_events",
        {
            "wave_id": command.target,
            "event": "stopped",
            "reason": command.reason,
            "command_id": command.command_id,
            "event_at": room.now.as_of,
        },
    )
    return f"{done.normalize():f} units back to planning"


def on_load(event: str) -> Effect:
    """Lock, approve, dispatch: freezes the content that the author saw, or says what changed."""

    def effect(room: Room, command: Issued) -> str:
        if _exists(room, "select 1 from facts.loads where load_id = ?", command.target):
            raise Rejected(f"{command.target} has left")
        content = load_content(room.connection, command.target)
        if content is None:
            raise Rejected(f"{command.target} is no load of the last plan")
        digest = hashlib.sha256(content.encode()).hexdigest()
        if command.seen_hash and command.seen_hash != digest:
            raise Rejected(f"{command.target} is not what you saw: it now carries {content}")
        room.keep(
            "facts.load_events",
            {
                "load_id": command.target, "event": event, "content_hash": digest, "content": content, "actor": command.actor,
                "reason": command.reason, "command_id": command.command_id, "event_at": room.now.as_of,
            },
        )  # fmt: skip
        return f"{event}, with what it carried"

    return effect


def load_content(connection: duckdb.DuckDBPyConnection, load_id: str) -> str | None:
    """Shipments of a load of the last plan, as JSON in stop order; None: no such load."""
    found = connection.execute(
        "select cast(to_json(list(shipment_id order by stop_sequence, shipment_id)) as varchar), count(*) from plans.load_shipments where load_id = ?",
        [load_id],
    ).fetchall()
    return str(found[0][0]) if found and found[0][1] else None


def adjust_stock(room: Room, command: Issued) -> str:
    location = command.payload.get("location_id")
    if not _exists(room, "select 1 from facts.reference_versions where entity = 'skus' and key = ?", command.target):
        raise Rejected(f"{command.target} is no SKU that we know")
    if not _exists(room, "select 1 from facts.reference_versions where entity = 'locations' and key = ?", location):
        raise Rejected(f"{location} is no location that we know")
    quantity = Decimal(command.payload["quantity"])
    room.book.stock.append(
        StockMove(command.command_id, "variance", command.payload.get("stock_status") or "usable", command.target, str(location), quantity,
                  command.payload.get("reason_code") or "ADJUSTED", command.command_id, room.now.as_of)
    )  # fmt: skip
    return f"{quantity.normalize():f} booked at {location}"


def decide_return(event: str) -> Effect:
    def effect(room: Room, command: Issued) -> str:
        asked = rows(
            room.connection,
            "select return_id, order_line_id, sum(quantity) as quantity from facts.returns where return_id = ? and kind = 'requested' group by all order by 2",
            [command.target],
        )
        if not asked:
            raise Rejected(f"{command.target} is no requested return")
        if _exists(room, "select 1 from facts.return_decisions where return_id = ?", command.target):
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


def change_policy(room: Room, command: Issued) -> str:
    key, new = command.payload["key"], str(command.payload["value"])
    known = rows(
        room.connection,
        "select value, kind from staging.policies where policy_key = ? and coalesce(scope, '') = ''",
        [key],
    )
    if not known:
        raise Rejected(f"{key} is no policy that we know")
    wrong = policies.objection(known[0]["kind"], new)
    if wrong:
        raise Rejected(f"{key} = {new!r} does not parse: {wrong} (its default is {known[0]['value']})")
    room.keep(
        "facts.policy_changes",
        {
            "policy_key": key, "scope": command.payload.get("scope") or "", "value": new,
            "valid_from": command.payload.get("valid_from") or room.now.as_of, "command_id": command.command_id,
        },
    )  # fmt: skip
    return f"{key} = {new}"


def close_exception(room: Room, command: Issued) -> str:
    if not _exists(room, "select 1 from facts.exceptions where exception_id = ?", command.target):
        raise Rejected(f"{command.target} is no exception that we know")
    if _exists(room, "select 1 from facts.exception_events where exception_id = ?", command.target):
        raise Rejected(f"{command.target} is closed already")
    room.keep(
        "facts.exception_events",
        {
            "exception_id": command.target,
            "event": "closed",
            "reason": command.reason,
            "command_id": command.command_id,
            "event_at": room.now.as_of,
        },
    )
    return "exception closed"


_ORDER = "select 1 from facts.orders where order_id = ?"
_MESSAGE = "select 1 from facts.capture_messages where message_id = ? and outcome in ('quarantined', 'conflict')"
_SHIPMENT = "select 1 from facts.shipments where shipment_id = ?"

EFFECTS: Mapping[str, Effect] = {
    "hold.place": place_hold,
    "hold.release": release_hold,
    "order.cancel": cancel_order,
    "order.amend": amend_order,
    "order.priority": note_for_plan("order", _ORDER),
    "address.correct": note_for_plan("order", _ORDER),
    "line.pin": pin_line,
    "line.unpin": pin_line,
    "line.exclude": pin_line,
    "wave.stop": stop_wave,
    "load.lock": on_load("locked"),
    "load.unlock": on_load("unlocked"),
    "load.approve": on_load("approved"),
    "load.withdraw": on_load("withdrawn"),
    "load.dispatch": on_load("dispatch_asked"),
    "shipment.move": note_for_plan("shipment", _SHIPMENT),
    "stop.lock": on_load("stop_locked"),
    "stop.unlock": on_load("stop_unlocked"),
    "stock.adjust": adjust_stock,
    "return.authorise": decide_return("authorised"),
    "return.reject": decide_return("rejected"),
    "message.dismiss": note_for_plan("message to resolve", _MESSAGE),
    "message.conflict_resolve": note_for_plan("message to resolve", _MESSAGE),
    "policy.change": change_policy,
    "exception.close": close_exception,
}
