-- The newest load of each shipment that came to a result, and the last word of the driver or carrier. What a vendor shipped, and what was
-- collected, rode on no load of ours.
with results as (

    select
        settled.load_id,
        settled.shipment_id,
        sum(settled.qty_shipped) as qty_shipped,
        sum(settled.qty_delivered) as qty_delivered,
        sum(settled.qty_refused) as qty_refused,
        sum(settled.qty_lost) as qty_lost,
        sum(settled.qty_absent) as qty_absent,
        max(settled.last_result_at) as attempted_at,
        max(settled.delivered_at) as delivered_at
    from {{ ref('int_load_lines__settled') }} as settled
    group by settled.load_id, settled.shipment_id
    having max(settled.last_result_at) is not null

    union all

    select
        cast(null as varchar) as load_id,
        events.document_id as shipment_id,
        sum(case when events.to_bucket = 'shipped' then events.quantity else 0 end) as qty_shipped,
        sum(case when events.to_bucket = 'delivered' then events.quantity else 0 end) as qty_delivered,
        sum(case when events.to_bucket = 'refused' then events.quantity else 0 end) as qty_refused,
        sum(case when events.to_bucket = 'lost' then events.quantity else 0 end) as qty_lost,
        sum(case when events.from_bucket = 'shipped' and events.to_bucket = 'packed' then events.quantity else 0 end) as qty_absent,
        max(case when events.from_bucket = 'shipped' then events.event_at end) as attempted_at,
        max(case when events.to_bucket = 'delivered' then events.event_at end) as delivered_at
    from {{ ref('stg_facts__line_events') }} as events
    inner join {{ ref('stg_facts__shipments') }} as shipments on events.document_id = shipments.shipment_id
    where shipments.mode in ('dropship', 'pickup') and (events.to_bucket = 'shipped' or events.from_bucket = 'shipped')
    group by events.document_id
    having max(case when events.from_bucket = 'shipped' then events.event_at end) is not null

),

newest as (

    select
        results.*,
        count(*) over (partition by results.shipment_id) as attempts,
        min(results.attempted_at) over (partition by results.shipment_id) as first_attempted_at
    from results
    qualify row_number() over (partition by results.shipment_id order by results.attempted_at desc, results.load_id desc) = 1

),

said as (

    select
        feed.shipment_id,
        arg_max(feed.outcome, feed.event_at) as outcome,
        arg_max(feed.receiver, feed.event_at) as receiver,
        arg_max(feed.reason_code, feed.event_at) as reason_code
    from {{ ref('stg_facts__deliveries') }} as feed
    group by feed.shipment_id

)

select
    newest.shipment_id,
    newest.load_id,
    case
        when newest.qty_delivered = newest.qty_shipped then 'delivered'
        when newest.qty_delivered > 0 then 'partial'
        when said.outcome = 'damaged' then 'damaged'
        when newest.qty_refused > 0 then 'refused'
        when newest.qty_lost > 0 then 'lost'
        else 'absent'
    end as outcome,
    newest.attempted_at,
    newest.delivered_at,
    said.receiver,
    said.reason_code,
    newest.first_attempted_at,
    cast(newest.attempts as integer) as attempts,
    cast(newest.qty_shipped as decimal(18, 3)) as qty_shipped,
    cast(newest.qty_delivered as decimal(18, 3)) as qty_delivered,
    cast(newest.qty_refused as decimal(18, 3)) as qty_refused,
    cast(newest.qty_lost as decimal(18, 3)) as qty_lost,
    cast(newest.qty_absent as decimal(18, 3)) as qty_absent,
    {{ cycle_columns() }}
from newest
left join said on newest.shipment_id = said.shipment_id
