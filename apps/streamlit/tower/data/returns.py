"""Questions of the Returns page: deliveries, returns, reconciliation, settlements, exceptions.

Belongs here: SQL over the published copy. Does not belong here: drawing.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from tower.data.copy import LIMIT, Copy, ask


def returns(copy: Copy, text: str = "", statuses: Sequence[str] = ()) -> pd.DataFrame:
    """Return lines that match, those that wait for a person first; ``found`` says how many there are."""
    return ask(
        copy,
        """
        select r.*, c.received_vs_authorised, c.restocked_qty, c.credited_total, c.refunded_total, c.difference,
            c.status as reconciliation,
               c.explanation, o.customer_name, l.sku_id, coalesce(s.name, l.description) as name,
               exists (select 1 from facts.returns as f where f.return_id = r.return_id and f.source = 'simulated')
                   as is_simulated,
               p.status as pickup, p.load_id as collected_on,
               count(*) over () as found
        from marts.returns as r
        left join marts.pickups as p on r.return_id = p.pickup_id
        left join marts.returns_reconciliation as c on r.return_id = c.return_id and r.order_line_id = c.order_line_id
        left join marts.order_lines as l on r.order_line_id = l.order_line_id
        left join marts.orders as o on r.order_id = o.order_id
        left join marts.skus as s on l.sku_id = s.sku_id
        where ($text = '' or contains(lower(concat_ws(' ', r.return_id, r.order_line_id, o.customer_name, l.sku_id)),
            lower($text)))
          and (len($statuses::varchar[]) = 0 or list_contains($statuses::varchar[], r.status))
        order by r.status <> 'requested', r.requested_at desc, r.return_id, r.order_line_id limit $limit
        """,
        text=text.strip(), statuses=list(statuses), limit=LIMIT,
    )  # fmt: skip


def by_reason(copy: Copy) -> pd.DataFrame:
    """Units asked back by reason and what became of them."""
    return ask(
        copy,
        """
        select coalesce(reason_code, 'none given') as reason_code, count(distinct return_id) as returns,
            sum(qty_requested) as requested,
               sum(qty_received) as received, sum(qty_accepted) as accepted, sum(qty_unexpected) as unexpected
        from marts.returns group by all order by requested, reason_code
        """,
    )


def reconciliation(copy: Copy) -> pd.DataFrame:
    """Return lines whose account is not matched, divergent ones first."""
    return ask(
        copy,
        """
        select c.*, r.status as return_status, r.qty_authorised, r.qty_received, r.qty_unexpected
            from marts.returns_reconciliation as c
        left join marts.returns as r on c.return_id = r.return_id and c.order_line_id = r.order_line_id
        order by case c.status when 'divergent' then 0 when 'open' then 1 else 2 end, abs(c.difference) desc,
        c.return_id, c.order_line_id limit $limit
        """,
        limit=LIMIT,
    )


def deliveries(copy: Copy, text: str = "", outcomes: Sequence[str] = ()) -> pd.DataFrame:
    """Results at the door, newest first; ``found`` says how many there are."""
    return ask(
        copy,
        """
        select d.*, s.order_id, coalesce(o.customer_name, o.customer_id) as customer_name, o.ship_to_city, s.mode,
            s.window_to,
               d.delivered_at > s.window_to as is_late,
               exists (select 1 from facts.deliveries as f where f.shipment_id = d.shipment_id
                   and f.source = 'simulated') as is_simulated,
               count(*) over () as found
        from marts.deliveries as d left join marts.shipments as s on d.shipment_id = s.shipment_id
        left join marts.orders as o on s.order_id = o.order_id
        where ($text = '' or contains(lower(concat_ws(' ', d.shipment_id, s.order_id, d.load_id, o.customer_name)),
            lower($text)))
          and (len($outcomes::varchar[]) = 0 or list_contains($outcomes::varchar[], d.outcome))
        order by d.attempted_at desc, d.shipment_id limit $limit
        """,
        text=text.strip(), outcomes=list(outcomes), limit=LIMIT,
    )  # fmt: skip


def outcomes_by_day(copy: Copy) -> pd.DataFrame:
    """Shipments by day of the last attempt and outcome."""
    return ask(
        copy,
        """
        select cast(timezone($zone, attempted_at) as date) as day, outcome, count(*) as shipments from marts.deliveries
        where attempted_at is not null group by all order by day, outcome
        """,
        zone=copy.timezone,
    )


def settlements(copy: Copy) -> pd.DataFrame:
    """The account of each load, divergent ones first."""
    return ask(
        copy,
        """
        select t.*, l.departed_at, l.returned_at, l.vehicle_id, l.driver_id from marts.settlements as t
            left join marts.loads as l on t.load_id = l.load_id
        order by case t.status when 'divergent' then 0 when 'open' then 1 else 2 end, abs(t.difference) desc,
        l.departed_at desc, t.load_id limit $limit
        """,
        limit=LIMIT,
    )


def exceptions(copy: Copy, status: str = "open") -> pd.DataFrame:
    """Contradictions between facts, kept for a person; the oldest first."""
    return ask(
        copy,
        "select * exclude (found), found as found_value from marts.reconciliation_exceptions where status = $status order by event_at, exception_id limit $limit",
        status=status,
        limit=LIMIT,
    )
