-- One row per SKU and location with any stock, reservation or supply: what is there and what is spoken for, as the plan sees it.
with parts as (

    select
        stock.sku_id,
        stock.location_id,
        stock.on_hand,
        stock.usable,
        0 as reserved,
        0 as inbound
    from {{ ref('int_stock__current') }} as stock
    where not stock.is_after_plan and not stock.is_summed

    union all

    select
        reservations.sku_id,
        reservations.location_id,
        0 as on_hand,
        0 as usable,
        reservations.quantity as reserved,
        0 as inbound
    from {{ ref('int_reservations__active') }} as reservations

    union all

    select
        supply.sku_id,
        supply.location_id,
        0 as on_hand,
        0 as usable,
        0 as reserved,
        supply.quantity_open as inbound
    from {{ ref('int_supply__open') }} as supply

),

changed as (

    select
        parts.sku_id,
        parts.location_id,
        sum(parts.on_hand) as on_hand,
        sum(parts.usable) as usable,
        sum(parts.reserved) as reserved,
        sum(parts.inbound) as inbound
    from parts
    group by parts.sku_id, parts.location_id

),

positions as (

    select
        coalesce(stock.sku_id, changed.sku_id) as sku_id,
        coalesce(stock.location_id, changed.location_id) as location_id,
        coalesce(stock.on_hand, 0) + coalesce(changed.on_hand, 0) as on_hand,
        coalesce(stock.usable, 0) + coalesce(changed.usable, 0) as usable,
        coalesce(changed.reserved, 0) as reserved,
        coalesce(changed.inbound, 0) as inbound
    from (
        select current_stock.* from {{ ref('int_stock__current') }} as current_stock
        where current_stock.is_summed
    ) as stock
    full join changed on stock.sku_id = changed.sku_id and stock.location_id = changed.location_id

)

select
    positions.sku_id,
    positions.location_id,
    cast(positions.on_hand as decimal(18, 3)) as on_hand,
    cast(positions.on_hand - positions.usable as decimal(18, 3)) as unusable,
    cast(positions.reserved as decimal(18, 3)) as reserved,
    cast(positions.usable - positions.reserved as decimal(18, 3)) as available,
    cast(positions.inbound as decimal(18, 3)) as inbound
from positions
