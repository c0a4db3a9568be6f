"""Questions of the Holds page.

Belongs here: SQL over the published copy. Does not belong here: drawing.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from tower.data.copy import LIMIT, Copy, ask

#: Value at stake of a hold: the whole order's, or the line's share that is still open; reporting currency.
STAKE = """
    select h.*, o.customer_id, coalesce(o.customer_name, o.customer_id) as customer_name, o.channel, o.placed_at
        as order_placed_at, o.requested_to,
           h.sla_hours - h.age_hours as hours_left,
           cast(case when h.order_line_id is null then o.order_total_base
                else o.order_total_base * l.line_total / nullif(o.items_total - o.discount_total, 0) end as decimal(18,
                    2)) as value_at_stake
    from marts.order_holds as h
    inner join marts.orders as o on h.order_id = o.order_id
    left join marts.order_lines as l on h.order_line_id = l.order_line_id
"""


def queue(copy: Copy, status: str = "open", families: Sequence[str] = (), text: str = "",
order: str = "age") -> pd.DataFrame:
    """Holds of one status, at most `LIMIT`; ``found`` says how many there are.

    Parameters
    ----------
    order
        ``age``: the oldest first; ``value``: the most at stake first; ``due``: what somebody should look at first.
    """
    first = {"value": "value_at_stake desc nulls last, placed_at", "due": "hours_left nulls last, placed_at"}.get(order, "placed_at")
    return ask(
        copy,
        f"""
        select *, count(*) over () as found from ({STAKE})
        where status = $status and (len($families::varchar[]) = 0 or list_contains($families::varchar[], family))
          and ($text = '' or contains(lower(hold_type || ' ' || order_id || ' ' || coalesce(order_line_id, '') || ' '
          || coalesce(customer_id, '') || ' '
               || coalesce(customer_name, '')), lower($text)))
        order by {first}, hold_id limit $limit
        """,
        status=status, families=list(families), text=text.strip(), limit=LIMIT,
    )  # fmt: skip


def by_family(copy: Copy) -> pd.DataFrame:
    """Open holds by family: holds, orders, value at stake (each order once), the oldest in hours, over their time limit."""
    return ask(
        copy,
        f"""
        select family, sum(holds) as holds, count(*) as orders, sum(value) as value_at_stake, max(oldest)
            as oldest_hours, sum(over) as over_limit
        from (
            select family, order_id, count(*) as holds, max(value_at_stake) as value, max(age_hours) as oldest,
                   count(*) filter (where age_hours > sla_hours) as over
            from ({STAKE}) where status = 'open' group by family, order_id)
        group by family order by value_at_stake desc nulls last, family
        """,
    )


def by_type(copy: Copy) -> pd.DataFrame:
    """Open holds by type: holds, orders and value at stake (each order once)."""
    return ask(
        copy,
        f"""
        select family, hold_type, count(*) as orders, sum(holds) as holds, sum(value) as value_at_stake from (
            select family, hold_type, order_id, count(*) as holds, max(value_at_stake) as value
            from ({STAKE}) where status = 'open' group by all)
        group by all order by holds, hold_type
        """,
    )


def total(copy: Copy) -> pd.DataFrame:
    """One row: open holds, orders held, value at stake (each order once), the oldest in hours, over their time limit."""
    return ask(
        copy,
        f"""
        select coalesce(sum(holds), 0) as holds, count(*) as orders, coalesce(sum(value), 0) as value_at_stake,
            max(oldest) as oldest_hours,
               coalesce(sum(over), 0) as over_limit
        from (
            select order_id, count(*) as holds, max(value_at_stake) as value, max(age_hours) as oldest,
                   count(*) filter (where age_hours > sla_hours) as over
            from ({STAKE}) where status = 'open' group by order_id)
        """,
    )


def customer(copy: Copy, customer_id: str) -> pd.DataFrame:
    """One row, or none: what the customer owes and how it was served, its credit part by part."""
    return ask(copy, "select * from marts.customer_360 where customer_id = $customer", customer=customer_id)


def history(copy: Copy, customer_id: str, hold_id: str) -> pd.DataFrame:
    """The customer's other holds, newest first: how each ended."""
    return ask(
        copy,
        """
        select h.placed_at, h.hold_type, h.order_id, h.status, h.cleared_by, h.clear_reason, o.order_total_base
        from marts.order_holds as h inner join marts.orders as o on h.order_id = o.order_id
        where o.customer_id = $customer and h.hold_id <> $hold and h.hold_type <> 'REMORSE_WINDOW'
        order by h.placed_at desc, h.hold_id limit 8
        """,
        customer=customer_id, hold=hold_id,
    )  # fmt: skip
