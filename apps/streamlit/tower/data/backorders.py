"""Questions of the Backorders page: what waits, since when, for which supply, and who is ahead.

Belongs here: SQL over the published copy. Does not belong here: drawing.
"""

from __future__ import annotations

import pandas as pd

from tower.data.copy import LIMIT, Copy, ask

#: Backorders with their order, value in the reporting currency, and place in the queue of their SKU: as the plan serves them.
_QUEUE = """
    select b.*, o.customer_name, o.customer_id, o.priority, o.placed_at, l.requested_date, s.name, s.available_from,
           date_diff('hour', b.since, $as_of::timestamptz) / 24.0 as age_days,
           coalesce(u.substitutes, 0) as substitutes,
           cast(l.line_total * b.quantity / nullif(l.qty_ordered, 0) * coalesce(o.order_total_base / nullif(o.order_total, 0), 1)
               as decimal(18, 2)) as value,
           row_number() over (partition by b.sku_id order by o.priority, o.placed_at, b.order_line_id) as place
    from marts.backorders as b
    left join marts.order_lines as l on b.order_line_id = l.order_line_id
    left join marts.orders as o on b.order_id = o.order_id
    left join marts.skus as s on b.sku_id = s.sku_id
    left join (select order_line_id, count(*) as substitutes from marts.substitution_suggestions group by 1) as u
        on b.order_line_id = u.order_line_id
"""


def totals(copy: Copy) -> pd.DataFrame:
    """One row: lines, units, value, dated units, the oldest in days, and how many have slipped."""
    return ask(
        copy,
        f"""
        select count(*) as lines, count(*) filter (where kind = 'pre_order') as pre_orders, coalesce(sum(value), 0) as value,
               sum(quantity) as quantity, coalesce(sum(quantity) filter (where expected_cover_date is not null), 0) as dated,
               coalesce(max(age_days), 0) as oldest_days, count(*) filter (where expected_cover_date > first_cover_date) as slipped,
               count(*) filter (where substitutes > 0) as replaceable
        from ({_QUEUE})
        """,
        as_of=copy.as_of,
    )


def lines(copy: Copy, text: str = "", kind: str = "") -> pd.DataFrame:
    """Lines that wait, the oldest first; ``found`` says how many there are.

    Parameters
    ----------
    kind
        ``backorder``, ``pre_order``, or empty for both.
    """
    return ask(
        copy,
        f"""
        select *, expected_cover_date > first_cover_date as is_slipped, count(*) over () as found from ({_QUEUE})
        where ($kind = '' or kind = $kind)
          and ($text = '' or contains(lower(concat_ws(' ', order_line_id, sku_id, name, customer_name)), lower($text)))
        order by since, order_line_id limit $limit
        """,
        text=text.strip(), kind=kind, as_of=copy.as_of, limit=LIMIT,
    )  # fmt: skip


def skus(copy: Copy, text: str = "", kind: str = "") -> pd.DataFrame:
    """SKUs that are waited for, the most value first, with what is to come and what of it is spoken for."""
    return ask(
        copy,
        f"""
        with waiting as (
            select sku_id, any_value(name) as name, any_value(available_from) as available_from, count(*) as lines,
                   sum(quantity) as quantity, sum(value) as value, min(since) as since, max(age_days) as age_days,
                   max(expected_cover_date) as all_covered_by, count(*) - count(expected_cover_date) as undated
            from ({_QUEUE}) where $kind = '' or kind = $kind group by sku_id),
        coming as (select sku_id, sum(quantity_open) as inbound, min(due_date) as next_due from marts.supply
                   where quantity_open > 0 and status in ('draft', 'confirmed') group by sku_id),
        pegged as (select sku_id, sum(quantity) as pegged from marts.supply_pegs group by sku_id)
        select w.*, coalesce(c.inbound, 0) as inbound, c.next_due, coalesce(p.pegged, 0) as pegged, count(*) over () as found
        from waiting as w left join coming as c on w.sku_id = c.sku_id left join pegged as p on w.sku_id = p.sku_id
        where $text = '' or contains(lower(concat_ws(' ', w.sku_id, w.name)), lower($text))
        order by w.value desc nulls last, w.sku_id limit $limit
        """,
        text=text.strip(), kind=kind, as_of=copy.as_of, limit=LIMIT,
    )  # fmt: skip


def queue(copy: Copy, sku_id: str) -> pd.DataFrame:
    """Who waits for a SKU, in the order in which they are served."""
    return ask(
        copy, f"select * from ({_QUEUE}) where sku_id = $sku_id order by place limit $limit",
        sku_id=sku_id, as_of=copy.as_of, limit=LIMIT,
    )  # fmt: skip


