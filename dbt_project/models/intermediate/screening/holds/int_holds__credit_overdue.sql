-- HOLD-CREDIT-OVERDUE. One row per order on account of a customer with invoices past due for longer than is allowed.
select
    'customer' as scope,
    orders.customer_id as subject_id,
    orders.order_id,
    cast(null as varchar) as order_line_id,
    cast(exposure.today - exposure.oldest_due_date as varchar) as observed,
    cast({{ policy('credit.overdue_days', 'integer') }} as varchar) as threshold,
    exposure.today - exposure.oldest_due_date - {{ policy('credit.overdue_days', 'integer') }} as distance,
    'days' as unit,
    cast(exposure.overdue_count as varchar) || case when exposure.overdue_count = 1 then ' overdue invoice of ' else ' overdue invoices of ' end
    || {{ money_text('exposure.overdue_total', 'exposure.currency') }} || ', the oldest '
    || cast(exposure.today - exposure.oldest_due_date as varchar) || ' days past due, '
    || cast(exposure.today - exposure.oldest_due_date - {{ policy('credit.overdue_days', 'integer') }} as varchar) || ' more than the '
    || cast({{ policy('credit.overdue_days', 'integer') }} as varchar) || ' allowed' as explanation,
    'pay ' || {{ money_text('exposure.overdue_total', 'exposure.currency') }} || ': '
    || case when exposure.overdue_count = 1 then 'invoice ' else 'invoices ' end || exposure.overdue_invoices as remedy,
    {{ evidence({
        'customer': 'orders.customer_id', 'invoices': 'exposure.overdue_invoices', 'overdue': 'exposure.overdue_total',
        'oldest_due': 'exposure.oldest_due_date', 'past_due_1_30': 'exposure.past_due_1_30', 'past_due_31_60': 'exposure.past_due_31_60',
        'past_due_61_90': 'exposure.past_due_61_90', 'past_due_over_90': 'exposure.past_due_over_90', 'today': 'exposure.today',
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
    and exposure.overdue_count > 0
    and orders.order_total_base >= {{ policy('credit.check_below', 'decimal(18,2)') }}
