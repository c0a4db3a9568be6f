-- One row per SKU and location with any stock, reservation or supply: what is there and what is spoken for by released work.
with movements as (

    select
        movements.sku_id,
        movements.location_id,
        sum(movements.quantity) as on_hand,
        sum(case when not ({{ is_usable('movements', 'lots') }}) then movements.quantity else 0 end) as unusable
    from {{ ref('stg_facts__stock_movements') }} as movements
    left join {{ ref('int_lots__in_force') }} as lots on movements.sku_id = lots.sku_id and movements.lot_id = lots.lot_id
    where movements.event_at <= {{ as_of() }}
    group by movements.sku_id, movements.location_id

),

reserved as (

    select
        reservations.sku_id,
        reservations.location_id,
        sum(reservations.quantity) as reserved
    from {{ ref('int_reservations__active') }} as reservations
    group by reservations.sku_id, reservations.location_id

),

inbound as (

    select
        supply.sku_id,
        supply.location_id,
        sum(supply.quantity_open) as inbound
    from {{ ref('int_supply__open') }} as supply
    group by supply.sku_id, supply.location_id

),

keys as (

    select movements.sku_id, movements.location_id from movements
    union
    select reserved.sku_id, reserved.location_id from reserved
    union
    select inbound.sku_id, inbound.location_id from inbound

)

select
    keys.sku_id,
    keys.location_id,
    cast(coalesce(movements.on_hand, 0) as decimal(18, 3)) as on_hand,
    cast(coalesce(movements.unusable, 0) as decimal(18, 3)) as unusable,
    cast(coalesce(reserved.reserved, 0) as decimal(18, 3)) as reserved,
    cast(coalesce(movements.on_hand, 0) - coalesce(movements.unusable, 0) - coalesce(reserved.reserved, 0) as decimal(18, 3)) as available,
    cast(coalesce(inbound.inbound, 0) as decimal(18, 3)) as inbound
from keys
left join movements on keys.sku_id = movements.sku_id and keys.location_id = movements.location_id
left join reserved on keys.sku_id = reserved.sku_id and keys.location_id = reserved.location_id
left join inbound on keys.sku_id = inbound.sku_id and keys.location_id = inbound.location_id
