-- One row per order placed up to as_of, with its flags: counted or not, due day and punctuality by anchor, the five parts of a perfect
-- order, the hours of each stage, holds and hands. Test and remorse-cancelled orders are there too, with is_counted false.
with settings as (

    {{ kpi_settings() }}

),

lines as (

    select
        facts.order_id,
        count(*) as lines,
        bool_or(facts.is_remorse_cancelled) as is_remorse_cancelled,
        max(facts.cancelled_at) as cancelled_at,
        sum(facts.qty_ordered) as qty_ordered,
        sum(facts.qty_wanted) as qty_wanted,
        sum(facts.qty_out) as qty_out,
        sum(facts.qty_delivered) as qty_delivered,
        sum(facts.qty_refused) as qty_refused,
        sum(facts.qty_lost) as qty_lost,
        sum(facts.qty_returned) as qty_returned,
        sum(facts.qty_in_requested) as qty_in_requested,
        sum(facts.qty_in_order_first) as qty_in_first,
        sum(facts.qty_in_order_latest) as qty_in_latest,
        max(facts.due_day_requested) as due_day_requested,
        max(facts.order_due_day_first) as due_day_first,
        max(facts.order_due_day_latest) as due_day_latest,
        bool_or(facts.is_fill_due) as is_fill_due,
        bool_and(facts.qty_delivered >= facts.qty_wanted) as is_all_delivered,
        bool_and(facts.is_filled or facts.qty_wanted = 0) as is_all_filled,
        bool_and(facts.is_ended) as is_all_ended,
        bool_or(facts.is_damage_claimed) as is_damage_claimed,
        min(facts.fill_day) as fill_day,
        max(facts.first_promised_at) as promised_at,
        {% for step in ['released', 'picked', 'packed', 'departed', 'delivered'] -%}
        max(facts.{{ step }}_at) as {{ step }}_at,
        {% endfor -%}
        max(row(facts.delivered_at, facts.last_delivery_shipment_id)) filter (where facts.delivered_at is not null) as last_delivery,
        min(facts.location_id) as first_location_id,
        max(facts.location_id) as last_location_id
    from {{ ref('int_kpi__line_facts') }} as facts
    group by facts.order_id

),

hold_spans as (

    select
        events.hold_id,
        events.order_id,
        events.hold_type,
        max(events.event_at) filter (where events.event <> 'placed') as ended_at
    from {{ ref('stg_facts__hold_events') }} as events
    cross join settings
    where events.event_at <= settings.as_of
    group by events.hold_id, events.order_id, events.hold_type

),

holds as (

    select
        spans.order_id,
        count(*) as holds,
        max(spans.ended_at) filter (where types.blocks_release) as hold_free_at
    from hold_spans as spans
    left join {{ ref('hold_types') }} as types on spans.hold_type = types.hold_type
    group by spans.order_id

),

accepted_commands as (

    select commands.target
    from {{ ref('stg_facts__commands') }} as commands
    cross join settings
    where commands.outcome = 'accepted' and commands.issued_at <= settings.as_of

),

touched as (

    select commands.target as order_id from accepted_commands as commands
    union
    select facts.order_id from {{ ref('int_kpi__line_facts') }} as facts
    inner join accepted_commands as commands on facts.order_line_id = commands.target
    union
    select spans.order_id from hold_spans as spans
    inner join accepted_commands as commands on spans.hold_id = commands.target
    union
    select shipments.order_id from {{ ref('stg_facts__shipments') }} as shipments
    inner join accepted_commands as commands on shipments.shipment_id = commands.target
    union
    select messages.order_id from {{ ref('stg_facts__capture_messages') }} as messages
    inner join accepted_commands as commands on messages.message_id = commands.target

),

damaged as (

    select distinct shipments.order_id
    from {{ ref('stg_facts__deliveries') }} as deliveries
    inner join {{ ref('stg_facts__shipments') }} as shipments on deliveries.shipment_id = shipments.shipment_id
    cross join settings
    where deliveries.outcome = 'damaged' and deliveries.event_at <= settings.as_of

),

