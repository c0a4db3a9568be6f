-- One row per line whose backorder begins or ends with this cycle.
with last_known as (

    select * from {{ ref('stg_facts__backorder_events') }} as events
    qualify row_number() over (partition by events.order_line_id order by events.cycle_seq desc, events.event_at desc) = 1

)

select
    coalesce(planned.order_line_id, last_known.order_line_id) as order_line_id,
    case when planned.order_line_id is null then 'ended' else 'begun' end as event,
    coalesce(planned.quantity, last_known.quantity) as quantity,
    case when planned.order_line_id is null then 'covered, cancelled or held' else planned.reason end as reason
from {{ ref('stg_plans__backorders') }} as planned
full join last_known on planned.order_line_id = last_known.order_line_id
where
    (planned.order_line_id is null and last_known.event = 'begun')
    or (planned.order_line_id is not null and (last_known.order_line_id is null or last_known.event = 'ended'))
