"""Commands about what stands on the floor and in the yard: waves, loads, stops, stock.

Belongs here: the checks of each against the last plan and what was committed.
"""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal

import duckdb

from oms_dagster.domain.fulfilment.book import StockMove
from oms_dagster.domain.fulfilment.events import deliver
from oms_dagster.warehouse.commands.room import Effect, Issued, Rejected, Room, cause, exists
from oms_dagster.warehouse.read import rows


def release_waves(room: Room, command: Issued) -> str:
    """Noted for the plan of this very cycle: the release band reads the accepted command."""
    if not exists(
        room, "select 1 from facts.reference_versions where entity = 'locations' and key = ?", command.target
    ):
        raise Rejected(f"{command.target} is no location that we know")
    if not exists(
        room,
        "select 1 from intermediate.int_policies__in_force where policy_key = 'release.approval' and value = 'manual' and scope = ''",
    ):
        raise Rejected("waves go by themselves: set the policy release.approval to manual first")
    return f"the waves of {command.target} go with this cycle, as far as its capacity goes"


def stop_wave(room: Room, command: Issued) -> str:
    if not exists(room, "select 1 from facts.waves where wave_id = ?", command.target):
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
            cause(command, room, "WAVE_STOPPED"),
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
        if exists(room, "select 1 from facts.loads where load_id = ?", command.target):
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


def resequence(room: Room, command: Issued) -> str:
    """The stops of a load in a given order: each of them is locked to its place."""
    if exists(room, "select 1 from facts.loads where load_id = ?", command.target):
        raise Rejected(f"{command.target} has left")
    there = dict(
        room.connection.execute(
            "select shipment_id, stop_sequence from plans.load_shipments where load_id = ?", [command.target]
        ).fetchall()
    )
    if not there:
        raise Rejected(f"{command.target} is no load of the last plan")
    wanted = command.payload["shipments"].split(",")
    strange = [name for name in wanted if name not in there]
    if strange:
        raise Rejected(f"{strange[0]} is not on {command.target}: it carries {', '.join(sorted(there))}")
    firsts = [name for n, name in enumerate(wanted) if there[name] not in {there[other] for other in wanted[:n]}]
    room.keep(
        "facts.load_events",
        {
            "load_id": command.target, "event": "resequenced", "content": json.dumps(firsts), "actor": command.actor,
            "reason": command.reason, "command_id": command.command_id, "event_at": room.now.as_of,
        },
    )  # fmt: skip
    return f"noted: the next plan serves {len(firsts)} of its stops in this order"


def _need(room: Room, entity: str, key: str) -> None:
    if not exists(room, "select 1 from facts.reference_versions where entity = ? and key = ?", f"{entity}s", key):
        raise Rejected(f"{key} is no {entity} that we know")


def absent_driver(room: Room, command: Issued) -> str:
    """Noted for the plan: who drives the vehicle instead, if anybody."""
    _need(room, "driver", command.target)
    stand_in = command.payload.get("stand_in")
    if not stand_in:
        return "noted: the vehicle stays until the driver is back"
    _need(room, "driver", stand_in)
    return f"noted: {stand_in} stands in"


def stop_vehicle(room: Room, command: Issued) -> str:
    """Out of the plan from now on; what it has on the road and not delivered is packed again and waits for another."""
    _need(room, "vehicle", command.target)
    aboard = rows(
        room.connection,
        "select a.shipment_id from facts.loads as l inner join facts.load_shipments as a on l.load_id = a.load_id group by 1"
        " having arg_max(l.vehicle_id, l.departed_at) = ? order by 1",
        [command.target],
    )
    back = 0
    for shipment_id in (row["shipment_id"] for row in aboard):
        lines = room.book.on_the_road(shipment_id)
        if lines:
            deliver(room.book, shipment_id, dict.fromkeys(lines), "absent", cause(command, room, "VEHICLE_STOPPED"))
            back += 1
    return f"out of service; {back} shipments on the road go with others"


def load_content(connection: duckdb.DuckDBPyConnection, load_id: str) -> str | None:
    """Shipments and pick-ups of a load of the last plan, as JSON in stop order; None: no such load."""
    found = connection.execute(
        "select cast(to_json(list(id order by stop_sequence, is_pickup, id)) as varchar), count(*) from ("
        " select shipment_id as id, stop_sequence, false as is_pickup from plans.load_shipments where load_id = $load"
        " union all select pickup_id, stop_sequence, true from plans.pickups where load_id = $load)",
        {"load": load_id},
    ).fetchall()
    return str(found[0][0]) if found and found[0][1] else None


def adjust_stock(room: Room, command: Issued) -> str:
    location = command.payload.get("location_id")
    if not exists(room, "select 1 from facts.reference_versions where entity = 'skus' and key = ?", command.target):
        raise Rejected(f"{command.target} is no SKU that we know")
    if not exists(room, "select 1 from facts.reference_versions where entity = 'locations' and key = ?", location):
        raise Rejected(f"{location} is no location that we know")
    quantity = Decimal(command.payload["quantity"])
    room.book.stock.append(
        StockMove(command.command_id, "variance", command.payload.get("stock_status") or "usable", command.target, str(location), quantity,
                  command.payload.get("reason_code") or "ADJUSTED", command.payload.get("reference") or command.command_id, room.now.as_of,
                  command.payload.get("lot_id"))
    )  # fmt: skip
    return f"{quantity.normalize():f} booked at {location}"
