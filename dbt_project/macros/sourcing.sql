{#- Code of a rule that keeps a location from a line (the same as domain.sourcing.problem.Blocked; a test compares them). -#}
{% macro blocked(rule) -%}
    {{ return({
        'excluded': 1, 'temperature': 2, 'hazard': 3, 'no_lane': 5, 'customs': 8, 'customer_exclusion': 9,
        'rejected_recently': 10, 'pickup_only': 13,
    }[rule]) }}
{%- endmacro %}
