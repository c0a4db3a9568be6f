-- One row per order line placed up to as_of: what is wanted of it, what became of its units, and how that meets each anchor.
-- Test and remorse-cancelled orders are there too, with is_counted false.
with settings as (

    {{ kpi_settings() }}

),

orders as (

    select
        orders.order_id,
        orders.channel,
        coalesce(customers.segment, 'unknown') as segment,
        orders.is_test,
        orders.placed_at,
        orders.requested_from,
        -- a date without a time of its own means that day to its end
        case
            when
                orders.requested_to = orders.requested_from
                or cast(timezone('UTC', orders.requested_to) as time) = time '00:00'
                or cast(timezone(settings.timezone, orders.requested_to) as time) = time '00:00'
                then orders.requested_to + interval 1 day - interval 1 microsecond
            else orders.requested_to
        end as requested_until,
        {{ kpi_day('orders.placed_at') }} as placed_day,
        {{ kpi_day('orders.requested_to') }} as due_day_requested,
        coalesce(orders.rate, 1) as rate,
        orders.remorse_minutes
    from {{ ref('int_orders__current') }} as orders
    cross join settings
    left join {{ ref('int_customers__in_force') }} as customers on orders.customer_id = customers.customer_id

),

remorse as (

    select
        policies.scope as channel,
        cast(policies.value as integer) as minutes
    from {{ ref('int_policies__in_force') }} as policies
    where policies.policy_key = 'orders.remorse_minutes'

),

by_line as (

    {{ kpi_moved_by_line() }}

),

promised as (

    {{ kpi_promised_by_line() }}

),

backordered as (

    select distinct events.order_line_id
    from {{ ref('stg_facts__backorder_events') }} as events
    cross join settings
    where events.event = 'begun' and events.event_at <= settings.as_of

),

checked as (

    {{ kpi_checked_by_line() }}

),

overscanned as (

    select distinct exceptions.order_line_id
    from {{ ref('stg_facts__exceptions') }} as exceptions
    cross join settings
    where exceptions.kind in ('OVER_PICK', 'OVER_PACK') and exceptions.event_at <= settings.as_of

),

claimed as (

    {{ kpi_claimed_by_line() }}

),

lines as (

    select
        balanced.order_line_id,
        balanced.order_id,
        balanced.line_number,
        balanced.sku_id,
        balanced.qty_ordered,
        balanced.substitution_of_line_id,
        balanced.substitution_factor,
        cast(balanced.line_total * orders.rate as decimal(18, 2)) as line_total_base,
        orders.* exclude (order_id, rate),
        balanced.qty_ordered - coalesce(moved.qty_amended, 0) as qty_priced,
        balanced.qty_ordered - coalesce(moved.qty_cancelled_customer, 0) as qty_wanted,
        balanced.qty_ordered + coalesce(moved.qty_open_moved, 0) as qty_open,
        coalesce(moved.qty_cancelled, 0) as qty_cancelled,
        coalesce(moved.qty_cancelled_asked, 0) as qty_cancelled_asked,
        {% for quantity in ['picked', 'out', 'delivered', 'refused', 'lost', 'returned', 'returned_door'] -%}
        coalesce(moved.qty_{{ quantity }}, 0) as qty_{{ quantity }},
        {% endfor -%}
        moved.location_id,
        moved.first_picked_at,
        moved.left_open_at,
        moved.first_departed_at,
        moved.released_at,
        moved.picked_at,
        moved.packed_at,
        moved.departed_at,
        moved.delivered_at,
        moved.last_delivery[2] as last_delivery_shipment_id,
        promised.first_promised_at,
        promised.first_ship_date,
        promised.first_deliver_date,
        promised.latest_deliver_date,
        promised.is_first_choice,
        coalesce(promised.promise_changes, 0) as promise_changes,
        promised.last_event as last_promise_event,
        promised.last_event_at as last_promise_event_at
    from {{ ref('int_order_lines__balanced') }} as balanced
    inner join orders on balanced.order_id = orders.order_id
    left join by_line as moved on balanced.order_line_id = moved.order_line_id
    left join promised on balanced.order_line_id = promised.order_line_id

),

