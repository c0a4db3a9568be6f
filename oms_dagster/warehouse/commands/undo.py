"""What would take a command back: the commands to send, with the former values, shown before any is sent.

Belongs here: one plan a type whose inverse the catalogue names. Does not belong here: sending it (the control tower and
`oms undo` do, as any other command), and whether it still fits when a cycle looks at it.

What can't be known is said, not guessed: a plan without steps tells why.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import duckdb

from oms_dagster.warehouse.commands.floor import load_content
from oms_dagster.warehouse.read import rows, value


@dataclass(frozen=True, slots=True)
class Step:
    """One command of a plan, and what it does in words."""

    type: str
    target: str
    payload: Mapping[str, Any]
    said: str
    seen_hash: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """How a command is taken back; ``refused`` says in one line why it can't be, and there is no step then."""

    steps: tuple[Step, ...] = ()
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """A command as it was decided, and the copy that knows what became of it."""

    connection: duckdb.DuckDBPyConnection
    command_id: str
    sequence: int
    type: str
    target: str
    payload: Mapping[str, Any] = field(default_factory=dict)

    def former(self, *types: str) -> dict[str, Any] | None:
        """Payload of the accepted command of these types before it, on the same target."""
        found = value(
            self.connection,
            "select payload from facts.commands where target = $target and list_contains($types::varchar[], type)"
            " and outcome = 'accepted' and sequence < $sequence order by sequence desc limit 1",
            {"target": self.target, "types": list(types), "sequence": self.sequence},
        )
        return None if found is None else dict(json.loads(found))

    def captured(self, column: str) -> Any:
        """What the newest version of the order said, before any command."""
        return value(
            self.connection,
            f"select {column} from facts.orders where order_id = ? and coalesce(message_kind, 'order') = 'order'"
            " order by cycle_seq desc, order_version desc limit 1",
            [self.target],
        )


def plan(connection: duckdb.DuckDBPyConnection, command_id: str) -> Plan:
    """What takes back a command that a cycle has accepted.

    Parameters
    ----------
    connection
        To a published copy.
    """
    found = rows(connection, "select * from facts.commands where command_id = ?", [command_id])
    if not found:
        return Plan(refused=f"{command_id} has no outcome yet: the next cycle decides about it first")
    row = found[0]
    if row["outcome"] != "accepted":
        return Plan(refused=f"{row['type']} on {row['target']} was {row['outcome']}: there is nothing to take back")
    make = PLANS.get(row["type"])
    if make is None:
        return Plan(refused=f"{row['type']} has no inverse: what it did can't be taken back by a command")
    done = Done(connection, command_id, row["sequence"], row["type"], row["target"], json.loads(row["payload"] or "{}"))
    return make(done)


def _one(kind: str, target: str, payload: Mapping[str, Any], said: str, seen_hash: str | None = None) -> Plan:
    kept = {name: given for name, given in payload.items() if given is not None}
    return Plan((Step(kind, target, kept, said, seen_hash),))


def _hold_placed(done: Done) -> Plan:
    hold = value(done.connection, "select hold_id from facts.hold_events where command_id = ?", [done.command_id])
    ended = value(
        done.connection,
        "select event from facts.hold_events where hold_id = ? and event <> 'placed' order by cycle_seq desc limit 1",
        [hold],
    )
    if ended:
        return Plan(refused=f"hold {hold} is {ended} already")
    return _one("hold.release", str(hold), {"family": "manual"}, f"release hold {hold}")


def _order_created(done: Done) -> Plan:
    order = value(
        done.connection,
        "select order_id from facts.capture_messages where file_name = ? and outcome = 'accepted'",
        [f"{done.command_id}.json"],
    )
    if order is None:
        return Plan(refused=f"the order taken as {done.target} is not known by the published copy")
    said = f"cancel order {order}, as far as it has not left"
    return _one("order.cancel", str(order), {"scope": "order", "reason_code": "STAFF"}, said)


