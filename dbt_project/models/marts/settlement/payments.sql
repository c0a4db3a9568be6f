select
    payments.payment_id,
    orders.order_id,
    payments.method,
    payments.event,
    payments.amount,
    payments.event_at,
    payments.currency,
    payments.channel,
    payments.channel_order_id,
    {{ cycle_columns() }}
from {{ ref('stg_facts__payments') }} as payments
left join {{ ref('int_orders__current') }} as orders
    on payments.channel = orders.channel and payments.channel_order_id = orders.channel_order_id
