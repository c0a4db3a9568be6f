select
    decisions.decision_id,
    cast(decisions.cycle_seq as varchar) as cycle_id,
    decisions.stage,
    decisions.subject_type,
    decisions.subject_id,
    decisions.chosen,
    decisions.because,
    decisions.runner_up,
    decisions.runner_up_delta,
    decisions.actor,
    decisions.recorded_at,
    {{ as_of() }} as as_of
from {{ ref('stg_facts__decisions') }} as decisions
