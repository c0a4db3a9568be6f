-- HOLD-PAYMENT-EXPIRED. One row per order with open units that only an authorisation covers which banks no longer honour.
with owing as (

    select
        orders.*,
        cast(orders.due_total - {{ policy('payment.tolerance', 'decimal(18,2)') }} as decimal(18, 2)) as least_needed,
        {{ policy('payment.authorisation_days', 'integer') }} as days_honoured,
        datesub('day', orders.authorised_at, {{ as_of() }}) as days_since
    from {{ ref('int_orders__outstanding') }} as orders
    where {{ not_left('orders') }} and orders.payment_status <> 'on_account'

)

select
    'order' as scope,
    owing.order_id as subject_id,
    owing.order_id,
    cast(null as varchar) as order_line_id,
    cast(owing.days_since as varchar) as observed,
    cast(owing.days_honoured as varchar) as threshold,
    owing.days_since - owing.days_honoured as distance,
    'days' as unit,
    'authorised ' || cast(owing.days_since as varchar) || ' days ago and not captured, banks honour it for '
    || cast(owing.days_honoured as varchar) || ' days: only ' || cast(owing.covered_fresh as varchar) || ' of '
    || {{ money_text('owing.due_total', 'owing.currency') }} || ' is certain' as explanation,
    'capture or authorise again ' || {{ money_text('owing.least_needed - owing.covered_fresh', 'owing.currency') }} as remedy,
    {{ evidence({
        'authorised_at': 'owing.authorised_at', 'days_honoured': 'owing.days_honoured', 'due': 'owing.due_total',
        'covered_with_it': 'owing.covered', 'covered_without_it': 'owing.covered_fresh', 'currency': 'owing.currency',
    }) }} as evidence,
    cast(null as timestamptz) as hold_until,
    '1' as rule_version
from owing
where owing.covered >= owing.least_needed and owing.covered_fresh < owing.least_needed
