"""Commands about goods on order: a suggestion accepted becomes a purchase or transfer order, and may be cancelled again.

Belongs here: the checks against the state, and the supply line that is kept. Does not belong here: what is suggested
(`marts.replenishment_suggestions`); what the supplier says later comes by the feed `supply`.
"""

from __future__ import annotations

from decimal import Decimal

from oms_dagster.warehouse.commands.room import Issued, Rejected, Room, exists
from oms_dagster.warehouse.read import rows, value

PREFIX = {"purchase": "PO", "transfer": "TO"}
_VENDOR = (
    "select 1 from facts.reference_versions where entity = 'locations' and key = ?"
    " having arg_max(json_extract_string(attributes, '$.kind'), version) = 'vendor'"
)


def accept(room: Room, command: Issued) -> str:
    """A supply line: a draft until the supplier confirms it by feed, a transfer confirmed at once."""
    said = command.payload
    _need(room, "skus", command.target, "SKU")
    missing = [name for name in ("kind", "location_id", "source", "quantity", "due_date") if not said.get(name)]
    if missing or said["kind"] not in PREFIX:
        raise Rejected(f"{(missing or ['kind'])[0]} is not said: send it again with it")
    is_transfer = said["kind"] == "transfer"
    _need(room, "locations", said["location_id"], "location")
    _need(room, "locations" if is_transfer else "suppliers", said["source"], "location" if is_transfer else "supplier")
    if said["source"] == said["location_id"]:
        raise Rejected(f"{said['source']} can't give to itself: name another location")
    for place in (said["location_id"], *([said["source"]] if is_transfer else ())):
        if exists(room, _VENDOR, place):
            raise Rejected(f"{place} is a drop-ship vendor's: its goods are not ours to buy for it or to move")
    if str(said["due_date"]) < room.now.as_of.date().isoformat():
        raise Rejected(f"{said['due_date']} is over: name a later day")
    quantity = Decimal(str(said["quantity"]))
    if is_transfer:
        there = _available(room, command.target, said["source"])
        if quantity > there:
            raise Rejected(f"{said['source']} has {there.normalize():f} of {command.target} to give: ask for less")
    supply_id = f"{PREFIX[said['kind']]}-{command.command_id}"
    room.keep(
        "facts.supply",
        {
            "message_id": command.command_id, "supply_id": supply_id, "kind": said["kind"], "sku_code": command.target,
            "location_code": said["location_id"], "from_location_code": said["source"] if is_transfer else None,
            "supplier_code": None if is_transfer else said["source"], "quantity": quantity, "due_date": said["due_date"],
            "status": "confirmed" if is_transfer else "draft", "event_at": room.now.as_of,
        },
    )  # fmt: skip
    return f"{supply_id}: {quantity.normalize():f} of {command.target} from {said['source']}, due {said['due_date']}"


def cancel(room: Room, command: Issued) -> str:
    """Nothing comes any more: only before the first receipt, and before a transfer left."""
    found = rows(
        room.connection,
        "select * exclude (cycle_seq, recorded_at) from facts.supply where supply_id = ? and event_at <= ?"
        " order by event_at desc, cycle_seq desc limit 1",
        [command.target, room.now.as_of],
    )
    if not found:
        raise Rejected(f"{command.target} is no purchase or transfer order that we know")
    line = found[0]
    if line["status"] not in ("draft", "confirmed"):
        raise Rejected(f"{command.target} is {line['status']} already")
    if exists(
        room,
        "select 1 from facts.stock_movements where reference = ? and kind in ('receipt', 'transfer_in', 'transfer_out')",
        command.target,
    ):
        raise Rejected(f"goods of {command.target} have moved: what comes must be received")
    room.keep(
        "facts.supply",
        {**line, "message_id": command.command_id, "quantity": 0, "status": "cancelled", "event_at": room.now.as_of},
    )
    return f"{command.target} cancelled"


def _need(room: Room, entity: str, key: str, word: str) -> None:
    if not exists(room, "select 1 from facts.reference_versions where entity = ? and key = ?", entity, key):
        raise Rejected(f"{key} is no {word} that we know")


def _available(room: Room, sku: str, location: str) -> Decimal:
    """Usable stock there that no released work holds, nobody was promised by the last plan and no other transfer takes."""
    there = value(
        room.connection,
        """
        select coalesce((select sum(quantity) from facts.stock_movements where sku_id = $sku and location_id = $place
                         and coalesce(stock_status, 'usable') = 'usable' and event_at <= $at), 0)
             - coalesce((select sum(case when to_bucket in ('released', 'picked', 'packed', 'loaded') then quantity else 0 end
                                  - case when from_bucket in ('released', 'picked', 'packed', 'loaded') then quantity else 0 end)
                         from facts.line_events where location_id = $place
                         and order_line_id in (select order_line_id from facts.order_lines where sku_code = $sku)), 0)
             - coalesce((select sum(quantity) from plans.promises where sku_id = $sku and location_id = $place), 0)
             - coalesce((select sum(greatest(0, s.quantity + coalesce(o.quantity, 0))) from (
                             select quantity, status, supply_id from facts.supply where sku_code = $sku and from_location_code = $place
                             and kind = 'transfer' and event_at <= $at
                             qualify row_number() over (partition by supply_id order by event_at desc, cycle_seq desc) = 1) as s
                         left join (select reference, sum(quantity) as quantity from facts.stock_movements where sku_id = $sku
                                    and kind = 'transfer_out' and event_at <= $at group by reference) as o on s.supply_id = o.reference
                         where s.status = 'confirmed'), 0)
        """,
        {"sku": sku, "place": location, "at": room.now.as_of},
    )
    return max(Decimal(0), Decimal(there))
