-- HOLD-CUSTOMER-BLOCKED. One row per order with open units of a customer who is blocked, or who is unknown and asks for credit or
-- orders by a channel that serves known customers only (`unknown_customer: hold`).
select
    'customer' as scope,
    orders.customer_id as subject_id,
    orders.order_id,
    cast(null as varchar) as order_line_id,
    case
        when orders.is_known_customer then 'blocked'
        when orders.payment_status = 'on_account' then 'unknown, on account'
        else 'unknown'
    end as observed,
    'a known customer who is not blocked' as threshold,
    1 as distance,
    'facts' as unit,
    'customer ' || coalesce(orders.customer_number, '(none)')
    || case
        when orders.is_known_customer then ' is blocked: ' || coalesce(customers.block_reason, 'no reason given')
        when orders.payment_status = 'on_account' then ' is not in the reference data and orders on account'
        else ' is not in the reference data, and channel ' || orders.channel || ' serves known customers only'
    end as explanation,
    case
        when orders.is_known_customer then 'unblock customer ' || orders.customer_id || ' in the reference data'
        else
            'load customer ' || coalesce(orders.customer_number, '(none)') || ' with the reference data'
            || case
                when not orders.needs_known_customer
                    then ', or take ' || {{ money_text('orders.due_total - orders.captured', 'orders.currency') }} || ' in advance'
                else ''
            end
    end as remedy,
    {{ evidence({
        'customer': 'orders.customer_id', 'is_known': 'orders.is_known_customer', 'block_reason': 'customers.block_reason',
        'payment_status': 'orders.payment_status', 'due': 'orders.due_total', 'paid_in_advance': 'orders.captured', 'currency': 'orders.currency',
    }) }} as evidence,
    cast(null as timestamptz) as hold_until,
    '1' as rule_version
from {{ ref('int_orders__outstanding') }} as orders
left join {{ ref('int_customers__in_force') }} as customers on orders.customer_id = customers.customer_id
where
    {{ not_left('orders') }}
    and (
        coalesce(customers.is_blocked, false)
        or (
            not orders.is_known_customer
            and (orders.needs_known_customer or (orders.payment_status = 'on_account' and orders.captured < orders.due_total))
        )
    )
