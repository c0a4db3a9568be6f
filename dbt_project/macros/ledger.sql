{#- The ledger buckets of a line, in the order of its journey (the same list as oms_dagster/domain/ledger.py; a test compares them). -#}
{% macro ledger_buckets() -%}
    {{ return(['open', 'released', 'picked', 'packed', 'loaded', 'shipped', 'delivered', 'cancelled', 'refused', 'lost', 'returned']) }}
{%- endmacro %}

{#- Buckets in which a unit holds a reservation. -#}
{% macro reserved_buckets() -%}
    {{ return(['released', 'picked', 'packed', 'loaded']) }}
{%- endmacro %}
