{#- Facts as a JSON object, for the evidence of a hold: names and SQL expressions. Decimals keep their digits. -#}
{% macro evidence(facts) -%}{{ adapter.dispatch('evidence', 'oms')(facts) }}{%- endmacro %}
{% macro default__evidence(facts) -%}
    to_json(named_struct({% for name, sql in facts.items() %}'{{ name }}', {{ sql }}{{ ", " if not loop.last }}{% endfor %}))
{%- endmacro %}
{% macro duckdb__evidence(facts) -%}
    cast(json_object({% for name, sql in facts.items() %}'{{ name }}', {{ sql }}{{ ", " if not loop.last }}{% endfor %}) as varchar)
{%- endmacro %}
