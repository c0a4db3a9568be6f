-- Commands that a cycle has looked at. Those still pending are in the operations store, which the control tower reads beside this.
select
    commands.command_id,
    commands.sequence,
    commands.type,
    commands.target,
    commands.actor,
    commands.reason,
    commands.issued_at,
    commands.seen_cycle_id,
    commands.outcome,
    commands.outcome_reason,
    cast(commands.cycle_seq as varchar) as cycle_id,
    commands.payload,
    commands.recorded_at,
    {{ as_of() }} as as_of
from {{ ref('stg_facts__commands') }} as commands
