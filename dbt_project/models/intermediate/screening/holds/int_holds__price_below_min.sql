-- HOLD-PRICE-BELOW-MIN. One row per line with open units that is sold below the minimum of its customer's price list.
-- The lines are made first: joined by price list alone, each order would meet the whole list.
with sold as materialized (

    select
        orders.order_id,
        orders.customer_id,
        orders.currency,
        coalesce(orders.rate, 1) as rate,
        orders.price_list,
        lines.order_line_id,
        lines.line_number,
        lines.sku_id,
        lines.quantity,
        lines.line_total
    from {{ ref('int_orders__outstanding') }} as orders
    inner join {{ ref('stg_facts__order_lines') }} as lines on orders.message_id = lines.message_id
    where orders.qty_open > 0 and orders.price_list is not null and lines.quantity > 0

),

priced as (

    select
        sold.*,
        prices.min_price,
        prices.currency as list_currency,
        -- the minimum for all units, up to the cent, in the order's currency
        cast(
            (
                cast(prices.min_price * 1000000 as hugeint) * cast(coalesce(rates.rate, 1) * 1000000 as hugeint) * cast(sold.quantity * 1000 as hugeint)
                + cast(sold.rate * 1000000 as hugeint) * 10000000 - 1
            ) // (cast(sold.rate * 1000000 as hugeint) * 10000000) as decimal(18, 0)
        ) * cast(0.01 as decimal(3, 2)) as least_total
    from sold
    inner join {{ ref('int_prices__in_force') }} as prices on sold.price_list = prices.price_list and sold.sku_id = prices.sku_id
    left join {{ ref('int_rates__in_force') }} as rates on upper(prices.currency) = rates.currency
    where prices.min_price > 0

)

select
    'line' as scope,
    priced.order_line_id as subject_id,
    priced.order_id,
    priced.order_line_id,
    cast(priced.line_total as varchar) as observed,
    cast(cast(priced.least_total as decimal(18, 2)) as varchar) as threshold,
    priced.least_total - priced.line_total as distance,
    priced.currency as unit,
    {{ quantity_text('priced.quantity') }} || ' ' || priced.sku_id || ' for ' || {{ money_text('priced.line_total', 'priced.currency') }}
    || ' net; price list ' || priced.price_list || ' allows no less than ' || {{ quantity_text('priced.min_price', 6) }} || ' '
    || priced.list_currency || ' each, ' || {{ money_text('priced.least_total', 'priced.currency') }} as explanation,
    'charge ' || {{ money_text('priced.least_total - priced.line_total', 'priced.currency') }} || ' more for line ' || priced.line_number as remedy,
    {{ evidence({
        'sku': 'priced.sku_id', 'quantity': 'priced.quantity', 'net': 'priced.line_total', 'price_list': 'priced.price_list',
        'min_price': 'priced.min_price', 'list_currency': 'priced.list_currency', 'least': 'priced.least_total', 'currency': 'priced.currency',
    }) }} as evidence,
    cast(null as timestamptz) as hold_until,
    '1' as rule_version
from priced
inner join {{ ref('int_order_lines__balanced') }} as balanced on priced.order_line_id = balanced.order_line_id
where balanced.qty_open > 0 and priced.line_total < priced.least_total
