"""Commands meet the state: each one not yet looked at is accepted or rejected, with the reason, and its effect is kept.

Belongs here: the check against the state that the cycle finds, and what an accepted command does at once (moves, hold
events, policy changes). Pins, locks and priorities need nothing here: the plan reads them from the accepted commands.
Does not belong here: who may send what (`operations`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

import duckdb

from oms_dagster.cycle import Cycle
from oms_dagster.warehouse import ledger, policies
from oms_dagster.warehouse.commands.floor import adjust_stock, load_content, on_load, release_waves, stop_wave
from oms_dagster.warehouse.commands.messages import SETTLES
from oms_dagster.warehouse.commands.orders import (
    amend_order,
    cancel_order,
    decide_return,
    pin_line,
    place_hold,
    release_hold,
)
from oms_dagster.warehouse.commands.phone import create_order
from oms_dagster.warehouse.commands.room import Archive, Effect, Issued, Rejected, Room, exists, note_for_plan
from oms_dagster.warehouse.read import rows
from oms_dagster.warehouse.write import append

__all__ = ["EFFECTS", "Archive", "Issued", "Rejected", "load_content", "record"]


def record(
    connection: duckdb.DuckDBPyConnection, issued: Iterable[Issued], now: Cycle, archive: Archive | None = None
) -> dict[str, int]:
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
            reason = effect(Room(connection, now, book, archive), command)
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
        " union select order_line_id from facts.pick_tasks where wave_id = $id"
        " union select l.order_line_id from facts.capture_messages as m inner join facts.order_lines as l on m.order_id = l.order_id"
        " where m.message_id = $id",
        {"id": target},
    ).fetchall()
    return sorted(row[0] for row in found)


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
    if not exists(room, "select 1 from facts.exceptions where exception_id = ?", command.target):
        raise Rejected(f"{command.target} is no exception that we know")
    if exists(room, "select 1 from facts.exception_events where exception_id = ?", command.target):
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
_SHIPMENT = "select 1 from facts.shipments where shipment_id = ?"

EFFECTS: Mapping[str, Effect] = {
    "hold.place": place_hold,
    "hold.release": release_hold,
    "order.create": create_order,
    "order.cancel": cancel_order,
    "order.amend": amend_order,
    "order.priority": note_for_plan("order", _ORDER),
    "address.correct": note_for_plan("order", _ORDER),
    "line.pin": pin_line,
    "line.unpin": pin_line,
    "line.exclude": pin_line,
    "wave.release": release_waves,
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
    **SETTLES,
    "policy.change": change_policy,
    "exception.close": close_exception,
}
