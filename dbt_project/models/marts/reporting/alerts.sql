-- Conditions that hold now, and what commits recorded of alerts raised and closed.
with conditions as (

    select
        'HOLD_AGE' as kind,
        'warning' as severity,
        'hold' as subject_type,
        holds.hold_id as subject_id,
        holds.hold_type || ' on ' || coalesce(holds.order_line_id, holds.order_id) || ' is open since '
        || strftime(holds.placed_at, '%Y-%m-%d %H:%M') || ' UTC: ' || holds.remedy as message,
        holds.placed_at + to_hours({{ policy('alerts.hold_age_hours', 'integer') }}) as raised_at,
        holds.owner
    from {{ ref('order_holds') }} as holds
    where holds.status = 'open' and holds.placed_at + to_hours({{ policy('alerts.hold_age_hours', 'integer') }}) < {{ as_of() }}

    union all

    select
        'OVERSELL' as kind,
        'critical' as severity,
        'sku_location' as subject_type,
        positions.sku_id || '@' || positions.location_id as subject_id,
        case
            when positions.available < 0 then cast(positions.reserved as varchar) || ' are reserved and '
                || cast(positions.on_hand - positions.unusable as varchar) || ' usable: count, or stop a wave'
            else cast(-positions.atp as varchar) || ' more are promised than stock and confirmed supply cover'
        end as message,
        {{ as_of() }} as raised_at,
        'team:inventory' as owner
    from {{ ref('inventory_positions') }} as positions
    where positions.available < 0 or positions.atp < 0

    union all

    select
        'SHIPMENT_DROPPED' as kind,
        'warning' as severity,
        'shipment' as subject_type,
        dropped.shipment_id as subject_id,
        'stays behind (' || dropped.reason || '): ' || coalesce(dropped.cheapest_fix, 'no fix known') as message,
        {{ as_of() }} as raised_at,
        'team:transport' as owner
    from {{ ref('dropped_shipments') }} as dropped

    union all

    select
        'MESSAGE_QUARANTINED' as kind,
        'warning' as severity,
        'file' as subject_type,
        messages.channel || '/' || messages.file_name || '#' || left(messages.file_sha256, 12) as subject_id,
        cast(count(*) as varchar) || case when count(*) = 1 then ' message waits' else ' messages wait' end
        || ' for a person, the first: ' || arg_min(coalesce(messages.error_code, upper(messages.outcome)), messages.position) as message,
        min(messages.received_at) as raised_at,
        'team:integration' as owner
    from {{ ref('capture_messages') }} as messages
    where messages.state = 'open'
    group by messages.channel, messages.file_name, messages.file_sha256

    union all

    select
        'MESSAGE_WAITING' as kind,
        'warning' as severity,
        'message' as subject_type,
        messages.message_id as subject_id,
        messages.channel || ' changes or cancels ' || messages.order_id
        || ', which has not come: ask the sender for the order' as message,
        messages.received_at + to_days({{ policy('capture.wait_days', 'integer') }}) as raised_at,
        'team:integration' as owner
    from {{ ref('capture_messages') }} as messages
    where messages.state = 'waiting' and messages.received_at + to_days({{ policy('capture.wait_days', 'integer') }}) < {{ as_of() }}

    union all

    select
        'CANCEL_AFTER_PASSED' as kind,
        'warning' as severity,
        'order' as subject_type,
        orders.order_id as subject_id,
        'its customer may refuse what had not left by ' || strftime(orders.cancel_after, '%Y-%m-%d %H:%M') || ' UTC, '
        || cast(sum(lines.qty_ordered - lines.qty_gone) as varchar) || ' units: ask whether it is still wanted, or cancel it' as message,
        orders.cancel_after as raised_at,
        'team:planning' as owner
    from {{ ref('int_orders__current') }} as orders
    inner join (
        select
            order_lines.order_id,
            order_lines.qty_ordered,
            order_lines.qty_ordered - order_lines.qty_open - order_lines.qty_released - order_lines.qty_picked - order_lines.qty_packed
            - order_lines.qty_loaded as qty_gone
        from {{ ref('order_lines') }} as order_lines
    ) as lines on orders.order_id = lines.order_id
    where orders.cancel_after < {{ as_of() }} and not orders.is_test
    group by orders.order_id, orders.cancel_after
    having sum(lines.qty_ordered - lines.qty_gone) > 0

    union all

    select
        'SUPPLY_OVERDUE' as kind,
        'warning' as severity,
        'supply' as subject_type,
        supply.supply_id as subject_id,
        cast(supply.quantity_open as varchar) || ' ' || supply.sku_id || ' for ' || supply.location_id || ' were due on '
        || strftime(supply.due_date, '%Y-%m-%d') as message,
        cast(supply.due_date as timestamptz) + interval 1 day as raised_at,
        'team:inventory' as owner
    from {{ ref('supply') }} as supply
    where supply.is_overdue

    union all

    -- a vendor that says nothing, lets its day pass, or told a later one
    select
        'VENDOR_LATE' as kind,
        'warning' as severity,
        'purchase_order' as subject_type,
        ordered.purchase_order_id as subject_id,
        ordered.seller_id || ' was asked for ' || {{ quantity_text('sum(ordered.quantity - ordered.qty_gone - ordered.qty_rejected)') }}
        || ' of order ' || any_value(ordered.order_id) || ' by ' || strftime(min(ordered.due_date), '%Y-%m-%d')
        || case
            when max(ordered.told_date) > min(ordered.due_date) then ', and says ' || strftime(max(ordered.told_date), '%Y-%m-%d')
                || coalesce(': ' || max(ordered.reason_code), '')
            when count(ordered.answered_at) = 0 then ', and has not answered'
            else ', and has not shipped'
        end as message,
        {{ as_of() }} as raised_at,
        'team:planning' as owner
    from {{ ref('purchase_order_lines') }} as ordered
    where
        ordered.kind = 'dropship'
        and ordered.status in ('issued', 'accepted', 'partially_shipped')
        and (
            ordered.due_date < cast({{ as_of() }} as date)
            or ordered.told_date > ordered.due_date
            or (ordered.answered_at is null and ordered.issued_at + to_hours({{ policy('alerts.vendor_answer_hours', 'integer') }}) < {{ as_of() }})
        )
    group by ordered.purchase_order_id, ordered.seller_id

    union all

    select
        'COVER_SLIPPED' as kind,
        'warning' as severity,
        'line' as subject_type,
        backorders.order_line_id as subject_id,
        'its backorder is to be covered on ' || strftime(backorders.expected_cover_date, '%Y-%m-%d') || ', first told was '
        || strftime(backorders.first_cover_date, '%Y-%m-%d') || ': ' || backorders.cover_reason as message,
        {{ as_of() }} as raised_at,
        'team:planning' as owner
    from {{ ref('backorders') }} as backorders
    where backorders.expected_cover_date > backorders.first_cover_date

    union all

    select
        'STOCK_DRIFT' as kind,
        'warning' as severity,
        'sku_location' as subject_type,
        snapshots.snapshot_id as subject_id,
        snapshots.system || ' had ' || {{ quantity_text('snapshots.found') }} || ' of ' || snapshots.sku_id || ' at ' || snapshots.location_id
        || ', our movements say ' || {{ quantity_text('snapshots.expected + snapshots.adjusted') }}
        || ': count it, or book the difference on the Inventory page' as message,
        snapshots.event_at as raised_at,
        'team:inventory' as owner
    from {{ ref('stock_snapshots') }} as snapshots
    where snapshots.drift <> 0

    union all

    select
        'STOP_LATE' as kind,
        'warning' as severity,
        'stop' as subject_type,
        stops.load_id || '#' || cast(stops.stop_sequence as varchar) as subject_id,
        'stop ' || cast(stops.stop_sequence as varchar) || ' of load ' || stops.load_id || ' is planned ' || cast(stops.late_min as varchar)
        || ' minutes after its window' as message,
        {{ as_of() }} as raised_at,
        'team:transport' as owner
    from {{ ref('route_stops') }} as stops
    where stops.late_min > 0 and stops.result is null

    union all

    select
        'FUSE_BLOWN' as kind,
        'info' as severity,
        'solve' as subject_type,
        runs.stage || '/' || runs.scope as subject_id,
        'the time limit ended ' || runs.stage || ' ' || runs.scope || ' early: its plan can''t be replayed' as message,
        {{ as_of() }} as raised_at,
        'team:platform' as owner
    from {{ ref('solver_runs') }} as runs
    where runs.fuse and runs.cycle_id = cast({{ cycle_seq() }} as varchar)

),

