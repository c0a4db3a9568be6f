-- One row per purchase or transfer line that is still expected: the open quantity of its latest event not after as_of, less what was
-- received since. A receipt of a part keeps the rest open. What left by transfer and did not arrive is in transit; the rest has yet to leave.
with told as (

    select
        supply.*,
        row_number() over (partition by supply.supply_id order by supply.event_at desc, supply.cycle_seq desc) as newest_first,
        min(supply.event_at) over (partition by supply.supply_id) as first_at
    from {{ ref('stg_facts__supply') }} as supply
    where supply.event_at <= {{ as_of() }}

),

wanted as (

    select told.* from told
    where told.newest_first = 1 and told.status in ('draft', 'confirmed') and told.quantity > 0

),

-- movements from before the first word of the oldest open line are not even read
moved as (

    select
        wanted.supply_id,
        sum(case
            when movements.kind <> 'transfer_out' and movements.location_id = wanted.location_id and movements.event_at >= wanted.event_at
                then movements.quantity
            else 0
        end) as received,
        case when wanted.kind = 'transfer' then greatest(0, -sum(movements.quantity)) else 0 end as in_transit
    from wanted
    inner join {{ ref('stg_facts__stock_movements') }} as movements on wanted.supply_id = movements.reference
    where
        movements.kind in ('receipt', 'transfer_in', 'transfer_out')
        and movements.event_at >= (select min(wanted.first_at) from wanted)
        and movements.event_at >= wanted.first_at
        and movements.event_at <= {{ as_of() }}
    group by wanted.supply_id, wanted.kind

)

select
    wanted.supply_id,
    wanted.kind,
    wanted.sku_id,
    wanted.location_id,
    wanted.from_location_id,
    wanted.supplier_id,
    cast(wanted.quantity - coalesce(moved.received, 0) as decimal(18, 3)) as quantity_open,
    cast(coalesce(moved.in_transit, 0) as decimal(18, 3)) as quantity_in_transit,
    cast(case
        when wanted.kind = 'transfer' then greatest(0, wanted.quantity - coalesce(moved.received, 0) - coalesce(moved.in_transit, 0)) else 0
    end as decimal(18, 3)) as quantity_to_leave,
    wanted.due_date,
    wanted.status
from wanted
left join moved on wanted.supply_id = moved.supply_id
where wanted.quantity > coalesce(moved.received, 0)
