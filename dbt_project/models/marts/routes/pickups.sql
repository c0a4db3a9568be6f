select
    pickups.pickup_id,
    pickups.pickup_kind,
    pickups.customer_id,
    pickups.address_id,
    pickups.location_id,
    pickups.order_id,
    cast(pickups.quantity as decimal(18, 3)) as quantity,
    cast(pickups.weight_kg as decimal(18, 3)) as weight_kg,
    cast(pickups.volume_m3 as decimal(18, 3)) as volume_m3,
    cast(pickups.latitude as decimal(18, 6)) as latitude,
    cast(pickups.longitude as decimal(18, 6)) as longitude,
    pickups.city,
    case
        when pickups.status <> 'open' or planned.load_id is null then pickups.status
        when gone.load_id is not null then 'on_the_way'
        else 'planned'
    end as status,
    case when pickups.status = 'open' then planned.load_id else pickups.load_id end as load_id,
    case when pickups.status = 'open' then planned.stop_sequence else pickups.stop_sequence end as stop_sequence,
    case when pickups.status = 'open' then planned.reason end as reason,
    case when pickups.status = 'open' then planned.cheapest_fix end as cheapest_fix,
    pickups.requested_at,
    pickups.reported_at,
    pickups.outcome,
    pickups.reason_code,
    {{ cycle_columns() }}
from {{ ref('int_pickups__tracked') }} as pickups
left join {{ ref('stg_plans__pickups') }} as planned on pickups.pickup_id = planned.pickup_id
left join {{ ref('stg_facts__loads') }} as gone on planned.load_id = gone.load_id
