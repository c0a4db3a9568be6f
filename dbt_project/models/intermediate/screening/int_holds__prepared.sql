-- One row per finding of the rules that need nothing of the plan, with the state of its hold.
with found as (
    {{ hold_findings('prepare') }}
)

{{ hold_state('found') }}
