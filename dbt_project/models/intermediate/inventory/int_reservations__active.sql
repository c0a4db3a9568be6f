-- One row per line, location and lot that released work holds: units in released, picked, packed or loaded.
with moves as (

    select events.order_line_id, events.location_id, events.lot_id, events.to_bucket as bucket, events.quantity
    from {{ ref('stg_facts__line_events') }} as events
    union all
    select events.order_line_id, events.location_id, events.lot_id, events.from_bucket as bucket, -events.quantity as quantity
    from {{ ref('stg_facts__line_events') }} as events

)

select
    moves.order_line_id,
    lines.sku_id,
    moves.location_id,
    moves.lot_id,
    cast(sum(moves.quantity) as decimal(18, 3)) as quantity
from moves
inner join {{ ref('int_order_lines__balanced') }} as lines on moves.order_line_id = lines.order_line_id
where moves.bucket in ('{{ reserved_buckets() | join("', '") }}')
group by moves.order_line_id, lines.sku_id, moves.location_id, moves.lot_id
having sum(moves.quantity) > 0
