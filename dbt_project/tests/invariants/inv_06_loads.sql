{{ config(tags=['invariant']) }}
-- Invariant 6, loads: within every capacity, compatible goods, vehicle and driver there and in one place at a time, a shipment on one
-- load, and each own-fleet shipment of the plan on a load or dropped with a reason.
with planned as (

    select loads.* from {{ ref('stg_plans__loads') }} as loads
    where {{ not_dispatched('loads') }}

),

waiting as (

    select
shipments.shipment_id,
shipments.weight_kg,
shipments.volume_m3,
shipments.value,
shipments.currency,
shipments.temperature_class,
shipments.hazard_class
    from {{ ref('int_shipments__planned') }} as shipments
    where not exists (select 1 from {{ ref('stg_facts__shipments') }} as known
where known.shipment_id = shipments.shipment_id)

    union all

    select
shipments.shipment_id,
shipments.weight_kg,
shipments.volume_m3,
shipments.value,
shipments.currency,
shipments.temperature_class,
shipments.hazard_class
    from {{ ref('stg_facts__shipments') }} as shipments

),

aboard as (

    select
        aboard.load_id,
        aboard.shipment_id,
        waiting.weight_kg,
        waiting.volume_m3,
        round(waiting.value * coalesce(rates.rate, 1), 2) as value,
        waiting.temperature_class,
        waiting.hazard_class
    from {{ ref('stg_plans__load_shipments') }} as aboard
    inner join planned on aboard.load_id = planned.load_id
    left join waiting on aboard.shipment_id = waiting.shipment_id
    left join {{ ref('int_rates__in_force') }} as rates on waiting.currency = rates.currency

),

summed as (

    select
        aboard.load_id,
        sum(aboard.weight_kg) as weight_kg,
        sum(aboard.volume_m3) as volume_m3,
        sum(aboard.value) as value
    from aboard
    group by aboard.load_id

),

trips as (

    select
planned.load_id,
planned.vehicle_id,
planned.planned_departure as starts,
planned.planned_departure + to_seconds(cast(planned.duration_min * 60 as bigint)) as ends,
true as is_planned
    from planned
    where planned.vehicle_id is not null

    union all

    select
gone.load_id,
gone.vehicle_id,
gone.departed_at as starts,
gone.departed_at + to_seconds(cast(gone.duration_min * 60 as bigint)) as ends,
false as is_planned
    from {{ ref('stg_facts__loads') }} as gone
    where gone.vehicle_id is not null

),

on_the_road as (

    select
moves.shipment_id,
sum(moves.quantity) as quantity
    from (
        select
events.document_id as shipment_id,
events.quantity
from {{ ref('stg_facts__line_events') }} as events
where events.to_bucket = 'shipped'
        union all
        select
events.document_id as shipment_id,
-events.quantity as quantity
from {{ ref('stg_facts__line_events') }} as events
where events.from_bucket = 'shipped'
    ) as moves
    group by moves.shipment_id
    having sum(moves.quantity) > 0

)

select
    'load' as subject_type,
    planned.load_id as subject_id,
    'INV-06-CAPACITY' as rule,
    cast(summed.weight_kg as varchar) || ' kg of ' || coalesce(cast(planned.capacity_kg as varchar), 'any') || ', ' || cast(summed.volume_m3 as varchar) || ' m3 of '
    || coalesce(cast(planned.capacity_m3 as varchar), 'any') || ', ' || cast(planned.stops as varchar) || ' stops, value ' || cast(summed.value as varchar) as reason
from planned
inner join summed on planned.load_id = summed.load_id
left join {{ ref('int_vehicles__in_force') }} as vehicles on planned.vehicle_id = vehicles.vehicle_id
left join {{ ref('int_rates__in_force') }} as rates on upper(vehicles.currency) = rates.currency
where
    summed.weight_kg > least(planned.capacity_kg, coalesce(vehicles.payload_kg, planned.capacity_kg))
    or summed.volume_m3 > least(planned.capacity_m3, coalesce(vehicles.volume_m3, planned.capacity_m3))
    or planned.stops > vehicles.max_stops
    or summed.value > round(cast(vehicles.max_value as decimal(28, 2)) * coalesce(rates.rate, 1), 2)

