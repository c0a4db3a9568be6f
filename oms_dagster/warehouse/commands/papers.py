"""Commands about documents: make one void, or issue it anew.

Belongs here: the checks, and the events and numbers they leave. A number is never used twice; the papers are rendered later.
"""

from __future__ import annotations

from oms_dagster.warehouse import purchase_orders
from oms_dagster.warehouse.commands.room import Effect, Issued, Rejected, Room, exists
from oms_dagster.warehouse.read import rows

_COPIED = (
    "document_type",
    "series",
    "load_id",
    "shipment_id",
    "order_id",
    "wave_id",
    "location_id",
    "template_version",
)


def void_document(*, reissue: bool) -> Effect:
    """Make a document void; with ``reissue`` another one says the same under the next number of its series."""

    def effect(room: Room, command: Issued) -> str:
        found = rows(room.connection, "select * from facts.documents where document_id = ?", [command.target])
        if not found:
            raise Rejected(f"{command.target} is no document that we know")
        if found[0]["document_type"].startswith(purchase_orders.DOCUMENT_TYPE):
            raise Rejected("a purchase order follows what it is for: cancel the order line, or the replenishment")
        if exists(room, "select 1 from facts.document_events where document_id = ? and event = 'void'", command.target):
            raise Rejected(f"{command.target} is void already")
        room.keep(
            "facts.document_events",
            {
                "document_id": command.target, "event": "void", "reason": command.reason, "command_id": command.command_id,
                "event_at": room.now.as_of,
            },
        )  # fmt: skip
        if not reissue:
            return "void; its number stays taken"
        copied = {name: found[0][name] for name in _COPIED}
        last = room.connection.execute(
            "select max(number) from facts.documents where document_type = ? and series = ?",
            [copied["document_type"], copied["series"]],
        ).fetchall()[0][0]
        document_id = f"{copied['document_type']}-{copied['series']}-{last + 1:06d}"
        room.keep(
            "facts.documents", {**copied, "document_id": document_id, "number": last + 1, "issued_at": room.now.as_of}
        )
        return f"void; {document_id} takes its place"

    return effect
