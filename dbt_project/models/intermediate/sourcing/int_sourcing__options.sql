-- One row per open line and location that could ship it: cost in the reporting currency, days, or why it can't.
select
    demand.order_line_id,
    demand.order_id,
    locations.location_id,
    {{ distance_km('locations.latitude', 'locations.longitude', 'demand.latitude', 'demand.longitude') }} as distance_km,
    cast(
        {{ distance_km('locations.latitude', 'locations.longitude', 'demand.latitude', 'demand.longitude') }}
        * cast(demand.quantity as decimal(38, 3)) * demand.weight_kg * {{ policy('sourcing.cost_km_kg', 'decimal(18,6)') }}
        + coalesce(locations.handling_cost, 0)
        as decimal(18, 2)
    ) as line_cost,
    cast(
        2 + {{ distance_km('locations.latitude', 'locations.longitude', 'demand.latitude', 'demand.longitude') }}
        * {{ policy('sourcing.cost_km_shipment', 'decimal(18,6)') }} as decimal(18, 2)
    ) as shipment_cost,
    greatest(
        coalesce(locations.processing_days, 0)
        + case when timezone(locations.timezone, {{ as_of() }})::time > {{ policy('loads.departure_time') }}::time then 1 else 0 end,
        coalesce(demand.ship_after_day_index, 0)
    ) as earliest_ship_day,
    demand.not_before_day_index,
    case
        when {{ distance_km('locations.latitude', 'locations.longitude', 'demand.latitude', 'demand.longitude') }}
            <= {{ policy('loads.own_fleet_radius_km', 'decimal(18,3)') }} and locations.kind = 'dc' then 0
        when locations.country = demand.ship_to_country then 1
        else 3
    end as transit_days,
    -- domain.sourcing.problem.Blocked: 0 free, 1 excluded, 2 temperature, 3 hazard
    case
        when demand.excluded_location_id = locations.location_id then 1
        when locations.kind <> 'dc' and demand.temperature_class <> 'ambient' then 2
        when locations.country <> demand.ship_to_country and demand.hazard_class <> 'none' then 3
        else 0
    end as blocked
from {{ ref('int_demand__open') }} as demand
inner join (
    select distinct positions.sku_id, positions.location_id
    from {{ ref('int_atp__by_day') }} as positions
    where positions.cumulative_atp > 0
) as stocked on demand.sku_id = stocked.sku_id
inner join {{ ref('int_locations__in_force') }} as locations on stocked.location_id = locations.location_id
