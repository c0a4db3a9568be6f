-- What each channel may offer, all locations together: demand that nobody has promised yet has no location, and a channel sells the network.
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

)

select
    channels.channel,
    stock.sku_id,
    cast(greatest(0, stock.online_atp - coalesce(thresholds.quantity, {{ policy('inventory.channel_threshold', 'decimal(18,3)') }})
        - coalesce(waiting.quantity, 0)) as decimal(18, 3)) as online_atp,
    cast(stock.atp as decimal(18, 3)) as atp,
    cast(stock.atp - stock.online_atp as decimal(18, 3)) as safety_stock,
    coalesce(thresholds.quantity, {{ policy('inventory.channel_threshold', 'decimal(18,3)') }}) as channel_threshold,
    cast(coalesce(waiting.quantity, 0) as decimal(18, 3)) as unprocessed_demand,
    {{ cycle_columns() }}
from channels
cross join stock
left join waiting on stock.sku_id = waiting.sku_id
left join (
    select
        policies.scope as channel,
        cast(policies.value as decimal(18, 3)) as quantity
    from {{ ref('int_policies__in_force') }} as policies
    where policies.policy_key = 'inventory.channel_threshold' and policies.scope <> ''
) as thresholds on channels.channel = thresholds.channel
