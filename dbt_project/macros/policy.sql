{#- A policy in force for everything (scope empty), as text cast to a type. -#}
{% macro policy(key, type='varchar') -%}
    (select cast(policies.value as {{ type }}) from {{ ref('int_policies__in_force') }} as policies
    where policies.policy_key = '{{ key }}' and policies.scope = '')
{%- endmacro %}