by_order as (

    select
        lines.order_id,
        sum(lines.qty_ordered) > 0 and sum(lines.qty_cancelled_asked) = sum(lines.qty_ordered) as is_cancelled_whole,
        {{ kpi_day('min(lines.first_departed_at)') }} as first_departed_day,
        min(lines.first_ship_date) filter (where lines.qty_wanted > 0) as first_ship_date,
        max(lines.first_deliver_date) filter (where lines.qty_wanted > 0) as first_deliver_date,
        max(lines.latest_deliver_date) filter (where lines.qty_wanted > 0) as latest_deliver_date
    from lines
    cross join settings
    group by lines.order_id, settings.timezone

),

cancelled as (

    {{ kpi_cancelled_by_customer() }}

),

anchored as (

    select
        lines.*,
        by_order.first_departed_day,
        coalesce(by_order.first_ship_date, lines.due_day_requested, lines.placed_day) as fill_day,
        by_order.first_deliver_date as order_first_deliver_date,
        by_order.latest_deliver_date as order_latest_deliver_date,
        coalesce(
            by_order.is_cancelled_whole
            and cancelled.cancelled_at <= lines.placed_at + to_minutes(coalesce(lines.remorse_minutes, own.minutes, usual.minutes)), false
        ) as is_remorse_cancelled,
        case when by_order.is_cancelled_whole then cancelled.cancelled_at end as cancelled_at
    from lines
    inner join by_order on lines.order_id = by_order.order_id
    left join cancelled on lines.order_id = cancelled.order_id
    left join remorse as own on lines.channel = own.channel
    left join remorse as usual on usual.channel = ''

),

-- A commitment is kept until the end of its day, and not before that day begins or the requested window opens, if there is one.
{%- set commitments = ['first_deliver_date', 'latest_deliver_date', 'order_first_deliver_date', 'order_latest_deliver_date'] %}
travelled as (

    select
        events.order_line_id,
        events.to_bucket,
        events.quantity,
        events.event_at,
        {{ kpi_day('events.event_at') }} as day
    from {{ ref('stg_facts__line_events') }} as events
    cross join settings
    where events.to_bucket in ('shipped', 'delivered') and events.event_at <= settings.as_of

),

