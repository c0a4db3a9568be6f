select
    quality.check_name as "check",
    quality.stage,
    quality.severity,
    quality.passed,
    quality.failing_rows,
    cast(quality.cycle_seq as varchar) as cycle_id,
    quality.scope,
    quality.checked_rows,
    quality.recorded_at,
    {{ as_of() }} as as_of
from {{ ref('stg_facts__data_quality') }} as quality
