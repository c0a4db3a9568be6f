-- HOLD-DUPLICATE-SUSPECT. One row per order with open units whose customer ordered the same basket a short time before under
-- another number. What was cancelled from the earlier order is not in its basket: who cancels and orders again is no suspect.
with suspects as (

    select
        orders.order_id,
        orders.customer_id,
        orders.placed_at,
        orders.placed_at - cast({{ policy('duplicate.window_hours') }} || ' hours' as interval) as window_from
    from {{ ref('int_orders__outstanding') }} as orders
    where orders.qty_open > 0

),

-- the suspects themselves and what their customers ordered shortly before them
recent as (

    select
        orders.order_id,
        orders.customer_id,
        orders.channel,
        orders.channel_order_id,
        orders.placed_at
    from {{ ref('int_orders__current') }} as orders
    inner join (
        select
            suspects.customer_id,
            min(suspects.window_from) as window_from
        from suspects
        group by suspects.customer_id
    ) as customers on orders.customer_id = customers.customer_id and orders.placed_at >= customers.window_from
    where not orders.is_test

),

-- equal baskets have equal sums and equal ends: only where two orders agree in these are the baskets themselves compared
outlined as (

    select
        recent.order_id,
        recent.customer_id,
        sum(lines.qty_ordered - lines.qty_cancelled) as quantity,
        min(coalesce(lines.sku_id, '(none)')) as first_sku,
        max(coalesce(lines.sku_id, '(none)')) as last_sku
    from recent
    inner join {{ ref('int_order_lines__balanced') }} as lines on recent.order_id = lines.order_id
    where lines.qty_ordered > lines.qty_cancelled
    group by recent.order_id, recent.customer_id

),

alike as (

    select outlined.order_id from outlined
    qualify count(*) over (partition by outlined.customer_id, outlined.quantity, outlined.first_sku, outlined.last_sku) > 1

),

sku_quantities as (

    select
        recent.order_id,
        recent.customer_id,
        recent.channel,
        recent.channel_order_id,
        recent.placed_at,
        coalesce(lines.sku_id, '(none)') as sku_id,
        sum(lines.qty_ordered - lines.qty_cancelled) as quantity
    from recent
    inner join alike on recent.order_id = alike.order_id
    inner join {{ ref('int_order_lines__balanced') }} as lines on recent.order_id = lines.order_id
    group by all
    having sum(lines.qty_ordered - lines.qty_cancelled) > 0

),

baskets as (

    select
        quantities.order_id,
        quantities.customer_id,
        quantities.channel,
        quantities.channel_order_id,
        quantities.placed_at,
        count(*) as skus,
        string_agg(cast(quantities.quantity as varchar) || ' ' || quantities.sku_id, ', ' order by quantities.sku_id) as basket
    from sku_quantities as quantities
    group by all

),

same as (

    select
        suspects.order_id,
        baskets.skus,
        earlier.order_id as earlier_order_id,
        earlier.channel_order_id as earlier_number,
        earlier.channel as earlier_channel,
        datesub('minute', earlier.placed_at, suspects.placed_at) as minutes_apart,
        row_number() over (partition by suspects.order_id order by earlier.placed_at, earlier.order_id) as earliest_first
    from suspects
    inner join baskets on suspects.order_id = baskets.order_id
    inner join baskets as earlier on baskets.customer_id = earlier.customer_id and baskets.basket = earlier.basket
    where
        earlier.placed_at >= suspects.window_from
        and (earlier.placed_at < suspects.placed_at or (earlier.placed_at = suspects.placed_at and earlier.order_id < suspects.order_id))

)

select
    'order' as scope,
    same.order_id as subject_id,
    same.order_id,
    cast(null as varchar) as order_line_id,
    cast(same.minutes_apart as varchar) || ' min after ' || same.earlier_order_id as observed,
    'more than ' || {{ policy('duplicate.window_hours') }} || ' h after' as threshold,
    cast({{ policy('duplicate.window_hours') }} as integer) * 60 - same.minutes_apart as distance,
    'minutes' as unit,
    'the same ' || cast(same.skus as varchar) || ' SKUs and quantities as ' || same.earlier_number || ' (' || same.earlier_channel
    || ') of the same customer, placed ' || cast(same.minutes_apart as varchar) || ' min before' as explanation,
    'ask the customer: cancel this order, or release it if both are meant' as remedy,
    {{ evidence({
        'earlier_order': 'same.earlier_order_id', 'earlier_number': 'same.earlier_number', 'earlier_channel': 'same.earlier_channel',
        'minutes_apart': 'same.minutes_apart', 'skus': 'same.skus',
    }) }} as evidence,
    cast(null as timestamptz) as hold_until,
    '1' as rule_version
from same
where same.earliest_first = 1
