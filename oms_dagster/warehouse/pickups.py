"""What a customer has not collected from a store in time: cancelled, and the store's stock is free again.

Belongs here: that it expires. Does not belong here: its hand-over (`warehouse.ledger`), how the customer is told (notifications).
"""

from __future__ import annotations

from datetime import timedelta

import duckdb

from oms_dagster.cycle import Cycle
from oms_dagster.domain.fulfilment.book import Cause
from oms_dagster.warehouse import ledger
from oms_dagster.warehouse.read import rows, value


def expire(connection: duckdb.DuckDBPyConnection, now: Cycle) -> int:
    """Cancel what stands packed at a store for longer than `pickup.keep_days`; returns how many lines."""
    ready = rows(
        connection,
        "select e.order_line_id, e.document_id as shipment_id, max(e.event_at) filter (where e.to_bucket = 'packed') as ready_at"
        " from facts.line_events as e inner join facts.shipments as s on e.document_id = s.shipment_id and s.mode = 'pickup'"
        " group by all having sum(case 'packed' when e.to_bucket then e.quantity when e.from_bucket then -e.quantity else 0 end) > 0"
        " order by all",
    )
    if not ready:
        return 0
    policy = (
        "select value from intermediate.int_policies__in_force where policy_key = 'pickup.keep_days' and scope = ''"
    )
    until = now.as_of - timedelta(days=int(value(connection, policy)))
    late = [line for line in ready if line["ready_at"] < until]
    book = ledger.open_book(connection, [line["order_line_id"] for line in late], now.cycle_seq)
    for line in late:
        event = f"uncollected-{line['shipment_id']}-{now.cycle_seq}"
        key, shipment = line["order_line_id"], line["shipment_id"]
        book.move(
            key,
            ("packed", "cancelled"),
            book.held(key, "packed", shipment),
            shipment,
            Cause(event, now.as_of, "rule", "EXPIRED"),
        )
    ledger.keep(connection, book, now)
    return len(late)
