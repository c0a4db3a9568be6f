select
    movements.movement_id,
    movements.kind,
    coalesce(movements.stock_status, 'usable') as stock_status,
    movements.sku_id,
    movements.location_id,
    movements.lot_id,
    movements.quantity,
    movements.reference,
    movements.event_at,
    movements.reason_code,
    movements.recorded_at,
    movements.event_at > {{ as_of() }} as is_future,
    {{ cycle_columns() }}
from {{ ref('stg_facts__stock_movements') }} as movements
