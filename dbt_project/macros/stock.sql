{#- Whether a movement's units may go out today: their status, and the status and expiry of their lot. A lot may be used on its expiry day. -#}
{% macro is_usable(stock, lots) -%}
    coalesce({{ stock }}.stock_status, 'usable') = 'usable' and coalesce({{ lots }}.status, 'approved') = 'approved'
    and ({{ lots }}.expiry is null or {{ lots }}.expiry >= cast({{ as_of() }} as date))
{%- endmacro %}
