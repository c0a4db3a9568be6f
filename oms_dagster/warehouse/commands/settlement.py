"""Commands about the account of a load that left: what was counted, and closing it.

Belongs here: whether there is such an account and it is still open. The sums are SQL (`marts.settlements`).
"""

from __future__ import annotations

from oms_dagster.warehouse.commands.room import Issued, Rejected, Room, exists
from oms_dagster.warehouse.read import value


def record_settlement(room: Room, command: Issued) -> str:
    """Noted: the account reads the newest accepted count of each part and payment form."""
    _need_open_account(room, command)
    return f"{command.payload['received']} of {command.payload['expected']} {command.payload['payment_form']} counted"


def sign_settlement(room: Room, command: Issued) -> str:
    """The goods of a load that left are accounted for: every unit has a result."""
    _need_open_account(room, command)
    out = value(
        room.connection,
        """
        select coalesce(sum(case when to_bucket = 'shipped' then quantity else -quantity end), 0) from facts.line_events
        where 'shipped' in (from_bucket, to_bucket)
          and document_id in (select shipment_id from facts.load_shipments where load_id = ?)
        """,
        [command.target],
    )
    if out > 0:
        raise Rejected(
            f"{out.normalize():f} units of {command.target} have no result yet: wait for the driver's reports"
        )
    room.keep(
        "facts.load_events",
        {
            "load_id": command.target, "event": "cargo_signed", "actor": command.actor, "reason": command.reason,
            "command_id": command.command_id, "event_at": room.now.as_of,
        },
    )  # fmt: skip
    return f"the account of {command.target} is closed"


def _need_open_account(room: Room, command: Issued) -> None:
    if not exists(room, "select 1 from facts.loads where load_id = ?", command.target):
        raise Rejected(f"{command.target} is no load that has left")
    if exists(room, "select 1 from facts.load_events where load_id = ? and event = 'cargo_signed'", command.target):
        raise Rejected(f"{command.target} is signed already")
