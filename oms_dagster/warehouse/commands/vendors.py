"""Commands about what vendors ship: a purchase order taken back, as far as nothing of it has left.

Belongs here: the checks, and the units that go back to planning. Does not belong here: how the vendor is told
(`warehouse.purchase_orders`, with the commit of the same cycle).
"""

from __future__ import annotations

from decimal import Decimal

from oms_dagster.warehouse.commands.room import Issued, Rejected, Room, cause
from oms_dagster.warehouse.read import rows


def withdraw(room: Room, command: Issued) -> str:
    """What has not left is planned anew, from elsewhere while the vendor cools off."""
    ordered = rows(
        room.connection,
        "select shipment_id, order_line_id from facts.purchase_order_lines where document_id = ? and kind = 'dropship'"
        " and document_id = purchase_order_id order by line_number",
        [command.target],
    )
    if not ordered:
        raise Rejected(
            f"{command.target} is no purchase order to a vendor: orders to suppliers are cancelled by their supply line"
        )
    done = Decimal(0)
    for line in ordered:
        key, shipment = line["order_line_id"], line["shipment_id"]
        held = room.book.held(key, "released", shipment)
        done += room.book.move(key, ("released", "open"), held, shipment, cause(command, room, "WITHDRAWN"))
    if done == 0:
        raise Rejected(f"nothing of {command.target} waits for the vendor any more")
    return f"{done.normalize():f} units back to planning"
