-- HOLD-REMORSE-WINDOW. One row per order with open units that was placed so recently that its customer may still cancel. Clears itself.
with timed as (

    select
        orders.order_id,
        coalesce(orders.remorse_minutes, {{ policy('orders.remorse_minutes', 'integer') }}) as minutes_allowed,
        datesub('minute', orders.placed_at, {{ as_of() }}) as minutes_since,
        orders.placed_at + to_minutes(coalesce(orders.remorse_minutes, {{ policy('orders.remorse_minutes', 'integer') }})) as ends_at
    from {{ ref('int_orders__outstanding') }} as orders
    where orders.qty_open > 0

)

select
    'order' as scope,
    timed.order_id,
    cast(null as varchar) as order_line_id,
    cast(timed.minutes_since as varchar) as observed,
    cast(timed.minutes_allowed as varchar) as threshold,
    'placed ' || cast(timed.minutes_since as varchar) || ' min ago; may be cancelled without a reason until '
    || strftime(timed.ends_at, '%Y-%m-%d %H:%M') || ' UTC' as explanation,
    'wait ' || cast(timed.minutes_allowed - timed.minutes_since as varchar) || ' min: it clears itself' as remedy,
    '1' as rule_version
from timed
where timed.ends_at > {{ as_of() }}
