"""The story of one thing: every fact, decision and reason, in order. What `oms explain` and the Orders page tell.

Belongs here: gathering events of a subject from a published copy. Does not belong here: how they are shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import duckdb


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, was decided or was said: when (UTC), what kind, in words, and by whom."""

    at: datetime
    kind: str
    subject: str
    words: str
    actor: str = ""


#: Kind of subject -> the orders and lines that it is about.
_SUBJECTS = """
    select order_id, order_line_id from facts.order_lines where order_id = $id or order_line_id = $id
    union select order_id, cast(null as varchar) from facts.orders where order_id = $id
    union select s.order_id, l.order_line_id from facts.shipments as s inner join facts.shipment_lines as l using (shipment_id) where s.shipment_id = $id
    union select s.order_id, l.order_line_id from facts.load_shipments as x inner join facts.shipments as s using (shipment_id)
          inner join facts.shipment_lines as l using (shipment_id) where x.load_id = $id
    union select s.order_id, l.order_line_id from plans.load_shipments as x inner join facts.shipments as s using (shipment_id)
          inner join facts.shipment_lines as l using (shipment_id) where x.load_id = $id
    union select order_id, order_line_id from facts.hold_events where hold_id = $id
    union select order_id, order_line_id from facts.exceptions where exception_id = $id
    union select s.order_id, l.order_line_id from facts.shipments as s inner join facts.shipment_lines as l using (shipment_id)
          where s.wave_id = $id or s.wave_id in (select d.wave_id from facts.documents as d where d.document_id = $id)
    union select d.order_id, cast(null as varchar) from facts.documents as d where d.document_id = $id and d.order_id is not null
    union select s.order_id, l.order_line_id from facts.documents as d inner join facts.load_shipments as x on d.load_id = x.load_id
          inner join facts.shipments as s on x.shipment_id = s.shipment_id inner join facts.shipment_lines as l on s.shipment_id = l.shipment_id
          where d.document_id = $id
    union select l.order_id, r.order_line_id from facts.returns as r inner join facts.order_lines as l on r.order_line_id = l.order_line_id where r.return_id = $id
"""

