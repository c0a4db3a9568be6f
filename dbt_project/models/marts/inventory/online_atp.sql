-- What each channel may offer, all locations together: demand that nobody has promised yet has no location, and a channel sells the network.
-- A kit is offered as far as its scarcest part reaches: what the network may offer of each part, and whole kits at one location.
-- Published to every channel that has sent an order, or has a threshold of its own (policy inventory.channel_threshold, scope: the channel).
with channels as (

    select orders.channel from {{ ref('orders') }} as orders
    union
    select policies.scope as channel
    from {{ ref('int_policies__in_force') }} as policies
    where policies.policy_key = 'inventory.channel_threshold' and policies.scope <> ''

),

stock as (

    select
        positions.sku_id,
        sum(greatest(0, positions.atp)) as atp,
        sum(positions.online_atp) as online_atp
    from {{ ref('inventory_positions') }} as positions
    group by positions.sku_id

),

waiting as (

    select
        lines.sku_id,
        sum(lines.qty_open - coalesce(promised.quantity, 0)) as quantity
    from {{ ref('order_lines') }} as lines
    inner join {{ ref('orders') }} as orders on lines.order_id = orders.order_id
    left join (
        select
            promises.order_line_id,
            sum(promises.quantity) as quantity
        from {{ ref('promises') }} as promises
        group by promises.order_line_id
    ) as promised on lines.order_line_id = promised.order_line_id
    where lines.qty_open > 0 and not orders.is_test
    group by lines.sku_id

),

offered as (

    select
        stock.sku_id,
        stock.atp,
        stock.online_atp,
        coalesce(waiting.quantity, 0) as unprocessed_demand
    from stock
    left join waiting on stock.sku_id = waiting.sku_id
    where stock.sku_id not in (select parts.sku_id from {{ ref('int_sku_components__in_force') }} as parts where parts.quantity > 0)

    union all

    select
        whole.sku_id,
        whole.atp,
        least(whole.online_atp, spread.online_atp) as online_atp,
        0 as unprocessed_demand
    from (
        select
            placed.sku_id,
            sum(placed.atp) as atp,
            sum(placed.online_atp) as online_atp
        from (
            select
                parts.sku_id,
                places.location_id,
                min(cast(greatest(0, coalesce(positions.atp, 0)) * 1000 as bigint) // cast(parts.quantity * 1000 as bigint)) as atp,
                min(cast(greatest(0, coalesce(positions.online_atp, 0)) * 1000 as bigint) // cast(parts.quantity * 1000 as bigint)) as online_atp
            from {{ ref('int_sku_components__in_force') }} as parts
            cross join (select distinct positions.location_id from {{ ref('inventory_positions') }} as positions) as places
            left join {{ ref('inventory_positions') }} as positions
                on parts.component_sku_id = positions.sku_id and places.location_id = positions.location_id
            where parts.quantity > 0
            group by parts.sku_id, places.location_id
        ) as placed
        group by placed.sku_id
    ) as whole
    inner join (
        select
            parts.sku_id,
            min(
                cast(greatest(0, coalesce(stock.online_atp, 0) - coalesce(waiting.quantity, 0)) * 1000 as bigint) // cast(parts.quantity * 1000 as bigint)
            ) as online_atp
        from {{ ref('int_sku_components__in_force') }} as parts
        left join stock on parts.component_sku_id = stock.sku_id
        left join waiting on parts.component_sku_id = waiting.sku_id
        where parts.quantity > 0
        group by parts.sku_id
    ) as spread on whole.sku_id = spread.sku_id

)

select
    channels.channel,
    offered.sku_id,
    cast(greatest(0, offered.online_atp - coalesce(thresholds.quantity, {{ policy('inventory.channel_threshold', 'decimal(18,3)') }})
        - offered.unprocessed_demand) as decimal(18, 3)) as online_atp,
    cast(offered.atp as decimal(18, 3)) as atp,
    cast(offered.atp - offered.online_atp as decimal(18, 3)) as safety_stock,
    coalesce(thresholds.quantity, {{ policy('inventory.channel_threshold', 'decimal(18,3)') }}) as channel_threshold,
    cast(offered.unprocessed_demand as decimal(18, 3)) as unprocessed_demand,
    {{ cycle_columns() }}
from channels
cross join offered
left join (
    select
        policies.scope as channel,
        cast(policies.value as decimal(18, 3)) as quantity
    from {{ ref('int_policies__in_force') }} as policies
    where policies.policy_key = 'inventory.channel_threshold' and policies.scope <> ''
) as thresholds on channels.channel = thresholds.channel
