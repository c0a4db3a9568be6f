select
    versions.sku_id,
    versions.location_id,
    cast(row_number() over (partition by versions.sku_id, versions.location_id order by versions.cycle_seq) as integer) as version,
    versions.first_day,
    versions.quantity[1] as first_day_quantity,
    versions.method,
    versions.wape,
    versions.bias,
    versions.baseline_wape,
    versions.deviation,
    versions.history_days,
    versions.tested_days,
    versions.recorded_at as made_at,
    {{ cycle_columns() }}
from {{ ref('stg_facts__demand_forecasts') }} as versions