_EVENTS = """
with subjects as (select distinct order_id, order_line_id from _subjects),
orders as (select distinct order_id from subjects where order_id is not null),
lines as (select distinct order_line_id from subjects where order_line_id is not null)
select o.recorded_at as at, 'captured' as kind, o.order_id as subject,
       coalesce(o.message_kind, 'order') || ' from ' || o.channel || ', version ' || coalesce(o.order_version, '1') || ', ' || coalesce(cast(o.order_total as varchar), '-')
       || ' ' || coalesce(o.currency, '') || ', file ' || coalesce(m.file_name, '?') || ' message ' || coalesce(cast(m.position as varchar), '?') as words, o.channel as actor
from facts.orders as o semi join orders using (order_id) left join facts.capture_messages as m on o.message_id = m.message_id
union all
select h.event_at, 'hold ' || h.event, coalesce(h.order_line_id, h.order_id),
       h.hold_type || ': ' || coalesce(case when h.event = 'placed' then h.explanation || '; observed ' || coalesce(h.observed, '-') || ', allowed '
       || coalesce(h.threshold, '-') || '; remedy: ' || coalesce(h.remedy, '-') else h.reason end, ''), h.actor
from facts.hold_events as h semi join orders using (order_id)
union all
select p.event_at, 'promise ' || p.event, p.order_line_id,
       coalesce(cast(p.quantity as varchar) || ' from ' || p.location_id || ', ships ' || p.ship_date || ', delivers ' || p.deliver_date
       || coalesce(', at the earliest ' || p.earliest_date, '') || ' (', '(') || p.reason || ')', 'plan'
from facts.promise_events as p semi join lines using (order_line_id)
union all
select b.event_at, 'backorder ' || b.event, b.order_line_id, cast(b.quantity as varchar) || ': ' || b.reason, 'plan'
from facts.backorder_events as b semi join lines using (order_line_id)
union all
select c.event_at, 'cover told', c.order_line_id, coalesce(cast(c.expected_cover_date as varchar), 'no date')
       || coalesce(' by ' || c.cover_reference, '') || ': ' || c.reason, 'plan'
from facts.cover_events as c semi join lines using (order_line_id)
union all
select d.recorded_at, 'decided: ' || d.stage, d.subject_id, d.chosen || coalesce(', because ' || d.because, '')
       || coalesce('; runner-up ' || d.runner_up || coalesce(', ' || cast(d.runner_up_delta as varchar) || ' more', ''), ''), d.actor
from facts.decisions as d
where d.subject_id in (select order_line_id from lines) or d.subject_id in (select shipment_id from facts.shipments semi join orders using (order_id))
union all
select e.event_at, 'moved', e.order_line_id, cast(e.quantity as varchar) || ' ' || e.from_bucket || ' -> ' || e.to_bucket
       || coalesce(' at ' || e.location_id, '') || coalesce(', ' || e.document_id, '') || coalesce(' [' || e.reason_code || ']', '')
       || case when e.assumed then ' (assumed)' else '' end, e.actor
from facts.line_events as e semi join lines using (order_line_id)
union all
select c.recorded_at, 'command ' || c.outcome, c.target, c.type || ': ' || c.reason || ' -> ' || coalesce(c.outcome_reason, ''), c.actor
from facts.commands as c
where c.target in (select order_id from orders) or c.target in (select order_line_id from lines)
   or c.target in (select hold_id from facts.hold_events semi join orders using (order_id))
union all
select d.issued_at, 'document', d.document_id, d.document_type || ' number ' || d.number || coalesce(' for ' || coalesce(d.shipment_id, d.load_id, d.wave_id), ''), 'commit'
from facts.documents as d
where d.order_id in (select order_id from orders)
   or d.wave_id in (select s.wave_id from facts.shipments as s semi join orders using (order_id))
   or d.load_id in (select x.load_id from facts.load_shipments as x inner join facts.shipments as s using (shipment_id) semi join orders using (order_id))
union all
select v.event_at, 'vendor ' || v.kind, o.order_line_id, coalesce(cast(v.quantity as varchar) || ' of ', '') || v.purchase_order_id || ' line ' || o.line_number
       || coalesce(', ships ' || v.ship_date, '') || coalesce(', ' || v.carrier_code, '') || coalesce(' ' || v.tracking_number, '')
       || coalesce(' [' || v.reason_code || ']', ''), o.seller_id
from facts.vendors as v inner join facts.purchase_order_lines as o
  on v.purchase_order_id = o.document_id and o.line_number = coalesce(v.line_number, o.line_number) semi join lines on o.order_line_id = lines.order_line_id
union all
select r.event_at, 'return ' || r.kind, r.order_line_id, cast(r.quantity as varchar) || ' of return ' || r.return_id
       || coalesce(' [' || r.reason_code || ']', '') || coalesce(' to ' || r.disposition, ''), coalesce(r.origin, '')
from facts.returns as r semi join lines using (order_line_id)
union all
select x.event_at, 'exception', coalesce(x.order_line_id, x.key), x.kind || ': ' || x.explanation, ''
from facts.exceptions as x where x.order_line_id in (select order_line_id from lines)
union all
select p.event_at, 'payment ' || p.event, o.order_id, cast(p.amount as varchar) || ' ' || p.currency || coalesce(' by ' || p.method, ''), ''
from facts.payments as p inner join (select distinct order_id, channel, channel_order_id from facts.orders semi join orders using (order_id)) as o
  on p.channel = o.channel and p.channel_order_id = o.channel_order_id
order by 1, 2, 3
"""


def events(connection: duckdb.DuckDBPyConnection, subject: str) -> list[Event]:
    """Everything known about an order, line, shipment, wave, load, hold, exception, document or return, oldest first; empty: unknown id."""
    connection.execute(f"create or replace temp table _subjects as {_SUBJECTS}", {"id": subject})
    return [Event(*row) for row in connection.execute(_EVENTS).fetchall()]


def story(connection: duckdb.DuckDBPyConnection, subject: str) -> list[str]:
    """The same, a line each."""
    return [
        f"{event.at:%Y-%m-%d %H:%M}Z  {event.kind:<18} {event.subject:<28} {event.words}{f'  ({event.actor})' if event.actor else ''}"
        for event in events(connection, subject)
    ]
