{#- What is remembered of an order line, by source: the parts of int_kpi__line_facts. -#}

{#- One row per order: when the customer first said that it is off. The channel's message carries that in its date or version, a
    command in its time of issue. `orders` are those of the facts. -#}
{% macro kpi_cancelled_by_customer() -%}
    with cancellations as (

        select
            cancels.order_id,
            least(
                cancels.recorded_at,
                case
                    when cancels.placed_at > orders.placed_at then cancels.placed_at
                    when try_cast(cancels.order_version as timestamptz) >= orders.placed_at then try_cast(cancels.order_version as timestamptz)
                    else cancels.recorded_at
                end
            ) as cancelled_at
        from {{ ref('stg_facts__orders') }} as cancels
        inner join orders on cancels.order_id = orders.order_id
        where cancels.message_kind = 'cancel'

        union all

        select
            commands.target as order_id,
            commands.issued_at as cancelled_at
        from {{ ref('stg_facts__commands') }} as commands
        where
            commands.type = 'order.cancel' and commands.outcome = 'accepted'
            and coalesce({{ json_text('commands.payload', 'reason_code') }}, 'CUSTOMER') = 'CUSTOMER'

    )

    select
        cancellations.order_id,
        min(cancellations.cancelled_at) as cancelled_at
    from cancellations
    group by cancellations.order_id
{%- endmacro %}

{#- One row per order line: units that moved until as_of by where to, and when; milestones of the shipments that delivered. `settings`
    is joined. -#}
{% macro kpi_moved_by_line() -%}
    with by_shipment as (

        select
            events.order_line_id,
            events.document_id as shipment_id,
            {{ kpi_moved('cancelled') }} as qty_cancelled,
            {{ kpi_moved('cancelled', also="events.reason_code = 'CUSTOMER'") }} as qty_cancelled_asked,
            {{ kpi_moved('cancelled', also="events.reason_code = 'AMENDED'") }} as qty_amended,
            {{ kpi_moved('cancelled', also="events.reason_code in " ~ kpi_customer_reasons()) }} as qty_cancelled_customer,
            {{ kpi_moved('open') }} - coalesce(sum(events.quantity) filter (where events.from_bucket = 'open'), 0) as qty_open_moved,
            {{ kpi_moved('picked') }} as qty_picked,
            {{ kpi_moved('shipped') }} - {{ kpi_moved('packed', 'shipped') }} as qty_out,
            {{ kpi_moved('delivered') }} as qty_delivered,
            {{ kpi_moved('refused') }} as qty_refused,
            {{ kpi_moved('lost') }} as qty_lost,
            {{ kpi_moved('returned', 'delivered') }} as qty_returned,
            {{ kpi_moved('returned', 'refused') }} as qty_returned_door,
            min(events.event_at) filter (where events.to_bucket = 'picked') as first_picked_at,
            max(events.event_at) filter (where events.from_bucket = 'open') as left_open_at,
            min(events.event_at) filter (where events.to_bucket = 'released') as released_at,
            max(events.event_at) filter (where events.to_bucket = 'picked') as picked_at,
            max(events.event_at) filter (where events.to_bucket = 'packed' and events.from_bucket = 'picked') as packed_at,
            min(events.event_at) filter (where events.to_bucket = 'shipped') as departed_at,
            max(events.event_at) filter (where events.to_bucket = 'delivered') as delivered_at,
            min(events.location_id) filter (where events.to_bucket in ('released', 'shipped')) as first_location_id,
            max(events.location_id) filter (where events.to_bucket in ('released', 'shipped')) as last_location_id
        from {{ ref('stg_facts__line_events') }} as events
        cross join settings
        where events.event_at <= settings.as_of
        group by events.order_line_id, events.document_id

    )

    select
        moved.order_line_id,
        {% for quantity in ['cancelled', 'cancelled_asked', 'amended', 'cancelled_customer', 'open_moved', 'picked', 'out', 'delivered',
                            'refused', 'lost', 'returned', 'returned_door'] -%}
        sum(moved.qty_{{ quantity }}) as qty_{{ quantity }},
        {% endfor -%}
        min(moved.first_picked_at) as first_picked_at,
        max(moved.left_open_at) as left_open_at,
        min(moved.departed_at) as first_departed_at,
        {% for step in ['released', 'picked', 'packed', 'departed', 'delivered'] -%}
        max(moved.{{ step }}_at) filter (where moved.delivered_at is not null) as {{ step }}_at,
        {% endfor -%}
        max(row(moved.delivered_at, moved.shipment_id)) filter (where moved.delivered_at is not null) as last_delivery,
        case when min(moved.first_location_id) = max(moved.last_location_id) then min(moved.first_location_id)
            when min(moved.first_location_id) is not null then 'several' end as location_id
    from by_shipment as moved
    group by moved.order_line_id
{%- endmacro %}

{#- One row per order line ever promised until as_of: its first promise and its last. `settings` is joined. -#}
{% macro kpi_promised_by_line() -%}
    select
        events.order_line_id,
        min(events.event_at) as first_promised_at,
        arg_min(events.ship_date, events.cycle_seq) as first_ship_date,
        arg_min(events.deliver_date, events.cycle_seq) as first_deliver_date,
        arg_max(events.deliver_date, events.cycle_seq) as latest_deliver_date,
        arg_min(events.is_first_choice, events.cycle_seq) as is_first_choice,
        count(*) filter (where events.event not in ('first', 'agreed')) as promise_changes,
        arg_max(events.event, events.cycle_seq) as last_event,
        max(events.event_at) as last_event_at
    from {{ ref('stg_facts__promise_events') }} as events
    cross join settings
    where events.event_at <= settings.as_of and events.event <> 'held'
    group by events.order_line_id
{%- endmacro %}

{#- One row per order line that was checked or picked: whether a check of a task counted other than what was picked for it.
    `settings` is joined. -#}
{% macro kpi_checked_by_line() -%}
    select
        tasks.order_line_id,
        bool_or(tasks.checked <> tasks.picked) as is_divergent
    from (
        select
            scans.order_line_id,
            scans.task_id,
            sum(scans.quantity) filter (where scans.kind = 'check') as checked,
            coalesce(sum(scans.quantity) filter (where scans.kind = 'pick'), 0) as picked
        from {{ ref('stg_facts__floor') }} as scans
        cross join settings
        where scans.event_at <= settings.as_of
        group by scans.order_line_id, scans.task_id
    ) as tasks
    group by tasks.order_line_id
{%- endmacro %}

{#- One row per order line sent back: whether a customer says that it was picked wrong, or came damaged. `settings` is joined. -#}
{% macro kpi_claimed_by_line() -%}
    select
        returns.order_line_id,
        bool_or(coalesce(upper(returns.reason_code), '') in (
            'WRONG_ITEM', 'WRONG_ITEM_SHIPPED', 'WRONG_QUANTITY', 'MIS_SHIPPED', 'MISSING', 'SHORT_SHIPPED'
        )) as is_mispicked,
        bool_or(
            coalesce(upper(returns.reason_code), '') like '%DAMAG%' or coalesce(upper(returns.reason_code), '') in ('DEFECTIVE', 'BROKEN')
            or coalesce(upper(returns.condition), '') like '%DAMAG%' or coalesce(upper(returns.condition), '') = 'BROKEN'
        ) as is_damaged
    from {{ ref('stg_facts__returns') }} as returns
    cross join settings
    where returns.event_at <= settings.as_of
    group by returns.order_line_id
{%- endmacro %}
