-- What a customer is to be told about a shipment or a later day of a line, once per event: the queue of whoever sends. Nothing here sends, so all are pending.
with events as (

    select
shipments.shipment_id,
shipments.order_id,
'shipment_departed' as event,
shipments.departed_at as event_at
    from {{ ref('shipments') }} as shipments
    where shipments.departed_at is not null

    union all

    select
deliveries.shipment_id,
shipments.order_id,
'delivery_' || deliveries.outcome as event,
deliveries.attempted_at as event_at
    from {{ ref('deliveries') }} as deliveries
    inner join {{ ref('shipments') }} as shipments on deliveries.shipment_id = shipments.shipment_id

    union all

    select
cast(null as varchar) as shipment_id,
changes.order_id,
'promise_later' as event,
changes.event_at
    from {{ ref('promise_changes') }} as changes
    where changes.event = 'changed' and changes.days_later > 0
    group by changes.order_id, changes.event_at

)

select
    coalesce(events.shipment_id, events.order_id || '-' || strftime(events.event_at, '%Y%m%dT%H%M%S')) || '-' || events.event as notification_id,
    events.event,
    'customer_' || events.event as template,
    customers.email as recipient,
    'email' as channel,
    'pending' as state,
    0 as attempts,
    events.order_id,
    events.shipment_id,
    events.event_at,
    {{ cycle_columns() }}
from events
inner join {{ ref('int_orders__current') }} as orders on events.order_id = orders.order_id
inner join {{ ref('int_customers__in_force') }} as customers on orders.customer_id = customers.customer_id
where customers.email is not null
