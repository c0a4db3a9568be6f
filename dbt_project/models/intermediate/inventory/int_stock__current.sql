-- Parts of the stock of each SKU, location and lot at as_of, for its readers to sum: the balance of earlier cycles, what was recorded
-- since, less what is recorded already and happens later; and off what is usable, lots that may not go out. A lot may on its expiry day.
-- What the running cycle's commit sent off is marked: no plan has seen it. Marked too is the one part of a SKU and location that earlier
-- cycles summed already and no lot splits: most positions are that alone, and a reader that knows it need not sum a million of them again.
with parts as not materialized (

    select
        balances.sku_id,
        balances.location_id,
        nullif(balances.lot_key, '') as lot_id,
        balances.on_hand,
        balances.usable,
        balances.on_hold,
        balances.first_at,
        false as is_after_plan,
        balances.lot_key = '' as is_summed
    from {{ ref('int_stock__balances') }} as balances

    union all

    select
        movements.sku_id,
        movements.location_id,
        movements.lot_id,
        movements.quantity as on_hand,
        case when coalesce(movements.stock_status, 'usable') = 'usable' then movements.quantity else 0 end as usable,
        case when movements.stock_status = 'on_hold' then movements.quantity else 0 end as on_hold,
        movements.event_at as first_at,
        movements.cycle_seq = {{ cycle_seq() }} and movements.movement_id like 'dispatch-%' as is_after_plan,
        false as is_summed
    from {{ ref('stg_facts__stock_movements') }} as movements
    where
        movements.cycle_seq > (select coalesce(max(balances.folded_cycle_seq), 0) from {{ ref('int_stock__balances') }} as balances)
        and movements.event_at <= {{ as_of() }}

    union all

    select
        movements.sku_id,
        movements.location_id,
        movements.lot_id,
        -movements.quantity as on_hand,
        case when coalesce(movements.stock_status, 'usable') = 'usable' then -movements.quantity else 0 end as usable,
        case when movements.stock_status = 'on_hold' then -movements.quantity else 0 end as on_hold,
        movements.event_at as first_at,
        false as is_after_plan,
        false as is_summed
    from {{ ref('stg_facts__stock_movements') }} as movements
    where
        movements.cycle_seq <= (select coalesce(max(balances.folded_cycle_seq), 0) from {{ ref('int_stock__balances') }} as balances)
        and movements.event_at > {{ as_of() }}

)

select parts.* from parts

union all

select
    parts.sku_id,
    parts.location_id,
    parts.lot_id,
    0 as on_hand,
    -parts.usable as usable,
    0 as on_hold,
    parts.first_at,
    parts.is_after_plan,
    false as is_summed
from parts
inner join {{ ref('int_lots__in_force') }} as lots on parts.sku_id = lots.sku_id and parts.lot_id = lots.lot_id
where not parts.is_summed and not {{ is_lot_usable('lots') }}
