with approval as (

    select
        events.load_id,
        arg_max(events.event, events.event_at) = 'approved' as is_approved
    from {{ ref('stg_facts__load_events') }} as events
    where events.event in ('approved', 'withdrawn')
    group by events.load_id

),

came_back as (

    select
events.load_id,
max(events.event_at) as returned_at
    from {{ ref('stg_facts__load_events') }} as events
    where events.event = 'returned'
    group by events.load_id

    union all

    select
yard.load_id,
max(yard.event_at) as returned_at
    from {{ ref('stg_facts__yard') }} as yard
    where yard.kind = 'returned' and yard.load_id is not null and yard.event_at <= {{ as_of() }}
    group by yard.load_id

),

came_back_once as (

    select
came_back.load_id,
max(came_back.returned_at) as returned_at
    from came_back
    group by came_back.load_id

),

loading as (

    select distinct yard.load_id
    from {{ ref('stg_facts__yard') }} as yard
    where yard.kind in ('loading_start', 'loading_end') and yard.load_id is not null and yard.event_at <= {{ as_of() }}

),

settled as (

    select
        settlements.load_id,
        bool_and(settlements.status in ('counted', 'signed')) as is_settled
    from {{ ref('settlements') }} as settlements
    group by settlements.load_id

)

select
    planned.load_id,
    planned.mode,
    planned.location_id,
    planned.vehicle_id,
    planned.driver_id,
    case
        when loading.load_id is not null then 'loading'
        when approval.is_approved then 'approved'
        else 'planned'
    end as status,
    planned.weight_kg,
    planned.volume_m3,
    planned.stops,
    planned.value,
    planned.capacity_kg,
    planned.capacity_m3,
    planned.utilisation,
    planned.binding_dimension,
    coalesce(planned.is_locked, false) as is_locked,
    planned.planned_departure,
    cast(null as timestamptz) as departed_at,
    cast(null as timestamptz) as returned_at,
    planned.carrier_id,
    planned.trailer_id,
    planned.pallets,
    planned.front_axle_kg,
    planned.rear_axle_kg,
    planned.axles_ok,
    planned.cost,
    planned.currency,
    planned.tariff_cost,
    planned.planned_dock,
    planned.planned_loading_start,
    planned.planned_loading_end,
    planned.layer_check,
    planned.layer_binding,
    planned.floor_used_mm,
    planned.layer_unmeasured,
    {{ cycle_columns() }}
from {{ ref('stg_plans__loads') }} as planned
left join approval on planned.load_id = approval.load_id
left join loading on planned.load_id = loading.load_id
where {{ not_dispatched('planned') }}

union all

select
    dispatched.load_id,
    dispatched.mode,
    dispatched.location_id,
    dispatched.vehicle_id,
    dispatched.driver_id,
    case
        when settled.is_settled and (came_back_once.returned_at is not null or dispatched.mode = 'carrier') then 'settled'
        when came_back_once.returned_at is not null then 'returned'
        else 'departed'
    end as status,
    dispatched.weight_kg,
    dispatched.volume_m3,
    dispatched.stops,
    dispatched.value,
    dispatched.capacity_kg,
    dispatched.capacity_m3,
    dispatched.utilisation,
    dispatched.binding_dimension,
    true as is_locked,
    dispatched.planned_departure,
    dispatched.departed_at,
    came_back_once.returned_at,
    dispatched.carrier_id,
    dispatched.trailer_id,
    dispatched.pallets,
    dispatched.front_axle_kg,
    dispatched.rear_axle_kg,
    dispatched.axles_ok,
    dispatched.cost,
    dispatched.currency,
    dispatched.tariff_cost,
    dispatched.planned_dock,
    dispatched.planned_loading_start,
    dispatched.planned_loading_end,
    dispatched.layer_check,
    dispatched.layer_binding,
    dispatched.floor_used_mm,
    dispatched.layer_unmeasured,
    {{ cycle_columns() }}
from {{ ref('stg_facts__loads') }} as dispatched
left join came_back_once on dispatched.load_id = came_back_once.load_id
left join settled on dispatched.load_id = settled.load_id
