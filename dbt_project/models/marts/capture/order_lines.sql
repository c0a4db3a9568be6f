with ledger as (

    select
        ledger.order_line_id,
        {% for bucket in ledger_buckets() -%}
        sum(case when ledger.bucket = '{{ bucket }}' then ledger.quantity else 0 end) as qty_{{ bucket }}{{ "," if not loop.last }}
        {% endfor %}
    from {{ ref('int_ledger__committed') }} as ledger
    group by ledger.order_line_id

),

promised as (

    select
        promises.order_line_id,
        sum(promises.quantity) as quantity
    from {{ ref('promises') }} as promises
    group by promises.order_line_id

),

held as (

    select distinct
        holds.order_id,
        holds.order_line_id
    from {{ ref('order_holds') }} as holds
    where holds.status = 'open' and holds.blocks_release

),

promise_history as (

    select
        events.order_line_id,
        arg_min(events.deliver_date, events.cycle_seq) filter (where events.event not in ('held', 'withdrawn')) as first_promise_date,
        cast(greatest(0, count(*) filter (where events.event <> 'held') - 1) as integer) as promise_changes
    from {{ ref('stg_facts__promise_events') }} as events
    group by events.order_line_id

),

last_promise as (

    select events.* from {{ ref('stg_facts__promise_events') }} as events
    qualify row_number() over (partition by events.order_line_id order by events.cycle_seq desc, events.event_at desc) = 1

),

counted as (

    select
        lines.order_line_id,
        {% for bucket in ledger_buckets() -%}
        {{ "lines.qty_ordered + " if bucket == "open" }}coalesce(ledger.qty_{{ bucket }}, 0) as qty_{{ bucket }},
        {% endfor -%}
        exists(
            select 1 from held
            where held.order_id = lines.order_id and (held.order_line_id is null or held.order_line_id = lines.order_line_id)
        ) as is_held,
        coalesce(promised.quantity, 0) as promised,
        coalesce(backorders.quantity, 0) as backordered
    from {{ ref('int_order_lines__balanced') }} as lines
    left join ledger on lines.order_line_id = ledger.order_line_id
    left join promised on lines.order_line_id = promised.order_line_id
    left join {{ ref('backorders') }} as backorders on lines.order_line_id = backorders.order_line_id

),

divided as (

    select
        counted.*,
        case when counted.is_held then counted.qty_open else 0 end as qty_held,
        case when counted.is_held then 0 else least(counted.qty_open, counted.promised) end as qty_promised,
        case
            when counted.is_held then 0
            else least(counted.qty_open - least(counted.qty_open, counted.promised), counted.backordered)
        end as qty_backordered
    from counted

)

select
    lines.order_line_id,
    lines.order_id,
    lines.line_number,
    lines.sku_id,
    lines.currency,
    lines.unit_price,
    lines.discount_share,
    lines.tax_amount,
    lines.line_total,
    lines.qty_ordered,
    cast(divided.qty_open as decimal(18, 3)) as qty_open,
    cast(divided.qty_held as decimal(18, 3)) as qty_held,
    cast(divided.qty_promised as decimal(18, 3)) as qty_promised,
    cast(divided.qty_backordered as decimal(18, 3)) as qty_backordered,
    cast(divided.qty_open - divided.qty_held - divided.qty_promised - divided.qty_backordered as decimal(18, 3)) as qty_unplanned,
    {% for bucket in ledger_buckets() if bucket != 'open' -%}
    cast(divided.qty_{{ bucket }} as decimal(18, 3)) as qty_{{ bucket }},
    {% endfor -%}
    case when last_promise.event <> 'withdrawn' then
        {{ local_instant('last_promise.deliver_date', "coalesce(orders.window_to, '18:00')", "coalesce(locations.timezone, " ~ policy('reporting.timezone') ~ ")") }}
    end as promised_at,
    case when last_promise.event <> 'withdrawn' then locations.location_id end as promised_location_id,
    last_promise.earliest_date,
    cast(coalesce(orders.requested_to, orders.ship_by) as date) as requested_date,
    promise_history.first_promise_date,
    case when last_promise.event <> 'withdrawn' then last_promise.deliver_date end as promise_date,
    coalesce(promise_history.promise_changes, 0) as promise_changes,
    last_promise.reason as promise_reason,
    {{ fulfilment_status('divided.qty_') }} as fulfilment_status,
    lines.description,
    lines.is_known_sku,
    lines.quantity_doc,
    lines.uom_doc,
    lines.unit_factor,
    lines.substitution_of_line_id,
    lines.kit_line_id,
    lines.kit_sku_id,
    agreed.agreed_date,
    {{ cycle_columns() }}
from {{ ref('int_order_lines__balanced') }} as lines
inner join divided on lines.order_line_id = divided.order_line_id
inner join {{ ref('int_orders__current') }} as orders on lines.order_id = orders.order_id
left join {{ ref('int_promises__agreed') }} as agreed on lines.order_line_id = agreed.order_line_id
left join last_promise on lines.order_line_id = last_promise.order_line_id
left join promise_history on lines.order_line_id = promise_history.order_line_id
left join {{ ref('int_locations__in_force') }} as locations on last_promise.location_id = locations.location_id
