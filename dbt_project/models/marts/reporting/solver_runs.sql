select
    cast(runs.cycle_seq as varchar) as cycle_id,
    runs.stage,
    runs.scope,
    runs.engine,
    runs.status,
    runs.objective,
    runs.baseline,
    runs.baseline_objective,
    runs.bound,
    runs.bound_kind,
    runs.gap,
    runs.effort,
    runs.fuse,
    runs.wall_s,
    runs.seed,
    runs.size,
    {{ as_of() }} as as_of
from {{ ref('stg_facts__solver_runs') }} as runs
