select
    planned.load_id,
    planned.distance_km,
    planned.duration_min,
    planned.drive_min,
    planned.service_min,
    planned.wait_min,
    planned.late_min,
    planned.cost,
    planned.currency,
    planned.engine,
    planned.seed,
    planned.baseline_distance_km,
    planned.break_min,
    planned.overtime_min,
    {{ cycle_columns() }}
from {{ ref('stg_plans__loads') }} as planned
where
    planned.distance_km is not null
    and {{ not_dispatched('planned') }}

union all

select
    dispatched.load_id,
    dispatched.distance_km,
    dispatched.duration_min,
    dispatched.drive_min,
    dispatched.service_min,
    dispatched.wait_min,
    dispatched.late_min,
    dispatched.cost,
    dispatched.currency,
    dispatched.engine,
    dispatched.seed,
    dispatched.baseline_distance_km,
    dispatched.break_min,
    dispatched.overtime_min,
    {{ cycle_columns() }}
from {{ ref('stg_facts__loads') }} as dispatched
where dispatched.distance_km is not null
