with begun as (

    select
        events.order_line_id,
        max(events.event_at) as since
    from {{ ref('stg_facts__backorder_events') }} as events
    where events.event = 'begun'
    group by events.order_line_id

),

-- what was told of its cover since it began
told as (

    select
        events.order_line_id,
        arg_min(events.expected_cover_date, events.cycle_seq) filter (where events.expected_cover_date is not null) as first_cover_date,
        arg_max(events.reason, events.cycle_seq) as cover_reason
    from {{ ref('stg_facts__cover_events') }} as events
    inner join begun on events.order_line_id = begun.order_line_id and events.event_at >= begun.since
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
    case when skus.available_from > cast({{ as_of() }} as date) then 'pre_order' else 'backorder' end as kind,
    told.first_cover_date,
    told.cover_reason,
    {{ cycle_columns() }}
from {{ ref('stg_plans__backorders') }} as backorders
left join begun on backorders.order_line_id = begun.order_line_id
left join told on backorders.order_line_id = told.order_line_id
left join {{ ref('int_skus__in_force') }} as skus on backorders.sku_id = skus.sku_id
