-- HOLD-SHIP-RESTRICTION. One row per order with open units to a country that gets nothing, or per line whose goods may not go there:
-- dangerous goods, goods that need cooling, goods without what customs ask for.
with orders as (

    select
        orders.order_id,
        orders.customer_id,
        orders.ship_to_country,
        orders.ship_to_key,
        {{ listed('orders.ship_to_country', 'shipping.embargo_countries') }} as is_embargoed,
        {{ listed('orders.ship_to_country', 'shipping.no_hazard_countries') }} as bars_hazard,
        {{ listed('orders.ship_to_country', 'shipping.no_cold_countries') }} as bars_cold,
        {{ listed('orders.ship_to_country', 'shipping.customs_countries') }} as asks_customs
    from {{ ref('int_orders__outstanding') }} as orders
    where
        orders.qty_open > 0
        and orders.ship_to_country is not null
        and {{ listed(
            'orders.ship_to_country',
            'shipping.embargo_countries', 'shipping.no_hazard_countries', 'shipping.no_cold_countries', 'shipping.customs_countries'
        ) }}

),

lines as (

    select
        orders.*,
        lines.order_line_id,
        lines.line_number,
        skus.sku_id,
        coalesce(skus.hazard_class, 'none') as hazard_class,
        coalesce(skus.temperature_class, 'ambient') as temperature_class,
        skus.tariff_number,
        skus.origin_country,
        orders.bars_hazard and coalesce(skus.hazard_class, 'none') <> 'none' as is_hazard,
        orders.bars_cold and coalesce(skus.temperature_class, 'ambient') <> 'ambient' as is_cold,
        orders.asks_customs and (skus.tariff_number is null or skus.origin_country is null) as lacks_customs
    from orders
    inner join {{ ref('int_order_lines__balanced') }} as lines on orders.order_id = lines.order_id
    inner join {{ ref('int_skus__in_force') }} as skus on lines.sku_id = skus.sku_id
    where lines.qty_open > 0 and not orders.is_embargoed

)

select
    'ship-to' as scope,
    orders.ship_to_key as subject_id,
    orders.order_id,
    cast(null as varchar) as order_line_id,
    orders.ship_to_country as observed,
    'a country that is not under embargo' as threshold,
    1 as distance,
    'facts' as unit,
    'nothing may be sent to ' || orders.ship_to_country as explanation,
    'have it sent to another country, or cancel it' as remedy,
    {{ evidence({
        'customer': 'orders.customer_id', 'ship_to': 'orders.ship_to_key', 'country': 'orders.ship_to_country',
        'embargo_countries': policy('shipping.embargo_countries'),
    }) }} as evidence,
    cast(null as timestamptz) as hold_until,
    '1' as rule_version
from orders
where orders.is_embargoed

union all

select
    'line' as scope,
    lines.order_line_id as subject_id,
    lines.order_id,
    lines.order_line_id,
    lines.sku_id || ' to ' || lines.ship_to_country as observed,
    'goods that may go there, with what customs ask for' as threshold,
    cast(lines.is_hazard as integer) + cast(lines.is_cold as integer)
    + case when lines.lacks_customs then cast(lines.tariff_number is null as integer) + cast(lines.origin_country is null as integer) else 0 end
        as distance,
    'facts' as unit,
    concat_ws(
        '; ',
        case when lines.is_hazard then lines.sku_id || ' is ' || lines.hazard_class || ', dangerous goods don''t go to ' || lines.ship_to_country end,
        case when lines.is_cold then lines.sku_id || ' is ' || lines.temperature_class || ', nothing cooled goes to ' || lines.ship_to_country end,
        case when lines.lacks_customs then 'customs of ' || lines.ship_to_country || ' ask for a code and an origin of ' || lines.sku_id end
    ) as explanation,
    case
        when lines.is_hazard or lines.is_cold then 'cancel line ' || lines.line_number || ', or have it sent to another country'
        else
            'load ' || concat_ws(
                ' and ',
                case when lines.tariff_number is null then 'the customs code' end,
                case when lines.origin_country is null then 'the country of origin' end
            ) || ' of ' || lines.sku_id
    end as remedy,
    {{ evidence({
        'sku': 'lines.sku_id', 'country': 'lines.ship_to_country', 'hazard_class': 'lines.hazard_class',
        'temperature_class': 'lines.temperature_class', 'tariff_number': 'lines.tariff_number', 'origin_country': 'lines.origin_country',
    }) }} as evidence,
    cast(null as timestamptz) as hold_until,
    '1' as rule_version
from lines
where lines.is_hazard or lines.is_cold or lines.lacks_customs
