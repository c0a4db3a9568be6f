{#- How alike two texts are, 0 to 1 with four digits (a decimal: it is compared with a threshold), whatever their case. -#}
{% macro likeness(a, b) -%}{{ adapter.dispatch('likeness', 'oms')(a, b) }}{%- endmacro %}
{% macro default__likeness(a, b) -%}
    cast(1 - levenshtein(upper({{ a }}), upper({{ b }})) * 1.0000 / greatest(length({{ a }}), length({{ b }}), 1) as decimal(5, 4))
{%- endmacro %}
{% macro duckdb__likeness(a, b) -%}cast(jaro_winkler_similarity(upper({{ a }}), upper({{ b }})) as decimal(5, 4)){%- endmacro %}
