{{ config(materialized='view') }}
-- One row per carrier, service, country and zone: the newest price in force. `valid_from` is part of a tariff's key, so that an
-- older price is another entity, not an older version.
with versions as (
    {{ in_force('stg_reference__tariffs') }}
)

select versions.*
from versions
qualify row_number() over (
    partition by versions.carrier_id, versions.service, versions.country, coalesce(versions.zone_prefix, '')
    order by versions.key desc
) = 1
