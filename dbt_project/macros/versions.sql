{#- Order of an order's versions: times by time, numbers by number, anything else as text. As text, 9 would come after 10. -#}
{% macro version_order(column, direction='asc') -%}
    {%- set nulls = 'nulls last' if direction == 'desc' else 'nulls first' -%}
    try_cast({{ column }} as timestamptz) {{ direction }} {{ nulls }},
    try_cast({{ column }} as decimal(38, 6)) {{ direction }} {{ nulls }},
    {{ column }} {{ direction }} {{ nulls }}
{%- endmacro %}
