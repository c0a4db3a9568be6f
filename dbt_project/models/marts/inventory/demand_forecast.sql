-- The newest version of each series that the last forecast covers. A forecast is made when a day began or its history changed.
with newest as (

    select
        versions.*,
        row_number() over (partition by versions.sku_id, versions.location_id order by versions.cycle_seq) as version,
        row_number() over (partition by versions.sku_id, versions.location_id order by versions.cycle_seq desc) as newest_first
    from {{ ref('stg_facts__demand_forecasts') }} as versions

),

covered as (

    select newest.* from newest
    where
        newest.newest_first = 1
        and newest.first_day = (select max(versions.first_day) from {{ ref('stg_facts__demand_forecasts') }} as versions)

)

select
    covered.sku_id,
    covered.location_id,
    cast(covered.first_day + cast(ahead.day_index as integer) - 1 as date) as day,
    covered.quantity[ahead.day_index] as quantity,
    covered.lower[ahead.day_index] as lower,
    covered.upper[ahead.day_index] as upper,
    covered.method,
    covered.wape,
    covered.bias,
    covered.baseline_wape,
    covered.deviation,
    covered.history_days,
    covered.tested_days,
    cast(covered.version as integer) as version,
    covered.recorded_at as made_at,
    {{ cycle_columns() }}
from covered
cross join (select unnest(range(1, 29)) as day_index) as ahead
