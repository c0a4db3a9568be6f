-- int_stock__balances, however it was folded from cycle to cycle, is the sum of all movements that it says it holds.
with folded as (

    select
        movements.sku_id,
        movements.location_id,
        coalesce(movements.lot_id, '') as lot_key,
        sum(movements.quantity) as on_hand,
        sum(case when coalesce(movements.stock_status, 'usable') = 'usable' then movements.quantity else 0 end) as usable
    from {{ ref('stg_facts__stock_movements') }} as movements
    where movements.cycle_seq <= (select max(balances.folded_cycle_seq) from {{ ref('int_stock__balances') }} as balances)
    group by movements.sku_id, movements.location_id, coalesce(movements.lot_id, '')

)

select
    coalesce(folded.sku_id, balances.sku_id) as sku_id,
    coalesce(folded.location_id, balances.location_id) as location_id,
    coalesce(folded.lot_key, balances.lot_key) as lot_key,
    folded.on_hand as movements_say,
    balances.on_hand
from folded
full outer join {{ ref('int_stock__balances') }} as balances
    on
        folded.sku_id = balances.sku_id
        and folded.location_id = balances.location_id
        and folded.lot_key = balances.lot_key
where folded.on_hand is distinct from balances.on_hand or folded.usable is distinct from balances.usable
