{#- Whether units of a lot may go out today: it is approved (or of no lot that we know) and not expired. It may be used on its expiry day. -#}
{% macro is_lot_usable(lots) -%}
    (coalesce({{ lots }}.status, 'approved') = 'approved' and coalesce({{ lots }}.expiry >= cast({{ as_of() }} as date), true))
{%- endmacro %}

{#- Days until what is left from a day on, less a demand a day from tomorrow on, is below 0; null: never. Not before that day itself. -#}
{% macro first_day_below(left_over, daily_demand, day_index) -%}
    case
        when {{ left_over }} - coalesce({{ daily_demand }}, 0) * {{ day_index }} < 0 then {{ day_index }}
        when {{ daily_demand }} > 0 then floor(({{ left_over }}) / {{ daily_demand }}) + 1
    end
{%- endmacro %}
