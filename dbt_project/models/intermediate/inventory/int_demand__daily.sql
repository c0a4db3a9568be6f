-- One row per SKU, location and local day of the last 182 with demand: units asked for on the day, whatever came of them. Not counted:
-- what the customer took back, test orders, and what waits under a hold that forbids to buy for it. A line counts where it was first
-- promised (a later stock-out there moves the promise, not the demand), else at the nearest warehouse of its country, else anywhere.
with promised as (

    select
        events.order_line_id,
        arg_min(events.location_id, events.cycle_seq) as location_id
    from {{ ref('stg_facts__promise_events') }} as events
    where events.location_id is not null
    group by events.order_line_id

),

taken_back as (

    select
        events.order_line_id,
        sum(events.quantity) as quantity
    from {{ ref('stg_facts__line_events') }} as events
    where events.to_bucket = 'cancelled' and events.reason_code in {{ kpi_customer_reasons() }}
    group by events.order_line_id

),

asked as (

    select
        lines.order_line_id,
        lines.sku_id,
        orders.placed_at,
        promised.location_id,
        orders.latitude,
        orders.longitude,
        orders.ship_to_country,
        lines.qty_ordered - coalesce(taken_back.quantity, 0) - case when exists (
            select 1 from {{ ref('int_holds__blocking') }} as holds
            where
                holds.blocks_purchase
                and holds.order_id = lines.order_id
                and (holds.order_line_id is null or holds.order_line_id = lines.order_line_id)
        ) then lines.qty_open else 0 end as quantity
    from {{ ref('int_order_lines__balanced') }} as lines
    inner join {{ ref('int_orders__current') }} as orders on lines.order_id = orders.order_id
    left join promised on lines.order_line_id = promised.order_line_id
    left join taken_back on lines.order_line_id = taken_back.order_line_id
    where
        not orders.is_test
        and lines.is_known_sku
        and orders.placed_at <= {{ as_of() }}
        and orders.placed_at > {{ as_of() }} - interval 183 day

),

nearest as (

    select
        asked.order_line_id,
        arg_min(locations.location_id, (
            asked.ship_to_country is distinct from locations.country,
            coalesce({{ distance_km('locations.latitude', 'locations.longitude', 'asked.latitude', 'asked.longitude') }}, 0),
            locations.location_id
        )) as location_id
    from asked
    cross join {{ ref('int_locations__in_force') }} as locations
    where asked.location_id is null and locations.kind = 'dc'
    group by asked.order_line_id

)

select
    asked.sku_id,
    locations.location_id,
    {{ local_date('asked.placed_at', 'locations.timezone') }} as day,
    cast(sum(asked.quantity) as decimal(18, 3)) as quantity
from asked
left join nearest on asked.order_line_id = nearest.order_line_id
inner join {{ ref('int_locations__in_force') }} as locations on coalesce(asked.location_id, nearest.location_id) = locations.location_id
group by asked.sku_id, locations.location_id, {{ local_date('asked.placed_at', 'locations.timezone') }}
having sum(asked.quantity) > 0
