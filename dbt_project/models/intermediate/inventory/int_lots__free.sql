-- One row per SKU, location and lot, where the SKU is kept by lot: usable units that no released work holds, and how long they last.
-- Units of no lot have a row without lot_id beside them; below 0, they are a loss that was counted without naming a lot.
with stock as (

    select
        movements.sku_id,
        movements.location_id,
        movements.lot_id,
        lots.expiry,
        sum(movements.quantity) as quantity
    from {{ ref('stg_facts__stock_movements') }} as movements
    left join {{ ref('int_lots__in_force') }} as lots on movements.sku_id = lots.sku_id and movements.lot_id = lots.lot_id
    where movements.event_at <= {{ as_of() }} and {{ is_usable('movements', 'lots') }}
    group by movements.sku_id, movements.location_id, movements.lot_id, lots.expiry

),

reserved as (

    select
        reservations.sku_id,
        reservations.location_id,
        reservations.lot_id,
        sum(reservations.quantity) as quantity
    from {{ ref('int_reservations__active') }} as reservations
    group by reservations.sku_id, reservations.location_id, reservations.lot_id

)

select
    stock.sku_id,
    stock.location_id,
    stock.lot_id,
    stock.expiry,
    cast(stock.quantity - coalesce(reserved.quantity, 0) as decimal(18, 3)) as quantity
from stock
left join reserved
    on
        stock.sku_id = reserved.sku_id
        and stock.location_id = reserved.location_id
        and stock.lot_id is not distinct from reserved.lot_id
where exists (
    select 1 from {{ ref('stg_facts__stock_movements') }} as movements
    where movements.sku_id = stock.sku_id and movements.location_id = stock.location_id and movements.lot_id is not null
)
