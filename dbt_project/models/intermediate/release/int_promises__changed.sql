-- One row per line whose promise this cycle gives, changes, agrees with the customer or withdraws, against what was last committed.
-- What was released to a vendor is planned no more: its promise follows the day on which the vendor says it ships.
-- A held line is planned (held) and promised (first) when it is let go; one promised before keeps its promise, as it was, until then.
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
        bool_and(promises.is_first_choice) as is_first_choice,
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

-- what keeps a line from being promised, and what keeps a promised one from the floor
held as (

    select
        lines.order_line_id,
        string_agg(distinct holds.hold_type, ', ' order by holds.hold_type) filter (where holds.blocks_promise) as from_promise,
        string_agg(distinct holds.hold_type, ', ' order by holds.hold_type) filter (where holds.blocks_release or holds.blocks_reserve) as from_floor
    from (
        select
            blocking.hold_type,
            blocking.order_id,
            blocking.order_line_id,
            blocking.blocks_promise,
            blocking.blocks_reserve,
            blocking.blocks_release
        from {{ ref('int_holds__blocking') }} as blocking

        union all

        select
            sourced.hold_type,
            sourced.order_id,
            sourced.order_line_id,
            false as blocks_promise,
            types.blocks_reserve,
            types.blocks_release
        from {{ ref('int_holds__sourced') }} as sourced
        inner join {{ ref('hold_types') }} as types on sourced.hold_type = types.hold_type
        where not sourced.is_released
    ) as holds
    inner join {{ ref('int_order_lines__balanced') }} as lines
        on holds.order_id = lines.order_id and (holds.order_line_id is null or holds.order_line_id = lines.order_line_id)
    group by lines.order_line_id

),

-- holds that kept the line from the floor at some time since it was last spoken of
was_held as (

    select
        lines.order_line_id,
        string_agg(distinct placed.hold_type, ', ' order by placed.hold_type) as hold_types,
        min(placed.event_at) as since
    from {{ ref('stg_facts__hold_events') }} as placed
    inner join {{ ref('hold_types') }} as types on placed.hold_type = types.hold_type and (types.blocks_release or types.blocks_reserve)
    inner join {{ ref('int_order_lines__balanced') }} as lines
        on placed.order_id = lines.order_id and (placed.order_line_id is null or placed.order_line_id = lines.order_line_id)
    inner join last_known on lines.order_line_id = last_known.order_line_id
    where
        placed.event = 'placed'
        and not exists (
            select 1 from {{ ref('stg_facts__hold_events') }} as ended
            where
                ended.hold_id = placed.hold_id and ended.event <> 'placed'
                and ended.event_at >= placed.event_at and ended.event_at <= last_known.event_at
        )
    group by lines.order_line_id

),

-- what the floor did with the line since: released units are no longer promised, what it did not find is open again
handled as (

    select
        events.order_line_id,
        coalesce(sum(events.quantity) filter (where events.from_bucket = 'open' and events.to_bucket <> 'open'), 0) as gone,
        coalesce(sum(events.quantity) filter (where events.from_bucket = 'open' and events.to_bucket = 'released'), 0) as released,
        bool_or(events.to_bucket = 'open') as is_back,
        string_agg(distinct replace(lower(events.reason_code), '_', ' '), ', ') filter (where events.to_bucket = 'open') as came_back,
        max(events.cycle_seq) >= {{ cycle_seq() }} - 1 as is_fresh
    from {{ ref('stg_facts__line_events') }} as events
    inner join last_known on events.order_line_id = last_known.order_line_id
    where
        events.cycle_seq > last_known.cycle_seq
        or (events.cycle_seq = last_known.cycle_seq and events.to_bucket = 'released')
    group by events.order_line_id

),

-- promises of which nothing is left: all of it was released, and none of it came back
kept as (

    select last_known.order_line_id
    from last_known
    inner join handled on last_known.order_line_id = handled.order_line_id
    where handled.released >= last_known.quantity and not handled.is_back

),

-- lines whose stock or supply, at a place that promised them, is less or later than it was when this cycle began
lost as (

    select distinct last_known.order_line_id
    from last_known
    inner join {{ ref('int_order_lines__balanced') }} as lines on last_known.order_line_id = lines.order_line_id
    inner join (
        select
            movements.sku_id,
            movements.location_id
        from {{ ref('stg_facts__stock_movements') }} as movements
        where movements.cycle_seq = {{ cycle_seq() }} and movements.quantity < 0 and movements.kind in ('count', 'variance', 'scrap', 'status_change')

        union

        select
            supply.sku_id,
            supply.location_id
        from {{ ref('stg_facts__supply') }} as supply
        where supply.cycle_seq = {{ cycle_seq() }}
    ) as less
        on
            lines.sku_id = less.sku_id
            and list_contains(list_transform(coalesce(last_known.parts, []), lambda part: struct_extract(part, 'location_id')), less.location_id)
    where last_known.event <> 'withdrawn'

),

