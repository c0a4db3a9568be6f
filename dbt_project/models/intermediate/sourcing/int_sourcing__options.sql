-- One row per open line and location that could ship it: how it would go, its cost in the reporting currency, when the location could
-- begin and how many working days it travels, or why it may not.
with terms as (

    select
        cycle.as_of,
        cast(cycle.as_of as date) as day_zero,
        {{ policy('loads.departure_time') }}::time as departure,
        {{ policy('loads.pick_lead_min', 'integer') }} as pick_lead_min,
        {{ policy('loads.own_fleet_radius_km', 'decimal(18,3)') }} as radius_km,
        {{ policy('sourcing.cost_km_kg', 'decimal(18,6)') }} as cost_km_kg,
        {{ policy('sourcing.cost_km_shipment', 'decimal(18,6)') }} as cost_km_shipment,
        {{ policy('sourcing.cost_shipment', 'decimal(18,2)') }} as cost_shipment,
        {{ policy('sourcing.border_cost', 'decimal(18,2)') }} as border_cost,
        {{ policy('sourcing.border_days', 'integer') }} as border_days,
        {{ policy('sourcing.transit_days_unknown', 'integer') }} as transit_days_unknown,
        {{ policy('sourcing.vendor_cost', 'decimal(18,2)') }} as vendor_cost
    from {{ source('plans', 'cycle') }} as cycle

),

stocked as (

    select distinct
        demand.order_line_id,
        demand.order_id,
        positions.location_id
    from {{ ref('int_demand__open') }} as demand
    inner join {{ ref('int_atp__by_day') }} as positions on demand.sku_id = positions.sku_id
    where positions.cumulative_atp > 0

),

-- what of an order a location has: a shipment from it is priced by that, whatever else of the order is still open elsewhere
orders as (

    select
        demand.order_id,
        stocked.location_id,
        any_value(demand.latitude) as latitude,
        any_value(demand.longitude) as longitude,
        any_value(demand.ship_to_country) as country,
        upper(replace(replace(any_value(demand.ship_to_postcode), ' ', ''), '-', '')) as postcode,
        sum(demand.quantity * demand.weight_kg) as weight_kg,
        list(distinct demand.temperature_class) as temperature_classes,
        bool_or(demand.hazard_class <> 'none') as is_hazardous,
        any_value(demand.pickup_location_id) as pickup_location_id,
        min(demand.due_day_index) as due_day_index,
        max(demand.ship_after_day_index) as ship_after_day_index
    from {{ ref('int_demand__open') }} as demand
    inner join stocked on demand.order_line_id = stocked.order_line_id
    group by demand.order_id, stocked.location_id

),

fleets as (

    select
        vehicles.location_id,
        max(vehicles.payload_kg) as payload_kg,
        string_agg(coalesce(vehicles.temperature_classes, 'ambient'), '|') as temperature_classes,
        bool_or(coalesce(vehicles.hazard_ok, false)) as hazard_ok
    from {{ ref('int_vehicles__in_force') }} as vehicles
    where coalesce(vehicles.is_active, true)
    group by vehicles.location_id

),

locations as (

    select
        locations.*,
        {{ local_date('terms.as_of', 'locations.timezone') }} - terms.day_zero as today,
        timezone(locations.timezone, terms.as_of)::time as now_local,
        coalesce(locations.cutoff::time, terms.departure) as closes_at,
        -- own vehicles leave once a day, in the morning: what can't be picked before they leave rides tomorrow, however late the counter is open
        least(coalesce(locations.cutoff::time, terms.departure), terms.departure - to_minutes(terms.pick_lead_min)) as fleet_closes_at,
        fleets.payload_kg as fleet_payload_kg,
        fleets.temperature_classes as fleet_temperature_classes,
        fleets.hazard_ok as fleet_hazard_ok
    from {{ ref('int_locations__in_force') }} as locations
    cross join terms
    left join fleets on locations.location_id = fleets.location_id

),

