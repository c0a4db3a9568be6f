{{ config(tags=['release_band']) }}
-- HOLD-DOWNSTREAM-NOT-READY. One row per line promised from a location that takes no work yet: its warehouse system is down, it
-- counts, it moves. Ends by itself at the time that the location says.
select
    'line' as scope,
    promises.order_line_id as subject_id,
    promises.order_id,
    promises.order_line_id,
    min(promises.location_id) || ' until ' || strftime(max(locations.not_ready_until), '%Y-%m-%d %H:%M') || ' UTC' as observed,
    strftime({{ as_of() }}, '%Y-%m-%d %H:%M') || ' UTC' as threshold,
    -- begun minutes: a moment before the end is one more
    datesub('minute', {{ as_of() }}, max(locations.not_ready_until)) + 1 as distance,
    'minutes' as unit,
    min(promises.location_id) || ' takes no work until ' || strftime(max(locations.not_ready_until), '%Y-%m-%d %H:%M') || ' UTC: '
    || coalesce(max(locations.not_ready_reason), 'no reason given') as explanation,
    'wait until ' || strftime(max(locations.not_ready_until), '%Y-%m-%d %H:%M') || ' UTC: it clears itself' as remedy,
    {{ evidence({
        'location': 'min(promises.location_id)', 'not_ready_until': 'max(locations.not_ready_until)',
        'reason': 'max(locations.not_ready_reason)', 'quantity': 'sum(promises.quantity)',
    }) }} as evidence,
    max(locations.not_ready_until) as hold_until,
    '1' as rule_version
from {{ ref('stg_plans__promises') }} as promises
inner join {{ ref('int_locations__in_force') }} as locations on promises.location_id = locations.location_id
where locations.not_ready_until > {{ as_of() }}
group by promises.order_id, promises.order_line_id
