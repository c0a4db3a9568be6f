{#- The frame of a window over instants: so many hours before each row, up to it. -#}
{% macro hours_before(hours) -%}{{ adapter.dispatch('hours_before', 'oms')(hours) }}{%- endmacro %}
{% macro default__hours_before(hours) -%}range between make_dt_interval(0, {{ hours }}) preceding and current row{%- endmacro %}
{% macro duckdb__hours_before(hours) -%}range between cast({{ hours }} || ' hours' as interval) preceding and current row{%- endmacro %}
