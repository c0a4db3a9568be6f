{{ config(tags=['invariant']) }}
-- Invariant 3, stock: on-hand is the fold of the movements, where this cycle moved any (everywhere: stock_balances__fold, nightly); of each
-- lot released work holds no more than is usable; up to each day promises stay within available stock that no transfer takes and confirmed
-- supply; a cycle reserves no more than what was usable and not reserved.
with positions as materialized (

    select positions.* from {{ ref('int_inventory__positions') }} as positions

),

touched as (

    select distinct
        movements.sku_id,
        movements.location_id
    from {{ ref('stg_facts__stock_movements') }} as movements
    where movements.cycle_seq >= {{ cycle_seq() }} - 1

),

moved as (

    -- what this cycle's commit sent off came after the plan
    select
        movements.sku_id,
        movements.location_id,
        sum(movements.quantity) as on_hand
    from {{ ref('stg_facts__stock_movements') }} as movements
    inner join touched on movements.sku_id = touched.sku_id and movements.location_id = touched.location_id
    where
        movements.event_at <= {{ as_of() }}
        and not (movements.cycle_seq = {{ cycle_seq() }} and movements.movement_id like 'dispatch-%')
    group by movements.sku_id, movements.location_id

),

leaving as (

    select
        supply.sku_id,
        supply.from_location_id as location_id,
        sum(supply.quantity_to_leave) as quantity
    from {{ ref('int_supply__open') }} as supply
    where supply.status = 'confirmed'
    group by supply.sku_id, supply.from_location_id

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
        greatest(0, coalesce(any_value(positions.available), 0) - coalesce(any_value(leaving.quantity), 0)) + coalesce(sum(supply.quantity_open), 0) as there
    from promised
    left join positions
        on promised.sku_id = positions.sku_id and promised.location_id = positions.location_id
    left join leaving on promised.sku_id = leaving.sku_id and promised.location_id = leaving.location_id
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
    left join positions
        on lines.sku_id = positions.sku_id and lines.location_id = positions.location_id
    where not exists (select 1 from {{ ref('stg_facts__shipments') }} as shipments where shipments.shipment_id = lines.shipment_id)

)

select
    'sku_location' as subject_type,
    positions.sku_id || '@' || positions.location_id as subject_id,
    'INV-03-FOLD' as rule,
    'on hand ' || cast(positions.on_hand as varchar) || ', the movements say ' || cast(moved.on_hand as varchar) as reason
from moved
inner join positions on moved.sku_id = positions.sku_id and moved.location_id = positions.location_id
where positions.on_hand <> moved.on_hand

union all

select
    'sku_location' as subject_type,
    positions.sku_id || '@' || positions.location_id as subject_id,
    'INV-03-STOCK-LOSS' as rule,
    cast(positions.reserved as varchar) || ' are reserved and ' || cast(positions.on_hand - positions.unusable as varchar) || ' usable' as reason
from positions
where positions.available < 0

union all

select
    'sku_location' as subject_type,
    lots.sku_id || '@' || lots.location_id as subject_id,
    'INV-03-LOT-LOSS' as rule,
    'of lot ' || lots.lot_id || ' released work holds ' || {{ quantity_text('-lots.quantity') }} || ' more than is there' as reason
from {{ ref('int_lots__free') }} as lots
where lots.lot_id is not null and lots.quantity < 0

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
