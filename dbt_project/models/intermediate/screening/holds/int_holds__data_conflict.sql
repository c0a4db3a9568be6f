-- HOLD-DATA-CONFLICT. One row per order or line with open units of which facts contradict each other and nobody closed the exception.
with subjects as (

    select
        exceptions.*,
        lines.order_id as order_of_line,
        lines.qty_open as qty_open_of_line
    from {{ ref('stg_facts__exceptions') }} as exceptions
    left join {{ ref('int_order_lines__balanced') }} as lines on exceptions.order_line_id = lines.order_line_id
    where not exists (
        select 1 from {{ ref('stg_facts__exception_events') }} as closings
        where closings.exception_id = exceptions.exception_id and closings.event = 'closed'
    )

)

select
    case when subjects.order_line_id is null then 'order' else 'line' end as scope,
    coalesce(subjects.order_line_id, orders.order_id) as subject_id,
    orders.order_id,
    subjects.order_line_id,
    string_agg(coalesce(subjects.found, '(nothing)'), '; ' order by subjects.exception_id) as observed,
    string_agg(coalesce(subjects.expected, '(nothing)'), '; ' order by subjects.exception_id) as threshold,
    count(*) as distance,
    'facts' as unit,
    string_agg(subjects.kind || ': ' || coalesce(subjects.explanation, 'facts disagree'), '; ' order by subjects.exception_id) as explanation,
    'settle the difference of ' || string_agg(coalesce(subjects.difference, '?'), ', ' order by subjects.exception_id)
    || ' and close exception ' || string_agg(subjects.exception_id, ', ' order by subjects.exception_id) as remedy,
    {{ evidence({
        'exceptions': "string_agg(subjects.exception_id, ', ' order by subjects.exception_id)",
        'kinds': "string_agg(subjects.kind, ', ' order by subjects.exception_id)",
    }) }} as evidence,
    cast(null as timestamptz) as hold_until,
    '1' as rule_version
from subjects
inner join {{ ref('int_orders__outstanding') }} as orders on coalesce(subjects.order_of_line, subjects.order_id) = orders.order_id
where case when subjects.order_line_id is null then orders.qty_open else subjects.qty_open_of_line end > 0
group by orders.order_id, subjects.order_line_id
