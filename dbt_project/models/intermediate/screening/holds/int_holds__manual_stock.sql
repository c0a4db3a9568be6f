-- HOLD-MANUAL-STOCK. One row per line with open units that usable stock does not reach while people keep stock of its SKU on hold.
-- Usable stock goes to the lines by priority, then by age.
with blocked as (

    select
        stock.sku_id,
        stock.location_id,
        sum(stock.on_hold) as on_hold
    from {{ ref('int_stock__current') }} as stock
    group by stock.sku_id, stock.location_id
    having sum(stock.on_hold) > 0

),

skus as (

    select
        blocked.sku_id,
        sum(blocked.on_hold) as on_hold,
        max_by(blocked.location_id, struct_pack(quantity := blocked.on_hold, location := blocked.location_id)) as location_id
    from blocked
    group by blocked.sku_id

),

usable as (

    select
        positions.sku_id,
        sum(greatest(0, positions.available)) as available
    from {{ ref('int_inventory__positions') }} as positions
    group by positions.sku_id

),

queued as (

    select
        lines.order_id,
        lines.order_line_id,
        lines.line_number,
        lines.sku_id,
        lines.qty_open,
        skus.on_hold,
        skus.location_id,
        coalesce(usable.available, 0) as available,
        sum(lines.qty_open) over (
            partition by lines.sku_id order by orders.priority, orders.placed_at, lines.order_line_id rows unbounded preceding
        ) as asked_so_far
    from {{ ref('int_order_lines__balanced') }} as lines
    inner join skus on lines.sku_id = skus.sku_id
    inner join {{ ref('int_orders__outstanding') }} as orders on lines.order_id = orders.order_id
    left join usable on lines.sku_id = usable.sku_id
    where lines.qty_open > 0

),

short as (

    select
        queued.*,
        queued.asked_so_far - queued.available as missing,
        least(queued.on_hold, queued.asked_so_far - queued.available) as to_free
    from queued
    where queued.asked_so_far > queued.available

)

select
    'line' as scope,
    short.order_line_id as subject_id,
    short.order_id,
    short.order_line_id,
    {{ quantity_text('short.available') }} as observed,
    {{ quantity_text('short.asked_so_far') }} as threshold,
    short.missing as distance,
    'units' as unit,
    {{ quantity_text('short.on_hold') }} || ' ' || short.sku_id || ' are on hold, most at ' || short.location_id || '; ' || {{ quantity_text('short.available') }}
    || ' are usable, this line and those before it ask for ' || {{ quantity_text('short.asked_so_far') }} as explanation,
    'free ' || {{ quantity_text('short.to_free') }} || ' ' || short.sku_id || ' at ' || short.location_id || ', or release it for what is usable' as remedy,
    {{ evidence({
        'sku': 'short.sku_id', 'on_hold': 'short.on_hold', 'usable': 'short.available', 'line': 'short.qty_open',
        'asked_up_to_this_line': 'short.asked_so_far', 'location': 'short.location_id',
    }) }} as evidence,
    cast(null as timestamptz) as hold_until,
    '1' as rule_version
from short
