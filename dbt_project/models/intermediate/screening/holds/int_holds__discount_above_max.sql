-- HOLD-DISCOUNT-ABOVE-MAX. One row per order with open units whose discounts are a larger share of its goods than is given away.
with measured as (

    select
        orders.*,
        {{ policy('discount.max_pct', 'decimal(18,3)') }} as max_pct,
        cast(orders.items_total * {{ policy('discount.max_pct', 'decimal(18,3)') }} as decimal(38, 5)) as allowed_x100
    from {{ ref('int_orders__outstanding') }} as orders
    where orders.qty_open > 0 and orders.items_total > 0

),

compared as (

    select
        measured.*,
        -- the allowed discount, cut to the cent: exactly as much more is too much
        cast(cast(floor(measured.allowed_x100) as decimal(18, 0)) * cast(0.01 as decimal(3, 2)) as decimal(18, 2)) as allowed,
        {{ pro_rata('measured.discount_total', '100', 'measured.items_total') }} as discount_pct
    from measured
    where measured.discount_total * 100 > measured.allowed_x100

)

select
    'order' as scope,
    compared.order_id as subject_id,
    compared.order_id,
    cast(null as varchar) as order_line_id,
    cast(compared.discount_total as varchar) as observed,
    cast(compared.allowed as varchar) as threshold,
    compared.discount_total - compared.allowed as distance,
    compared.currency as unit,
    'discounts of ' || {{ money_text('compared.discount_total', 'compared.currency') }} || ' are ' || cast(compared.discount_pct as varchar)
    || ' % of the goods, ' || {{ quantity_text('compared.max_pct') }} || ' % may be given: '
    || {{ money_text('compared.discount_total - compared.allowed', 'compared.currency') }} || ' too much' as explanation,
    'take ' || {{ money_text('compared.discount_total - compared.allowed', 'compared.currency') }} || ' off the discount' as remedy,
    {{ evidence({
        'goods': 'compared.items_total', 'discount': 'compared.discount_total', 'discount_pct': 'compared.discount_pct',
        'max_pct': 'compared.max_pct', 'allowed': 'compared.allowed', 'currency': 'compared.currency',
    }) }} as evidence,
    cast(null as timestamptz) as hold_until,
    '1' as rule_version
from compared
