select
    events.event_id,
    events.order_line_id,
    events.from_bucket,
    events.to_bucket,
    events.quantity,
    events.location_id,
    events.lot_id,
    events.document_id,
    events.reason_code,
    events.event_at,
    events.recorded_at,
    events.actor,
    coalesce(events.assumed, false) as is_assumed,
    {{ cycle_columns() }}
from {{ ref('stg_facts__line_events') }} as events
