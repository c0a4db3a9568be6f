{#- Hold types with a rule of their own, by the band in which the rule can be evaluated. A new hold type is one model,
    one row of seeds/policies/hold_types.csv, one name here (`oms hold new` writes all three). -#}
{% macro hold_rules(band) -%}
    {{ return({
        'prepare': [
            'credit_limit', 'credit_limit_expired', 'credit_risk_class', 'credit_overdue', 'credit_reopened',
            'payment_awaited', 'payment_mismatch', 'prepayment_required', 'payment_expired',
            'fraud_score', 'duplicate_suspect',
            'price_below_min', 'margin_below_min', 'discount_above_max', 'order_below_min', 'order_above_max',
            'customer_blocked', 'address_invalid', 'sku_invalid',
            'ship_restriction', 'manual_stock', 'remorse_window', 'data_conflict',
        ],
        'release': ['stock_short', 'date_unpromisable', 'downstream_not_ready'],
    }[band]) }}
{%- endmacro %}

{#- The findings of some rules, one below the other, with the key under which a hold is remembered. -#}
{% macro hold_findings(band) -%}
    {% for rule in hold_rules(band) %}
    select
        '{{ rule | upper }}' as hold_type,
        found.scope,
        cast(found.subject_id as varchar) as subject_id,
        found.order_id,
        cast(found.order_line_id as varchar) as order_line_id,
        cast(found.observed as varchar) as observed,
        cast(found.threshold as varchar) as threshold,
        cast(found.distance as decimal(18, 3)) as distance,
        found.unit,
        found.explanation,
        found.remedy,
        found.evidence,
        cast(found.hold_until as timestamptz) as hold_until,
        '{{ rule | upper }}-' || coalesce(found.order_line_id, found.order_id) as hold_key,
        found.rule_version
    from {{ ref('int_holds__' ~ rule) }} as found
    {{ "union all" if not loop.last }}
    {% endfor %}
{%- endmacro %}

{#- Whether any unit of an order is still here: open, or on the floor. Credit, payment and fraud are looked at until the load leaves. -#}
{% macro not_left(orders) -%}({{ orders }}.qty_open > 0 or {{ orders }}.qty_on_floor > 0){%- endmacro %}

{#- An amount as explanations and remedies say it: 312.40 GBP. -#}
{% macro money_text(amount, currency) -%}cast(cast({{ amount }} as decimal(18, 2)) as varchar) || ' ' || {{ currency }}{%- endmacro %}

{#- A quantity as people say it: 3, or 2.5. -#}
{% macro quantity_text(quantity, digits=3) -%}
    regexp_replace(cast(cast({{ quantity }} as decimal(18, {{ digits }})) as varchar), '\.?0+$', '')
{%- endmacro %}

{#- Whether one of some policies that list codes (`DE|FR`) names a code. -#}
{% macro listed(code) -%}
    ({% for key in varargs %}coalesce(contains('|' || {{ policy(key) }} || '|', '|' || {{ code }} || '|'), false){{ " or " if not loop.last }}{% endfor %})
{%- endmacro %}
