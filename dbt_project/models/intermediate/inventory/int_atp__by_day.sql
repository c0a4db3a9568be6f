-- One row per SKU, location and day on which usable stock grows: what may be promised up to that day, before any promise.
-- Promises are planned anew each cycle, so nothing but reservations, transfers that have yet to leave and firm supply is taken into account.
with spoken_for as (

    -- usable, but not for as long after delivery as the SKU asks for: never promised
    select
        lots.sku_id,
        lots.location_id,
        greatest(0, lots.quantity) as quantity
    from {{ ref('int_lots__free') }} as lots
    inner join {{ ref('int_skus__in_force') }} as skus on lots.sku_id = skus.sku_id
    where lots.lot_id is not null and lots.expiry < cast({{ as_of() }} as date) + skus.min_remaining_life_days

    union all

    select
        supply.sku_id,
        supply.from_location_id as location_id,
        supply.quantity_to_leave as quantity
    from {{ ref('int_supply__open') }} as supply
    where supply.status = 'confirmed' and supply.quantity_to_leave > 0

),

kept as (

    select
        spoken_for.sku_id,
        spoken_for.location_id,
        sum(spoken_for.quantity) as quantity
    from spoken_for
    group by spoken_for.sku_id, spoken_for.location_id

),

today as materialized (

    select
        positions.sku_id,
        positions.location_id,
        positions.available - coalesce(kept.quantity, 0) as quantity
    from {{ ref('int_inventory__positions') }} as positions
    left join kept on positions.sku_id = kept.sku_id and positions.location_id = kept.location_id

),

later as (

    select
        supply.sku_id,
        supply.location_id,
        greatest(1, date_diff('day', cast({{ as_of() }} as date), supply.due_date)) as day_index,
        sum(supply.quantity_open) as quantity
    from {{ ref('int_supply__open') }} as supply
    where supply.status = 'confirmed'
    group by supply.sku_id, supply.location_id, greatest(1, date_diff('day', cast({{ as_of() }} as date), supply.due_date))
    having greatest(1, date_diff('day', cast({{ as_of() }} as date), supply.due_date)) <= {{ policy('sourcing.horizon_days', 'integer') }}

)

select
    today.sku_id,
    today.location_id,
    0 as day_index,
    cast(today.quantity as decimal(18, 3)) as cumulative_atp
from today

union all

select
    later.sku_id,
    later.location_id,
    later.day_index,
    cast(today.quantity + sum(later.quantity) over (
        partition by later.sku_id, later.location_id order by later.day_index
    ) as decimal(18, 3)) as cumulative_atp
from later
inner join today on later.sku_id = today.sku_id and later.location_id = today.location_id
