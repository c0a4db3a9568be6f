-- One row per backorder whose cover this cycle tells for the first time or moves, against what was last told since it began.
with waiting as (

    select
        events.order_line_id,
        max(events.cycle_seq) as since_cycle
    from {{ ref('stg_facts__backorder_events') }} as events
    where events.event = 'begun'
    group by events.order_line_id

),

told as (

    select events.* from {{ ref('stg_facts__cover_events') }} as events
    inner join waiting on events.order_line_id = waiting.order_line_id and events.cycle_seq >= waiting.since_cycle
    qualify row_number() over (partition by events.order_line_id order by events.cycle_seq desc) = 1

),

newest_supply as (

    select * from {{ ref('stg_facts__supply') }} as supply
    qualify row_number() over (partition by supply.supply_id order by supply.event_at desc, supply.cycle_seq desc) = 1

)

select
    backorders.order_line_id,
    backorders.expected_cover_date,
    backorders.cover_reference,
    case
        when told.order_line_id is null then 'first told'
        when told.expected_cover_date is null then 'covered by a date now'
        when was.supply_id is not null and was.due_date <> told.expected_cover_date
            then told.cover_reference || ' is due on ' || cast(was.due_date as varchar) || ', before on ' || cast(told.expected_cover_date as varchar)
        when was.supply_id is not null and still_open.supply_id is null
            then told.cover_reference || case when was.status in ('draft', 'confirmed') then ' was received, others were ahead' else ' is ' || was.status end
        when coalesce(backorders.cover_reference, '') <> coalesce(told.cover_reference, '') then 'others are ahead for ' || coalesce(told.cover_reference, 'it')
        else 'more of it waits than ' || coalesce(told.cover_reference, 'was dated') || ' brings'
    end as reason
from {{ ref('stg_plans__backorders') }} as backorders
left join told on backorders.order_line_id = told.order_line_id
left join newest_supply as was on told.cover_reference = was.supply_id
left join {{ ref('int_supply__open') }} as still_open on told.cover_reference = still_open.supply_id
where
    (told.order_line_id is null and (backorders.expected_cover_date is not null or backorders.cover_reference is not null))
    or (
        told.order_line_id is not null and (
            told.expected_cover_date is distinct from backorders.expected_cover_date
            or told.cover_reference is distinct from backorders.cover_reference
        )
    )
