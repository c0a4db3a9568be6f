-- ROP = d L + z sqrt(L sd^2 + d^2 sL^2), with demand and its error from the forecast, lead time from receipts; without a forecast the
-- reorder point of the reference data. Order up to: ROP + demand of the review period.
with expected as (

    select
        forecast.sku_id,
        forecast.location_id,
        cast(avg(forecast.quantity) as decimal(18, 3)) as daily_demand,
        any_value(forecast.deviation) as demand_deviation
    from {{ ref('demand_forecast') }} as forecast
    group by forecast.sku_id, forecast.location_id

),

keys as (

    select positions.sku_id, positions.location_id from {{ ref('int_inventory__positions') }} as positions
    union
    select expected.sku_id, expected.location_id from expected

),

bought_from as (

    select
        supply.sku_id,
        supply.location_id,
        arg_max(supply.supplier_id, (supply.event_at, supply.supply_id)) as supplier_id
    from {{ ref('stg_facts__supply') }} as supply
    where supply.supplier_id is not null and supply.event_at <= {{ as_of() }}
    group by supply.sku_id, supply.location_id

),

packs as (

    select
        units.sku_id,
        min(units.factor) as factor
    from {{ ref('int_sku_units__in_force') }} as units
    where units.factor > 1
    group by units.sku_id

),

figures as (

    select
        keys.sku_id,
        keys.location_id,
        locations.kind as location_kind,
        coalesce(expected.daily_demand, 0) as daily_demand,
        coalesce(expected.demand_deviation, 0) as demand_deviation,
        expected.sku_id is not null as is_forecast,
        coalesce(bought_from.supplier_id, skus.supplier_id) as supplier_id,
        coalesce(skus.order_multiple, packs.factor, 1) as order_multiple,
        coalesce(skus.min_order_quantity, 0) as min_order_quantity,
        cast(skus.cost * rates.rate as decimal(18, 6)) as unit_cost_base,
        coalesce(skus.reorder_point, skus.safety_stock, 0) as static_reorder_point,
        sum(coalesce(expected.daily_demand, 0) * coalesce(skus.cost * rates.rate, 0)) over (
            order by coalesce(expected.daily_demand, 0) * coalesce(skus.cost * rates.rate, 0) desc, keys.sku_id, keys.location_id
            rows between unbounded preceding and 1 preceding
        ) as value_before,
        sum(coalesce(expected.daily_demand, 0) * coalesce(skus.cost * rates.rate, 0)) over () as value_of_all
    from keys
    inner join {{ ref('int_skus__in_force') }} as skus on keys.sku_id = skus.sku_id
    inner join {{ ref('int_locations__in_force') }} as locations on keys.location_id = locations.location_id
    left join expected on keys.sku_id = expected.sku_id and keys.location_id = expected.location_id
    left join bought_from on keys.sku_id = bought_from.sku_id and keys.location_id = bought_from.location_id
    left join packs on keys.sku_id = packs.sku_id
    left join {{ ref('int_rates__in_force') }} as rates on skus.currency = rates.currency
    where locations.kind <> 'vendor'

),

classed as (

    select
        figures.*,
        case
            when figures.daily_demand = 0 or figures.value_of_all = 0 then 'C'
            when coalesce(figures.value_before, 0) < 0.80 * figures.value_of_all then 'A'
            when figures.value_before < 0.95 * figures.value_of_all then 'B'
            else 'C'
        end as abc_class
    from figures

),

served as (

    select
        classed.*,
        case classed.abc_class
            when 'A' then {{ policy('replenishment.service_level_a', 'decimal(18,3)') }}
            when 'B' then {{ policy('replenishment.service_level_b', 'decimal(18,3)') }}
            else {{ policy('replenishment.service_level_c', 'decimal(18,3)') }}
        end as service_level,
        case
            when classed.location_kind = 'store' and classed.supplier_id is null
                then {{ policy('replenishment.transfer_days', 'decimal(18,3)') }}
            else coalesce(performance.lead_time_days, {{ policy('replenishment.lead_time_days', 'decimal(18,3)') }})
        end as lead_time_days,
        coalesce(performance.lead_time_deviation_days, 0) as lead_time_deviation_days
    from classed
    left join {{ ref('supplier_performance') }} as performance on classed.supplier_id = performance.supplier_id

),

covered as (

    select
        served.*,
        case when served.is_forecast then cast(round({{ service_factor('served.service_level') }} * sqrt(
            cast(served.lead_time_days as double) * pow(cast(served.demand_deviation as double), 2)
            + pow(cast(served.daily_demand as double), 2) * pow(cast(served.lead_time_deviation_days as double), 2)
        ), 3) as decimal(18, 3)) else 0 end as safety_stock
    from served

),

levels as (

    select
        covered.*,
        cast(case
            when covered.is_forecast then ceil(covered.daily_demand * covered.lead_time_days + covered.safety_stock)
            else covered.static_reorder_point
        end as decimal(18, 3)) as reorder_point,
        cast(ceil(covered.daily_demand * {{ policy('replenishment.review_days', 'decimal(18,3)') }}) as decimal(18, 3)) as review_demand
    from covered

)

select
    levels.sku_id,
    levels.location_id,
    levels.daily_demand,
    levels.demand_deviation,
    levels.is_forecast,
    levels.abc_class,
    levels.service_level,
    levels.supplier_id,
    levels.lead_time_days,
    levels.lead_time_deviation_days,
    levels.safety_stock,
    levels.reorder_point,
    cast(levels.reorder_point + levels.review_demand as decimal(18, 3)) as order_up_to,
    cast(levels.order_multiple as decimal(18, 3)) as order_multiple,
    cast(levels.min_order_quantity as decimal(18, 3)) as min_order_quantity,
    levels.unit_cost_base,
    cast(levels.static_reorder_point as decimal(18, 3)) as static_reorder_point,
    cast((levels.safety_stock + levels.review_demand / 2) * levels.unit_cost_base as decimal(18, 2)) as mean_stock_value,
    cast((
        greatest(0, levels.static_reorder_point - levels.daily_demand * levels.lead_time_days) + levels.review_demand / 2
    ) * levels.unit_cost_base as decimal(18, 2)) as static_mean_stock_value,
    {{ cycle_columns() }}
from levels