-- what a vendor said in this cycle of lines that it was asked for
told_by_vendor as (

    select
        ordered.order_line_id,
        any_value(ordered.seller_id) as seller_id,
        arg_max(answers.ship_date, (answers.event_at, answers.event_id)) as ship_date,
        arg_max(answers.reason_code, (answers.event_at, answers.event_id)) as reason_code
    from {{ ref('stg_facts__vendors') }} as answers
    inner join {{ ref('stg_facts__purchase_order_lines') }} as ordered
        on answers.purchase_order_id = ordered.document_id and ordered.line_number = coalesce(answers.line_number, ordered.line_number)
    where answers.kind = 'accepted' and answers.ship_date is not null and answers.cycle_seq = {{ cycle_seq() }} and ordered.kind = 'dropship'
    group by ordered.order_line_id

),

-- orders of which a line is new, changed, on its way, back from the floor, without its stock or held since: they are planned again as a whole
stirred as (

    select distinct lines.order_id
    from {{ ref('int_order_lines__balanced') }} as lines
    left join planned on lines.order_line_id = planned.order_line_id
    left join last_known on lines.order_line_id = last_known.order_line_id
    left join amended on lines.order_line_id = amended.order_line_id
    left join steered on lines.order_line_id = steered.order_line_id
    left join handled on lines.order_line_id = handled.order_line_id
    left join lost on lines.order_line_id = lost.order_line_id
    left join kept on lines.order_line_id = kept.order_line_id
    where
        amended.order_line_id is not null or steered.order_line_id is not null or handled.is_fresh or lost.order_line_id is not null
        or (planned.order_line_id is not null and last_known.order_line_id is null)
        or (planned.order_line_id is null and last_known.event <> 'withdrawn' and kept.order_line_id is null and lines.qty_open > 0)

),