named as (

    select
        conditions.kind || '-' || conditions.subject_id as alert_id,
        conditions.*
    from conditions

),

recorded as (

    select
        events.alert_id,
        arg_max(events.event, events.cycle_seq) as event,
        max(case when events.event = 'raised' then events.event_at end) as raised_at,
        any_value(events.kind) as kind,
        any_value(events.severity) as severity,
        any_value(events.subject_type) as subject_type,
        any_value(events.subject_id) as subject_id,
        any_value(events.message) as message,
        any_value(events.owner) as owner
    from {{ ref('stg_facts__alert_events') }} as events
    group by events.alert_id

)

select
    coalesce(named.alert_id, recorded.alert_id) as alert_id,
    coalesce(named.kind, recorded.kind) as kind,
    coalesce(named.severity, recorded.severity) as severity,
    coalesce(named.subject_type, recorded.subject_type) as subject_type,
    coalesce(named.subject_id, recorded.subject_id) as subject_id,
    coalesce(named.message, recorded.message) as message,
    coalesce(recorded.raised_at, named.raised_at, {{ as_of() }}) as raised_at,
    coalesce(named.owner, recorded.owner) as owner,
    case
        when named.alert_id is not null then 'open'
        when recorded.event = 'closed' then 'closed'
        when
            recorded.kind in (
                'HOLD_AGE', 'OVERSELL', 'SHIPMENT_DROPPED', 'MESSAGE_QUARANTINED', 'MESSAGE_WAITING', 'CANCEL_AFTER_PASSED', 'SUPPLY_OVERDUE', 'STOCK_DRIFT',
                'VENDOR_LATE', 'COVER_SLIPPED', 'STOP_LATE', 'FUSE_BLOWN'
            ) then 'closed'
        else 'open'
    end as status,
    {{ cycle_columns() }}
from named
full join recorded on named.alert_id = recorded.alert_id
