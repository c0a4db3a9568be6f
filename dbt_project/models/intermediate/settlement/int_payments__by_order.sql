-- One row per order with payment events up to as_of: what was authorised, taken and given back, in the order's currency.
select
    orders.order_id,
    cast(sum(case payments.event when 'authorised' then payments.amount when 'voided' then -payments.amount else 0 end) as decimal(18, 2)) as authorised,
    cast(sum(case when payments.event = 'captured' then payments.amount else 0 end) as decimal(18, 2)) as captured,
    cast(sum(case when payments.event in ('refunded', 'chargeback') then payments.amount else 0 end) as decimal(18, 2)) as refunded
from {{ ref('stg_facts__payments') }} as payments
inner join {{ ref('int_orders__current') }} as orders
    on payments.channel = orders.channel and payments.channel_order_id = orders.channel_order_id
where payments.event_at <= {{ as_of() }}
group by orders.order_id
