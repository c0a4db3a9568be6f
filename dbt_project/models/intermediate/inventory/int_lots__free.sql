-- One row per SKU, location and lot, where the SKU is kept by lot: usable units that no released work holds, and how long they last.
-- Units of no lot have a row without lot_id beside them; below 0, they are a loss that was counted without naming a lot.
with kept_by_lot as (

    select distinct
        stock.sku_id,
        stock.location_id
    from {{ ref('int_stock__current') }} as stock
    where not stock.is_summed and stock.lot_id is not null

),

stock as (

    select
        stock.sku_id,
        stock.location_id,
        stock.lot_id,
        lots.expiry,
        sum(stock.usable) as quantity
    from {{ ref('int_stock__current') }} as stock
    left join {{ ref('int_lots__in_force') }} as lots on stock.sku_id = lots.sku_id and stock.lot_id = lots.lot_id
    where not stock.is_summed and stock.lot_id is not null and {{ is_lot_usable('lots') }} and not stock.is_after_plan
    group by stock.sku_id, stock.location_id, stock.lot_id, lots.expiry

    union all

    select
        stock.sku_id,
        stock.location_id,
        cast(null as varchar) as lot_id,
        cast(null as date) as expiry,
        sum(stock.usable) as quantity
    from {{ ref('int_stock__current') }} as stock
    inner join kept_by_lot on stock.sku_id = kept_by_lot.sku_id and stock.location_id = kept_by_lot.location_id
    where stock.lot_id is null and not stock.is_after_plan
    group by stock.sku_id, stock.location_id

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
