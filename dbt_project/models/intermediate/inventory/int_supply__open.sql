-- One row per purchase or transfer line that is still expected: the open quantity of its latest event not after as_of, less what was
-- received since. A receipt of a part keeps the rest open.
with newest as (

    select
        supply.*,
        row_number() over (partition by supply.supply_id order by supply.event_at desc, supply.cycle_seq desc) as newest_first
    from {{ ref('stg_facts__supply') }} as supply
    where supply.event_at <= {{ as_of() }}

),

received as (

    select
        newest.supply_id,
        sum(movements.quantity) as quantity
    from newest
    inner join {{ ref('stg_facts__stock_movements') }} as movements
        on newest.supply_id = movements.reference and newest.location_id = movements.location_id
    where
        newest.newest_first = 1
        and movements.kind in ('receipt', 'transfer_in')
        and movements.event_at >= newest.event_at
        and movements.event_at <= {{ as_of() }}
    group by newest.supply_id

)

select
    newest.supply_id,
    newest.kind,
    newest.sku_id,
    newest.location_id,
    newest.from_location_id,
    newest.supplier_id,
    cast(newest.quantity - coalesce(received.quantity, 0) as decimal(18, 3)) as quantity_open,
    newest.due_date,
    newest.status
from newest
left join received on newest.supply_id = received.supply_id
where
    newest.newest_first = 1
    and newest.status in ('draft', 'confirmed')
    and newest.quantity > coalesce(received.quantity, 0)
