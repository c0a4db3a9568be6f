-- One row per hold ever placed: its state after its latest event, and how often its subject was held for this before.
with events as (

    select
        events.*,
        events.hold_type || '-' || coalesce(events.order_line_id, events.order_id) as hold_key
    from {{ ref('stg_facts__hold_events') }} as events

),

placed as (

    select
        events.*,
        row_number() over (partition by events.hold_key order by events.event_at desc, events.cycle_seq desc, events.hold_id desc) as newest_first,
        count(*) over (partition by events.hold_key) as times_placed
    from events
    where events.event = 'placed'

),

ended as (

    select
        events.hold_id,
        events.event,
        events.event_at,
        events.cycle_seq,
        events.valid_until,
        events.actor,
        events.reason,
        events.command_id,
        row_number() over (partition by events.hold_id order by events.cycle_seq desc, events.event_at desc) as newest_first
    from events
    where events.event <> 'placed'

)

select
    placed.hold_id,
    placed.hold_key,
    placed.hold_type,
    placed.family,
    placed.scope,
    placed.subject_id,
    placed.order_id,
    placed.order_line_id,
    placed.observed,
    placed.threshold,
    placed.distance,
    placed.unit,
    placed.explanation,
    placed.remedy,
    placed.evidence,
    placed.hold_until,
    placed.rule_version,
    placed.event_at as placed_at,
    placed.newest_first = 1 as is_newest,
    placed.times_placed,
    case ended.event when 'cleared' then 'cleared' when 'released' then 'released' when 'expired' then 'expired' else 'open' end as status,
    ended.event_at as ended_at,
    ended.cycle_seq as ended_cycle_seq,
    ended.valid_until,
    ended.actor as ended_by,
    ended.reason as end_reason
from placed
left join ended on placed.hold_id = ended.hold_id and ended.newest_first = 1
