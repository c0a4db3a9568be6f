-- HOLD-PAYMENT-MISMATCH. One row per order with open units whose total by the channel is not the sum of its parts.
select
    'order' as scope,
    orders.order_id as subject_id,
    orders.order_id,
    cast(null as varchar) as order_line_id,
    cast(orders.declared_total as varchar) as observed,
    cast(orders.order_total as varchar) as threshold,
    abs(orders.declared_total - orders.order_total) - {{ policy('payment.tolerance', 'decimal(18,2)') }} as distance,
    orders.currency as unit,
    'the channel says ' || {{ money_text('orders.declared_total', 'orders.currency') }} || ', lines, charges and tax add up to '
    || {{ money_text('orders.order_total', 'orders.currency') }} || ': '
    || {{ money_text('abs(orders.declared_total - orders.order_total)', 'orders.currency') }}
    || case when orders.declared_total > orders.order_total then ' more' else ' less' end
    || ', ' || cast({{ policy('payment.tolerance', 'decimal(18,2)') }} as varchar) || ' is tolerated' as explanation,
    'have ' || orders.channel || ' send order ' || orders.channel_order_id || ' again with parts that add up to '
    || {{ money_text('orders.declared_total', 'orders.currency') }} || ', or release it at '
    || {{ money_text('orders.order_total', 'orders.currency') }} as remedy,
    {{ evidence({
        'declared_total': 'orders.declared_total', 'items': 'orders.items_total', 'discounts': 'orders.discount_total',
        'our_total': 'orders.order_total', 'tolerance': policy('payment.tolerance', 'decimal(18,2)'), 'currency': 'orders.currency',
    }) }} as evidence,
    cast(null as timestamptz) as hold_until,
    '1' as rule_version
from {{ ref('int_orders__outstanding') }} as orders
where
    orders.qty_open > 0
    and abs(orders.declared_total - orders.order_total) > {{ policy('payment.tolerance', 'decimal(18,2)') }}
