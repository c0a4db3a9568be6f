select
    payments.payment_id as refund_id,
    payments.order_id,
    payments.method,
    payments.event as kind,
    payments.amount,
    payments.currency,
    payments.event_at,
    {{ cycle_columns() }}
from {{ ref('payments') }} as payments
where payments.event in ('refunded', 'chargeback')
