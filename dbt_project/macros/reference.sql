{#- The version of each entity in force at the running cycle's effective time. -#}
{% macro in_force(staged) -%}
    select * exclude (valid_from, valid_to)
    from {{ ref(staged) }} as versions
    where versions.valid_from <= {{ as_of() }} and (versions.valid_to is null or versions.valid_to > {{ as_of() }})
{%- endmacro %}
