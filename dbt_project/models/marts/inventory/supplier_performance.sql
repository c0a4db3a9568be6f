-- A line counts from its first event to its first receipt; it is on time when that is not after the first due date. Lines ordered within a
-- year of as_of count: what a supplier did long ago says little of it now, and movements older than that are not read.
with lines as (

    select
        supply.supply_id,
        max(supply.supplier_id) as supplier_id,
        min(supply.event_at) as ordered_at,
        arg_min(supply.due_date, (supply.event_at, supply.cycle_seq)) as due_date,
        max(supply.quantity) as quantity
    from {{ ref('stg_facts__supply') }} as supply
    where supply.kind = 'purchase' and supply.supplier_id is not null and supply.event_at <= {{ as_of() }}
    group by supply.supply_id
    having min(supply.event_at) > {{ as_of() }} - interval 1 year

),

received as (

    select
        lines.supply_id,
        lines.supplier_id,
        date_diff('day', cast(lines.ordered_at as date), cast(min(movements.event_at) as date)) as lead_days,
        cast(min(movements.event_at) as date) <= lines.due_date as is_on_time,
        least(1, cast(sum(movements.quantity) / nullif(lines.quantity, 0) as decimal(18, 6))) as filled
    from lines
    inner join {{ ref('stg_facts__stock_movements') }} as movements on lines.supply_id = movements.reference
    where
        movements.kind = 'receipt'
        and movements.event_at >= (select min(lines.ordered_at) from lines)
        and movements.event_at >= lines.ordered_at
        and movements.event_at <= {{ as_of() }}
    group by lines.supply_id, lines.supplier_id, lines.ordered_at, lines.due_date, lines.quantity

),

measured as (

    select
        received.supplier_id,
        count(*) as receipts,
        avg(received.lead_days) as mean_days,
        coalesce(stddev_samp(received.lead_days), 0) as deviation_days,
        count(*) filter (where received.is_on_time) as on_time,
        sum(received.filled) as filled
    from received
    group by received.supplier_id

)

select
    suppliers.supplier_id,
    suppliers.name,
    cast(coalesce(measured.receipts, 0) as integer) as receipts,
    cast(case
        when measured.receipts >= 3 then measured.mean_days
        else coalesce(suppliers.lead_time_days, {{ policy('replenishment.lead_time_days', 'decimal(18,3)') }})
    end as decimal(18, 3)) as lead_time_days,
    cast(case
        when measured.receipts >= 3 then measured.deviation_days else coalesce(suppliers.lead_time_deviation_days, 0)
    end as decimal(18, 3)) as lead_time_deviation_days,
    case
        when measured.receipts >= 3 then 'receipts' when suppliers.lead_time_days is not null then 'reference' else 'policy'
    end as lead_time_from,
    cast(measured.on_time / nullif(measured.receipts, 0) as decimal(18, 6)) as on_time_rate,
    cast(measured.filled / nullif(measured.receipts, 0) as decimal(18, 6)) as fill_rate,
    {{ cycle_columns() }}
from {{ ref('int_suppliers__in_force') }} as suppliers
left join measured on suppliers.supplier_id = measured.supplier_id
