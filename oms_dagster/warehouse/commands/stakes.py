"""What a command puts at stake, in the reporting currency: read off the ledger, never off what its author says of it.

Belongs here: one query a type of command to which a limit may apply. Does not belong here: the limits (`operations`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from oms_dagster.warehouse.connect import reader
from oms_dagster.warehouse.read import value

#: Type -> what is at stake in it. A hold stakes its order's total, or its line's share of it; a cancellation the share
#: that is still open; a stock correction and an order of goods the cost of
#: the units; a return what would be refunded.
STAKES: Mapping[str, str] = {
    "hold.release": """
        select case when h.order_line_id is null then o.order_total_base
               else o.order_total_base * l.line_total / nullif(o.items_total - o.discount_total, 0) end
        from facts.hold_events as h inner join marts.orders as o on h.order_id = o.order_id
        left join marts.order_lines as l on h.order_line_id = l.order_line_id
        where h.hold_id = $target and h.event = 'placed' limit 1
    """,
    "order.cancel": """
        select sum(o.order_total_base * l.line_total * coalesce(least(l.qty_open, $quantity), l.qty_open)
                   / nullif((o.items_total - o.discount_total) * l.qty_ordered, 0))
        from marts.order_lines as l inner join marts.orders as o on l.order_id = o.order_id
        where l.order_id = $target or l.order_line_id = $target
    """,
    "stock.adjust": """
        select max(cast(s.cost as decimal(18, 4)) * r.rate) * abs($quantity)
        from marts.skus as s left join intermediate.int_rates__in_force as r on s.currency = r.currency
        where s.sku_id = $target
    """,
    "replenishment.accept": """
        select max(cast(s.cost as decimal(18, 4)) * r.rate) * $quantity
        from marts.skus as s left join intermediate.int_rates__in_force as r on s.currency = r.currency
        where s.sku_id = $target
    """,
    "return.authorise": """
        select sum(coalesce($quantity, b.qty_requested) * b.unit_refund * r.rate)
        from marts.returns as b left join intermediate.int_rates__in_force as r on b.currency = r.currency
        where b.return_id = $target
    """,
}

_PUBLISHED = "select 1 from duckdb_tables() where schema_name = 'marts' and table_name = 'orders'"


def at_stake(
    connection: duckdb.DuckDBPyConnection, command_type: str, target: str, payload: Mapping[str, Any]
) -> Decimal | None:
    """What a command puts at stake by the last published state; None: not known, or a type that stakes no amount.

    Parameters
    ----------
    connection
        To the warehouse, or to a published copy of it.
    """
    sql = STAKES.get(command_type)
    if sql is None:
        return None
    given: dict[str, Any] = {"target": target}
    if "$quantity" in sql:
        given["quantity"] = Decimal(payload["quantity"]) if payload.get("quantity") else None
    if value(connection, _PUBLISHED) is None:  # asked, since an error would end the cycle's transaction
        return None
    found = value(connection, sql, given)
    return None if found is None else Decimal(found).quantize(Decimal("0.01"))


@contextmanager
def of_copy(current: Path) -> Iterator[Callable[[str, str, Mapping[str, Any]], Decimal | None]]:
    """What commands put at stake by the newest published copy; opened when it is first asked, and once for many commands."""
    with ExitStack() as opened:
        connections: list[duckdb.DuckDBPyConnection] = []

        def asked(command_type: str, target: str, payload: Mapping[str, Any]) -> Decimal | None:
            if command_type not in STAKES or not current.exists():
                return None
            if not connections:
                connections.append(opened.enter_context(reader(current)))
            return at_stake(connections[0], command_type, target, payload)

        yield asked
