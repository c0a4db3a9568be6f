"""How far an order is, as its customer may see it: no names, no addresses, no other order.

Belongs here: reading the published copy for one order. Does not belong here: who may ask (`web`).
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from pydantic import BaseModel, Field

from oms_dagster.settings import Home
from oms_dagster.warehouse.connect import reader


class LineStatus(BaseModel):
    """A line: what was asked for and where its units are."""

    line_number: str
    description: str | None
    ordered: Decimal
    open: Decimal = Field(description="not yet on the way to the floor")
    in_preparation: Decimal = Field(description="released, picked, packed or loaded")
    shipped: Decimal
    delivered: Decimal
    cancelled: Decimal
    returned: Decimal
    promised_at: datetime | None


class ShipmentStatus(BaseModel):
    """A shipment on its way, or about to be."""

    shipment_id: str
    carrier: str | None = Field(description="empty: our own vehicles")
    status: str
    departed_at: datetime | None
    tracking_numbers: list[str]


class OrderStatus(BaseModel):
    """An order as its customer may see it; times in UTC."""

    order_id: str
    channel_order_id: str
    placed_at: datetime
    fulfilment_status: str
    payment_status: str | None
    currency: str
    order_total: Decimal
    promised_at: datetime | None = Field(description="when all of it is to be there")
    lines: list[LineStatus]
    shipments: list[ShipmentStatus]
    as_of: datetime = Field(description="what was known then")


_ORDER = """
    select order_id, channel_order_id, placed_at, fulfilment_status, payment_status, currency, order_total, promised_at, as_of
    from marts.orders where order_id = ?
"""
_LINES = """
    select line_number, description, qty_ordered as ordered, qty_open as open,
           qty_released + qty_picked + qty_packed + qty_loaded as in_preparation, qty_shipped as shipped,
           qty_delivered as delivered, qty_cancelled as cancelled, qty_returned as returned, promised_at
    from marts.order_lines where order_id = ? order by try_cast(line_number as bigint) nulls last, line_number
"""
_SHIPMENTS = """
    select s.shipment_id, s.carrier_id as carrier, s.status, s.departed_at,
           coalesce(list(distinct p.tracking_number order by p.tracking_number) filter (p.tracking_number is not null), []) as tracking_numbers
    from marts.shipments as s left join marts.packages as p using (shipment_id)
    where s.order_id = ? group by all order by s.shipment_id
"""


def order_status(home: Home, order_id: str) -> OrderStatus | None:
    """What the newest published copy says of an order; None where it says nothing.

    Raises
    ------
    FileNotFoundError
        Nothing is published yet.
    """
    with reader(home.current) as connection:

        def rows(sql: str) -> list[dict[str, object]]:
            cursor = connection.execute(sql, [order_id])
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

        found = rows(_ORDER)
        if not found:
            return None
        return OrderStatus.model_validate({**found[0], "lines": rows(_LINES), "shipments": rows(_SHIPMENTS)})
