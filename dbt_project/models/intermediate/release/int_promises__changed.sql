-- One row per line whose promise this cycle gives, changes, agrees with the customer or withdraws, against what was last committed.
with planned as (

    select
        promises.order_line_id,
        case when count(distinct promises.location_id) = 1 then max(promises.location_id) else 'several' end as location_id,
        sum(promises.quantity) as quantity,
        max(promises.ship_date) as ship_date,
        max(promises.deliver_date) as deliver_date,
        cast(sum(promises.cost) as decimal(18, 2)) as cost,
        max(promises.earliest_date) as earliest_date,
        arg_max(promises.supply_id, promises.ship_date) as supply_id,
        list(
            { 'location_id': promises.location_id, 'ship_date': promises.ship_date, 'quantity': promises.quantity }
            order by promises.location_id, promises.ship_date
        ) as parts
    from {{ ref('stg_plans__promises') }} as promises
    group by promises.order_line_id

),

last_known as (

    select * from {{ ref('stg_facts__promise_events') }} as events
    qualify row_number() over (partition by events.order_line_id order by events.cycle_seq desc, events.event_at desc) = 1

),

-- what this cycle heard of the line: a changed order, a planner's word, a supply with another date
amended as (

    select distinct versions.order_line_id
    from {{ ref('stg_facts__order_lines') }} as versions
    where versions.cycle_seq = {{ cycle_seq() }}

),

steered as (

    select distinct commands.target as order_line_id
    from {{ ref('stg_facts__commands') }} as commands
    where
        commands.cycle_seq = {{ cycle_seq() }}
        and commands.outcome = 'accepted'
        and commands.type in ('line.pin', 'line.unpin', 'line.exclude')

),

moved as (

    select * from (
        select
            supply.supply_id,
            supply.due_date,
            supply.cycle_seq,
            lag(supply.due_date) over (partition by supply.supply_id order by supply.event_at, supply.cycle_seq) as due_before
        from {{ ref('stg_facts__supply') }} as supply
        qualify row_number() over (partition by supply.supply_id order by supply.event_at desc, supply.cycle_seq desc) = 1
    ) as newest
    where newest.due_date <> newest.due_before and newest.cycle_seq = {{ cycle_seq() }}

),

held as (

    select
        lines.order_line_id,
        string_agg(distinct holds.hold_type, ', ' order by holds.hold_type) as hold_types
    from {{ ref('int_holds__blocking') }} as holds
    inner join {{ ref('int_order_lines__balanced') }} as lines
        on holds.order_id = lines.order_id and (holds.order_line_id is null or holds.order_line_id = lines.order_line_id)
    where holds.blocks_promise
    group by lines.order_line_id

)

select
    coalesce(planned.order_line_id, last_known.order_line_id) as order_line_id,
    case
        when planned.order_line_id is null then 'withdrawn'
        when last_known.order_line_id is null then 'first'
        when agreed.order_line_id is not null then 'agreed'
        else 'changed'
    end as event,
    planned.location_id,
    planned.quantity,
    planned.ship_date,
    planned.deliver_date,
    planned.cost,
    planned.earliest_date,
    case
        when planned.order_line_id is null and held.hold_types is not null then 'held: ' || held.hold_types
        when planned.order_line_id is null then 'on backorder: ' || coalesce(backorders.reason, 'no place may ship it')
        when agreed.order_line_id is not null then 'agreed for ' || strftime(agreed.agreed_date, '%Y-%m-%d') || ': ' || agreed.reason
        when last_known.order_line_id is null then 'first promise'
        when last_known.event = 'withdrawn' then 'promised again'
        when amended.order_line_id is not null then 'the order was changed'
        when steered.order_line_id is not null then 'a planner pinned the line or freed it'
        when planned.deliver_date <> last_known.deliver_date and moved.supply_id is not null
            then moved.supply_id || ' is due on ' || cast(moved.due_date as varchar) || ', before on ' || cast(moved.due_before as varchar)
        when planned.deliver_date > last_known.deliver_date and last_known.ship_date <= cast({{ as_of() }} as date)
            then 'not released on its day of shipping'
        when planned.deliver_date > last_known.deliver_date then 'later: stock or capacity'
        when planned.deliver_date < last_known.deliver_date then 'earlier: stock came free'
        when planned.location_id <> last_known.location_id then 'other location is cheaper now'
        when planned.quantity < last_known.quantity then 'the rest: a part was released, cancelled or is short'
        when planned.quantity > last_known.quantity then 'more of it is promised'
        else 'ships otherwise, delivered as promised'
    end as reason,
    planned.parts
from planned
full join last_known on planned.order_line_id = last_known.order_line_id
left join {{ ref('int_promises__agreed') }} as agreed on planned.order_line_id = agreed.order_line_id and agreed.cycle_seq = {{ cycle_seq() }}
left join {{ ref('int_order_lines__balanced') }} as lines on last_known.order_line_id = lines.order_line_id
left join amended on planned.order_line_id = amended.order_line_id
left join steered on planned.order_line_id = steered.order_line_id
left join moved on planned.supply_id = moved.supply_id
left join held on last_known.order_line_id = held.order_line_id
left join {{ ref('stg_plans__backorders') }} as backorders on last_known.order_line_id = backorders.order_line_id
where
    (planned.order_line_id is null and last_known.event <> 'withdrawn' and lines.qty_open > 0)
    or (planned.order_line_id is not null and last_known.order_line_id is null)
    or agreed.order_line_id is not null
    or (
        planned.order_line_id is not null and (
            last_known.event = 'withdrawn' or planned.quantity <> last_known.quantity or planned.deliver_date <> last_known.deliver_date
            or planned.location_id <> last_known.location_id or planned.parts <> last_known.parts
        )
    )
