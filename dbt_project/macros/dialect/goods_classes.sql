{#- What goods of several SKUs count as where goods may not travel together: their classes and hazards, in order, | between. An aggregate. -#}
{% macro goods_classes(skus) -%}{{ adapter.dispatch('goods_classes', 'oms')(skus) }}{%- endmacro %}
{% macro default__goods_classes(skus) -%}
    array_join(array_sort(array_distinct(flatten(collect_list(array_compact(array({{ skus }}.goods_class, nullif({{ skus }}.hazard_class, 'none'))))))), '|')
{%- endmacro %}
{% macro duckdb__goods_classes(skus) -%}
    array_to_string(list_sort(list_distinct(flatten(list([{{ skus }}.goods_class, nullif({{ skus }}.hazard_class, 'none')])))), '|')
{%- endmacro %}
