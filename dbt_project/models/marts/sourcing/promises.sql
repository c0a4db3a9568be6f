-- The plan's promises, less what this cycle's waves took: released units are reserved, no longer promised.
with taken as (

    select
        events.order_line_id,
        events.location_id,
        sum(events.quantity) as quantity
    from {{ ref('stg_facts__line_events') }} as events
    where events.from_bucket = 'open' and events.to_bucket = 'released' and events.cycle_seq = {{ cycle_seq() }}
    group by events.order_line_id, events.location_id

),

first_given as (

    select
        events.order_line_id,
        min(events.event_at) as first_promised_at
    from {{ ref('stg_facts__promise_events') }} as events
    where events.event <> 'withdrawn'
    group by events.order_line_id

),

running as (

    select
        promises.*,
        coalesce(taken.quantity, 0) as taken,
        sum(promises.quantity) over (
            partition by promises.order_line_id, promises.location_id
            order by promises.ship_date, promises.supply_id nulls first, promises.lot_id nulls first
        ) as up_to_here
    from {{ ref('stg_plans__promises') }} as promises
    left join taken on promises.order_line_id = taken.order_line_id and promises.location_id = taken.location_id

)

select
    running.order_line_id,
    running.sku_id,
    running.lot_id,
    running.location_id,
    running.supply_id,
    cast(least(running.quantity, running.up_to_here - running.taken) as decimal(18, 3)) as quantity,
    running.ship_date,
    running.deliver_date,
    coalesce(first_given.first_promised_at, {{ as_of() }}) as first_promised_at,
    running.cost,
    running.explanation,
    running.runner_up_location_id,
    running.runner_up_cost,
    running.is_firm,
    running.runner_up_extra,
    cast(running.cost_terms as varchar) as cost_terms,
    running.relaxed,
    running.order_id,
    {{ policy('reporting.currency') }} as currency,
    {{ cycle_columns() }}
from running
left join first_given on running.order_line_id = first_given.order_line_id
where running.up_to_here > running.taken
