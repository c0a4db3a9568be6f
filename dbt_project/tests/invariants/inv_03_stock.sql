{{ config(tags=['invariant']) }}
-- Invariant 3, stock: on-hand is the fold of the movements; up to each day promises stay within available stock and confirmed supply;
-- a cycle reserves no more than what was usable and not reserved.
with moved as (

    -- what this cycle's commit sent off came after the positions were built
    select
movements.sku_id,
movements.location_id,
sum(movements.quantity) as on_hand
    from {{ ref('stg_facts__stock_movements') }} as movements
    where
        movements.event_at <= {{ as_of() }}
        and not (movements.cycle_seq = {{ cycle_seq() }} and movements.movement_id like 'dispatch-%')
    group by movements.sku_id, movements.location_id

),

promised as (

    select
        promises.*,
        sum(promises.quantity) over (
            partition by promises.sku_id, promises.location_id
            order by promises.ship_date, promises.order_line_id, promises.supply_id nulls first, promises.lot_id nulls first
            rows unbounded preceding
        ) as up_to_here
    from {{ ref('stg_plans__promises') }} as promises

),

covered as (

    select
        promised.order_line_id,
        promised.sku_id,
        promised.location_id,
        promised.ship_date,
        promised.up_to_here,
        greatest(0, coalesce(any_value(positions.available), 0)) + coalesce(sum(supply.quantity_open), 0) as there
    from promised
    left join {{ ref('int_inventory__positions') }} as positions
        on promised.sku_id = positions.sku_id and promised.location_id = positions.location_id
    left join {{ ref('int_supply__open') }} as supply
        on
            promised.sku_id = supply.sku_id
            and promised.location_id = supply.location_id
            and supply.status = 'confirmed'
            and greatest(supply.due_date, cast({{ as_of() }} as date) + 1) <= promised.ship_date
    group by promised.order_line_id, promised.sku_id, promised.location_id, promised.ship_date, promised.up_to_here

),

reserving as (

    select
        lines.order_line_id,
        lines.sku_id,
        lines.location_id,
        sum(lines.quantity) over (
            partition by lines.sku_id, lines.location_id order by lines.order_line_id, lines.shipment_id rows unbounded preceding
        ) as up_to_here,
        coalesce(positions.available, 0) as available
    from {{ ref('int_wave_lines__planned') }} as lines
    left join {{ ref('int_inventory__positions') }} as positions
        on lines.sku_id = positions.sku_id and lines.location_id = positions.location_id
    where not exists (select 1 from {{ ref('stg_facts__shipments') }} as shipments
where shipments.shipment_id = lines.shipment_id)

)

select
    'sku_location' as subject_type,
    positions.sku_id || '@' || positions.location_id as subject_id,
    'INV-03-FOLD' as rule,
    'on hand ' || cast(positions.on_hand as varchar) || ', the movements say ' || cast(coalesce(moved.on_hand, 0) as varchar) as reason
from {{ ref('int_inventory__positions') }} as positions
left join moved on positions.sku_id = moved.sku_id and positions.location_id = moved.location_id
where positions.on_hand <> coalesce(moved.on_hand, 0)

union all

select
    'sku_location' as subject_type,
    positions.sku_id || '@' || positions.location_id as subject_id,
    'INV-03-STOCK-LOSS' as rule,
    cast(positions.reserved as varchar) || ' are reserved and ' || cast(positions.on_hand - positions.unusable as varchar) || ' usable' as reason
from {{ ref('int_inventory__positions') }} as positions
where positions.available < 0

union all

select
    'line' as subject_type,
    covered.order_line_id as subject_id,
    'INV-03-ATP' as rule,
    cast(covered.up_to_here as varchar) || ' ' || covered.sku_id || ' are promised from ' || covered.location_id || ' up to '
    || strftime(covered.ship_date, '%Y-%m-%d') || ', ' || cast(covered.there as varchar) || ' will be there' as reason
from covered
where covered.up_to_here > covered.there

union all

select
    'line' as subject_type,
    reserving.order_line_id as subject_id,
    'INV-03-RESERVE' as rule,
    'a wave would reserve ' || cast(reserving.up_to_here as varchar) || ' ' || reserving.sku_id || ' at ' || reserving.location_id || ', '
    || cast(reserving.available as varchar) || ' are usable and free' as reason
from reserving
where reserving.up_to_here > reserving.available
