-- HOLD-CREDIT-RISK-CLASS. One row per order on account of a customer rated worse than the worst class that gets credit. What is
-- paid in advance in full is no risk.
with rated as (

    select
        orders.*,
        {{ policy('credit.worst_risk_class') }} as worst_class
    from {{ ref('int_orders__outstanding') }} as orders
    where {{ not_left('orders') }} and orders.payment_status = 'on_account' and orders.risk_class is not null

)

select
    'customer' as scope,
    rated.customer_id as subject_id,
    rated.order_id,
    cast(null as varchar) as order_line_id,
    rated.risk_class as observed,
    rated.worst_class as threshold,
    ascii(rated.risk_class) - ascii(rated.worst_class) as distance,
    'classes' as unit,
    'customer ' || rated.customer_id || ' is rated ' || rated.risk_class || ', credit is given up to ' || rated.worst_class || '; '
    || {{ money_text('rated.due_total - rated.captured', 'rated.currency') }} || ' are not paid in advance' as explanation,
    'pay ' || {{ money_text('rated.due_total - rated.captured', 'rated.currency') }} || ' in advance, or have ' || rated.customer_id
    || ' rated ' || rated.worst_class || ' or better' as remedy,
    {{ evidence({
        'customer': 'rated.customer_id', 'risk_class': 'rated.risk_class', 'worst_class': 'rated.worst_class', 'due': 'rated.due_total',
        'paid_in_advance': 'rated.captured', 'currency': 'rated.currency',
    }) }} as evidence,
    cast(null as timestamptz) as hold_until,
    '1' as rule_version
from rated
where
    rated.risk_class > rated.worst_class
    and rated.captured < rated.due_total
    and rated.order_total_base >= {{ policy('credit.check_below', 'decimal(18,2)') }}
