{#- The local date at an instant in a time zone. -#}
{% macro local_date(instant, timezone) -%}cast(timezone({{ timezone }}, {{ instant }}) as date){%- endmacro %}

{#- The instant (UTC) of a local HH:MM on a date in a time zone. -#}
{% macro local_instant(day, hhmm, timezone) -%}
    timezone({{ timezone }}, cast({{ day }} as timestamp) + cast({{ hhmm }} || ':00' as interval))
{%- endmacro %}
