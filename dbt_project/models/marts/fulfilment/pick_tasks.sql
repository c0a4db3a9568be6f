-- A line's picks under a shipment fill its tasks in the order in which the picker passes them.
with picked as (

    select
        events.order_line_id,
        events.document_id as shipment_id,
        events.lot_id,
        sum(events.quantity) as quantity
    from {{ ref('stg_facts__line_events') }} as events
    where events.from_bucket = 'released' and events.to_bucket = 'picked'
    group by events.order_line_id, events.document_id, events.lot_id

),

waiting as (

    select
        ledger.order_line_id,
        ledger.shipment_id,
        ledger.lot_id,
        sum(ledger.quantity) as quantity
    from {{ ref('int_ledger__committed') }} as ledger
    where ledger.bucket = 'released'
    group by ledger.order_line_id, ledger.shipment_id, ledger.lot_id

),

short as (

    select
        scans.task_id,
        arg_max(scans.short_reason, scans.event_at) as short_reason
    from {{ ref('stg_facts__floor') }} as scans
    where scans.kind = 'pick' and scans.short_reason is not null
    group by scans.task_id

),

held as (

    select distinct lines.order_line_id
    from {{ ref('order_holds') }} as holds
    inner join {{ ref('hold_types') }} as types on holds.hold_type = types.hold_type
    inner join {{ ref('int_order_lines__balanced') }} as lines
        on holds.order_id = lines.order_id and (holds.order_line_id is null or holds.order_line_id = lines.order_line_id)
    where holds.status = 'open' and types.blocks_pick

),

filled as (

    select
        tasks.*,
        coalesce(picked.quantity, 0) - (
            sum(tasks.qty_to_pick) over (
                partition by tasks.order_line_id, tasks.shipment_id, tasks.lot_id order by tasks.pick_sequence, tasks.task_id
            ) - tasks.qty_to_pick
        ) as left_for_it,
        coalesce(waiting.quantity, 0) as qty_waiting,
        short.short_reason
    from {{ ref('stg_facts__pick_tasks') }} as tasks
    left join picked
        on
            tasks.order_line_id = picked.order_line_id
            and tasks.shipment_id = picked.shipment_id
            and tasks.lot_id is not distinct from picked.lot_id
    left join waiting
        on
            tasks.order_line_id = waiting.order_line_id
            and tasks.shipment_id = waiting.shipment_id
            and tasks.lot_id is not distinct from waiting.lot_id
    left join short on tasks.task_id = short.task_id

),

counted as (

    select
        filled.*,
        greatest(0, least(filled.qty_to_pick, filled.left_for_it)) as qty_picked
    from filled

)

select
    counted.task_id,
    counted.wave_id,
    counted.batch_id,
    counted.bin,
    counted.pick_sequence,
    counted.order_line_id,
    counted.sku_id,
    counted.lot_id,
    counted.qty_to_pick,
    cast(counted.qty_picked as decimal(18, 3)) as qty_picked,
    case
        when counted.qty_picked >= counted.qty_to_pick then 'picked'
        when counted.qty_waiting > 0 and held.order_line_id is not null then 'held'
        when counted.qty_waiting > 0 then 'open'
        when counted.short_reason is not null then 'short'
        else 'cancelled'
    end as status,
    counted.short_reason,
    counted.shipment_id,
    counted.location_id,
    counted.zone,
    {{ cycle_columns() }}
from counted
left join held on counted.order_line_id = held.order_line_id