-- the price of each service for the order's zone and what the location has of it: of a service's tariffs, the one with the longest prefix
priced as (

    select
        orders.order_id,
        orders.location_id,
        -- from the day on which the carrier could have it: after the cut-off that is tomorrow
        orders.due_day_index - greatest(
            locations.today
            + case when locations.now_local > least(locations.closes_at, coalesce(carriers.pickup_at, '17:00')::time) then 1 else 0 end,
            orders.ship_after_day_index, 0
        ) as days_allowed,
        tariffs.carrier_id,
        tariffs.service,
        tariffs.transit_days,
        coalesce(carriers.pickup_at, '17:00')::time as pickup_at,
        cast(tariffs.base * (1 + coalesce(tariffs.fuel_pct, 0) / 100) * coalesce(rates.rate, 1) as decimal(18, 2)) as base_cost,
        cast(tariffs.per_kg * (1 + coalesce(tariffs.fuel_pct, 0) / 100) * coalesce(rates.rate, 1) as decimal(18, 6)) as kg_cost,
        orders.weight_kg,
        coalesce(tariffs.max_kg, 1000000) as max_kg,
        coalesce(tariffs.temperature_classes, 'ambient|chilled') as temperature_classes,
        coalesce(tariffs.hazard_ok, false) as hazard_ok,
        orders.weight_kg <= coalesce(tariffs.max_kg, 1000000)
        and len(list_filter(
            orders.temperature_classes,
            lambda class: not contains('|' || coalesce(tariffs.temperature_classes, 'ambient|chilled') || '|', '|' || class || '|')
        )) = 0
        and (not orders.is_hazardous or coalesce(tariffs.hazard_ok, false)) as is_taken
    from orders
    inner join locations on orders.location_id = locations.location_id
    inner join {{ ref('int_tariffs__in_force') }} as tariffs
        on
            orders.country = tariffs.country
            and starts_with(coalesce(orders.postcode, ''), upper(replace(replace(coalesce(tariffs.zone_prefix, ''), ' ', ''), '-', '')))
    inner join {{ ref('int_carriers__in_force') }} as carriers on tariffs.carrier_id = carriers.carrier_id and coalesce(carriers.is_active, true)
    left join {{ ref('int_rates__in_force') }} as rates on upper(tariffs.currency) = rates.currency
    qualify row_number() over (
        partition by orders.order_id, orders.location_id, tariffs.carrier_id, tariffs.service order by length(coalesce(tariffs.zone_prefix, '')) desc
    ) = 1

),

-- the service taken: the cheapest in time, else the least late (`domain.loads.tariffs.choose`, which asks again when the parcel is packed)
services as (

    select
        priced.*,
        borders.crosses_border,
        priced.transit_days + case when borders.crosses_border then terms.border_days else 0 end as days,
        max(priced.max_kg) over (partition by priced.order_id, priced.location_id) as heaviest_kg,
        bool_or(priced.hazard_ok) over (partition by priced.order_id, priced.location_id) as any_hazard_ok,
        string_agg(priced.temperature_classes, '|') over (partition by priced.order_id, priced.location_id) as any_temperature_classes
    from priced
    cross join terms
    cross join (values (false), (true)) as borders (crosses_border)
    qualify row_number() over (
        partition by priced.order_id, priced.location_id, borders.crosses_border
        order by
            priced.is_taken desc,
            greatest(0, days - priced.days_allowed),
            priced.base_cost + priced.kg_cost * ceil(priced.weight_kg),
            days, priced.carrier_id, priced.service
    ) = 1

),

lanes as (

    select
        orders.order_id,
        locations.location_id,
        locations.kind,
        locations.handling_cost,
        locations.today,
        locations.now_local,
        locations.closes_at,
        locations.fleet_closes_at,
        coalesce(locations.country <> orders.country, false) as crosses_border,
        {{ distance_km('locations.latitude', 'locations.longitude', 'orders.latitude', 'orders.longitude') }} as distance_km,
        coalesce(orders.pickup_location_id = locations.location_id, false) as is_pickup,
        -- what a vendor ships goes with a parcel carrier, never with own vehicles
        coalesce(
            locations.kind <> 'vendor'
            and locations.country = orders.country
            and orders.weight_kg <= locations.fleet_payload_kg
            and (not orders.is_hazardous or locations.fleet_hazard_ok)
            and len(list_filter(
                orders.temperature_classes, lambda class: not contains('|' || locations.fleet_temperature_classes || '|', '|' || class || '|')
            )) = 0, false
        ) as fleet_takes
    from orders
    inner join locations on orders.location_id = locations.location_id

),

-- a location that did not find a line, or refused it, is not asked again for some days
rejected as (

    select distinct
        scans.order_line_id,
        tasks.location_id
    from {{ ref('stg_facts__floor') }} as scans
    inner join {{ ref('stg_facts__pick_tasks') }} as tasks on scans.task_id = tasks.task_id and scans.order_line_id = tasks.order_line_id
    cross join terms
    where
        scans.kind = 'pick'
        and nullif(scans.short_reason, '') is not null
        and scans.event_at <= terms.as_of
        and scans.event_at > terms.as_of - to_days({{ policy('sourcing.cooling_off_days', 'integer') }})

),

-- a vendor that refused a line, or from which a person took it back: however short stock is, it is not asked again before the
-- cooling-off ends
refused as (

    select distinct
        ordered.order_line_id,
        ordered.location_id
    from (
        select
            answers.purchase_order_id,
            answers.line_number,
            answers.event_at
        from {{ ref('stg_facts__vendors') }} as answers
        where answers.kind = 'rejected'

        union all

        select
            commands.target as purchase_order_id,
            null as line_number,
            commands.recorded_at as event_at
        from {{ ref('stg_facts__commands') }} as commands
        where commands.type = 'purchase_order.withdraw' and commands.outcome = 'accepted'
    ) as noes
    inner join {{ ref('stg_facts__purchase_order_lines') }} as ordered
        on noes.purchase_order_id = ordered.document_id and ordered.line_number = coalesce(noes.line_number, ordered.line_number)
    cross join terms
    where
        noes.event_at <= terms.as_of
        and noes.event_at > terms.as_of - to_days({{ policy('sourcing.cooling_off_days', 'integer') }})

),

