with begun as (

    select
        events.order_line_id,
        max(events.event_at) as since
    from {{ ref('stg_facts__backorder_events') }} as events
    where events.event = 'begun'
    group by events.order_line_id

)

select
    backorders.order_line_id,
    backorders.quantity,
    coalesce(begun.since, {{ as_of() }}) as since,
    backorders.expected_cover_date,
    backorders.cover_reference,
    backorders.reason,
    backorders.order_id,
    backorders.sku_id,
    {{ cycle_columns() }}
from {{ ref('stg_plans__backorders') }} as backorders
left join begun on backorders.order_line_id = begun.order_line_id
