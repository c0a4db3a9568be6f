{#- The running cycle's effective time and number. No model reads a clock; a variable would force a full parse.
    `max` tells the engine that it is one value, so that it skips row groups by it. -#}
{% macro as_of() -%}
    (select max(cycle.as_of) from {{ source('plans', 'cycle') }} as cycle)
{%- endmacro %}

{% macro cycle_seq() -%}
    (select max(cycle.cycle_seq) from {{ source('plans', 'cycle') }} as cycle)
{%- endmacro %}

{#- The two columns that every published table ends with. -#}
{% macro cycle_columns() -%}
    {{ as_of() }} as as_of,
    cast({{ cycle_seq() }} as varchar) as cycle_id
{%- endmacro %}
