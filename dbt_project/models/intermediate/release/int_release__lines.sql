-- One row per promised quantity that may go to the floor now: its stock is on hand, nothing holds it, it ships within the horizon.
with promised as (

    select
        promises.order_line_id,
        promises.order_id,
        promises.sku_id,
        promises.location_id,
        promises.quantity,
        promises.ship_date,
        promises.deliver_date,
        orders.priority,
        orders.placed_at,
        orders.ship_complete,
        locations.timezone
    from {{ ref('stg_plans__promises') }} as promises
    inner join {{ ref('int_orders__current') }} as orders on promises.order_id = orders.order_id
    inner join {{ ref('int_locations__in_force') }} as locations on promises.location_id = locations.location_id

),

-- what keeps orders and lines from the floor: found before sourcing, or in its answer
held as (

    select holds.order_id, holds.order_line_id
    from {{ ref('int_holds__blocking') }} as holds
    where holds.blocks_release

    union all

    select sourced.order_id, sourced.order_line_id
    from {{ ref('int_holds__sourced') }} as sourced
    inner join {{ ref('hold_types') }} as types on sourced.hold_type = types.hold_type
    where types.blocks_release and not sourced.is_released

),

due as (

    select promised.* from promised
    where
        promised.ship_date <= {{ local_date(as_of(), 'promised.timezone') }} + {{ policy('release.horizon_days', 'integer') }}
        and not exists (
            select 1 from held as holds
            where
                holds.order_id = promised.order_id
                and (holds.order_line_id is null or holds.order_line_id = promised.order_line_id or promised.ship_complete)
        )

),

complete as (

    select
        lines.order_id,
        sum(lines.qty_open) as qty_open
    from {{ ref('int_order_lines__balanced') }} as lines
    group by lines.order_id

),

whole as (

    select due.*
    from due
    inner join complete on due.order_id = complete.order_id
    qualify not due.ship_complete or sum(due.quantity) over (partition by due.order_id) >= complete.qty_open

),

covered as (

    select
        whole.*,
        positions.available,
        sum(whole.quantity) over (
            partition by whole.sku_id, whole.location_id
            order by whole.priority, whole.placed_at, whole.order_line_id
        ) as taken
    from whole
    inner join {{ ref('int_inventory__positions') }} as positions
        on whole.sku_id = positions.sku_id and whole.location_id = positions.location_id

)

select
    covered.order_line_id,
    covered.order_id,
    covered.sku_id,
    covered.location_id,
    covered.quantity,
    covered.ship_date,
    covered.deliver_date,
    covered.priority,
    covered.placed_at,
    covered.timezone
from covered
where covered.taken <= covered.available
