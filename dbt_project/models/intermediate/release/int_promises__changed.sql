-- One row per line whose promise this cycle gives, changes or withdraws, against what was last committed.
with planned as (

    select
        promises.order_line_id,
        case when count(distinct promises.location_id) = 1 then max(promises.location_id) else 'several' end as location_id,
        sum(promises.quantity) as quantity,
        max(promises.ship_date) as ship_date,
        max(promises.deliver_date) as deliver_date
    from {{ ref('stg_plans__promises') }} as promises
    group by promises.order_line_id

),

last_known as (

    select * from {{ ref('stg_facts__promise_events') }} as events
    qualify row_number() over (partition by events.order_line_id order by events.cycle_seq desc, events.event_at desc) = 1

)

select
    coalesce(planned.order_line_id, last_known.order_line_id) as order_line_id,
    case
        when planned.order_line_id is null then 'withdrawn'
        when last_known.order_line_id is null then 'first'
        else 'changed'
    end as event,
    planned.location_id,
    planned.quantity,
    planned.ship_date,
    planned.deliver_date,
    case
        when planned.order_line_id is null then 'no stock or hold: see backorders and holds'
        when last_known.order_line_id is null then 'first promise'
        when last_known.event = 'withdrawn' then 'promised again'
        when planned.deliver_date > last_known.deliver_date then 'later: stock or capacity'
        when planned.deliver_date < last_known.deliver_date then 'earlier: stock came free'
        when planned.location_id <> last_known.location_id then 'other location is cheaper now'
        else 'quantity changed'
    end as reason
from planned
full join last_known on planned.order_line_id = last_known.order_line_id
left join {{ ref('int_order_lines__balanced') }} as lines on last_known.order_line_id = lines.order_line_id
where
    (planned.order_line_id is null and last_known.event <> 'withdrawn' and lines.qty_open > 0)
    or (planned.order_line_id is not null and last_known.order_line_id is null)
    or (
        planned.order_line_id is not null and (
            last_known.event = 'withdrawn' or planned.quantity <> last_known.quantity or planned.deliver_date <> last_known.deliver_date
            or planned.location_id <> last_known.location_id
        )
    )
