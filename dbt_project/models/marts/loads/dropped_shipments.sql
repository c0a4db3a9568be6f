select
    dropped.shipment_id,
    dropped.reason,
    dropped.cheapest_fix,
    dropped.fix_cost,
    {{ cycle_columns() }}
from {{ ref('stg_plans__dropped_shipments') }} as dropped
