{#- A law of every row: `expression` is true, or null where a side is unknown. -#}
{% test is_true(model, expression) %}
select * from {{ model }} where not ({{ expression }})
{% endtest %}
