"""Commands meet the state: each one not yet looked at is accepted or rejected, with the reason, and its effect is kept.

Belongs here: the check against the state that the cycle finds, and what an accepted command does at once (moves, hold
events, policy changes). Pins, locks and priorities need nothing here: the plan reads them from the accepted commands.
Does not belong here: who may send what (`operations`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import duckdb

from oms_dagster.cycle import Cycle
from oms_dagster.warehouse import policies
from oms_dagster.warehouse.commands.floor import (
    absent_driver,
    adjust_stock,
    load_content,
    on_load,
    release_waves,
    resequence,
    stop_vehicle,
    stop_wave,
)
from oms_dagster.warehouse.commands.messages import SETTLES
from oms_dagster.warehouse.commands.orders import (
    amend_order,
    cancel_order,
    pin_line,
    place_hold,
    release_hold,
    set_promise,
)
from oms_dagster.warehouse.commands.papers import void_document
from oms_dagster.warehouse.commands.phone import create_order
from oms_dagster.warehouse.commands.replenishment import accept as accept_replenishment
from oms_dagster.warehouse.commands.replenishment import cancel as cancel_replenishment
from oms_dagster.warehouse.commands.returns import decide_return, inspect_return, receive_return
from oms_dagster.warehouse.commands.room import (
    Archive,
    Decide,
    Effect,
    Issued,
    Rejected,
    Room,
    exists,
    note_for_plan,
)
from oms_dagster.warehouse.commands.settlement import record_settlement, sign_settlement
from oms_dagster.warehouse.commands.sitting import Sitting
from oms_dagster.warehouse.commands.stakes import at_stake
from oms_dagster.warehouse.commands.substitution import accept_substitution
from oms_dagster.warehouse.commands.vendors import withdraw as withdraw_purchase_order
from oms_dagster.warehouse.read import rows

__all__ = ["EFFECTS", "Archive", "Issued", "Rejected", "at_stake", "load_content", "record"]


def record(
    connection: duckdb.DuckDBPyConnection, issued: Iterable[Issued], now: Cycle, archive: Archive | None = None
) -> dict[str, int]:
    """Accept or reject commands in their order; returns how many ended how.

    Each command is one row of `facts.commands`; one that is there already is passed over. One that waits for a second
    person stays as it is (``awaiting``) until `command.approve` lets it go.
    """
    known = {row[0] for row in connection.execute("select command_id from facts.commands").fetchall()}
    fresh = sorted((c for c in issued if c.command_id not in known), key=lambda c: c.sequence)
    if not fresh:
        return {"accepted": 0, "rejected": 0, "awaiting": 0}
    return Sitting(connection, fresh, now, EFFECTS, archive).decide()


def approve(room: Room, command: Issued) -> str:
    return _decided(room.approve, command)


def reject(room: Room, command: Issued) -> str:
    return _decided(room.reject, command)


def _decided(decide: Decide | None, command: Issued) -> str:
    if decide is None:
        raise Rejected("nothing waits here")
    return decide(command.target, command)


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


def run_cycle(room: Room, command: Issued) -> str:
    """The command itself started the cycle, by its sensor, or came with another."""
    return f"this is cycle {room.now.cycle_seq}"


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

_VEHICLE = "select 1 from facts.reference_versions where entity = 'vehicles' and key = ?"
_DRIVER = "select 1 from facts.reference_versions where entity = 'drivers' and key = ?"

EFFECTS: Mapping[str, Effect] = {
    "hold.place": place_hold,
    "hold.release": release_hold,
    "order.create": create_order,
    "order.cancel": cancel_order,
    "order.amend": amend_order,
    "order.priority": note_for_plan("order", _ORDER),
    "order.split": note_for_plan("order", _ORDER),
    "promise.set": set_promise,
    "address.correct": note_for_plan("order", _ORDER),
    "line.pin": pin_line,
    "line.unpin": pin_line,
    "line.exclude": pin_line,
    "substitution.accept": accept_substitution,
    "wave.release": release_waves,
    "wave.stop": stop_wave,
    "purchase_order.withdraw": withdraw_purchase_order,
    "load.lock": on_load("locked"),
    "load.unlock": on_load("unlocked"),
    "load.approve": on_load("approved"),
    "load.withdraw": on_load("withdrawn"),
    "load.dispatch": on_load("dispatch_asked"),
    "shipment.move": note_for_plan("shipment", _SHIPMENT),
    "stop.lock": on_load("stop_locked"),
    "stop.unlock": on_load("stop_unlocked"),
    "stop.resequence": resequence,
    "vehicle.stop": stop_vehicle,
    "vehicle.resume": note_for_plan("vehicle", _VEHICLE),
    "driver.absent": absent_driver,
    "driver.return": note_for_plan("driver", _DRIVER),
    "return.receive": receive_return,
    "return.inspect": inspect_return,
    "document.void": void_document(reissue=False),
    "document.reissue": void_document(reissue=True),
    "settlement.record": record_settlement,
    "settlement.sign": sign_settlement,
    "cycle.run": run_cycle,
    "stock.adjust": adjust_stock,
    "replenishment.accept": accept_replenishment,
    "replenishment.cancel": cancel_replenishment,
    "return.authorise": decide_return("authorised"),
    "return.reject": decide_return("rejected"),
    **SETTLES,
    "policy.change": change_policy,
    "exception.close": close_exception,
    "command.approve": approve,
    "command.reject": reject,
}
