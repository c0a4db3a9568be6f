-- What is there of each lot after the commit, whether it may go out, and how long it lasts.
with stock as (

    select
        stock.sku_id,
        stock.location_id,
        stock.lot_id,
        lots.expiry,
        lots.manufactured,
        coalesce(lots.status, 'approved') as status,
        sum(stock.on_hand) as on_hand,
        sum(stock.usable) as usable
    from {{ ref('int_stock__current') }} as stock
    left join {{ ref('int_lots__in_force') }} as lots on stock.sku_id = lots.sku_id and stock.lot_id = lots.lot_id
    where stock.lot_id is not null
    group by stock.sku_id, stock.location_id, stock.lot_id, lots.expiry, lots.manufactured, lots.status

),

reserved as (

    select
        reservations.sku_id,
        reservations.location_id,
        reservations.lot_id,
        sum(reservations.quantity) as quantity
    from {{ ref('reservations') }} as reservations
    where reservations.lot_id is not null
    group by reservations.sku_id, reservations.location_id, reservations.lot_id

)

select
    stock.sku_id,
    stock.location_id,
    stock.lot_id,
    stock.expiry,
    stock.manufactured,
    case when stock.expiry < cast({{ as_of() }} as date) then 'expired' else stock.status end as status,
    cast(stock.on_hand as decimal(18, 3)) as on_hand,
    cast(stock.on_hand - stock.usable as decimal(18, 3)) as unusable,
    cast(coalesce(reserved.quantity, 0) as decimal(18, 3)) as reserved,
    cast(stock.usable - coalesce(reserved.quantity, 0) as decimal(18, 3)) as available,
    date_diff('day', cast({{ as_of() }} as date), stock.expiry) as days_left,
    {{ cycle_columns() }}
from stock
left join reserved
    on stock.sku_id = reserved.sku_id and stock.location_id = reserved.location_id and stock.lot_id = reserved.lot_id
where stock.on_hand <> 0 or reserved.quantity > 0
