{#- Units of a return that need no person's leave: asked for inside the window, where the policy lets them come back. -#}
{% macro authorised_by_rule(asked, delivered) -%}
    case
        when
            {{ policy('returns.auto_authorise') }} = 'true'
            and {{ asked }}.requested_at <= {{ delivered }}.delivered_at + to_days({{ policy('returns.window_days', 'integer') }})
            then least({{ asked }}.qty_requested, {{ delivered }}.qty_delivered)
    end
{%- endmacro %}
