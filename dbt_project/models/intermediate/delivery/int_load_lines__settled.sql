-- One row per dispatched load, shipment and line: units that left with it and what became of them. A dispatch belongs to the load of
-- its own cycle, a result to the newest load of the shipment that an earlier cycle dispatched (absent goods ride again on a later one).
with loads as (

    select
        loads.load_id,
        loads.cycle_seq,
        aboard.shipment_id,
        lead(loads.cycle_seq) over (partition by aboard.shipment_id order by loads.cycle_seq, loads.load_id) as next_cycle_seq
    from {{ ref('stg_facts__loads') }} as loads
    inner join {{ ref('stg_facts__load_shipments') }} as aboard on loads.load_id = aboard.load_id

),

left_with as (

    select
        loads.load_id,
        loads.shipment_id,
        events.order_line_id,
        sum(events.quantity) as qty_shipped
    from loads
    inner join {{ ref('stg_facts__line_events') }} as events
        on loads.shipment_id = events.document_id and loads.cycle_seq = events.cycle_seq
    where events.from_bucket = 'loaded' and events.to_bucket = 'shipped'
    group by loads.load_id, loads.shipment_id, events.order_line_id

),

became as (

    select
        loads.load_id,
        loads.shipment_id,
        events.order_line_id,
        sum(case when events.to_bucket = 'delivered' then events.quantity else 0 end) as qty_delivered,
        sum(case when events.to_bucket = 'refused' then events.quantity else 0 end) as qty_refused,
        sum(case when events.to_bucket = 'lost' then events.quantity else 0 end) as qty_lost,
        sum(case when events.to_bucket = 'packed' then events.quantity else 0 end) as qty_absent,
        min(events.event_at) as first_result_at,
        max(events.event_at) as last_result_at,
        max(case when events.to_bucket = 'delivered' then events.event_at end) as delivered_at
    from loads
    inner join {{ ref('stg_facts__line_events') }} as events
        on
            loads.shipment_id = events.document_id
            and loads.cycle_seq < events.cycle_seq
            and coalesce(loads.next_cycle_seq, events.cycle_seq) >= events.cycle_seq
    where events.from_bucket = 'shipped'
    group by loads.load_id, loads.shipment_id, events.order_line_id

)

select
    left_with.load_id,
    left_with.shipment_id,
    left_with.order_line_id,
    cast(left_with.qty_shipped as decimal(18, 3)) as qty_shipped,
    cast(coalesce(became.qty_delivered, 0) as decimal(18, 3)) as qty_delivered,
    cast(coalesce(became.qty_refused, 0) as decimal(18, 3)) as qty_refused,
    cast(coalesce(became.qty_lost, 0) as decimal(18, 3)) as qty_lost,
    cast(coalesce(became.qty_absent, 0) as decimal(18, 3)) as qty_absent,
    became.first_result_at,
    became.last_result_at,
    became.delivered_at
from left_with
left join became
    on
        left_with.load_id = became.load_id
        and left_with.shipment_id = became.shipment_id
        and left_with.order_line_id = became.order_line_id