judged as (

    select
        coalesce(planned.order_line_id, last_known.order_line_id) as order_line_id,
        case
            when planned.order_line_id is null then 'withdrawn'
            when last_known.order_line_id is not null and agreed.order_line_id is not null then 'agreed'
            when held.from_floor is not null and (kept.order_line_id is not null or coalesce(last_known.event in ('held', 'withdrawn'), true)) then 'held'
            when coalesce(last_known.event = 'held', true) then 'first'
            else 'changed'
        end as event,
        planned.location_id,
        planned.quantity,
        planned.ship_date,
        planned.deliver_date,
        planned.cost,
        planned.earliest_date,
        planned.is_first_choice,
        case
            when planned.order_line_id is null and held.from_promise is not null then ['fact', 'held: ' || held.from_promise]
            when planned.order_line_id is null and handled.came_back is not null
                then ['fact', 'on backorder, back from the floor: ' || handled.came_back]
            when planned.order_line_id is null and lost.order_line_id is not null then ['fact', 'on backorder: its stock or supply changed']
            when planned.order_line_id is null then ['plan', 'on backorder: ' || coalesce(backorders.reason, 'no place may ship it')]
            when last_known.order_line_id is not null and agreed.order_line_id is not null
                then ['asked', 'agreed for ' || strftime(agreed.agreed_date, '%Y-%m-%d') || ': ' || agreed.reason]
            when held.from_floor is not null and (kept.order_line_id is not null or coalesce(last_known.event = 'withdrawn', true))
                then ['fact', 'promised when it is let go: ' || held.from_floor]
            when last_known.order_line_id is null then ['plan', 'first promise']
            when held.from_floor is null and last_known.event = 'held'
                then ['fact', 'first promise' || coalesce(', held until now: ' || was_held.hold_types, '')]
            when last_known.event = 'withdrawn' then ['plan', 'promised again']
            when amended.order_line_id is not null then ['asked', 'the order was changed']
            when steered.order_line_id is not null then ['asked', 'a planner pinned the line or freed it']
            when handled.came_back is not null then ['fact', 'back from the floor: ' || handled.came_back]
            when kept.order_line_id is not null then ['fact', 'the rest: all that was promised before was released']
            when
                planned.quantity = last_known.quantity - handled.gone
                and list_has_all(
                    list_transform(last_known.parts, lambda part: struct_extract(part, 'location_id') || struct_extract(part, 'ship_date')),
                    list_transform(planned.parts, lambda part: struct_extract(part, 'location_id') || struct_extract(part, 'ship_date'))
                ) then ['fact', 'the rest: a part was released or cancelled']
            when planned.deliver_date <> last_known.deliver_date and moved.supply_id is not null
                then ['fact', moved.supply_id || ' is due on ' || cast(moved.due_date as varchar) || ', before on ' || cast(moved.due_before as varchar)]
            when lost.order_line_id is not null then ['fact', 'its stock or supply changed']
            when was_held.order_line_id is not null
                then ['fact', 'held until now, since ' || strftime(was_held.since, '%Y-%m-%d') || ': ' || was_held.hold_types]
            when stirred.order_id is not null then ['fact', 'planned again with its order, of which another line changed']
            when planned.deliver_date > last_known.deliver_date and last_known.ship_date <= cast({{ as_of() }} as date)
                then ['plan', 'not released on its day of shipping']
            when planned.quantity < last_known.quantity then ['plan', 'less of it is promised: a part is short']
            when planned.parts = last_known.parts and planned.deliver_date <> last_known.deliver_date then ['plan', 'the same shipment, by another way']
            when planned.deliver_date > last_known.deliver_date then ['plan', 'later: stock or capacity']
            when planned.deliver_date < last_known.deliver_date then ['plan', 'earlier: stock came free']
            when planned.location_id <> last_known.location_id then ['plan', 'other location is cheaper now']
            when planned.quantity > last_known.quantity then ['plan', 'more of it is promised']
            else ['plan', 'ships otherwise, delivered as promised']
        end as told,
        planned.parts
    from planned
    full join last_known on planned.order_line_id = last_known.order_line_id
    left join {{ ref('int_promises__agreed') }} as agreed on planned.order_line_id = agreed.order_line_id and agreed.cycle_seq = {{ cycle_seq() }}
    left join {{ ref('int_order_lines__balanced') }} as lines on last_known.order_line_id = lines.order_line_id
    left join amended on planned.order_line_id = amended.order_line_id
    left join steered on planned.order_line_id = steered.order_line_id
    left join moved on planned.supply_id = moved.supply_id
    left join held on coalesce(planned.order_line_id, last_known.order_line_id) = held.order_line_id
    left join was_held on last_known.order_line_id = was_held.order_line_id
    left join handled on last_known.order_line_id = handled.order_line_id
    left join stirred on lines.order_id = stirred.order_id
    left join lost on last_known.order_line_id = lost.order_line_id
    left join kept on last_known.order_line_id = kept.order_line_id
    left join {{ ref('stg_plans__backorders') }} as backorders on last_known.order_line_id = backorders.order_line_id
    where
        (planned.order_line_id is null and last_known.event <> 'withdrawn' and kept.order_line_id is null and lines.qty_open > 0)
        or (planned.order_line_id is not null and last_known.order_line_id is null)
        or agreed.order_line_id is not null
        or (planned.order_line_id is not null and held.from_floor is null and last_known.event = 'held')
        or (
            planned.order_line_id is not null
            and (
                held.from_floor is null or last_known.event = 'withdrawn' or amended.order_line_id is not null
                or steered.order_line_id is not null or handled.order_line_id is not null or lost.order_line_id is not null
            )
            and (
                last_known.event = 'withdrawn' or kept.order_line_id is not null
                or planned.quantity <> last_known.quantity or planned.deliver_date <> last_known.deliver_date
                or planned.location_id <> last_known.location_id or planned.parts <> last_known.parts
            )
        )

)

select judged.* exclude (told), judged.told[1] as cause, judged.told[2] as reason
from judged

union all

select
    told.order_line_id,
    'changed' as event,
    last_known.location_id,
    last_known.quantity,
    told.ship_date,
    {{ working_days_later('told.ship_date', working_days_between('last_known.ship_date', 'last_known.deliver_date')) }} as deliver_date,
    last_known.cost,
    cast(null as date) as earliest_date,
    last_known.is_first_choice,
    list_transform(
        last_known.parts,
        lambda part: {
            'location_id': struct_extract(part, 'location_id'), 'ship_date': told.ship_date, 'quantity': struct_extract(part, 'quantity')
        }
    ) as parts,
    'fact' as cause,
    told.seller_id || ' ships it on ' || strftime(told.ship_date, '%Y-%m-%d') || ', not on ' || strftime(last_known.ship_date, '%Y-%m-%d')
    || coalesce(': ' || told.reason_code, '') as reason
from told_by_vendor as told
inner join last_known on told.order_line_id = last_known.order_line_id and told.seller_id = last_known.location_id
inner join {{ ref('int_order_lines__balanced') }} as lines on told.order_line_id = lines.order_line_id and lines.qty_released > 0
where
    last_known.event not in ('held', 'withdrawn')
    and told.ship_date <> last_known.ship_date
    and not exists (select 1 from judged where judged.order_line_id = told.order_line_id)
