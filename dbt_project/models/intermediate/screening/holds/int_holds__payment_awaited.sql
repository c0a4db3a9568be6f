-- HOLD-PAYMENT-AWAITED. One row per order with open units that is to be paid before delivery and is not.
with owing as (

    select
        orders.*,
        orders.payment_status = 'on_account' as is_without_credit,
        {{ policy('payment.tolerance', 'decimal(18,2)') }} as tolerance,
        cast(orders.due_total - {{ policy('payment.tolerance', 'decimal(18,2)') }} as decimal(18, 2)) as least_needed
    from {{ ref('int_orders__outstanding') }} as orders
    where
        {{ not_left('orders') }}
        and (orders.payment_status <> 'on_account' or (orders.is_known_customer and not orders.has_credit))

)

select
    'order' as scope,
    owing.order_id as subject_id,
    owing.order_id,
    cast(null as varchar) as order_line_id,
    cast(owing.covered as varchar) as observed,
    cast(owing.least_needed as varchar) as threshold,
    owing.least_needed - owing.covered as distance,
    owing.currency as unit,
    case when owing.is_without_credit then 'asked for on account, but ' || owing.customer_id || ' has no credit limit; ' else '' end
    || cast(owing.covered as varchar) || ' of ' || {{ money_text('owing.due_total', 'owing.currency') }} || ' is paid or authorised, '
    || {{ money_text('owing.due_total - owing.covered', 'owing.currency') }} || ' is missing, ' || cast(owing.tolerance as varchar)
    || ' may be' as explanation,
    'pay ' || {{ money_text('owing.least_needed - owing.covered', 'owing.currency') }}
    || case when owing.is_without_credit then ', or give ' || owing.customer_id || ' a credit limit' else '' end as remedy,
    {{ evidence({
        'due': 'owing.due_total', 'paid_or_authorised': 'owing.covered', 'captured': 'owing.captured', 'tolerance': 'owing.tolerance',
        'payment_status': 'owing.payment_status', 'currency': 'owing.currency',
    }) }} as evidence,
    cast(null as timestamptz) as hold_until,
    '2' as rule_version
from owing
where owing.covered < owing.least_needed