union all

select
    'load' as subject_type,
    aboard.load_id as subject_id,
    'INV-06-GOODS' as rule,
    'shipment ' || aboard.shipment_id || case when aboard.weight_kg is null then ' is not known'
        else ' is ' || aboard.temperature_class || ', hazard ' || aboard.hazard_class || ': vehicle ' || planned.vehicle_id || ' may not carry it'
    end as reason
from aboard
inner join planned on aboard.load_id = planned.load_id
left join {{ ref('int_vehicles__in_force') }} as vehicles on planned.vehicle_id = vehicles.vehicle_id
where
    aboard.weight_kg is null
    or (
        vehicles.vehicle_id is not null
        and (
            not list_contains(string_split(coalesce(vehicles.temperature_classes, 'ambient'), '|'), coalesce(aboard.temperature_class, 'ambient'))
            or (coalesce(aboard.hazard_class, 'none') <> 'none' and not coalesce(vehicles.hazard_ok, false))
        )
    )

union all

select
    'load' as subject_type,
    planned.load_id as subject_id,
    'INV-06-VEHICLE' as rule,
    'vehicle ' || coalesce(planned.vehicle_id, '?') || ' or its driver ' || coalesce(planned.driver_id, '?') || ' is not there or not active' as reason
from planned
left join {{ ref('int_vehicles__in_force') }} as vehicles on planned.vehicle_id = vehicles.vehicle_id
left join {{ ref('int_drivers__in_force') }} as drivers on planned.driver_id = drivers.driver_id
where
    planned.mode = 'own_fleet'
    and (
        vehicles.vehicle_id is null
        or not coalesce(vehicles.is_active, true)
        or vehicles.location_id <> planned.location_id
        or not coalesce(drivers.is_active, true)
    )

union all

select
    'load' as subject_type,
    trips.load_id as subject_id,
    'INV-06-TWICE-OUT' as rule,
    'vehicle ' || trips.vehicle_id || ' is then on load ' || others.load_id as reason
from trips
inner join trips as others on trips.vehicle_id = others.vehicle_id and trips.load_id <> others.load_id
where trips.is_planned and trips.starts < others.ends and others.starts < trips.ends

union all

select
    'shipment' as subject_type,
    aboard.shipment_id as subject_id,
    'INV-06-TWO-LOADS' as rule,
    'on ' || cast(count(*) as varchar) || ' loads of the plan' as reason
from aboard
group by aboard.shipment_id
having count(*) > 1

union all

select
    'shipment' as subject_type,
    aboard.shipment_id as subject_id,
    'INV-06-VENDOR' as rule,
    'planned on load ' || aboard.load_id || ', but its vendor ships it' as reason
from aboard
inner join {{ ref('stg_facts__shipments') }} as shipments on aboard.shipment_id = shipments.shipment_id
where shipments.mode = 'dropship'

union all

select
    'shipment' as subject_type,
    aboard.shipment_id as subject_id,
    'INV-06-ON-THE-ROAD' as rule,
    'planned on load ' || aboard.load_id || ' while ' || cast(on_the_road.quantity as varchar) || ' of it are on the road' as reason
from aboard
inner join on_the_road on aboard.shipment_id = on_the_road.shipment_id

union all

select
    'shipment' as subject_type,
    modes.shipment_id as subject_id,
    'INV-06-FORGOTTEN' as rule,
    'goes by own fleet, and is neither on a load nor dropped with a reason' as reason
from {{ ref('stg_plans__shipment_modes') }} as modes
where
    modes.mode = 'own_fleet'
    and not exists (select 1 from {{ ref('stg_plans__load_shipments') }} as aboard
where aboard.shipment_id = modes.shipment_id)
    and not exists (
        select 1 from {{ ref('stg_plans__dropped_shipments') }} as dropped
        where dropped.shipment_id = modes.shipment_id and dropped.reason is not null
    )
