{#- Whether units of a lot may go out today: it is approved (or of no lot that we know) and not expired. It may be used on its expiry day. -#}
{% macro is_lot_usable(lots) -%}
    (coalesce({{ lots }}.status, 'approved') = 'approved' and coalesce({{ lots }}.expiry >= cast({{ as_of() }} as date), true))
{%- endmacro %}
