-- One row per SKU, location and day on which usable stock grows: what may be promised up to that day, before any promise.
-- Promises are planned anew each cycle, so nothing but reservations and firm supply is taken off here.
with steps as (

    select
        positions.sku_id,
        positions.location_id,
        0 as day_index,
        positions.available as quantity
    from {{ ref('int_inventory__positions') }} as positions

    union all

    -- usable, but not for as long after delivery as the SKU asks for: never promised
    select
        lots.sku_id,
        lots.location_id,
        0 as day_index,
        -greatest(0, lots.quantity) as quantity
    from {{ ref('int_lots__free') }} as lots
    inner join {{ ref('int_skus__in_force') }} as skus on lots.sku_id = skus.sku_id
    where lots.expiry < cast({{ as_of() }} as date) + skus.min_remaining_life_days

    union all

    select
        supply.sku_id,
        supply.location_id,
        greatest(1, date_diff('day', cast({{ as_of() }} as date), supply.due_date)) as day_index,
        supply.quantity_open as quantity
    from {{ ref('int_supply__open') }} as supply
    where supply.status = 'confirmed'

),

by_day as (

    select
        steps.sku_id,
        steps.location_id,
        steps.day_index,
        sum(steps.quantity) as quantity
    from steps
    where steps.day_index <= {{ policy('sourcing.horizon_days', 'integer') }}
    group by steps.sku_id, steps.location_id, steps.day_index

)

select
    by_day.sku_id,
    by_day.location_id,
    by_day.day_index,
    cast(sum(by_day.quantity) over (
        partition by by_day.sku_id, by_day.location_id order by by_day.day_index
    ) as decimal(18, 3)) as cumulative_atp
from by_day
