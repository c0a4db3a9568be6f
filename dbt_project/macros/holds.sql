{#- Hold types with a rule of their own, by the band in which the rule can be evaluated. A new hold type is one model,
    one row of seeds/policies/hold_types.csv, one name here. -#}
{% macro hold_rules(band) -%}
    {{ return({
        'prepare': [
            'credit_limit', 'payment_awaited', 'address_invalid', 'sku_invalid', 'duplicate_suspect', 'customer_blocked',
            'data_conflict', 'payment_mismatch', 'remorse_window',
        ],
        'release': ['stock_short'],
    }[band]) }}
{%- endmacro %}

{#- The findings of some rules, one below the other, with the key under which a hold is remembered. -#}
{% macro hold_findings(band) -%}
    {% for rule in hold_rules(band) %}
    select
        '{{ rule | upper }}' as hold_type,
        found.scope,
        found.order_id,
        cast(found.order_line_id as varchar) as order_line_id,
        cast(found.observed as varchar) as observed,
        cast(found.threshold as varchar) as threshold,
        found.explanation,
        found.remedy,
        '{{ rule | upper }}-' || coalesce(found.order_line_id, found.order_id) as hold_key,
        found.rule_version
    from {{ ref('int_holds__' ~ rule) }} as found
    {{ "union all" if not loop.last }}
    {% endfor %}
{%- endmacro %}

{#- An amount as explanations and remedies say it: 312.40 GBP. -#}
{% macro money_text(amount, currency) -%}cast(cast({{ amount }} as decimal(18, 2)) as varchar) || ' ' || {{ currency }}{%- endmacro %}
