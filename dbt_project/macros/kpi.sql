{#- One row: the running cycle's effective time, the zone of reports and its date now. Joined, since a scalar subquery at each use
    costs more to plan than the query to run. -#}
{% macro kpi_settings() -%}
    select
        cycle.as_of,
        policies.value as timezone,
        {{ local_date('cycle.as_of', 'policies.value') }} as today
    from {{ source('plans', 'cycle') }} as cycle
    cross join {{ ref('int_policies__in_force') }} as policies
    where policies.policy_key = 'reporting.timezone' and policies.scope = ''
{%- endmacro %}

{#- The local date of an instant in the zone of reports; `settings` is joined. -#}
{% macro kpi_day(instant) -%}{{ local_date(instant, 'settings.timezone') }}{%- endmacro %}

{#- Hours between two instants, three places. -#}
{% macro kpi_hours(since, until) -%}
    cast(round(date_diff('second', {{ since }}, {{ until }}) / 3600.0, 3) as decimal(18, 3))
{%- endmacro %}

{#- Reasons of a cancellation that lie on the customer's side: such units are no longer wanted. The others (INVENTORY, STAFF,
    OTHER) leave the demand as it was, and us short of it. -#}
{% macro kpi_customer_reasons() -%}('CUSTOMER', 'AMENDED', 'DECLINED', 'DUPLICATE', 'EXPIRED', 'FRAUD'){%- endmacro %}

{#- Share of a line's value that some of its units carry, to the cent; the usual all or nothing without the arithmetic. -#}
{% macro kpi_value_of(quantity) -%}
    case
        when {{ quantity }} = 0 then 0
        when {{ quantity }} = lines.qty_priced then lines.line_total_base
        else {{ pro_rata('lines.line_total_base', quantity, 'lines.qty_priced') }}
    end
{%- endmacro %}

{#- Units that moved into a bucket (from a bucket), of the events of a group. -#}
{% macro kpi_moved(to_bucket, from_bucket=none, also=none) -%}
    coalesce(sum(events.quantity) filter (
        where events.to_bucket = '{{ to_bucket }}'
        {%- if from_bucket %} and events.from_bucket = '{{ from_bucket }}'{% endif -%}
        {%- if also %} and {{ also }}{% endif -%}
    ), 0)
{%- endmacro %}

{#- Totals of a group of KPIs that share facts, population and day: one pass, each dimension a grouping set.
    A group: name, facts, day, where, dimensions (columns by their published name), measures. A measure: kpi, num, den (1 a row
    unless said), n (rows), and how the value is read: ratio (num / den), count (num of one day), p50, p90, p95 (of num), or sql. -#}
{% macro kpi_totals(group) -%}
    {%- set columns = {'channel': 'channel', 'location': 'location_id', 'segment': 'segment'} -%}
    select
        {{ group.day }} as day,
        case
            {%- for dimension in group.dimensions %}
            when grouping(facts.{{ columns[dimension] }}) = 0 then '{{ dimension }}'
            {%- endfor %}
            when true then 'all'
        end as dimension,
        case
            {%- for dimension in group.dimensions %}
            when grouping(facts.{{ columns[dimension] }}) = 0 then coalesce(facts.{{ columns[dimension] }}, 'unassigned')
            {%- endfor %}
            when true then 'all'
        end as dimension_value,
        {%- for measure in group.measures %}
        cast({{ measure.num_sql or 'coalesce(sum(' ~ measure.num ~ '), 0)' }} as decimal(18, 3)) as num_{{ loop.index }},
        {%- if measure.read == 'count' %}
        cast(1 as decimal(18, 3)) as den_{{ loop.index }},
        {%- else %}
        cast({{ 'coalesce(sum(' ~ measure.den ~ '), 0)' if measure.den else 'count(*)' }} as decimal(18, 3)) as den_{{ loop.index }},
        {%- endif %}
        {%- if measure.read in ('p50', 'p90', 'p95') %}
        cast(quantile_cont({{ measure.num }}, 0.{{ measure.read[1:] }}) as decimal(18, 6)) as value_{{ loop.index }},
        {%- elif measure.read == 'sql' %}
        cast({{ measure.value_sql }} as decimal(18, 6)) as value_{{ loop.index }},
        {%- endif %}
        {%- endfor %}
        cast({{ 'sum(' ~ group.n ~ ')' if group.n else 'count(*)' }} as integer) as n
    from {{ group.facts }} as facts
    where {{ group.day }} is not null and {{ group.where }}
    group by grouping sets (({{ group.day }}){% for dimension in group.dimensions %}, ({{ group.day }}, facts.{{ columns[dimension] }}){% endfor %})
{%- endmacro %}

{#- The totals of a group, one row per KPI. -#}
{% macro kpi_figures(group) -%}
    {%- for measure in group.measures %}
    select
        '{{ measure.kpi }}' as kpi,
        {{ "'" ~ group.anchor ~ "'" if group.anchor else 'cast(null as varchar)' }} as anchor,
        totals.day,
        totals.dimension,
        totals.dimension_value,
        totals.num_{{ loop.index }} as numerator,
        totals.den_{{ loop.index }} as denominator,
        totals.n,
        {%- if measure.read in ('p50', 'p90', 'p95', 'sql') %}
        totals.value_{{ loop.index }} as value
        {%- else %}
        cast(totals.num_{{ loop.index }} / nullif(totals.den_{{ loop.index }}, 0) as decimal(18, 6)) as value
        {%- endif %}
    from {{ group.name }} as totals
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
