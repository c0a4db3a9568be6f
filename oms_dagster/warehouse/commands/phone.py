"""An order taken by phone becomes a message of the channel `phone`: archived, gated and logged as any other.

Belongs here: the command's effect. Does not belong here: the form (control tower).
"""

from __future__ import annotations

import hashlib
import json

from oms_dagster.warehouse import gate
from oms_dagster.warehouse.commands.room import Issued, Rejected, Room
from oms_dagster.warehouse.gate.staged import Only

CHANNEL = "phone"
_HEADER = (
    "customer_code", "customer_name", "customer_phone", "currency", "payment_status", "requested_to", "ship_to_name", "ship_to_street",
    "ship_to_postcode", "ship_to_city", "ship_to_country", "purchase_order_number", "note",
)  # fmt: skip


def create_order(room: Room, command: Issued) -> str:
    """Capture it; one that the gate would quarantine is rejected with the gate's own reason."""
    if room.archive is None:
        raise Rejected("no archive is at hand: send it from the home that plans")
    document = json.dumps(_rows(room, command), sort_keys=True, indent=1).encode()
    sha256 = hashlib.sha256(document).hexdigest()
    kept = room.archive.folder / sha256[:2] / sha256
    was_there = kept.exists()
    kept.parent.mkdir(parents=True, exist_ok=True)
    part = kept.with_suffix(".part")
    part.write_bytes(document)
    part.replace(kept)
    outcome = gate.capture_message(
        room.connection, room.archive.channels, kept, Only(1), file_name=f"{command.command_id}.json", channel=CHANNEL,
        modified_ns=command.sequence, cycle_seq=room.now.cycle_seq, as_of=room.now.as_of,
    )  # fmt: skip
    if outcome.outcome == "accepted":
        return f"taken as {outcome.order_id}"
    if not was_there:
        kept.unlink()
    if outcome.outcome == "duplicate":
        raise Rejected(f"{outcome.order_id} is there already, with the same content")
    if outcome.outcome == "conflict":
        raise Rejected(f"{outcome.order_id} is there already, with other content: choose another number")
    raise Rejected(f"it would be quarantined: {outcome.error_code}, {outcome.error_detail}")


def _rows(room: Room, command: Issued) -> list[dict[str, object]]:
    said = command.payload
    # The clock of whoever sent it may run before the cycle's.
    header = {name: said[name] for name in _HEADER if said.get(name)} | {
        "channel_order_id": command.target,
        "placed_at": min(command.issued_at, room.now.as_of).isoformat(),
    }
    asked = [line.partition("=") for line in str(said.get("lines", "")).splitlines()]
    return [
        {**header, "line_number": str(number), "sku_code": sku, "quantity": what.partition("@")[0], "unit_price": what.partition("@")[2]}
        for number, (sku, _, what) in enumerate(asked, 1)
    ]  # fmt: skip