ways as (

    select
        lanes.*,
        services.carrier_id,
        services.service,
        services.base_cost,
        services.kg_cost,
        services.days,
        services.pickup_at,
        services.heaviest_kg,
        services.any_hazard_ok,
        services.any_temperature_classes,
        case
            when lanes.is_pickup then 'pickup'
            when
                lanes.fleet_takes
                and (lanes.distance_km <= terms.radius_km or coalesce(services.weight_kg > services.heaviest_kg, false)) then 'own_fleet'
            else 'carrier'
        end as mode
    from lanes
    cross join terms
    left join services
        on lanes.order_id = services.order_id and lanes.location_id = services.location_id and lanes.crosses_border = services.crosses_border

)

select
    demand.order_line_id,
    demand.order_id,
    ways.location_id,
    ways.mode,
    case when ways.mode = 'carrier' then ways.carrier_id end as carrier_id,
    case when ways.mode = 'carrier' then ways.service end as service,
    ways.distance_km,
    coalesce(ways.handling_cost, 0) as handling_cost,
    case when ways.kind = 'vendor' then terms.vendor_cost else 0 end as vendor_cost,
    cast(
        demand.quantity * demand.weight_kg
        * case
            when ways.mode = 'pickup' then 0
            when ways.mode = 'carrier' and ways.carrier_id is not null then ways.kg_cost
            else ways.distance_km * terms.cost_km_kg
        end
        as decimal(18, 2)
    ) as line_cost,
    cast(
        case
            when ways.mode = 'pickup' then 0
            when ways.mode = 'carrier' and ways.carrier_id is not null then ways.base_cost
            else terms.cost_shipment + ways.distance_km * terms.cost_km_shipment
        end + case when ways.crosses_border then terms.border_cost else 0 end as decimal(18, 2)
    ) as shipment_cost,
    greatest(
        ways.today + case
            when ways.mode = 'own_fleet' and ways.now_local > ways.fleet_closes_at then 1
            when ways.mode = 'pickup' and ways.now_local > ways.closes_at then 1
            when ways.mode = 'carrier' and ways.now_local > least(ways.closes_at, coalesce(ways.pickup_at, ways.closes_at)) then 1
            else 0
        end,
        coalesce(demand.ship_after_day_index, 0), 0
    ) as start_day_index,
    case
        when ways.mode in ('own_fleet', 'pickup') then 0
        when ways.carrier_id is not null then ways.days
        else terms.transit_days_unknown + case when ways.crosses_border then terms.border_days else 0 end
    end as transit_days,
    demand.not_before_day_index,
    demand.ship_to_country,
    -- domain.sourcing.problem.Blocked; the rules that may give way (`sourcing.soft_rules`) come last
    case
        when
            list_contains(demand.excluded_location_ids, ways.location_id)
            or (demand.pickup_location_id is not null and not ways.is_pickup) then {{ blocked('excluded') }}
        when ways.kind <> 'dc' and demand.temperature_class <> 'ambient' then {{ blocked('temperature') }}
        when ways.crosses_border and demand.hazard_class <> 'none' then {{ blocked('hazard') }}
        when ways.crosses_border and demand.lacks_customs and {{ listed('demand.ship_to_country', 'shipping.customs_countries') }}
            then {{ blocked('customs') }}
        when
            ways.mode = 'carrier' and ways.carrier_id is not null
            and (
                demand.quantity * demand.weight_kg > ways.heaviest_kg
                or (demand.hazard_class <> 'none' and not ways.any_hazard_ok)
                or not contains('|' || ways.any_temperature_classes || '|', '|' || demand.temperature_class || '|')
            ) then {{ blocked('no_lane') }}
        when refused.location_id is not null then {{ blocked('vendor_rejected') }}
        when exclusions.location_id is not null then {{ blocked('customer_exclusion') }}
        when rejected.location_id is not null then {{ blocked('rejected_recently') }}
        else 0
    end as blocked
from {{ ref('int_demand__open') }} as demand
inner join stocked on demand.order_line_id = stocked.order_line_id
inner join ways on stocked.order_id = ways.order_id and stocked.location_id = ways.location_id
left join {{ ref('int_customer_exclusions__in_force') }} as exclusions
    on demand.customer_id = exclusions.customer_id and ways.location_id = exclusions.location_id
left join refused on demand.order_line_id = refused.order_line_id and ways.location_id = refused.location_id
left join rejected on demand.order_line_id = rejected.order_line_id and ways.location_id = rejected.location_id
cross join terms
