{{ config(materialized='view') }}
-- One row per finding of the rules that need nothing of the plan.
{{ hold_findings('prepare') }}