def _amended(done: Done) -> Plan:
    if done.payload.get("scope") == "order":
        before = (done.former("order.amend") or {}).get("requested_to") or done.captured("requested_to")
        if before is None:
            return Plan(refused=f"{done.target} had no requested date before: it can be changed, not taken away")
        at = before if isinstance(before, str) else before.isoformat()
        return _one(
            "order.amend", done.target, {"scope": "order", "requested_to": at}, f"request delivery by {at} again"
        )
    added = value(
        done.connection, "select sum(quantity_added) from facts.order_lines where message_id = ?", [done.command_id]
    )
    taken = value(
        done.connection,
        "select sum(quantity) from facts.line_events where starts_with(event_id, $id || '#') and to_bucket = 'cancelled'",
        {"id": done.command_id},
    )
    alive = value(
        done.connection,
        "select (select sum(quantity_added) from facts.order_lines where order_line_id = $line)"
        " - coalesce((select sum(quantity) filter (where to_bucket = 'cancelled')"
        " - coalesce(sum(quantity) filter (where from_bucket = 'cancelled'), 0)"
        " from facts.line_events where order_line_id = $line), 0)",
        {"line": done.target},
    )
    wanted = Decimal(alive or 0) - Decimal(added or 0) + Decimal(taken or 0)
    if wanted <= 0 or wanted == alive:
        return Plan(refused=f"{done.target} asks for what it asked before the amendment, or was cancelled since")
    said = f"ask for {wanted.normalize():f} of {done.target} again, not {Decimal(alive).normalize():f}"
    return _one("order.amend", done.target, {"scope": "line", "quantity": str(wanted)}, said)


def _substituted(done: Done) -> Plan:
    made = rows(
        done.connection,
        "select s.order_line_id, s.quantity, s.sku_code, e.quantity as taken,"
        " (select sum(quantity_added) from facts.order_lines where order_line_id = $line)"
        " - (select sum(case when to_bucket = 'cancelled' then quantity else 0 end) from facts.line_events where order_line_id = $line) as alive,"
        " (select coalesce(sum(quantity), 0) from facts.line_events where order_line_id = s.order_line_id and from_bucket = 'open') as moved"
        " from facts.order_lines as s inner join facts.line_events as e on starts_with(e.event_id, $id || '#') where s.message_id = $id",
        {"line": done.target, "id": done.command_id},
    )
    if not made or made[0]["moved"]:
        return Plan(refused=f"the substitute of {done.target} is on its way, or was cancelled since")
    new = made[0]
    wanted = new["alive"] + new["taken"]
    cancel = Step(
        "order.cancel", new["order_line_id"], {"scope": "line", "reason_code": "STAFF"},
        f"cancel {new['quantity'].normalize():f} {new['sku_code']}, line {new['order_line_id']}",
    )  # fmt: skip
    again = f"ask for {wanted.normalize():f} of {done.target} again"
    return Plan((cancel, Step("order.amend", done.target, {"scope": "line", "quantity": str(wanted)}, again)))


def _promised(done: Done) -> Plan:
    orders = "select order_id from facts.order_lines where $target in (order_id, order_line_id)"
    before = value(
        done.connection,
        "select json_extract_string(payload, '$.deliver_by') from facts.commands"
        " where type = 'promise.set' and outcome = 'accepted' and sequence < $sequence"
        f" and (target = $target or target in ({orders})) order by sequence desc limit 1",
        {"target": done.target, "sequence": done.sequence},
    ) or value(
        done.connection,
        "select cast(cast(requested_to as date) as varchar) from facts.orders"
        f" where coalesce(message_kind, 'order') = 'order' and order_id in ({orders}) order by cycle_seq desc, order_version desc limit 1",
        {"target": done.target},
    )
    if before is None:
        return Plan(refused=f"{done.target} had no date before: it can be changed, not taken away")
    said = f"{done.target} is due on {before} again"
    return _one("promise.set", done.target, {**done.payload, "deliver_by": before}, said)


def _recorded(done: Done) -> Plan:
    part, form = done.payload["part"], done.payload["payment_form"]
    before = value(
        done.connection,
        "select payload from facts.commands where type = 'settlement.record' and outcome = 'accepted' and target = $target"
        " and json_extract_string(payload, '$.part') = $part and json_extract_string(payload, '$.payment_form') = $form"
        " and sequence < $sequence order by sequence desc limit 1",
        {"target": done.target, "part": part, "form": form, "sequence": done.sequence},
    )
    if before is None:
        return Plan(refused=f"{form} of {done.target} was not counted before: count it again, it can't be taken away")
    former = json.loads(before)
    said = f"{former['received']} of {former['expected']} {form} of {done.target} again"
    return _one("settlement.record", done.target, former, said)


def _prioritised(done: Done) -> Plan:
    before = (done.former("order.priority") or {}).get("priority") or done.captured("priority")
    if before is None:
        return Plan(refused=f"{done.target} had no priority before: it can be changed, not taken away")
    return _one("order.priority", done.target, {"priority": int(before)}, f"priority {before} again")


