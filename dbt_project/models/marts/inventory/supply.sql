with newest as (

    select supply.* from {{ ref('stg_facts__supply') }} as supply
    where supply.event_at <= {{ as_of() }}
    qualify row_number() over (partition by supply.supply_id order by supply.event_at desc, supply.cycle_seq desc) = 1

)

select
    newest.supply_id,
    newest.kind,
    newest.sku_id,
    newest.location_id,
    newest.supplier_id,
    coalesce(still_open.quantity_open, 0) as quantity_open,
    newest.due_date,
    case when newest.status in ('draft', 'confirmed') and still_open.supply_id is null then 'received' else newest.status end as status,
    newest.from_location_id,
    coalesce(still_open.supply_id is not null and newest.due_date < cast({{ as_of() }} as date), false) as is_overdue,
    newest.event_at,
    {{ cycle_columns() }}
from newest
left join {{ ref('int_supply__open') }} as still_open on newest.supply_id = still_open.supply_id
