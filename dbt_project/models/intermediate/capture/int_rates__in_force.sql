{{ config(materialized='view') }}
-- One row per currency: units of the reporting currency for one unit of it, latest rate not after as_of.
with dated as (

    select
        rates.currency,
        rates.rate,
        rates.rate_date,
        row_number() over (partition by rates.currency order by rates.rate_date desc, rates.cycle_seq desc) as newest_first
    from {{ ref('stg_facts__rates') }} as rates
    where rates.rate_date <= cast({{ as_of() }} as date)

)

select
    dated.currency,
    dated.rate,
    dated.rate_date
from dated
where dated.newest_first = 1 and dated.currency <> {{ policy('reporting.currency') }}

union all by name

select
    {{ policy('reporting.currency') }} as currency,
    cast(1 as decimal(18, 6)) as rate,
    cast({{ as_of() }} as date) as rate_date
