-- One row per purchase or transfer line that is still expected, as its latest event not after as_of says.
with newest as (

    select
        supply.*,
        row_number() over (partition by supply.supply_id order by supply.event_at desc, supply.cycle_seq desc) as newest_first
    from {{ ref('stg_facts__supply') }} as supply
    where supply.event_at <= {{ as_of() }}

),

received as (

    select
        movements.reference as supply_id,
        max(movements.event_at) as received_at
    from {{ ref('stg_facts__stock_movements') }} as movements
    where movements.kind in ('receipt', 'transfer_in') and movements.reference is not null and movements.event_at <= {{ as_of() }}
    group by movements.reference

)

select
    newest.supply_id,
    newest.kind,
    newest.sku_id,
    newest.location_id,
    newest.from_location_id,
    newest.supplier_id,
    newest.quantity as quantity_open,
    newest.due_date,
    newest.status
from newest
left join received on newest.supply_id = received.supply_id
where
    newest.newest_first = 1
    and newest.quantity > 0
    and newest.status in ('draft', 'confirmed')
    and (received.received_at is null or received.received_at < newest.event_at)
