"""A person lets a substitute go in a line's place.

Belongs here: the command's effect. Does not belong here: the new line (`warehouse.substitution`).
"""

from __future__ import annotations

from decimal import Decimal

from oms_dagster.warehouse.commands.room import Issued, Rejected, Room, cause
from oms_dagster.warehouse.substitution import NoSubstitute, substitute


def accept_substitution(room: Room, command: Issued) -> str:
    """Cancel open units as SUBSTITUTED and ask for the substitute instead, at the price that its policy says."""
    line = command.target
    if line not in room.book.sku_of:
        raise Rejected(f"{line} is no line that we know")
    asked = command.payload.get("quantity")
    wanted = Decimal(asked) if asked else None
    try:
        row, said = substitute(
            room.connection,
            room.book,
            line,
            command.payload["sku_id"],
            wanted,
            cause(command, room, "SUBSTITUTED"),
        )
    except NoSubstitute as reason:
        raise Rejected(str(reason)) from None
    room.keep("facts.order_lines", row)
    return said
