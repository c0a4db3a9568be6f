"""Questions of the Replenishment page: suggestions, what is on order, suppliers, excess and dead stock.

Belongs here: SQL over the published copy. Does not belong here: drawing. Quantities are in the base unit, values at cost in
the reporting currency.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from tower.data.copy import LIMIT, Copy, ask


def values(copy: Copy) -> pd.Series:
    """Value on hand, in excess, dead and missing; of the levels on average, and of the static ones."""
    found = ask(
        copy,
        """
        select sum(value_base) as on_hand, sum(case when stock_status = 'excess' then excess_value_base end) as excess,
               sum(case when stock_status = 'dead' then excess_value_base end) as dead, sum(shortage_value_base) as shortage,
               (select sum(mean_stock_value) from marts.reorder_points where is_forecast) as held,
               (select sum(static_mean_stock_value) from marts.reorder_points where is_forecast) as held_static
        from marts.inventory_positions
        """,
    )
    return found.iloc[0]


def currency(copy: Copy) -> str:
    """The reporting currency."""
    found = ask(copy, "select value from intermediate.int_policies__in_force where policy_key = 'reporting.currency' and scope = ''")
    return "" if found.empty else str(found["value"].iloc[0])


def suggestions(copy: Copy, text: str = "", places: Sequence[str] = (), kinds: Sequence[str] = ()) -> pd.DataFrame:
    """What to buy or move, the soonest needed first, at most `LIMIT`; ``found`` says how many there are."""
    return ask(
        copy,
        """
        select r.*, s.name, p.abc_class, p.lead_time_days, count(*) over () as found
        from marts.replenishment_suggestions as r left join marts.skus as s on r.sku_id = s.sku_id
        left join marts.reorder_points as p on r.sku_id = p.sku_id and r.location_id = p.location_id
        where ($text = '' or contains(lower(r.sku_id || ' ' || coalesce(s.name, '') || ' ' || coalesce(r.source, '')),
            lower($text)))
          and (len($places::varchar[]) = 0 or list_contains($places::varchar[], r.location_id))
          and (len($kinds::varchar[]) = 0 or list_contains($kinds::varchar[], r.kind))
        order by r.needed_by, r.sku_id, r.location_id limit $limit
        """,
        text=text.strip(), places=list(places), kinds=list(kinds), limit=LIMIT,
    )  # fmt: skip


def on_order(copy: Copy, text: str = "", places: Sequence[str] = ()) -> pd.DataFrame:
    """Open purchase and transfer lines, the next due first."""
    return ask(
        copy,
        """
        select u.*, coalesce(u.supplier_id, u.from_location_id) as source, s.name, count(*) over () as found from marts.supply as u left join marts.skus as s on u.sku_id = s.sku_id
        where u.quantity_open > 0
          and ($text = '' or contains(lower(u.supply_id || ' ' || u.sku_id || ' ' || coalesce(s.name, '')), lower($text)))
          and (len($places::varchar[]) = 0 or list_contains($places::varchar[], u.location_id))
        order by u.due_date, u.supply_id limit $limit
        """,
        text=text.strip(), places=list(places), limit=LIMIT,
    )  # fmt: skip


def purchase_orders(copy: Copy, text: str = "", places: Sequence[str] = (), kinds: Sequence[str] = ()) -> pd.DataFrame:
    """Lines of purchase orders to vendors and suppliers: those that wait for the seller first, then the newest."""
    return ask(
        copy,
        """
        select p.*, s.name, coalesce(l.name, u.name, p.seller_id) as seller, h.tracking_number, count(*) over () as found
        from marts.purchase_order_lines as p left join marts.skus as s on p.sku_id = s.sku_id
        left join marts.locations as l on p.kind = 'dropship' and p.seller_id = l.location_id
        left join marts.suppliers as u on p.kind = 'replenishment' and p.seller_id = u.supplier_id
        left join marts.shipments as h on p.shipment_id = h.shipment_id
        where ($text = '' or contains(lower(concat_ws(' ', p.purchase_order_id, p.order_id, p.sku_id, s.name, p.seller_id, l.name, u.name)), lower($text)))
          and (len($places::varchar[]) = 0 or list_contains($places::varchar[], p.location_id))
          and (len($kinds::varchar[]) = 0 or list_contains($kinds::varchar[], p.kind))
        order by p.status not in ('issued', 'accepted', 'partially_shipped', 'partially_received'), p.issued_at desc, p.purchase_order_id,
                 p.line_number limit $limit
        """,
        text=text.strip(), places=list(places), kinds=list(kinds), limit=LIMIT,
    )  # fmt: skip


def suppliers(copy: Copy) -> pd.DataFrame:
    """Suppliers with their lead time and reliability."""
    return ask(copy, "select * from marts.supplier_performance order by supplier_id")


def idle(copy: Copy, text: str = "", places: Sequence[str] = ()) -> pd.DataFrame:
    """Excess and dead stock, the most value first."""
    return ask(
        copy,
        """
        select p.*, s.name, count(*) over () as found from marts.inventory_positions as p left join marts.skus as s
            on p.sku_id = s.sku_id
        where p.stock_status in ('excess', 'dead')
          and ($text = '' or contains(lower(p.sku_id || ' ' || coalesce(s.name, '')), lower($text)))
          and (len($places::varchar[]) = 0 or list_contains($places::varchar[], p.location_id))
        order by p.excess_value_base desc nulls last, p.sku_id, p.location_id limit $limit
        """,
        text=text.strip(), places=list(places), limit=LIMIT,
    )  # fmt: skip
