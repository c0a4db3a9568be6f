-- HOLD-CREDIT-LIMIT-EXPIRED. One row per order on account whose credit limit is past its last day.
select
    'customer' as scope,
    exposure.limit_customer_id as subject_id,
    orders.order_id,
    cast(null as varchar) as order_line_id,
    strftime(exposure.credit_limit_expiry, '%Y-%m-%d') as observed,
    strftime(exposure.today, '%Y-%m-%d') as threshold,
    exposure.today - exposure.credit_limit_expiry as distance,
    'days' as unit,
    'the credit limit of ' || exposure.limit_customer_id || ' expired on ' || strftime(exposure.credit_limit_expiry, '%Y-%m-%d')
    || ', ' || cast(exposure.today - exposure.credit_limit_expiry as varchar) || ' days ago' as explanation,
    'renew the credit limit of ' || exposure.limit_customer_id || ' to ' || strftime(exposure.today, '%A %-d %B %Y') || ' or later' as remedy,
    {{ evidence({
        'customer': 'orders.customer_id', 'limit_of': 'exposure.limit_customer_id', 'credit_limit': 'exposure.credit_limit',
        'last_day': 'exposure.credit_limit_expiry', 'today': 'exposure.today', 'order_on_account': 'orders.order_total_base',
        'currency': 'exposure.currency',
    }) }} as evidence,
    cast(null as timestamptz) as hold_until,
    '1' as rule_version
from {{ ref('int_orders__outstanding') }} as orders
inner join {{ ref('int_customers__exposure') }} as exposure on orders.customer_id = exposure.customer_id
where
    {{ not_left('orders') }}
    and orders.payment_status = 'on_account'
    and exposure.credit_limit is not null
    and exposure.is_expired
    and orders.order_total_base >= {{ policy('credit.check_below', 'decimal(18,2)') }}
