-- HOLD-MARGIN-BELOW-MIN. One row per order with open units that earns a smaller share of its net value than it must. Orders with a
-- line of unknown cost are not judged.
with measured as (

    select
        orders.*,
        {{ policy('margin.min_pct', 'decimal(18,3)') }} as min_pct,
        {{ policy('reporting.currency') }} as base_currency,
        -- the least net value, up to the cent, of which the cost leaves the margin
        cast(
            (cast(orders.cost_base * 100 as hugeint) * 100000 + cast((100 - {{ policy('margin.min_pct', 'decimal(18,3)') }}) * 1000 as hugeint) - 1)
            // cast((100 - {{ policy('margin.min_pct', 'decimal(18,3)') }}) * 1000 as hugeint) as decimal(18, 0)
        ) * cast(0.01 as decimal(3, 2)) as least_net
    from {{ ref('int_orders__outstanding') }} as orders
    where orders.qty_open > 0 and orders.cost_base is not null and orders.net_base > 0

)

select
    'order' as scope,
    measured.order_id as subject_id,
    measured.order_id,
    cast(null as varchar) as order_line_id,
    cast(measured.net_base - measured.cost_base as varchar) as observed,
    cast(cast(measured.least_net - measured.cost_base as decimal(18, 2)) as varchar) as threshold,
    measured.least_net - measured.net_base as distance,
    measured.base_currency as unit,
    'goods that cost ' || {{ money_text('measured.cost_base', 'measured.base_currency') }} || ' go for '
    || {{ money_text('measured.net_base', 'measured.base_currency') }} || ' net: a margin of '
    || cast({{ pro_rata('measured.net_base - measured.cost_base', '100', 'measured.net_base') }} as varchar) || ' %, at least '
    || {{ quantity_text('measured.min_pct') }} || ' % is wanted' as explanation,
    'charge ' || {{ money_text('measured.least_net - measured.net_base', 'measured.base_currency') }} || ' more for the goods' as remedy,
    {{ evidence({
        'net': 'measured.net_base', 'cost': 'measured.cost_base', 'min_pct': 'measured.min_pct',
        'margin_pct': pro_rata('measured.net_base - measured.cost_base', '100', 'measured.net_base'), 'currency': 'measured.base_currency',
    }) }} as evidence,
    cast(null as timestamptz) as hold_until,
    '1' as rule_version
from measured
where measured.net_base < measured.least_net
