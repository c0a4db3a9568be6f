{#- Weekday of a date, 1 Monday to 7 Sunday. -#}
{% macro iso_weekday(day) -%}{{ adapter.dispatch('iso_weekday', 'oms')(day) }}{%- endmacro %}
{% macro default__iso_weekday(day) -%}(weekday({{ day }}) + 1){%- endmacro %}
{% macro duckdb__iso_weekday(day) -%}isodow({{ day }}){%- endmacro %}