-- each shipment that left on a load needs a packing slip that is not void
valid_slips as (

    select documents.shipment_id
    from {{ ref('stg_facts__documents') }} as documents
    cross join settings
    left join {{ ref('stg_facts__document_events') }} as events
        on documents.document_id = events.document_id and events.event_at <= settings.as_of
    where documents.document_type = 'packing_slip' and documents.issued_at <= settings.as_of and events.document_id is null

),

undocumented as (

    select distinct shipments.order_id
    from {{ ref('stg_facts__load_shipments') }} as riding
    inner join {{ ref('stg_facts__shipments') }} as shipments on riding.shipment_id = shipments.shipment_id
    where not exists (select 1 from valid_slips as slips where slips.shipment_id = riding.shipment_id)

),

disputed as (

    select distinct
        payments.channel,
        payments.channel_order_id
    from {{ ref('stg_facts__payments') }} as payments
    cross join settings
    where payments.event = 'chargeback' and payments.event_at <= settings.as_of

),

flagged as (

    select
        orders.order_id,
        orders.channel,
        orders.customer_id,
        coalesce(customers.segment, 'unknown') as segment,
        case when lines.first_location_id = lines.last_location_id then lines.first_location_id
            when lines.first_location_id is not null then 'several' end as location_id,
        orders.is_test,
        coalesce(lines.is_remorse_cancelled, false) as is_remorse_cancelled,
        not orders.is_test and not coalesce(lines.is_remorse_cancelled, false) as is_counted,
        lines.cancelled_at,
        orders.placed_at,
        {{ kpi_day('orders.placed_at') }} as placed_day,
        lines.last_delivery[2] as last_delivery_shipment_id,
        lines.* exclude (order_id, last_delivery, is_remorse_cancelled, cancelled_at, first_location_id, last_location_id, lines),
        coalesce(lines.lines, 0) as lines,
        coalesce(holds.holds, 0) as holds,
        touched.order_id is null as is_touchless,
        damaged.order_id is null and not coalesce(lines.is_damage_claimed, false) as is_damage_free,
        undocumented.order_id is null as is_documents_ok,
        disputed.channel_order_id is null
        and (orders.declared_total is null or abs(orders.declared_total - orders.order_total) <= {{ policy('payment.tolerance', 'decimal(18,6)') }})
            as is_invoice_ok,
        case when lines.is_all_ended and lines.qty_delivered > 0 then lines.delivered_at end as completed_at,
        orders.recorded_at as captured_at,
        holds.hold_free_at
    from {{ ref('int_orders__current') }} as orders
    cross join settings
    left join {{ ref('int_customers__in_force') }} as customers on orders.customer_id = customers.customer_id
    left join lines on orders.order_id = lines.order_id
    left join holds on orders.order_id = holds.order_id
    left join touched on orders.order_id = touched.order_id
    left join damaged on orders.order_id = damaged.order_id
    left join undocumented on orders.order_id = undocumented.order_id
    left join disputed on orders.channel = disputed.channel and orders.channel_order_id = disputed.channel_order_id

),

