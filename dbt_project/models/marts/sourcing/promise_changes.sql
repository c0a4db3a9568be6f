select
    events.order_line_id,
    cast(row_number() over by_line as integer) as change_number,
    events.event,
    events.event_at,
    events.location_id,
    events.quantity,
    events.ship_date,
    events.deliver_date,
    events.earliest_date,
    lag(events.location_id) over by_line as location_before,
    lag(events.deliver_date) over by_line as deliver_date_before,
    date_diff('day', lag(events.deliver_date) over by_line, events.deliver_date) as days_later,
    events.reason,
    events.cause,
    lines.order_id,
    {{ cycle_columns() }}
from {{ ref('stg_facts__promise_events') }} as events
inner join {{ ref('int_order_lines__balanced') }} as lines on events.order_line_id = lines.order_line_id
window by_line as (partition by events.order_line_id order by events.cycle_seq, events.event_at)
