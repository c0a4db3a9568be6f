{{ config(materialized='view') }}
-- One row per backordered line and substitute of which one location has enough beyond all promises: the nearest that may serve the
-- line. A line that is a substitute itself and a pre-order are offered none. Unasked goes the first choice of a line that would
-- otherwise be late, where line, customer or pair consents, by the queue's order as far as the stock reaches.
with promised as (

    select
        promises.sku_id,
        promises.location_id,
        sum(promises.quantity) as quantity
    from {{ ref('stg_plans__promises') }} as promises
    group by promises.sku_id, promises.location_id

),

spare as (

    select
        atp.sku_id,
        atp.location_id,
        locations.latitude,
        locations.longitude,
        atp.cumulative_atp - coalesce(promised.quantity, 0) as quantity
    from {{ ref('int_atp__by_day') }} as atp
    inner join {{ ref('int_locations__in_force') }} as locations on atp.location_id = locations.location_id
    left join promised on atp.sku_id = promised.sku_id and atp.location_id = promised.location_id
    where atp.day_index = 0

),

waiting as (

    select
        backorders.order_line_id,
        backorders.order_id,
        backorders.sku_id,
        backorders.quantity,
        backorders.expected_cover_date,
        coalesce(backorders.expected_cover_date > cast({{ as_of() }} as date) + cast(demand.due_day_index as integer), true) as is_late,
        demand.rank as queue_rank,
        demand.customer_id,
        demand.pinned_location_id,
        demand.excluded_location_ids,
        demand.latitude,
        demand.longitude,
        coalesce(lines.substitution_consent, customers.substitution_consent) as consent,
        lines.currency,
        orders.rate,
        {{ pro_rata('lines.line_total', 'least(backorders.quantity, lines.qty_priced)', 'lines.qty_priced') }} as line_value,
        cast(skus.cost as decimal(38, 6)) * coalesce(rates.rate, 1) as unit_cost_base
    from {{ ref('stg_plans__backorders') }} as backorders
    inner join {{ ref('int_demand__open') }} as demand on backorders.order_line_id = demand.order_line_id
    inner join {{ ref('int_order_lines__balanced') }} as lines on backorders.order_line_id = lines.order_line_id
    inner join {{ ref('int_orders__current') }} as orders on backorders.order_id = orders.order_id
    inner join {{ ref('int_skus__in_force') }} as skus on backorders.sku_id = skus.sku_id
    left join {{ ref('int_customers__in_force') }} as customers on orders.customer_id = customers.customer_id
    left join {{ ref('int_rates__in_force') }} as rates on upper(skus.currency) = rates.currency
    where
        lines.substitution_of_line_id is null
        and (skus.available_from is null or skus.available_from <= cast({{ as_of() }} as date))

),

offered as (

    select
        waiting.*,
        pairs.substitute_sku_id,
        pairs.rank,
        pairs.factor,
        pairs.price_policy,
        coalesce(waiting.consent, pairs.consent) as consent_in_force,
        cast(round(cast(waiting.quantity as decimal(38, 3)) * pairs.factor, 3) as decimal(18, 3)) as substitute_quantity,
        spare.location_id,
        spare.quantity as quantity_spare,
        {{ distance_km('spare.latitude', 'spare.longitude', 'waiting.latitude', 'waiting.longitude') }} as distance_km,
        cast(substitutes.cost as decimal(38, 6)) * coalesce(rates.rate, 1) as substitute_unit_cost_base,
        -- the list price of all of it, in the order's currency, half up in integers: the twin of `domain.sourcing.substitution`
        cast((
            2 * cast(substitutes.list_price * 1000000 as hugeint) * cast(round(cast(waiting.quantity as decimal(38, 3)) * pairs.factor, 3) * 1000 as hugeint)
            * cast(coalesce(rates.rate, 1) * 1000000 as hugeint) * 100 + cast(coalesce(waiting.rate, 1) * 1000000 as hugeint) * 1000000000
        ) // (2 * cast(coalesce(waiting.rate, 1) * 1000000 as hugeint) * 1000000000) as decimal(18, 0)) * cast(0.01 as decimal(3, 2)) as listed_value
    from waiting
    inner join {{ ref('int_sku_substitutes__in_force') }} as pairs on waiting.sku_id = pairs.sku_id
    inner join {{ ref('int_skus__in_force') }} as substitutes
        on pairs.substitute_sku_id = substitutes.sku_id and coalesce(substitutes.is_active, true)
    inner join spare
        on
            pairs.substitute_sku_id = spare.sku_id
            and cast(waiting.quantity as decimal(38, 3)) * pairs.factor <= spare.quantity
            and coalesce(waiting.pinned_location_id = spare.location_id, true)
            and not list_contains(waiting.excluded_location_ids, spare.location_id)
    left join {{ ref('int_customer_exclusions__in_force') }} as exclusions
        on waiting.customer_id = exclusions.customer_id and spare.location_id = exclusions.location_id
    left join {{ ref('int_rates__in_force') }} as rates on upper(substitutes.currency) = rates.currency
    where coalesce(waiting.consent, pairs.consent) <> 'never' and exclusions.customer_id is null
    qualify row_number() over (
        partition by waiting.order_line_id, pairs.substitute_sku_id order by distance_km, spare.location_id
    ) = 1

),

ranked as (

    select
        offered.*,
        cast(case
            when offered.listed_value is null or offered.price_policy = 'keep' then offered.line_value
            when offered.price_policy = 'lower' then least(offered.line_value, offered.listed_value)
            else offered.listed_value
        end as decimal(18, 2)) as substitute_value,
        offered.consent_in_force = 'auto' and offered.is_late and row_number() over (
            partition by offered.order_line_id order by offered.rank, offered.distance_km, offered.substitute_sku_id
        ) = 1 as is_wanted
    from offered

)

select
    ranked.order_line_id,
    ranked.substitute_sku_id,
    ranked.rank,
    ranked.order_id,
    ranked.sku_id,
    ranked.quantity,
    ranked.factor,
    ranked.substitute_quantity,
    cast(ranked.quantity_spare as decimal(18, 3)) as quantity_spare,
    ranked.location_id,
    ranked.distance_km,
    ranked.price_policy,
    ranked.currency,
    ranked.line_value,
    ranked.substitute_value,
    cast(ranked.substitute_value - ranked.line_value as decimal(18, 2)) as price_difference,
    cast(
        ranked.substitute_quantity * ranked.substitute_unit_cost_base - ranked.quantity * ranked.unit_cost_base as decimal(18, 2)
    ) as cost_difference_base,
    ranked.consent_in_force as consent,
    ranked.expected_cover_date,
    ranked.is_wanted and sum(case when ranked.is_wanted then ranked.substitute_quantity else 0 end) over (
        partition by ranked.substitute_sku_id, ranked.location_id order by ranked.queue_rank, ranked.order_line_id
    ) <= ranked.quantity_spare as is_automatic
from ranked
