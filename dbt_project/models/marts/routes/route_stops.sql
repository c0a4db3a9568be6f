-- What happened at a stop: the results of its shipments on this load.
with happened as (

    select
        aboard.load_id,
        aboard.stop_sequence,
        case
            when sum(settled.qty_delivered) = sum(settled.qty_shipped) then 'delivered'
            when sum(settled.qty_delivered) > 0 then 'partial'
            when sum(settled.qty_refused) > 0 then 'refused'
            when sum(settled.qty_lost) > 0 then 'lost'
            when sum(settled.qty_absent) > 0 then 'absent'
        end as result,
        min(settled.first_result_at) as arrived_at
    from {{ ref('stg_facts__load_shipments') }} as aboard
    inner join {{ ref('int_load_lines__settled') }} as settled
        on aboard.load_id = settled.load_id and aboard.shipment_id = settled.shipment_id
    group by aboard.load_id, aboard.stop_sequence

)

select
    planned.load_id,
    planned.stop_sequence,
    planned.shipment_ids,
    planned.latitude,
    planned.longitude,
    planned.window_from,
    planned.window_to,
    planned.eta,
    planned.departure,
    planned.service_min,
    planned.late_min,
    planned.distance_km,
    coalesce(planned.is_locked, false) as is_locked,
    cast(null as varchar) as result,
    cast(null as timestamptz) as arrived_at,
    planned.wait_min,
    planned.break_min,
    coalesce(planned.pickup_ids, []) as pickup_ids,
    {{ cycle_columns() }}
from {{ ref('stg_plans__route_stops') }} as planned
where {{ not_dispatched('planned') }}

union all

select
    stops.load_id,
    stops.stop_sequence,
    stops.shipment_ids,
    stops.latitude,
    stops.longitude,
    stops.window_from,
    stops.window_to,
    stops.eta,
    stops.departure,
    stops.service_min,
    stops.late_min,
    stops.distance_km,
    coalesce(stops.is_locked, false) as is_locked,
    happened.result,
    happened.arrived_at,
    stops.wait_min,
    stops.break_min,
    coalesce(stops.pickup_ids, []) as pickup_ids,
    {{ cycle_columns() }}
from {{ ref('stg_facts__load_stops') }} as stops
left join happened on stops.load_id = happened.load_id and stops.stop_sequence = happened.stop_sequence
