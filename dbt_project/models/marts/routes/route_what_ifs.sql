select
    options.location_id,
    options.day,
    options.option_kind,
    options.option,
    options.saving,
    options.currency,
    options.distance_km,
    options.left_behind,
    options.left_behind_with,
    {{ cycle_columns() }}
from {{ ref('stg_plans__route_what_ifs') }} as options