{#- Each milestone is not before the one before it and not after delivery, so that the hours between them sum to the whole. #}
{%- set steps = [('capture', 'captured_at'), ('hold', 'hold_free_at'), ('promise', 'promised_at'), ('release', 'released_at'),
                 ('pick', 'picked_at'), ('pack', 'packed_at'), ('depart', 'departed_at')] %}
{%- for stage, milestone in steps %}
until_{{ stage }} as (

    select
        {% if loop.first -%}
        completed.order_id,
        completed.placed_at,
        completed.completed_at,
        {%- for _, later in steps %}
        completed.{{ later }},
        {%- endfor %}
        least(completed.completed_at, greatest(completed.placed_at, completed.{{ milestone }})) as {{ stage }}_until
    from flagged as completed
    where completed.completed_at is not null
        {%- else -%}
        earlier.*,
        least(earlier.completed_at, greatest(earlier.{{ steps[loop.index0 - 1][0] }}_until, earlier.{{ milestone }})) as {{ stage }}_until
    from until_{{ steps[loop.index0 - 1][0] }} as earlier
        {%- endif %}

),
{% endfor %}
stages as (

    select
        timed.order_id,
        {{ kpi_hours('timed.placed_at', 'timed.completed_at') }} as cycle_hours,
        {%- for stage, _ in steps %}
        {{ kpi_hours('timed.placed_at', 'timed.' ~ stage ~ '_until') }}
        {%- if not loop.first %} - {{ kpi_hours('timed.placed_at', 'timed.' ~ steps[loop.index0 - 1][0] ~ '_until') }}{% endif %} as {{ stage }}_hours,
        {%- endfor %}
        {{ kpi_hours('timed.placed_at', 'timed.completed_at') }} - {{ kpi_hours('timed.placed_at', 'timed.depart_until') }} as deliver_hours
    from until_depart as timed

)

select
    orders.order_id,
    orders.channel,
    orders.customer_id,
    orders.segment,
    orders.location_id,

    -- population
    orders.is_test,
    orders.is_remorse_cancelled,
    orders.is_counted,
    orders.placed_at,
    orders.placed_day,
    orders.cancelled_at,
    orders.completed_at,
    {{ kpi_day('orders.completed_at') }} as completed_day,

    -- units
    cast(orders.lines as integer) as lines,
    {% for quantity in ['ordered', 'wanted', 'out', 'delivered', 'refused', 'lost', 'returned'] -%}
    cast(coalesce(orders.qty_{{ quantity }}, 0) as decimal(18, 3)) as qty_{{ quantity }},
    {% endfor %}
    -- fill
    orders.fill_day,
    coalesce(orders.is_fill_due, false) as is_fill_due,
    coalesce(orders.qty_wanted > 0 and orders.is_all_filled, false) as is_filled,

    -- anchors: due day, whether it is over; on time is every delivered unit inside the window
    {% for anchor in ['requested', 'first', 'latest'] -%}
    orders.due_day_{{ anchor }},
    coalesce(orders.due_day_{{ anchor }} < settings.today, false) as is_due_{{ anchor }},
    coalesce(orders.qty_delivered > 0 and orders.qty_in_{{ anchor }} >= orders.qty_delivered, false) as is_on_time_{{ anchor }},
    {% endfor -%}
    coalesce(orders.qty_wanted > 0 and orders.is_all_delivered, false) as is_in_full,
    {%- for anchor in ['requested', 'first', 'latest'] %}
    coalesce(orders.qty_wanted > 0 and orders.is_all_delivered and orders.qty_in_{{ anchor }} >= orders.qty_delivered, false) as is_otif_{{ anchor }},
    {%- endfor %}

    -- perfect order
    orders.is_damage_free,
    orders.is_documents_ok,
    orders.is_invoice_ok,
    coalesce(
        orders.qty_wanted > 0 and orders.is_all_delivered and orders.qty_in_requested >= orders.qty_delivered
        and orders.is_damage_free and orders.is_documents_ok and orders.is_invoice_ok, false
    ) as is_perfect,

    -- hours of each stage, of completed orders: they sum to cycle_hours
    stages.cycle_hours,
    {% for stage, _ in steps -%}
    cast(stages.{{ stage }}_hours as decimal(18, 3)) as {{ stage }}_hours,
    {% endfor -%}
    cast(stages.deliver_hours as decimal(18, 3)) as deliver_hours,

    -- holds and hands
    cast(orders.holds as integer) as holds,
    orders.is_touchless,
    orders.last_delivery_shipment_id
from flagged as orders
cross join settings
left join stages on orders.order_id = stages.order_id
