{#- Code of a rule that keeps a location from a line (the same as domain.sourcing.problem.Blocked; a test compares them). -#}
{% macro blocked(rule) -%}
    {{ return({
        'excluded': 1, 'temperature': 2, 'hazard': 3, 'no_lane': 5, 'customs': 9, 'customer_exclusion': 10,
        'rejected_recently': 11, 'vendor_rejected': 16,
    }[rule]) }}
{%- endmacro %}
