select
    dropped.shipment_id,
    dropped.reason,
    dropped.cheapest_fix,
    {{ cycle_columns() }}
from {{ ref('stg_plans__dropped_shipments') }} as dropped
