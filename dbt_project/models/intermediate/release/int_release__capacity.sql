{{ config(materialized='view') }}
-- One row per location: what it can release on its local day, and what earlier waves of the day have taken. Empty: no limit.
with done as (

    select
        shipments.location_id,
        count(*) as lines,
        count(distinct shipments.order_id) as orders,
        sum(lines.quantity) as quantity,
        sum(lines.volume_m3) as volume_m3
    from {{ ref('stg_facts__shipment_lines') }} as lines
    inner join {{ ref('stg_facts__shipments') }} as shipments on lines.shipment_id = shipments.shipment_id
    inner join {{ ref('int_locations__in_force') }} as locations on shipments.location_id = locations.location_id
    where
        {{ local_date('shipments.recorded_at', 'locations.timezone') }} = {{ local_date(as_of(), 'locations.timezone') }}
        and not exists (
            select 1 from {{ ref('stg_facts__wave_events') }} as events
            where events.wave_id = shipments.wave_id and events.event = 'stopped'
        )
    group by shipments.location_id

)

select
    locations.location_id,
    {{ local_date(as_of(), 'locations.timezone') }} as day,
    locations.max_lines_day as max_lines,
    locations.max_orders_day as max_orders,
    cast(locations.pick_hours_day * 60 as decimal(18, 1)) as max_pick_min,
    cast(locations.dock_hours_day * 60 as decimal(18, 1)) as max_dock_min,
    coalesce(done.lines, 0) as lines_done,
    coalesce(done.orders, 0) as orders_done,
    cast(
        coalesce(done.lines, 0) * {{ policy('release.minutes_line', 'decimal(18,3)') }}
        + coalesce(done.quantity, 0) * {{ policy('release.minutes_unit', 'decimal(18,3)') }} as decimal(18, 3)
    ) as pick_min_done,
    cast(coalesce(done.volume_m3, 0) * {{ policy('release.dock_minutes_m3', 'decimal(18,3)') }} as decimal(18, 3)) as dock_min_done
from {{ ref('int_locations__in_force') }} as locations
left join done on locations.location_id = done.location_id