def _address(done: Done) -> Plan:
    columns = {"name": "ship_to_name", "latitude": "latitude", "longitude": "longitude"}
    former = done.former("address.correct") or {}
    before, empty = {}, []
    for name in done.payload:
        was = former.get(name) or done.captured(columns.get(name, f"ship_to_{name}"))
        if was is None:
            empty.append(name)
        else:
            before[name] = str(was)
    if not before or {"latitude", "longitude"} & set(empty):
        return Plan(refused=f"{done.target} had no {', '.join(empty)} before: it can be corrected, not taken away")
    said = "ship to " + ", ".join(f"{name} {was}" for name, was in before.items()) + " again"
    if empty:
        said += f" ({', '.join(empty)} was empty before and stays)"
    return _one("address.correct", done.target, before, said)


def _pinned(done: Done) -> Plan:
    location = done.payload.get("location_id")
    return _one(
        "line.unpin",
        done.target,
        {"location_id": location},
        f"let the plan choose for {done.target}: no word of {location}",
    )


def _moved(done: Done) -> Plan:
    before = (done.former("shipment.move") or {}).get("load_id")
    if before is None:
        return Plan(
            refused=f"nobody had put {done.target} on a load before: move it by hand, or let the plan choose anew"
        )
    return _one("shipment.move", done.target, {"load_id": before}, f"put {done.target} on {before} again")


def _adjusted(done: Done) -> Plan:
    back = -Decimal(str(done.payload["quantity"]))
    payload = {**done.payload, "quantity": str(back)}
    return _one(
        "stock.adjust", done.target, payload, f"book {back.normalize():+f} of {done.target} at {payload['location_id']}"
    )


def _ordered(done: Done) -> Plan:
    supply = value(done.connection, "select supply_id from facts.supply where message_id = ?", [done.command_id])
    return _one("replenishment.cancel", str(supply), {}, f"cancel {supply}, if nothing of it has come")


def _policy(done: Done) -> Plan:
    key, scope = str(done.payload["key"]), done.payload.get("scope") or ""
    before = value(
        done.connection,
        "select p.value from facts.policy_changes as p inner join facts.commands as c on p.command_id = c.command_id"
        " where p.policy_key = ? and coalesce(p.scope, '') = ? and c.sequence < ? order by c.sequence desc limit 1",
        [key, scope, done.sequence],
    )
    if before is None:
        shipped = "select value from staging.policies where policy_key = ? and coalesce(scope, '') in (?, '') order by scope desc limit 1"
        before = value(done.connection, shipped, [key, scope])
    if before is None:
        return Plan(refused=f"{key} had no value before")
    return _one(
        "policy.change",
        done.target,
        {"key": key, "scope": scope or None, "value": str(before)},
        f"{key} = {before} again, from the next cycle on",
    )


def _load(kind: str, said: str) -> Callable[[Done], Plan]:
    def make(done: Done) -> Plan:
        content = load_content(done.connection, done.target)
        if content is None:
            return Plan(refused=f"{done.target} is no load of the last plan any more")
        digest = hashlib.sha256(content.encode()).hexdigest()
        return _one(kind, done.target, done.payload, f"{said} {done.target}, as it is now", digest)

    return make


#: Type -> how it is taken back: the types whose inverse the catalogue names.
def _service(kind: str, said: str) -> Callable[[Done], Plan]:
    """Back in service, or out again for as long as before."""

    def make(done: Done) -> Plan:
        return _one(kind, done.target, done.former(kind) or {}, f"{said} {done.target}")

    return make


PLANS: Mapping[str, Callable[[Done], Plan]] = {
    "hold.place": _hold_placed,
    "order.create": _order_created,
    "order.amend": _amended,
    "order.priority": _prioritised,
    "address.correct": _address,
    "promise.set": _promised,
    "settlement.record": _recorded,
    "substitution.accept": _substituted,
    "line.pin": _pinned,
    "line.exclude": _pinned,
    "load.lock": _load("load.unlock", "unlock"),
    "load.unlock": _load("load.lock", "lock"),
    "load.approve": _load("load.withdraw", "withdraw the approval of"),
    "load.withdraw": _load("load.approve", "approve"),
    "stop.lock": _load("stop.unlock", "let the plan move the stop of"),
    "stop.unlock": _load("stop.lock", "fix the stop of"),
    "shipment.move": _moved,
    "vehicle.stop": _service("vehicle.resume", "back in service:"),
    "vehicle.resume": _service("vehicle.stop", "out of service again:"),
    "driver.absent": _service("driver.return", "back at work:"),
    "driver.return": _service("driver.absent", "away again:"),
    "stock.adjust": _adjusted,
    "replenishment.accept": _ordered,
    "policy.change": _policy,
}
