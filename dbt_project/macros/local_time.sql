{#- The local date at an instant in a time zone. -#}
{% macro local_date(instant, timezone) -%}cast(timezone({{ timezone }}, {{ instant }}) as date){%- endmacro %}

{#- The instant (UTC) of a local HH:MM on a date in a time zone. -#}
{% macro local_instant(day, hhmm, timezone) -%}
    timezone({{ timezone }}, cast({{ day }} as timestamp) + cast({{ hhmm }} || ':00' as interval))
{%- endmacro %}

{#- Working days (Monday to Friday) after one date up to and with another; 2001 began with a Monday. -#}
{% macro working_days_between(first, last) -%}
    ({{ _working_days_until(last) }} - {{ _working_days_until(first) }})
{%- endmacro %}
{% macro _working_days_until(day) -%}
    (5 * (({{ day }} - date '2001-01-01') // 7) + least(({{ day }} - date '2001-01-01') % 7 + 1, 5))
{%- endmacro %}

{#- The date some working days (Monday to Friday) after a date, which itself stays where they are none; a weekend counts as its Friday. -#}
{% macro working_days_later(day, days) -%}
    {%- set count = "(least(" ~ iso_weekday(day) ~ ", 5) - 1 + " ~ days ~ ")" -%}
    greatest({{ day }}, cast(date_trunc('week', {{ day }}) as date) + cast(7 * ({{ count }} // 5) + {{ count }} % 5 as integer))
{%- endmacro %}