arrived as (

    select
        events.order_line_id,
        {{ kpi_moved('shipped', also='events.day <= anchored.first_departed_day') }} as qty_first_departed,
        {{ kpi_moved('delivered', also='(anchored.requested_from is null or events.event_at >= anchored.requested_from)
            and events.event_at <= anchored.requested_until') }} as qty_in_requested
        {%- for date in commitments -%},
        {{ kpi_moved('delivered', also='(anchored.requested_from is null or events.event_at >= anchored.requested_from
            or events.day >= anchored.' ~ date ~ ') and events.day <= anchored.' ~ date) }} as qty_in_{{ date }}
        {%- endfor %}
    from travelled as events
    inner join anchored on events.order_line_id = anchored.order_line_id
    group by events.order_line_id

),

filled as (

    select
        anchored.*,
        arrived.* exclude (order_line_id),
        case
            when anchored.first_departed_day <= coalesce(anchored.first_ship_date, anchored.fill_day)
                then least(anchored.qty_wanted, coalesce(arrived.qty_first_departed, 0))
            else 0
        end as qty_filled
    from anchored
    left join arrived on anchored.order_line_id = arrived.order_line_id

),

-- units of a line for which a substitute left in their time
replaced as (

    select
        filled.substitution_of_line_id as order_line_id,
        sum(filled.qty_filled / filled.substitution_factor) as qty
    from filled
    where filled.substitution_of_line_id is not null
    group by filled.substitution_of_line_id

)

select
    lines.order_line_id,
    lines.order_id,
    lines.line_number,
    lines.sku_id,
    lines.channel,
    lines.segment,
    lines.location_id,

    -- population
    lines.is_test,
    lines.is_remorse_cancelled,
    not lines.is_test and not lines.is_remorse_cancelled as is_counted,
    lines.cancelled_at,
    lines.placed_at,
    lines.placed_day,
    lines.requested_from,
    lines.requested_until,

    -- units
    cast(lines.qty_ordered as decimal(18, 3)) as qty_ordered,
    cast(lines.qty_wanted as decimal(18, 3)) as qty_wanted,
    cast(lines.qty_open as decimal(18, 3)) as qty_open,
    cast(lines.qty_out as decimal(18, 3)) as qty_out,
    cast(lines.qty_delivered as decimal(18, 3)) as qty_delivered,
    cast(lines.qty_refused as decimal(18, 3)) as qty_refused,
    cast(lines.qty_lost as decimal(18, 3)) as qty_lost,
    cast(lines.qty_returned as decimal(18, 3)) as qty_returned,
    lines.qty_delivered + lines.qty_refused + lines.qty_lost + lines.qty_cancelled = lines.qty_ordered as is_ended,

    -- fill: what left with the order's first departure, by the line's first promised ship date
    lines.fill_day,
    lines.qty_wanted > 0 and lines.fill_day < settings.today as is_fill_due,
    cast(lines.qty_filled as decimal(18, 3)) as qty_filled,
    lines.qty_wanted > 0 and lines.qty_filled >= lines.qty_wanted as is_filled,
    lines.substitution_of_line_id is not null as is_substitute,
    lines.qty_wanted > 0 and lines.qty_filled + coalesce(replaced.qty, 0) >= lines.qty_wanted as is_filled_substituted,
    {{ kpi_value_of('lines.qty_wanted') }} as value_wanted,
    {{ kpi_value_of('lines.qty_filled') }} as value_filled,
    {{ kpi_value_of('lines.qty_out') }} as value_out,
    {{ kpi_value_of('lines.qty_returned') }} as value_returned,

    -- anchors: due day, whether it is over, and units that arrived inside its window
    {% for anchor, date in [('requested', 'due_day_requested'), ('first', 'first_deliver_date'), ('latest', 'latest_deliver_date')] -%}
    case when lines.qty_wanted > 0 then lines.{{ date }} end as due_day_{{ anchor }},
    coalesce(lines.qty_wanted > 0 and lines.{{ date }} < settings.today, false) as is_due_{{ anchor }},
    {% endfor -%}
    case when lines.qty_wanted > 0 then lines.order_first_deliver_date end as order_due_day_first,
    case when lines.qty_wanted > 0 then lines.order_latest_deliver_date end as order_due_day_latest,
    cast(coalesce(lines.qty_in_requested, 0) as decimal(18, 3)) as qty_in_requested,
    cast(coalesce(lines.qty_in_first_deliver_date, 0) as decimal(18, 3)) as qty_in_first,
    cast(coalesce(lines.qty_in_latest_deliver_date, 0) as decimal(18, 3)) as qty_in_latest,
    cast(coalesce(lines.qty_in_order_first_deliver_date, 0) as decimal(18, 3)) as qty_in_order_first,
    cast(coalesce(lines.qty_in_order_latest_deliver_date, 0) as decimal(18, 3)) as qty_in_order_latest,
    lines.qty_wanted > 0 and coalesce(lines.qty_in_requested, 0) >= lines.qty_wanted as is_otif_requested,
    lines.qty_wanted > 0 and coalesce(lines.qty_in_first_deliver_date, 0) >= lines.qty_wanted as is_otif_first,
    lines.qty_wanted > 0 and coalesce(lines.qty_in_latest_deliver_date, 0) >= lines.qty_wanted as is_otif_latest,

    -- milestones of the units that were delivered: the last shipment's
    lines.released_at,
    lines.picked_at,
    lines.packed_at,
    lines.departed_at,
    lines.delivered_at,
    lines.last_delivery_shipment_id,
    {{ kpi_day('lines.first_departed_at') }} as ship_day,

    -- promises and backorders
    lines.first_promised_at,
    {{ kpi_day('lines.first_promised_at') }} as first_promised_day,
    lines.is_first_choice,
    {{ kpi_day("case when lines.qty_open <= 0 then lines.left_open_at when lines.last_promise_event = 'withdrawn' then lines.last_promise_event_at end") }}
        as promise_ended_day,
    cast(lines.promise_changes as integer) as promise_changes,
    backordered.order_line_id is not null as is_ever_backordered,

    -- picking
    {{ kpi_day('lines.first_picked_at') }} as picked_day,
    coalesce(checked.is_divergent, false) or overscanned.order_line_id is not null as is_divergent_internal,
    coalesce(claimed.is_mispicked, false) as is_divergent_escaped,
    coalesce(claimed.is_damaged, false) as is_damage_claimed
from filled as lines
cross join settings
left join replaced on lines.order_line_id = replaced.order_line_id
left join backordered on lines.order_line_id = backordered.order_line_id
left join checked on lines.order_line_id = checked.order_line_id
left join overscanned on lines.order_line_id = overscanned.order_line_id
left join claimed on lines.order_line_id = claimed.order_line_id
