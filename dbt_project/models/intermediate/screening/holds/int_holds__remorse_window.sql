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
    timed.order_id as subject_id,
    timed.order_id,
    cast(null as varchar) as order_line_id,
    cast(timed.minutes_since as varchar) as observed,
    cast(timed.minutes_allowed as varchar) as threshold,
    timed.minutes_allowed - timed.minutes_since as distance,
    'minutes' as unit,
    'placed ' || cast(timed.minutes_since as varchar) || ' min ago; may be cancelled without a reason until '
    || strftime(timed.ends_at, '%Y-%m-%d %H:%M') || ' UTC' as explanation,
    'wait ' || cast(timed.minutes_allowed - timed.minutes_since as varchar) || ' min: it clears itself' as remedy,
    {{ evidence({
        'minutes_since_placed': 'timed.minutes_since', 'minutes_allowed': 'timed.minutes_allowed', 'ends_at': 'timed.ends_at',
    }) }} as evidence,
    timed.ends_at as hold_until,
    '1' as rule_version
from timed
where timed.ends_at > {{ as_of() }}
