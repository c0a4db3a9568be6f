{#- Text of one top-level field of a JSON column. -#}
{% macro json_text(column, field) -%}{{ adapter.dispatch('json_text', 'oms')(column, field) }}{%- endmacro %}
{% macro default__json_text(column, field) -%}get_json_object({{ column }}, '$.{{ field }}'){%- endmacro %}
{% macro duckdb__json_text(column, field) -%}json_extract_string({{ column }}, '$.{{ field }}'){%- endmacro %}
