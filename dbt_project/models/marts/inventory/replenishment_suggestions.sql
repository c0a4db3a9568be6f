with short as (

    select
        positions.sku_id,
        positions.location_id,
        positions.available - positions.promised as uncommitted,
        positions.inbound,
        positions.daily_demand,
        coalesce(positions.reorder_point, positions.safety_stock) as trigger_at,
        ceil(coalesce(positions.reorder_point, positions.safety_stock) + 14 * positions.daily_demand
            - (positions.available + positions.inbound - positions.promised)) as quantity
    from {{ ref('inventory_positions') }} as positions
    inner join {{ ref('int_skus__in_force') }} as skus on positions.sku_id = skus.sku_id
    where
        coalesce(skus.is_active, true)
        and positions.available + positions.inbound - positions.promised <= coalesce(positions.reorder_point, positions.safety_stock)

),

-- one other location that can give it and stay above its own reorder point for two weeks, the fullest first
giver as (

    select
        short.sku_id,
        short.location_id,
        arg_max(others.location_id, others.available - others.promised) as from_location_id
    from short
    inner join {{ ref('inventory_positions') }} as others on short.sku_id = others.sku_id and short.location_id <> others.location_id
    where
        short.quantity > 0
        and others.available - others.promised - short.quantity
        > coalesce(others.reorder_point, others.safety_stock, 0) + 14 * others.daily_demand
    group by short.sku_id, short.location_id

),

bought_from as (

    select
        supply.sku_id,
        arg_max(supply.supplier_id, supply.event_at) as supplier_id
    from {{ ref('supply') }} as supply
    where supply.supplier_id is not null
    group by supply.sku_id

)

select
    short.sku_id,
    short.location_id,
    case when giver.from_location_id is not null then 'transfer' else 'purchase' end as kind,
    cast(short.quantity as decimal(18, 3)) as quantity,
    coalesce(giver.from_location_id, bought_from.supplier_id) as source,
    cast(cast({{ as_of() }} as date) + case
        when short.daily_demand > 0 then cast(least(90, greatest(0, floor(short.uncommitted / short.daily_demand))) as integer)
        else 14
    end as date) as needed_by,
    cast(short.uncommitted as varchar) || ' uncommitted and ' || cast(short.inbound as varchar) || ' inbound are at or below the reorder point '
    || cast(short.trigger_at as varchar) || '; ' || cast(short.daily_demand as varchar) || ' a day go out' as reason,
    {{ cycle_columns() }}
from short
left join giver on short.sku_id = giver.sku_id and short.location_id = giver.location_id
left join bought_from on short.sku_id = bought_from.sku_id
where short.quantity > 0
