with floor as (

    select
        shipments.wave_id,
        count(*) as shipments,
        sum(balanced.qty_released + balanced.qty_picked) as qty_on_the_floor
    from {{ ref('stg_facts__shipments') }} as shipments
    inner join {{ ref('int_shipments__balanced') }} as balanced on shipments.shipment_id = balanced.shipment_id
    group by shipments.wave_id

),

ended as (

    select
        events.wave_id,
        arg_max(events.event, events.event_at) as event,
        max(events.event_at) as ended_at
    from {{ ref('stg_facts__wave_events') }} as events
    group by events.wave_id

)

select
    waves.wave_id,
    waves.location_id,
    waves.cutoff,
    case
        when ended.event is not null then ended.event
        when coalesce(floor.qty_on_the_floor, 0) = 0 then 'done'
        else 'released'
    end as status,
    waves.released_at,
    ended.ended_at,
    waves.lines,
    coalesce(floor.shipments, 0) as shipments,
    waves.leaves_by,
    {{ cycle_columns() }}
from {{ ref('stg_facts__waves') }} as waves
left join floor on waves.wave_id = floor.wave_id
left join ended on waves.wave_id = ended.wave_id
