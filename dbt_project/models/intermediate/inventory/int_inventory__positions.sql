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
    where not stock.is_after_plan

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

)

select
    parts.sku_id,
    parts.location_id,
    cast(sum(parts.on_hand) as decimal(18, 3)) as on_hand,
    cast(sum(parts.on_hand - parts.usable) as decimal(18, 3)) as unusable,
    cast(sum(parts.reserved) as decimal(18, 3)) as reserved,
    cast(sum(parts.usable - parts.reserved) as decimal(18, 3)) as available,
    cast(sum(parts.inbound) as decimal(18, 3)) as inbound
from parts
group by parts.sku_id, parts.location_id
