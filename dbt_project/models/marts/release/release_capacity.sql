with waiting as (

    select
        queue.location_id,
        count(*) as lines
    from {{ ref('int_release__queue') }} as queue
    where queue.waits_for = 'CAPACITY'
    group by queue.location_id

)

select
    capacity.location_id,
    capacity.day,
    capacity.max_lines,
    cast(capacity.lines_done as bigint) as lines_released,
    capacity.max_pick_min,
    capacity.pick_min_done as pick_min_released,
    capacity.max_dock_min,
    capacity.dock_min_done as dock_min_released,
    cast(coalesce(waiting.lines, 0) as bigint) as lines_waiting,
    {{ cycle_columns() }}
from {{ ref('int_release__capacity') }} as capacity
left join waiting on capacity.location_id = waiting.location_id
