{{ config(materialized='view') }}
-- One row per SKU and substitute that may be offered for it today.
with versions as (
    {{ in_force('stg_reference__sku_substitutes') }}
)

select
    versions.sku_id,
    versions.substitute_sku_id,
    coalesce(versions.factor, 1) as factor,
    coalesce(versions.rank, 1) as rank,
    coalesce(versions.price_policy, 'keep') as price_policy,
    coalesce(versions.consent, 'ask') as consent
from versions
where coalesce(versions.consent, 'ask') <> 'never' and (versions.valid_until is null or versions.valid_until >= cast({{ as_of() }} as date))
