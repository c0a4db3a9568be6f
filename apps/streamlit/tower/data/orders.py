"""Questions of the Orders page: search, and one order's story.

Belongs here: SQL over the published copy. Does not belong here: drawing.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from tower.data.copy import LIMIT, Copy, ask

BUCKETS = (
    "held", "promised", "backordered", "unplanned", "released", "picked", "packed", "loaded", "shipped",
    "delivered", "cancelled", "refused", "lost", "returned",
)  # fmt: skip


def search(copy: Copy, text: str = "", channels: Sequence[str] = (), statuses: Sequence[str] = (),
held: str = "") -> pd.DataFrame:
    """Orders that match, newest first, at most `LIMIT`; the column ``found`` says how many there are.

    Parameters
    ----------
    text
        Part of an order id, the channel's number, a purchase order, a customer's id or name, or a line's or SKU's id.
    held
        ``held``, ``free``, or empty for both.
    """
    return ask(
        copy,
        """
        select o.order_id, o.placed_at, o.channel, o.channel_order_id, o.customer_id, coalesce(o.customer_name,
            o.customer_id) as customer_name,
               o.ship_to_city, o.lines, o.order_total, o.currency, o.fulfilment_status, o.payment_status,
                   o.return_status, o.is_held,
               o.promised_at, o.requested_to, count(*) over () as found
        from marts.orders as o
        where ($text = '' or contains(lower(o.order_id), lower($text)) or contains(lower(o.channel_order_id),
            lower($text))
               or contains(lower(coalesce(o.customer_id, '')), lower($text))
               or contains(lower(coalesce(o.customer_name, '')), lower($text))
               or contains(lower(coalesce(o.purchase_order_number, '')), lower($text))
               or o.order_id in (select l.order_id from marts.order_lines as l
                                 where lower(l.order_line_id) = lower($text) or lower(l.sku_id) = lower($text)))
          and (len($channels::varchar[]) = 0 or list_contains($channels::varchar[], o.channel))
          and (len($statuses::varchar[]) = 0 or list_contains($statuses::varchar[], o.fulfilment_status))
          and ($held = '' or o.is_held = ($held = 'held'))
        order by o.placed_at desc, o.order_id limit $limit
        """,
        text=text.strip(), channels=list(channels), statuses=list(statuses), held=held, limit=LIMIT,
    )  # fmt: skip


def choices(copy: Copy) -> pd.DataFrame:
    """Channels and statuses that occur, with their numbers of orders."""
    return ask(
        copy,
        """
        select 'channel' as kind, channel as choice, count(*) as orders from marts.orders group by all
        union all select 'status', fulfilment_status, count(*) from marts.orders group by all
        order by kind, orders desc, choice
        """,
    )


def header(copy: Copy, order_id: str) -> pd.DataFrame:
    """The order, or no row."""
    return ask(copy, "select * from marts.orders where order_id = $order_id", order_id=order_id)


def lines(copy: Copy, order_id: str) -> pd.DataFrame:
    """Lines with their ledger buckets."""
    return ask(
        copy,
        """
        select l.*, coalesce(s.name, l.description) as name from marts.order_lines as l left join marts.skus as s
            on l.sku_id = s.sku_id
        where l.order_id = $order_id order by try_cast(l.line_number as integer), l.line_number, l.order_line_id
        """,
        order_id=order_id,
    )


_ITS_LINES = "(select order_line_id from marts.order_lines where order_id = $order_id)"
_ITS_SHIPMENTS = "(select shipment_id from marts.shipments where order_id = $order_id)"
_ITS_LOADS = f"(select load_id from marts.load_shipments where shipment_id in {_ITS_SHIPMENTS})"


def timeline(copy: Copy, order_id: str) -> pd.DataFrame:
    """Everything that happened to the order, oldest first: event_at, kind, what, because, who, reference."""
    return ask(
        copy,
        f"""
        with line as (select order_line_id, coalesce(line_number, order_line_id) as number from marts.order_lines
            where order_id = $order_id),
        told as (
            select placed_at as event_at, 0 as place, 'order' as kind, 'placed over ' || channel as what, null
                as because, customer_id as who,
                   channel_order_id as reference from marts.orders where order_id = $order_id
            union all
            select received_at, 1, 'capture', outcome || ' from ' || file_name, coalesce(error_code || ': '
                || coalesce(error_detail, ''), warnings, ''),
                   channel, message_id from marts.capture_messages where order_id = $order_id
            union all
            select placed_at, 2, 'hold', hold_type || ' placed', explanation, coalesce(placed_by, 'rule'), hold_id
            from marts.order_holds where order_id = $order_id
            union all
            select cleared_at, 3, 'hold', hold_type || ' ' || status, clear_reason, cleared_by, hold_id
            from marts.order_holds where order_id = $order_id and cleared_at is not null
            union all
            select p.event_at, 4, 'promise',
                   'line ' || line.number || ': ' || case p.event when 'first' then 'promised' when 'held' then 'planned, held' else p.event end
                   || coalesce(', ' || format('{{:g}}', cast(p.quantity as double)) || ' from ' || p.location_id
                   || ' by ' || strftime(p.deliver_date, '%d %b'), ''),
                   p.reason, 'plan', p.order_line_id
            from facts.promise_events as p inner join line on p.order_line_id = line.order_line_id
            union all
            select b.event_at, 5, 'backorder', 'line ' || line.number || ': backorder ' || b.event || ', '
                || format('{{:g}}', cast(b.quantity as double)),
                   b.reason, 'plan', b.order_line_id
            from facts.backorder_events as b inner join line on b.order_line_id = line.order_line_id
            union all
            select c.event_at, 5, 'backorder', 'line ' || line.number || ': cover '
                || coalesce(strftime(c.expected_cover_date, '%d %b'), 'without a date') || coalesce(' by ' || c.cover_reference, ''),
                   c.reason, 'plan', c.order_line_id
            from facts.cover_events as c inner join line on c.order_line_id = line.order_line_id
            union all
            select e.event_at, 6, 'units', 'line ' || line.number || ': ' || format('{{:g}}', cast(e.quantity as double)) || ' ' || e.from_bucket || ' to '
                   || e.to_bucket || coalesce(' at ' || e.location_id, ''),
                   coalesce(e.reason_code, '') || case when e.is_assumed then ' assumed, not scanned' else '' end,
                       e.actor,
                   coalesce(e.document_id, e.event_id)
            from marts.line_events as e inner join line on e.order_line_id = line.order_line_id
            union all
            select l.departed_at, 7, 'load', 'left on load ' || l.load_id, s.chosen_because, coalesce(l.driver_id,
                l.carrier_id), s.shipment_id
            from marts.load_shipments as a inner join marts.loads as l on a.load_id = l.load_id
            inner join marts.shipments as s on a.shipment_id = s.shipment_id
            where s.order_id = $order_id and l.departed_at is not null
            union all
            select d.issued_at, 8, 'document', replace(d.document_type, '_', ' ') || ' ' || d.series || ' ' || d.number
                || ' issued', null, null, d.document_id
            from marts.documents as d where d.order_id = $order_id or d.shipment_id in {_ITS_SHIPMENTS}
                or (d.shipment_id is null and d.load_id in {_ITS_LOADS})
            union all
            select attempted_at, 9, 'delivery', outcome || coalesce(', received by ' || receiver, ''), reason_code,
                load_id, shipment_id
            from marts.deliveries where shipment_id in {_ITS_SHIPMENTS}
            union all
            select event_at, 10, 'payment', event || ' ' || amount || ' ' || currency, null, method, payment_id
            from marts.payments where order_id = $order_id
            union all
            select requested_at, 11, 'return', 'return asked for, line ' || line.number || ': '
                || format('{{:g}}', cast(r.qty_requested as double)),
                   r.reason_code, r.origin, r.return_id
            from marts.returns as r inner join line on r.order_line_id = line.order_line_id
            union all
            select closed_at, 12, 'return', 'return ' || r.status || ', line ' || line.number, r.disposition, null,
                r.return_id
            from marts.returns as r inner join line on r.order_line_id = line.order_line_id
                where r.closed_at is not null
            union all
            select issued_at, 13, 'command', type || ' ' || outcome || coalesce(': ' || outcome_reason, ''), reason,
                actor, target
            from marts.commands
            where target = $order_id or target in {_ITS_LINES} or target in {_ITS_SHIPMENTS} or target in {_ITS_LOADS}
               or target in (select hold_id from marts.order_holds where order_id = $order_id)
               or target in (select return_id from marts.returns where order_line_id in {_ITS_LINES})
        )
        select event_at, kind, what, nullif(trim(because), '') as because, who, reference from told
            where event_at is not null order by event_at, place, what
        """,
        order_id=order_id,
    )


def holds(copy: Copy, order_id: str) -> pd.DataFrame:
    """Open holds of the order and its lines."""
    return ask(copy, "select * from marts.order_holds where order_id = $order_id and status = 'open' order by placed_at, hold_id", order_id=order_id)


def promises(copy: Copy, order_id: str) -> pd.DataFrame:
    """Where each line is to come from and why, with the runner-up."""
    return ask(
        copy,
        """
        select p.*, l.line_number, p.runner_up_extra as runner_up_more from marts.promises as p
        inner join marts.order_lines as l on p.order_line_id = l.order_line_id
        where l.order_id = $order_id order by try_cast(l.line_number as integer), l.line_number, p.ship_date,
            p.location_id
        """,
        order_id=order_id,
    )


def backorders(copy: Copy, order_id: str) -> pd.DataFrame:
    """Lines that wait for stock."""
    return ask(
        copy,
        """
        select b.*, l.line_number from marts.backorders as b inner join marts.order_lines as l
            on b.order_line_id = l.order_line_id
        where l.order_id = $order_id order by b.order_line_id
        """,
        order_id=order_id,
    )


def shipments(copy: Copy, order_id: str) -> pd.DataFrame:
    """Shipments with the load that they ride on, the stop and what keeps them back."""
    return ask(
        copy,
        """
        select s.*, a.load_id as on_load, a.stop_sequence, l.vehicle_id, l.driver_id, l.status as load_status,
            l.planned_departure,
               t.eta, t.window_from as stop_from, t.window_to as stop_to, t.late_min, t.result, d.reason
                   as dropped_reason, d.cheapest_fix,
               y.outcome, y.delivered_at
        from marts.shipments as s
        left join marts.load_shipments as a on s.shipment_id = a.shipment_id
        left join marts.loads as l on a.load_id = l.load_id
        left join marts.route_stops as t on a.load_id = t.load_id and a.stop_sequence = t.stop_sequence
        left join marts.dropped_shipments as d on s.shipment_id = d.shipment_id
        left join marts.deliveries as y on s.shipment_id = y.shipment_id
        where s.order_id = $order_id order by s.shipment_id, l.planned_departure
        """,
        order_id=order_id,
    )


def decisions(copy: Copy, order_id: str) -> pd.DataFrame:
    """Decisions kept about the order, its lines and shipments, newest first."""
    return ask(
        copy,
        f"""
        select recorded_at, stage, subject_type, subject_id, chosen, because, runner_up, runner_up_delta, actor
            from marts.decisions
        where subject_id = $order_id or subject_id in {_ITS_LINES} or subject_id in {_ITS_SHIPMENTS}
            order by recorded_at desc, decision_id limit 200
        """,
        order_id=order_id,
    )


def documents(copy: Copy, order_id: str) -> pd.DataFrame:
    """Papers that travel with the order."""
    return ask(
        copy,
        f"""
        select document_id, document_type, series, number, issued_at, status, load_id, shipment_id, file
            from marts.documents
        where order_id = $order_id or shipment_id in {_ITS_SHIPMENTS} or (shipment_id is null and load_id in {_ITS_LOADS}) order by issued_at,
            document_type, number
        """,
        order_id=order_id,
    )