def pegs(copy: Copy, order_line_id: str) -> pd.DataFrame:
    """The supplies that a line waits for, the earliest first."""
    return ask(
        copy,
        """
        select p.supply_id, p.quantity, p.due_date, p.location_id, p.is_promised, s.status, s.kind, s.supplier_id, s.is_overdue,
               s.quantity_open, s.from_location_id
        from marts.supply_pegs as p left join marts.supply as s on p.supply_id = s.supply_id
        where p.order_line_id = $order_line_id order by p.due_date, p.supply_id
        """,
        order_line_id=order_line_id,
    )


def substitutes(copy: Copy, order_line_id: str) -> pd.DataFrame:
    """What could go in a line's place, the first choice first."""
    return ask(
        copy,
        """
        select u.*, s.name, u.cost_difference_base as cost_difference
        from marts.substitution_suggestions as u left join marts.skus as s on u.substitute_sku_id = s.sku_id
        where u.order_line_id = $order_line_id order by u.rank, u.distance_km, u.substitute_sku_id
        """,
        order_line_id=order_line_id,
    )


def transfers(copy: Copy, order_line_id: str) -> pd.DataFrame:
    """Where the goods of a line that is collected lie spare, and what a transfer to its store would cost and take, the cheapest first.

    Spare is what no promise, reservation or other transfer asks for on any day. It costs what one more trip of an own vehicle does, by
    the policies of sourcing, and takes the days of `replenishment.transfer_days`. Empty for a line that is delivered.
    """
    return ask(
        copy,
        """
        with terms as (
            select policy_key, cast(value as decimal(18, 6)) as value from intermediate.int_policies__in_force where scope = ''
            and policy_key in ('sourcing.cost_shipment', 'sourcing.cost_km_shipment', 'sourcing.cost_km_kg', 'replenishment.transfer_days')
        ),
        wanted as (
            select b.sku_id, o.pickup_location_id as store_id, b.quantity, coalesce(s.weight_kg, 0) as weight_kg
            from marts.backorders as b inner join marts.orders as o on b.order_id = o.order_id
            left join marts.skus as s on b.sku_id = s.sku_id
            where b.order_line_id = $order_line_id and o.pickup_location_id is not null
        ),
        places as (
            select w.*, p.location_id, g.name, floor(p.atp) as spare, p.safety_stock,
                   2 * 6371.0088 * asin(sqrt(pow(sin(radians(g.latitude - t.latitude) / 2), 2)
                       + cos(radians(t.latitude)) * cos(radians(g.latitude)) * pow(sin(radians(g.longitude - t.longitude) / 2), 2))) as distance_km
            from wanted as w inner join marts.inventory_positions as p on w.sku_id = p.sku_id and w.store_id <> p.location_id
            inner join marts.locations as g on p.location_id = g.location_id
            left join marts.locations as t on w.store_id = t.location_id
            where p.atp >= 1 and g.kind <> 'vendor'
        )
        select location_id, store_id, name, spare, safety_stock, least(quantity, spare) as quantity, distance_km,
               (select value from terms where policy_key = 'sourcing.cost_shipment')
               + distance_km * (select value from terms where policy_key = 'sourcing.cost_km_shipment')
               + distance_km * least(quantity, spare) * weight_kg * (select value from terms where policy_key = 'sourcing.cost_km_kg') as cost,
               cast($today as date) + cast(ceil((select value from terms where policy_key = 'replenishment.transfer_days')) as integer) as due_date
        from places order by quantity desc, cost nulls last, location_id
        """,
        order_line_id=order_line_id, today=copy.as_of,
    )  # fmt: skip


def covers(copy: Copy, order_line_id: str) -> pd.DataFrame:
    """What was told of a line's cover, the newest first."""
    return ask(
        copy,
        """
        select event_at, expected_cover_date, cover_reference, reason from facts.cover_events
        where order_line_id = $order_line_id order by cycle_seq desc
        """,
        order_line_id=order_line_id,
    )


def pre_orders(copy: Copy) -> pd.DataFrame:
    """Open lines of SKUs that are not released yet: promised for their launch, or waiting for supply."""
    return ask(
        copy,
        """
        select l.order_line_id, o.customer_name, l.sku_id, s.name, s.available_from, l.qty_open as quantity, l.qty_promised,
               l.qty_backordered, l.promise_date, l.requested_date, count(*) over () as found
        from marts.order_lines as l inner join marts.skus as s on l.sku_id = s.sku_id
        left join marts.orders as o on l.order_id = o.order_id
        where s.available_from > cast($as_of::timestamptz as date) and l.qty_open > 0
        order by s.available_from, l.sku_id, o.priority, o.placed_at, l.order_line_id limit $limit
        """,
        as_of=copy.as_of, limit=LIMIT,
    )  # fmt: skip
