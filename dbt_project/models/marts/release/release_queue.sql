select
    queue.order_line_id,
    queue.order_id,
    queue.sku_id,
    queue.location_id,
    queue.quantity,
    queue.ship_date,
    queue.deliver_date,
    queue.priority,
    queue.leaves_by,
    queue.release_rank,
    queue.waits_too_long,
    queue.waits_for,
    queue.because,
    waves.wave_id,
    {{ cycle_columns() }}
from {{ ref('int_release__queue') }} as queue
left join {{ ref('int_wave_lines__planned') }} as waves
    on queue.order_line_id = waves.order_line_id and queue.location_id = waves.location_id and queue.waits_for is null
