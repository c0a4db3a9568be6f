{{ config(materialized='view') }}
-- One row per customer and location that may not serve it today.
with versions as (
    {{ in_force('stg_reference__customer_exclusions') }}
)

select versions.*
from versions
where versions.valid_until is null or versions.valid_until >= cast({{ as_of() }} as date)
