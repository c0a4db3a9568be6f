-- One row per SKU, location and local day of the last 56 with demand: units that went to the floor there, less what came back to
-- planning; on the day of as_of also what is promised there and not yet released.
with released as (

    select
        lines.sku_id,
        events.location_id,
        {{ local_date('events.event_at', 'locations.timezone') }} as day,
        case when events.to_bucket = 'released' then events.quantity else -events.quantity end as quantity
    from {{ ref('stg_facts__line_events') }} as events
    inner join {{ ref('int_order_lines__balanced') }} as lines on events.order_line_id = lines.order_line_id
    inner join {{ ref('int_locations__in_force') }} as locations on events.location_id = locations.location_id
    where
        events.event_at > {{ as_of() }} - interval 57 day
        and ((events.from_bucket = 'open' and events.to_bucket = 'released') or (events.to_bucket = 'open' and events.from_bucket <> 'open'))

),

promised as (

    select
        promises.sku_id,
        promises.location_id,
        {{ local_date(as_of(), 'locations.timezone') }} as day,
        promises.quantity
    from {{ ref('promises') }} as promises
    inner join {{ ref('int_locations__in_force') }} as locations on promises.location_id = locations.location_id

),

demand as (

    select * from released
    union all
    select * from promised

)

select
    demand.sku_id,
    demand.location_id,
    demand.day,
    cast(sum(demand.quantity) as decimal(18, 3)) as quantity
from demand
group by demand.sku_id, demand.location_id, demand.day
having sum(demand.quantity) <> 0
