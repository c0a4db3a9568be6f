{{ config(tags=['invariant']) }}
-- Invariant 7, routes: each stop once and in order, a pick-up on one load and only while it is open, service inside its window or said
-- to be late, shift and driving limits, locked stops in their place, and no solve dearer than its baseline.
with planned as (

    select loads.* from {{ ref('stg_plans__loads') }} as loads
    where {{ not_dispatched('loads') }}

),

stops as (

    select
        stops.*,
        row_number() over (partition by stops.load_id order by stops.stop_sequence) as place,
        lag(stops.departure) over (partition by stops.load_id order by stops.stop_sequence) as left_last_at,
        stops.departure - to_seconds(cast(stops.service_min * 60 as bigint)) as service_starts
    from {{ ref('stg_plans__route_stops') }} as stops
    inner join planned on stops.load_id = planned.load_id

),

served as (

    select stops.load_id, stops.stop_sequence, unnest(stops.shipment_ids) as shipment_id
    from stops

),

visits as (

    select served.load_id, served.shipment_id, count(*) as visits, any_value(served.stop_sequence) as stop_sequence
    from served
    group by served.load_id, served.shipment_id

),

collected as (

    select
        onto.load_id,
        onto.pickup_id,
        count(*) over (partition by onto.pickup_id) as rides
    from (select stops.load_id, unnest(stops.pickup_ids) as pickup_id from stops) as onto

),

routed as (

    select aboard.* from {{ ref('stg_plans__load_shipments') }} as aboard
    inner join planned on aboard.load_id = planned.load_id
    where planned.mode = 'own_fleet'

),

stop_commands as (

    select
        commands.target as load_id,
        commands.type,
        cast({{ json_text('commands.payload', 'stop_sequence') }} as integer) as stop_sequence,
        {{ json_text('commands.payload', 'shipment_id') }} as shipment_id
    from {{ ref('stg_facts__commands') }} as commands
    where commands.outcome = 'accepted' and commands.type in ('stop.lock', 'stop.unlock')
    qualify row_number() over (
        partition by commands.target, {{ json_text('commands.payload', 'stop_sequence') }} order by commands.cycle_seq desc, commands.sequence desc
    ) = 1

)

select
    'load' as subject_type,
    coalesce(routed.load_id, visits.load_id) as subject_id,
    'INV-07-STOPS' as rule,
    'shipment ' || coalesce(routed.shipment_id, visits.shipment_id) || ' is served at ' || cast(coalesce(visits.visits, 0) as varchar) || ' stops'
    || case when routed.shipment_id is null then ' and is not on the load' else '' end as reason
from routed
full join visits on routed.load_id = visits.load_id and routed.shipment_id = visits.shipment_id
where routed.shipment_id is null or coalesce(visits.visits, 0) <> 1 or routed.stop_sequence <> visits.stop_sequence

union all

select
    'load' as subject_type,
    stops.load_id as subject_id,
    'INV-07-ORDER' as rule,
    'stop ' || cast(stops.stop_sequence as varchar) || ' stands at place ' || cast(stops.place as varchar) || ' or is reached before the last one is left' as reason
from stops
where stops.stop_sequence <> stops.place or stops.eta < stops.left_last_at or stops.departure < stops.eta

union all

select
    'load' as subject_type,
    stops.load_id as subject_id,
    'INV-07-WINDOW' as rule,
    'stop ' || cast(stops.stop_sequence as varchar) || ' is served at ' || strftime(stops.service_starts, '%H:%M:%S') || ' UTC, its window is '
    || strftime(stops.window_from, '%H:%M') || ' to ' || strftime(stops.window_to, '%H:%M') || ' and it is not said to be late' as reason
from stops
where stops.service_starts < stops.window_from - interval 1 second or (stops.service_starts > stops.window_to + interval 1 second and coalesce(stops.late_min, 0) <= 0)

union all

select
    'load' as subject_type,
    planned.load_id as subject_id,
    'INV-07-SHIFT' as rule,
    'drives ' || cast(planned.drive_min as varchar) || ' minutes and is back after ' || cast(planned.duration_min as varchar) || ': the shift of '
    || drivers.driver_id || ' ends at ' || drivers.shift_to || ' and ' || cast(coalesce(drivers.max_overtime_min, 0) as varchar)
    || ' minutes of overtime, driving at ' || cast(coalesce(drivers.max_drive_min, 540) as varchar) || ' minutes' as reason
from planned
inner join {{ ref('int_drivers__in_force') }} as drivers on planned.driver_id = drivers.driver_id
inner join {{ ref('int_locations__in_force') }} as locations on planned.location_id = locations.location_id
where
    planned.drive_min > coalesce(drivers.max_drive_min, 540)
    or planned.planned_departure + to_seconds(cast(planned.duration_min * 60 as bigint)) > {{ local_instant(
        local_date('planned.planned_departure', 'locations.timezone'), 'drivers.shift_to', 'locations.timezone'
    ) }} + to_seconds(60 * coalesce(drivers.max_overtime_min, 0) + 1)

union all

select
    'load' as subject_type,
    stop_commands.load_id as subject_id,
    'INV-07-LOCK' as rule,
    'stop ' || cast(stop_commands.stop_sequence as varchar) || ' was locked by a planner and is not in its place' as reason
from stop_commands
inner join planned on stop_commands.load_id = planned.load_id
left join stops on stop_commands.load_id = stops.load_id and stop_commands.stop_sequence = stops.stop_sequence
where
    stop_commands.type = 'stop.lock'
    and (
        stops.load_id is null or not coalesce(stops.is_locked, false)
        or (stop_commands.shipment_id is not null and not list_contains(stops.shipment_ids, stop_commands.shipment_id))
    )

union all

select
    'load' as subject_type,
    collected.load_id as subject_id,
    'INV-07-PICKUP' as rule,
    'pick-up ' || collected.pickup_id || ' is ' || coalesce(pickups.status, 'not known') || ' and rides ' || cast(collected.rides as varchar) || ' times' as reason
from collected
left join {{ ref('int_pickups__tracked') }} as pickups on collected.pickup_id = pickups.pickup_id
where collected.rides > 1 or pickups.status is distinct from 'open'

union all

select
    'solve' as subject_type,
    runs.stage || '/' || runs.scope as subject_id,
    'INV-07-BASELINE' as rule,
    'the plan costs ' || cast(runs.objective as varchar) || ', its baseline ' || cast(runs.baseline_objective as varchar) as reason
from {{ ref('stg_plans__solver_runs') }} as runs
where runs.objective > runs.baseline_objective
