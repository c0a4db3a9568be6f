{{ config(tags=['invariant']) }}
-- Invariant 9, settlement: what came back or was handed over of a shipment is no more than what left with it, so that each load's account
-- can close: received + driver debits - driver credits = expected - returned.
with left_with as (

    select
events.document_id as shipment_id,
events.order_line_id,
sum(events.quantity) as quantity
    from {{ ref('stg_facts__line_events') }} as events
    where events.from_bucket = 'loaded' and events.to_bucket = 'shipped'
    group by events.document_id, events.order_line_id

),

accounted as (

    select
events.document_id as shipment_id,
events.order_line_id,
sum(events.quantity) as quantity
    from {{ ref('stg_facts__line_events') }} as events
    where events.from_bucket = 'shipped'
    group by events.document_id, events.order_line_id

),

carried as (

    select
aboard.shipment_id,
count(*) as loads
    from {{ ref('stg_facts__load_shipments') }} as aboard
    group by aboard.shipment_id

)

select
    'settlement' as subject_type,
    coalesce(left_with.shipment_id, accounted.shipment_id) as subject_id,
    'INV-09-ACCOUNT' as rule,
    cast(coalesce(accounted.quantity, 0) as varchar) || ' of line ' || coalesce(left_with.order_line_id, accounted.order_line_id)
    || ' are accounted for, ' || cast(coalesce(left_with.quantity, 0) as varchar) || ' left' as reason
from left_with
full join accounted on left_with.shipment_id = accounted.shipment_id and left_with.order_line_id = accounted.order_line_id
where coalesce(accounted.quantity, 0) > coalesce(left_with.quantity, 0)

union all

-- what a customer collects is handed over at the counter
select distinct
    'settlement' as subject_type,
    left_with.shipment_id as subject_id,
    'INV-09-NO-LOAD' as rule,
    'goods of it left and no dispatched load carries it' as reason
from left_with
left join carried on left_with.shipment_id = carried.shipment_id
left join {{ ref('stg_facts__shipments') }} as shipments on left_with.shipment_id = shipments.shipment_id
where carried.shipment_id is null and coalesce(shipments.mode, '') not in ('pickup', 'dropship')
