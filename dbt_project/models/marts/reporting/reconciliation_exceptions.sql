with closed as (

    select
        events.exception_id,
        max(events.event_at) as closed_at,
        arg_max(events.reason, events.event_at) as close_reason
    from {{ ref('stg_facts__exception_events') }} as events
    where events.event = 'closed'
    group by events.exception_id

)

select
    exceptions.kind,
    exceptions.key,
    exceptions.expected,
    exceptions.found,
    exceptions.difference,
    date_diff('day', exceptions.event_at, coalesce(closed.closed_at, {{ as_of() }})) as age_days,
    case
        when exceptions.kind like 'RETURN%' or exceptions.kind like 'REFUND%' or exceptions.kind like 'PAYMENT%' then 'team:finance'
        when exceptions.kind like 'DELIVERY%' then 'team:transport'
        when exceptions.kind like '%SCAN%' or exceptions.kind like 'OVER_%' then 'team:warehouse'
        when exceptions.kind like 'STOCK%' or exceptions.kind like 'COUNT%' then 'team:inventory'
        else 'team:planning'
    end as owner,
    case when closed.exception_id is not null then 'closed' else 'open' end as status,
    exceptions.exception_id,
    exceptions.order_id,
    exceptions.order_line_id,
    exceptions.explanation,
    exceptions.event_at,
    closed.closed_at,
    closed.close_reason,
    {{ cycle_columns() }}
from {{ ref('stg_facts__exceptions') }} as exceptions
left join closed on exceptions.exception_id = closed.exception_id

union all

select
    'STOCK_DRIFT' as kind,
    snapshots.snapshot_id as key,
    cast(snapshots.expected + snapshots.adjusted as varchar) as expected,
    cast(snapshots.found as varchar) as found,
    cast(snapshots.drift as varchar) as difference,
    date_diff('day', snapshots.event_at, {{ as_of() }}) as age_days,
    'team:inventory' as owner,
    case when snapshots.drift = 0 then 'closed' else 'open' end as status,
    'STOCK_DRIFT#' || snapshots.snapshot_id as exception_id,
    cast(null as varchar) as order_id,
    cast(null as varchar) as order_line_id,
    snapshots.system || ' had ' || {{ quantity_text('snapshots.found') }} || ' of ' || snapshots.sku_id || ' at ' || snapshots.location_id
    || coalesce(', lot ' || snapshots.lot_id, '') || ', our movements say ' || {{ quantity_text('snapshots.expected') }}
    || case when snapshots.drift = 0 then ': corrected' else ': count it, or book the difference of ' || {{ quantity_text('snapshots.drift') }} end
        as explanation,
    snapshots.event_at,
    cast(null as timestamptz) as closed_at,
    cast(null as varchar) as close_reason,
    {{ cycle_columns() }}
from {{ ref('stock_snapshots') }} as snapshots
where snapshots.drift <> 0 or snapshots.adjusted <> 0
