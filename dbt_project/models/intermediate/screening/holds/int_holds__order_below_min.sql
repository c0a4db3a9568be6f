-- HOLD-ORDER-BELOW-MIN. One row per order with open units that is worth less than it costs to handle one.
select
    'order' as scope,
    orders.order_id as subject_id,
    orders.order_id,
    cast(null as varchar) as order_line_id,
    cast(orders.order_total_base as varchar) as observed,
    cast({{ policy('orders.min_total', 'decimal(18,2)') }} as varchar) as threshold,
    {{ policy('orders.min_total', 'decimal(18,2)') }} - orders.order_total_base as distance,
    {{ policy('reporting.currency') }} as unit,
    'worth ' || {{ money_text('orders.order_total_base', policy('reporting.currency')) }} || ', the smallest order that goes is '
    || {{ money_text(policy('orders.min_total', 'decimal(18,2)'), policy('reporting.currency')) }} as explanation,
    'add goods for ' || {{ money_text(policy('orders.min_total', 'decimal(18,2)') ~ ' - orders.order_total_base', policy('reporting.currency')) }}
        as remedy,
    {{ evidence({
        'total': 'orders.order_total_base', 'smallest': policy('orders.min_total', 'decimal(18,2)'), 'currency': policy('reporting.currency'),
    }) }} as evidence,
    cast(null as timestamptz) as hold_until,
    '1' as rule_version
from {{ ref('int_orders__outstanding') }} as orders
where orders.qty_open > 0 and not orders.is_started and orders.order_total_base < {{ policy('orders.min_total', 'decimal(18,2)') }}
