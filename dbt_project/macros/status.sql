{#- Fulfilment status of a line or an order from its bucket quantities, first rule that fits: the twin of `fulfilment_status` in
    oms_dagster/domain/ledger.py (a test compares them). `prefix` is what stands before a bucket's name, e.g. `lines.qty_`. -#}
{% macro fulfilment_status(prefix) -%}
    {%- set total = prefix ~ (ledger_buckets() | join(' + ' ~ prefix)) -%}
    {%- set ended = prefix ~ (['delivered', 'cancelled', 'refused', 'lost', 'returned'] | join(' + ' ~ prefix)) -%}
    {%- set arrived = prefix ~ (['delivered', 'refused', 'lost', 'returned'] | join(' + ' ~ prefix)) -%}
    {%- set reserved = prefix ~ (reserved_buckets() | join(' + ' ~ prefix)) -%}
    case
        when {{ prefix }}cancelled = {{ total }} then 'cancelled'
        when {{ ended }} = {{ total }} then case when {{ prefix }}delivered + {{ prefix }}returned > 0 then 'delivered' else 'closed' end
        when {{ arrived }} > 0 then 'partially_delivered'
        when {{ prefix }}shipped + {{ prefix }}cancelled = {{ total }} then 'shipped'
        when {{ prefix }}shipped > 0 then 'partially_shipped'
        when {{ reserved }} > 0 then 'released'
        else 'open'
    end
{%- endmacro %}

{#- Whether a planned load still is one: what was dispatched is a fact, and the plan gives way to it. -#}
{% macro not_dispatched(planned) -%}
    not exists (select 1 from {{ ref('stg_facts__loads') }} as dispatched where dispatched.load_id = {{ planned }}.load_id)
{%- endmacro %}
