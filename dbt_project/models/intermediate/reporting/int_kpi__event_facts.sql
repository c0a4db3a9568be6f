-- One row per thing measured that is neither an order nor a line (kind): a hold, a backorder, a change of a promise, an attempt
-- to deliver a shipment, a departed load. Of counted orders only; a load may carry any.
with settings as (

    {{ kpi_settings() }}

),

holds as (

    select
        'hold' as kind,
        events.hold_id as event_id,
        events.order_id,
        events.order_line_id,
        events.hold_type as detail,
        min(events.event_at) filter (where events.event = 'placed') as began_at,
        max(events.event_at) filter (where events.event <> 'placed') as ended_at
    from {{ ref('stg_facts__hold_events') }} as events
    cross join settings
    where events.event_at <= settings.as_of
    group by events.hold_id, events.order_id, events.order_line_id, events.hold_type

),

backorder_steps as (

    select
        events.order_line_id,
        events.cycle_seq,
        events.event,
        events.quantity,
        events.reason,
        events.event_at as began_at,
        lead(events.event_at) over (partition by events.order_line_id order by events.cycle_seq, events.event_at) as ended_at
    from {{ ref('stg_facts__backorder_events') }} as events
    cross join settings
    where events.event_at <= settings.as_of

),

backorders as (

    select
        'backorder' as kind,
        steps.order_line_id || '-backorder-' || cast(steps.cycle_seq as varchar) as event_id,
        lines.order_id,
        steps.order_line_id,
        steps.reason as detail,
        steps.began_at,
        steps.ended_at,
        steps.quantity
    from backorder_steps as steps
    inner join {{ ref('int_kpi__line_facts') }} as lines on steps.order_line_id = lines.order_line_id
    where steps.event = 'begun'

),

promise_changes as (

    select
        'promise_change' as kind,
        events.order_line_id || '-promise-' || cast(events.cycle_seq as varchar) as event_id,
        lines.order_id,
        events.order_line_id,
        events.reason as detail,
        events.cause,
        events.event_at as began_at,
        events.quantity
    from {{ ref('stg_facts__promise_events') }} as events
    inner join {{ ref('int_kpi__line_facts') }} as lines on events.order_line_id = lines.order_line_id
    cross join settings
    where events.event not in ('held', 'first', 'agreed') and events.event_at <= settings.as_of

),

-- results of a shipment on one day are one attempt; a lost shipment was not attempted
attempt_days as (

    select
        deliveries.shipment_id,
        {{ kpi_day('deliveries.event_at') }} as day,
        min(deliveries.event_at) as began_at,
        bool_or(deliveries.outcome = 'delivered') as is_success,
        string_agg(distinct deliveries.outcome, ', ' order by deliveries.outcome) as detail
    from {{ ref('stg_facts__deliveries') }} as deliveries
    cross join settings
    where deliveries.outcome <> 'lost' and deliveries.event_at <= settings.as_of
    group by deliveries.shipment_id, {{ kpi_day('deliveries.event_at') }}

),

attempts as (

    select
        'attempt' as kind,
        days.shipment_id || '-attempt-' || cast(row_number() over (partition by days.shipment_id order by days.day) as varchar) as event_id,
        shipments.order_id,
        days.shipment_id,
        shipments.location_id,
        days.detail,
        days.began_at,
        days.is_success,
        cast(row_number() over (partition by days.shipment_id order by days.day) as integer) as attempt
    from attempt_days as days
    inner join {{ ref('stg_facts__shipments') }} as shipments on days.shipment_id = shipments.shipment_id

),

-- an order is delivered once: by the load that carried its last delivery
carried as (

    select
        orders.order_id,
        arg_max(loads.load_id, loads.departed_at) as load_id
    from {{ ref('int_kpi__order_facts') }} as orders
    inner join {{ ref('stg_facts__load_shipments') }} as riding on orders.last_delivery_shipment_id = riding.shipment_id
    inner join {{ ref('stg_facts__loads') }} as loads on riding.load_id = loads.load_id
    cross join settings
    where orders.is_counted and loads.departed_at <= settings.as_of
    group by orders.order_id

),

delivered as (

    select
        carried.load_id,
        count(*) as orders
    from carried
    group by carried.load_id

),

freight as (

    select
        riding.load_id,
        sum(ways.freight_quote * coalesce(rates.rate, 1)) as quotes
    from {{ ref('stg_facts__load_shipments') }} as riding
    inner join {{ ref('int_shipments__ways') }} as ways on riding.shipment_id = ways.shipment_id
    left join {{ ref('int_rates__in_force') }} as rates on upper(ways.freight_currency) = rates.currency
    group by riding.load_id

),

loads as (

    select
        'load' as kind,
        loads.load_id as event_id,
        loads.load_id,
        loads.location_id,
        loads.binding_dimension as detail,
        loads.departed_at as began_at,
        loads.mode = 'own_fleet' as is_own_fleet,
        loads.utilisation,
        loads.distance_km,
        -- own vehicles cost their route, carriers their quotes
        case when loads.mode = 'own_fleet' then loads.cost * coalesce(rates.rate, 1) else coalesce(freight.quotes, 0) end as cost,
        coalesce(delivered.orders, 0) as orders_delivered
    from {{ ref('stg_facts__loads') }} as loads
    left join freight on loads.load_id = freight.load_id
    left join delivered on loads.load_id = delivered.load_id
    left join {{ ref('int_rates__in_force') }} as rates on upper(loads.currency) = rates.currency
    cross join settings
    where loads.departed_at <= settings.as_of

),

events as (

    select * from holds
    union all by name
    select * from backorders
    union all by name
    select * from promise_changes
    union all by name
    select * from attempts

)

select
    events.kind,
    events.event_id,
    events.order_id,
    events.order_line_id,
    events.shipment_id,
    cast(null as varchar) as load_id,
    orders.channel,
    orders.segment,
    events.location_id,
    events.detail,
    events.cause,
    events.began_at,
    events.ended_at,
    {{ kpi_day('events.began_at') }} as began_day,
    {{ kpi_day('events.ended_at') }} as ended_day,
    cast(events.quantity as decimal(18, 3)) as quantity,
    events.attempt,
    events.is_success,
    cast(null as boolean) as is_own_fleet,
    cast(null as decimal(18, 3)) as utilisation,
    cast(null as decimal(18, 3)) as distance_km,
    cast(null as decimal(18, 2)) as cost,
    cast(null as integer) as orders_delivered,
    settings.as_of,
    settings.timezone as reporting_timezone
from events
cross join settings
inner join {{ ref('int_kpi__order_facts') }} as orders on events.order_id = orders.order_id
where orders.is_counted

union all by name

select
    loads.kind,
    loads.event_id,
    loads.load_id,
    loads.location_id,
    loads.detail,
    loads.began_at,
    {{ kpi_day('loads.began_at') }} as began_day,
    loads.is_own_fleet,
    cast(loads.utilisation as decimal(18, 3)) as utilisation,
    cast(loads.distance_km as decimal(18, 3)) as distance_km,
    cast(loads.cost as decimal(18, 2)) as cost,
    cast(loads.orders_delivered as integer) as orders_delivered,
    settings.as_of,
    settings.timezone as reporting_timezone
from loads
cross join settings
