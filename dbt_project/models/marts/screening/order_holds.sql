with ended as (

    select events.* from {{ ref('stg_facts__hold_events') }} as events
    where events.event <> 'placed'
    qualify row_number() over (partition by events.hold_id order by events.cycle_seq desc, events.event_at desc) = 1

),

placed as (

    select events.* from {{ ref('stg_facts__hold_events') }} as events
    where events.event = 'placed'
    qualify row_number() over (partition by events.hold_id order by events.cycle_seq, events.event_at) = 1

),

waiting as (

    select
        lines.order_id,
        lines.order_line_id,
        sum(lines.lateness_day + lines.margin_day) as cost_day
    from {{ ref('int_lines__waiting') }} as lines
    group by grouping sets ((lines.order_id), (lines.order_id, lines.order_line_id))

)

select
    placed.hold_id,
    placed.order_id,
    placed.order_line_id,
    placed.hold_type,
    placed.family,
    placed.scope,
    coalesce(ended.event, 'open') as status,
    placed.observed,
    placed.threshold,
    placed.explanation,
    placed.remedy,
    placed.event_at as placed_at,
    ended.event_at as cleared_at,
    ended.actor as cleared_by,
    ended.reason as clear_reason,
    placed.rule_version,
    ended.valid_until,
    placed.actor as placed_by,
    coalesce(types.blocks_release, true) as blocks_release,
    coalesce(types.releasable, true) as is_releasable,
    types.capability,
    types.sla_hours,
    types.owner,
    case when ended.event is null
        then cast(date_diff('minute', placed.event_at, {{ as_of() }}) / 60 as decimal(18, 3))
    end as age_hours,
    placed.subject_id,
    placed.distance,
    placed.unit,
    placed.evidence,
    placed.hold_until,
    case when ended.event is null then cast(coalesce(waiting.cost_day, 0) as decimal(18, 2)) end as wait_cost_day,
    {{ cycle_columns() }}
from placed
left join ended on placed.hold_id = ended.hold_id
left join {{ ref('hold_types') }} as types on placed.hold_type = types.hold_type
left join waiting
    on placed.order_id = waiting.order_id and placed.order_line_id is not distinct from waiting.order_line_id and ended.event is null
