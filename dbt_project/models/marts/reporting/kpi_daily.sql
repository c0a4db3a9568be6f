{#- What each KPI means is said by seeds/reference/kpi_definitions.csv, whose drill_sql brings a figure's rows. A group of KPIs
    shares facts, population and day; kpi_totals (macros/kpi.sql) makes one pass over it. -#}
{%- set everywhere = ['channel', 'location', 'segment'] %}
{%- set by_customer = ['channel', 'segment'] %}
{%- set groups = [
    {'name': 'placed', 'facts': ref('int_kpi__order_facts'), 'day': 'facts.placed_day', 'where': 'facts.is_counted',
     'dimensions': by_customer, 'measures': [
        {'kpi': 'orders', 'num': '1', 'read': 'count'},
        {'kpi': 'hold_rate', 'num': 'case when facts.holds > 0 then 1 else 0 end'}]},
    {'name': 'remorse', 'facts': ref('int_kpi__order_facts'), 'day': 'facts.placed_day',
     'where': 'facts.is_remorse_cancelled and not facts.is_test', 'dimensions': by_customer, 'measures': [
        {'kpi': 'orders_remorse_cancelled', 'num': '1', 'read': 'count'}]},
    {'name': 'placed_lines', 'facts': ref('int_kpi__line_facts'), 'day': 'facts.placed_day', 'where': 'facts.is_counted',
     'dimensions': by_customer, 'measures': [
        {'kpi': 'backorder_incidence', 'num': 'case when facts.is_ever_backordered then 1 else 0 end'}]},
    {'name': 'fill_lines', 'facts': ref('int_kpi__line_facts'), 'day': 'facts.fill_day', 'anchor': 'first commitment',
     'where': 'facts.is_counted and facts.is_fill_due', 'dimensions': everywhere, 'measures': [
        {'kpi': 'fill_rate_units', 'num': 'facts.qty_filled', 'den': 'facts.qty_wanted'},
        {'kpi': 'fill_rate_lines', 'num': 'case when facts.is_filled then 1 else 0 end'},
        {'kpi': 'fill_rate_value', 'num': 'facts.value_filled', 'den': 'facts.value_wanted'}]},
    {'name': 'fill_lines_substituted', 'facts': ref('int_kpi__line_facts'), 'day': 'facts.fill_day', 'anchor': 'first commitment',
     'where': 'facts.is_counted and facts.is_fill_due and not facts.is_substitute', 'dimensions': everywhere, 'measures': [
        {'kpi': 'fill_rate_lines_substituted', 'num': 'case when facts.is_filled_substituted then 1 else 0 end'}]},
    {'name': 'fill_orders', 'facts': ref('int_kpi__order_facts'), 'day': 'facts.fill_day', 'anchor': 'first commitment',
     'where': 'facts.is_counted and facts.is_fill_due', 'dimensions': everywhere, 'measures': [
        {'kpi': 'fill_rate_orders', 'num': 'case when facts.is_filled then 1 else 0 end'}]},
    {'name': 'ship_cohort', 'facts': ref('int_kpi__line_facts'), 'day': 'facts.ship_day', 'where': 'facts.is_counted',
     'dimensions': everywhere, 'measures': [
        {'kpi': 'return_rate_units', 'num': 'facts.qty_returned', 'den': 'facts.qty_out'},
        {'kpi': 'return_rate_value', 'num': 'facts.value_returned', 'den': 'facts.value_out'},
        {'kpi': 'door_refusal_rate', 'num': 'facts.qty_refused', 'den': 'facts.qty_out'}]},
    {'name': 'picked_lines', 'facts': ref('int_kpi__line_facts'), 'day': 'facts.picked_day', 'where': 'facts.is_counted',
     'dimensions': everywhere, 'measures': [
        {'kpi': 'picking_accuracy', 'num': 'case when facts.is_divergent_internal or facts.is_divergent_escaped then 0 else 1 end'}]},
    {'name': 'completed', 'facts': ref('int_kpi__order_facts'), 'day': 'facts.completed_day', 'where': 'facts.is_counted',
     'dimensions': everywhere, 'measures': [
        {'kpi': 'cycle_time_p50', 'num': 'facts.cycle_hours', 'read': 'p50'},
        {'kpi': 'cycle_time_p90', 'num': 'facts.cycle_hours', 'read': 'p90'},
        {'kpi': 'cycle_time_p95', 'num': 'facts.cycle_hours', 'read': 'p95'},
        {'kpi': 'cycle_time_mean', 'num': 'facts.cycle_hours'},
        {'kpi': 'cycle_time_capture', 'num': 'facts.capture_hours'},
        {'kpi': 'cycle_time_hold', 'num': 'facts.hold_hours'},
        {'kpi': 'cycle_time_promise', 'num': 'facts.promise_hours'},
        {'kpi': 'cycle_time_release', 'num': 'facts.release_hours'},
        {'kpi': 'cycle_time_pick', 'num': 'facts.pick_hours'},
        {'kpi': 'cycle_time_pack', 'num': 'facts.pack_hours'},
        {'kpi': 'cycle_time_depart', 'num': 'facts.depart_hours'},
        {'kpi': 'cycle_time_deliver', 'num': 'facts.deliver_hours'},
        {'kpi': 'touchless_rate', 'num': 'case when facts.is_touchless then 1 else 0 end'}]},
    {'name': 'first_attempts', 'facts': ref('int_kpi__event_facts'), 'day': 'facts.began_day',
     'where': "facts.kind = 'attempt' and facts.attempt = 1", 'dimensions': everywhere, 'measures': [
        {'kpi': 'first_attempt_rate', 'num': 'case when facts.is_success then 1 else 0 end'}]},
    {'name': 'departed', 'facts': ref('int_kpi__event_facts'), 'day': 'facts.began_day', 'where': "facts.kind = 'load'",
     'dimensions': ['location'], 'measures': [
        {'kpi': 'cost_per_order', 'num': 'facts.cost', 'den': 'facts.orders_delivered'}]},
    {'name': 'departed_own', 'facts': ref('int_kpi__event_facts'), 'day': 'facts.began_day',
     'where': "facts.kind = 'load' and facts.is_own_fleet", 'dimensions': ['location'], 'measures': [
        {'kpi': 'vehicle_utilisation', 'num': 'facts.utilisation'},
        {'kpi': 'km_per_order', 'num': 'facts.distance_km', 'den': 'facts.orders_delivered'}]},
    {'name': 'open_holds', 'facts': 'holds_at_close', 'day': 'facts.day', 'where': 'true', 'dimensions': by_customer, 'measures': [
        {'kpi': 'hold_age_p50', 'num': 'facts.hours', 'read': 'p50'}]},
    {'name': 'open_backorders', 'facts': 'backorders_at_close', 'day': 'facts.day', 'where': 'true', 'dimensions': by_customer,
     'measures': [{'kpi': 'backorder_age_p50', 'num': 'facts.days', 'read': 'p50'}]},
    {'name': 'open_units', 'facts': 'open_at_close', 'day': 'facts.day', 'where': 'facts.lines > 0', 'n': 'facts.lines',
     'dimensions': by_customer, 'measures': [
        {'kpi': 'backorder_rate', 'num': 'facts.backordered', 'den': 'facts.units'}]},
    {'name': 'promised_lines', 'facts': 'promises_in_force', 'day': 'facts.day', 'where': 'facts.lines > 0', 'n': 'facts.lines',
     'dimensions': by_customer, 'measures': [
        {'kpi': 'promise_changes', 'num': 'facts.changes', 'den': 'facts.lines'},
        {'kpi': 'promise_stability', 'num': 'facts.lines - facts.moved', 'den': 'facts.lines'}]},
    {'name': 'first_promised', 'facts': ref('int_kpi__line_facts'), 'day': 'facts.first_promised_day',
     'where': 'facts.is_counted and facts.is_first_choice is not null', 'dimensions': by_customer, 'measures': [
        {'kpi': 'first_choice_rate', 'num': 'case when facts.is_first_choice then 1 else 0 end'}]},
    {'name': 'sourced', 'facts': 'sourcing_runs', 'day': 'facts.day', 'where': 'true', 'dimensions': [], 'measures': [
        {'kpi': 'sourcing_saving', 'num': 'facts.saved', 'den': 'facts.first_come'}]},
] %}
{%- set perfect = ['is_on_time_requested', 'is_in_full', 'is_damage_free', 'is_documents_ok', 'is_invoice_ok'] %}
{%- set rates = [] %}
{%- for part in perfect %}{% do rates.append('cast(count(*) filter (where facts.' ~ part ~ ') as double) / count(*)') %}{% endfor %}
{%- set product = 'round(' ~ rates | join(' * ') ~ ', 9)' %}
{%- for anchor, title in [('requested', 'requested'), ('first', 'first commitment'), ('latest', 'latest commitment')] %}
{%- set measures = [{'kpi': 'otif_orders', 'num': 'case when facts.is_otif_' ~ anchor ~ ' then 1 else 0 end'}] %}
{%- if anchor == 'requested' %}
{%- do measures.append({'kpi': 'perfect_order', 'num': 'case when facts.is_perfect then 1 else 0 end'}) %}
{%- for part in perfect %}
{%- do measures.append({'kpi': 'perfect_order_' ~ part | replace('is_', '') | replace('_requested', ''),
                        'num': 'case when facts.' ~ part ~ ' then 1 else 0 end'}) %}
{%- endfor %}
{%- do measures.append({'kpi': 'perfect_order_product', 'num_sql': 'count(*) * ' ~ product, 'read': 'sql', 'value_sql': product}) %}
{%- endif %}
{%- do groups.append({'name': 'due_' ~ anchor, 'facts': ref('int_kpi__order_facts'), 'day': 'facts.due_day_' ~ anchor, 'anchor': title,
                      'where': 'facts.is_counted and facts.is_due_' ~ anchor, 'dimensions': everywhere,
                      'measures': measures}) %}
{%- do groups.append({'name': 'due_lines_' ~ anchor, 'facts': ref('int_kpi__line_facts'), 'day': 'facts.due_day_' ~ anchor,
                      'anchor': title, 'where': 'facts.is_counted and facts.is_due_' ~ anchor, 'dimensions': everywhere,
                      'measures': [{'kpi': 'otif_lines', 'num': 'case when facts.is_otif_' ~ anchor ~ ' then 1 else 0 end'}]}) %}
{%- endfor %}
-- One row per KPI, anchor, day and dimension value. Snapshots (what is open) are taken at the day's close, today's at as_of.
with settings as (

    {{ kpi_settings() }}

),

days as (

    select
        cast(days.day as date) as day,
        least(settings.as_of, timezone(settings.timezone, cast(days.day as timestamp) + interval 1 day)) as closes_at
    from (
        select unnest(generate_series(min(facts.placed_day), max(settings.today), interval 1 day)) as day
        from {{ ref('int_kpi__order_facts') }} as facts
        cross join settings
    ) as days
    cross join settings

),

-- what is open at each close: from the day it began to the day before it ended
open_events as (

    select
        events.kind,
        events.channel,
        events.segment,
        events.quantity,
        events.began_at,
        cast(unnest(generate_series(
            events.began_day, least(coalesce(events.ended_day - 1, settings.today), settings.today), interval 1 day
        )) as date) as day
    from {{ ref('int_kpi__event_facts') }} as events
    cross join settings
    where events.kind in ('hold', 'backorder')

),

holds_at_close as (

    select
        events.day,
        events.channel,
        events.segment,
        {{ kpi_hours('events.began_at', 'days.closes_at') }} as hours
    from open_events as events
    inner join days on events.day = days.day
    where events.kind = 'hold'

),

backorders_at_close as (

    select
        events.day,
        events.channel,
        events.segment,
        events.quantity,
        cast(round(date_diff('second', events.began_at, days.closes_at) / 86400.0, 3) as decimal(18, 3)) as days
    from open_events as events
    inner join days on events.day = days.day
    where events.kind = 'backorder'

),

-- open units of each line as steps: from the first version's placing, each later version's capture, each move out or back
open_steps as (

    select
        versions.order_line_id,
        {{ kpi_day('case when versions.nth = 1 then lines.placed_at else versions.recorded_at end') }} as day,
        versions.quantity_added as quantity
    from (
        select
            staged.order_line_id,
            staged.quantity_added,
            staged.recorded_at,
            row_number() over (partition by staged.order_line_id order by staged.cycle_seq, staged.order_version, staged.message_id) as nth
        from {{ ref('stg_facts__order_lines') }} as staged
    ) as versions
    inner join {{ ref('int_kpi__line_facts') }} as lines on versions.order_line_id = lines.order_line_id
    cross join settings

    union all

    select
        events.order_line_id,
        {{ kpi_day('events.event_at') }} as day,
        case when events.to_bucket = 'open' then events.quantity else -events.quantity end as quantity
    from {{ ref('stg_facts__line_events') }} as events
    cross join settings
    where (events.to_bucket = 'open' or events.from_bucket = 'open') and events.event_at <= settings.as_of

),

open_days as (

    select
        steps.order_line_id,
        steps.day,
        sum(steps.quantity) as quantity,
        sum(sum(steps.quantity)) over (partition by steps.order_line_id order by steps.day) as balance
    from open_steps as steps
    group by steps.order_line_id, steps.day

),

changes as (

    select
        lines.channel,
        lines.segment,
        open_days.day,
        open_days.quantity as units,
        case when open_days.balance > 0 then 1 else 0 end
        - case when open_days.balance - open_days.quantity > 0 then 1 else 0 end as lines,
        0 as promised,
        0 as promises_ended
    from open_days
    inner join {{ ref('int_kpi__line_facts') }} as lines on open_days.order_line_id = lines.order_line_id
    where lines.is_counted

    union all

    select
        lines.channel,
        lines.segment,
        lines.first_promised_day as day,
        0 as units,
        0 as lines,
        1 as promised,
        0 as promises_ended
    from {{ ref('int_kpi__line_facts') }} as lines
    where lines.is_counted and lines.first_promised_day is not null

    union all

    select
        lines.channel,
        lines.segment,
        lines.promise_ended_day as day,
        0 as units,
        0 as lines,
        0 as promised,
        1 as promises_ended
    from {{ ref('int_kpi__line_facts') }} as lines
    where lines.is_counted and lines.first_promised_day is not null and lines.promise_ended_day is not null

),

changed as (

    select
        changes.channel,
        changes.segment,
        changes.day,
        sum(changes.units) as units,
        sum(changes.lines) as lines,
        sum(changes.promised) as promised,
        sum(changes.promises_ended) as promises_ended
    from changes
    group by changes.channel, changes.segment, changes.day

),

running as (

    select
        cells.channel,
        cells.segment,
        days.day,
        sum(changed.units) over cell as units,
        sum(changed.lines) over cell as lines,
        -- a promise that ends on a day was in force on it
        coalesce(sum(changed.promised) over cell, 0) - coalesce(sum(changed.promises_ended) over cell, 0)
        + coalesce(changed.promises_ended, 0) as promised
    from (select distinct changed.channel, changed.segment from changed) as cells
    cross join days
    left join changed on cells.channel = changed.channel and cells.segment = changed.segment and days.day = changed.day
    window cell as (partition by cells.channel, cells.segment order by days.day)

),

backordered as (

    select
        waiting.channel,
        waiting.segment,
        waiting.day,
        sum(waiting.quantity) as quantity
    from backorders_at_close as waiting
    group by waiting.channel, waiting.segment, waiting.day

),

open_at_close as (

    select
        running.channel,
        running.segment,
        running.day,
        running.units,
        running.lines,
        coalesce(backordered.quantity, 0) as backordered
    from running
    left join backordered
        on running.channel = backordered.channel and running.segment = backordered.segment and running.day = backordered.day

),

changed_promises as (

    select
        events.channel,
        events.segment,
        events.began_day as day,
        count(*) as changes,
        count(distinct events.order_line_id) filter (where events.cause = 'plan' and events.detail <> 'promised again') as moved
    from {{ ref('int_kpi__event_facts') }} as events
    where events.kind = 'promise_change'
    group by events.channel, events.segment, events.began_day

),

promises_in_force as (

    select
        running.channel,
        running.segment,
        running.day,
        running.promised as lines,
        coalesce(changed_promises.changes, 0) as changes,
        coalesce(changed_promises.moved, 0) as moved
    from running
    left join changed_promises
        on running.channel = changed_promises.channel and running.segment = changed_promises.segment and running.day = changed_promises.day

),

-- the plan of each cycle beside serving orders as they came, on the same input
sourcing_runs as (

    select
        {{ kpi_day('cycles.as_of') }} as day,
        cast((runs.baseline_objective - runs.objective) / 100 as decimal(18, 3)) as saved,
        cast(runs.baseline_objective / 100 as decimal(18, 3)) as first_come
    from {{ ref('stg_facts__solver_runs') }} as runs
    inner join (select distinct facts.cycle_seq, facts.as_of from {{ ref('stg_facts__cycles') }} as facts) as cycles
        on runs.cycle_seq = cycles.cycle_seq
    cross join settings
    where runs.stage = 'sourcing' and runs.baseline = 'first_come' and runs.baseline_objective > 0

),
{% for group in groups %}
{{ group.name }} as (

    {{ kpi_totals(group) }}

),
{% endfor %}
figures as (
    {% for group in groups %}
    {{ kpi_figures(group) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    figures.kpi,
    '1' as kpi_version,
    figures.anchor,
    figures.day,
    figures.dimension,
    figures.dimension_value,
    figures.numerator,
    figures.denominator,
    figures.n,
    figures.value,
    {{ cycle_columns() }}
from figures
