{{ config(materialized='view') }}
-- One row per finding of the rules that need sourcing's answer, with the state of its hold.
with found as (
    {{ hold_findings('release') }}
)

{{ hold_state('found') }}
