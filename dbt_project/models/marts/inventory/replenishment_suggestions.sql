-- What is at or below its reorder point, counted as stock + inbound - promises - backorders, is brought up to the order-up-to level: from
-- a place with more than its own level needs, the most urgent first, as long as that lasts; else from the supplier, in whole packs.
with held as (

    select
        promises.sku_id,
        promises.location_id,
        sum(promises.quantity) as quantity
    from {{ ref('promises') }} as promises
    inner join {{ ref('order_lines') }} as lines on promises.order_line_id = lines.order_line_id
    where exists (
        select 1 from {{ ref('int_holds__blocking') }} as holds
        where
            holds.blocks_purchase
            and holds.order_id = lines.order_id
            and (holds.order_line_id is null or holds.order_line_id = lines.order_line_id)
    )
    group by promises.sku_id, promises.location_id

),

-- a backorder is missed where the customer collects it, else where most of the SKU is asked for
missed as (

    select
        backorders.sku_id,
        coalesce(
            orders.pickup_location_id,
            (select arg_max(points.location_id, (points.daily_demand, points.location_id)) from {{ ref('reorder_points') }} as points
            where points.sku_id = backorders.sku_id and points.is_forecast)
        ) as location_id,
        sum(backorders.quantity) as quantity
    from {{ ref('stg_plans__backorders') }} as backorders
    left join {{ ref('int_orders__current') }} as orders on backorders.order_id = orders.order_id
    where not exists (
        select 1 from {{ ref('int_holds__blocking') }} as holds
        where
            holds.blocks_purchase
            and holds.order_id = backorders.order_id
            and (holds.order_line_id is null or holds.order_line_id = backorders.order_line_id)
    )
    group by all

),

-- transfers that were ordered and have not left their giver
leaving as (

    select
        supply.sku_id,
        supply.from_location_id as location_id,
        sum(supply.quantity_to_leave) as quantity
    from {{ ref('int_supply__open') }} as supply
    where supply.kind = 'transfer'
    group by supply.sku_id, supply.from_location_id

),

standing as (

    select
        points.*,
        locations.kind as location_kind,
        skus.is_active,
        coalesce(positions.available, 0) as available,
        coalesce(positions.inbound, 0) as inbound,
        coalesce(positions.promised, 0) - coalesce(held.quantity, 0) as promised,
        coalesce(leaving.quantity, 0) as leaving,
        coalesce(missed.quantity, 0) as backordered
    from {{ ref('reorder_points') }} as points
    inner join {{ ref('int_skus__in_force') }} as skus on points.sku_id = skus.sku_id
    inner join {{ ref('int_locations__in_force') }} as locations on points.location_id = locations.location_id
    left join {{ ref('inventory_positions') }} as positions on points.sku_id = positions.sku_id and points.location_id = positions.location_id
    left join held on points.sku_id = held.sku_id and points.location_id = held.location_id
    left join leaving on points.sku_id = leaving.sku_id and points.location_id = leaving.location_id
    left join missed on points.sku_id = missed.sku_id and points.location_id = missed.location_id

),

short as (

    select
        standing.*,
        standing.available + standing.inbound - standing.leaving - standing.promised - standing.backordered as net,
        ceil(standing.order_up_to - (standing.available + standing.inbound - standing.leaving - standing.promised - standing.backordered)) as need,
        cast(case
            when standing.daily_demand > 0
                then least(90, greatest(0, floor((standing.available - standing.promised - standing.backordered) / standing.daily_demand)))
            else 14
        end as integer) as days_left
    from standing
    where
        coalesce(standing.is_active, true)
        and standing.location_kind <> 'vendor'
        and standing.available + standing.inbound - standing.leaving - standing.promised - standing.backordered <= standing.reorder_point
        and standing.order_up_to > standing.available + standing.inbound - standing.leaving - standing.promised - standing.backordered

),

-- what a place may give: beyond its own order-up-to level, of what is there now and nobody was promised
spare as (

    select
        standing.sku_id,
        standing.location_id,
        floor(standing.available - standing.leaving - standing.promised - standing.backordered - standing.order_up_to) as quantity
    from standing
    where
        standing.location_kind <> 'vendor'
        and standing.available - standing.leaving - standing.promised - standing.backordered - standing.order_up_to >= 1

),

asked as (

    select
        short.sku_id,
        short.location_id,
        short.need,
        short.days_left,
        arg_max(spare.location_id, (spare.quantity, spare.location_id)) as from_location_id,
        max(spare.quantity) as spare
    from short
    inner join spare on short.sku_id = spare.sku_id and short.location_id <> spare.location_id
    group by short.sku_id, short.location_id, short.need, short.days_left

),

given as (

    select
        asked.sku_id,
        asked.location_id,
        asked.from_location_id,
        asked.spare,
        sum(asked.need) over (
            partition by asked.sku_id, asked.from_location_id order by asked.days_left, asked.location_id
        ) as asked_so_far
    from asked

),

sized as (

    select
        short.*,
        transfers.from_location_id,
        case
            when transfers.from_location_id is not null then short.need
            else ceil(greatest(short.need, short.min_order_quantity) / short.order_multiple) * short.order_multiple
        end as quantity
    from short
    left join given as transfers
        on short.sku_id = transfers.sku_id and short.location_id = transfers.location_id and transfers.asked_so_far <= transfers.spare

),

valued as (

    select
        sized.*,
        sized.quantity * sized.unit_cost_base as value_base,
        sum(case when sized.from_location_id is null then sized.quantity * sized.unit_cost_base end) over (
            partition by sized.supplier_id
        ) as supplier_value
    from sized

)

select
    valued.sku_id,
    valued.location_id,
    case when valued.from_location_id is not null then 'transfer' else 'purchase' end as kind,
    cast(valued.quantity as decimal(18, 3)) as quantity,
    coalesce(valued.from_location_id, valued.supplier_id) as source,
    cast(cast({{ as_of() }} as date) + valued.days_left as date) as needed_by,
    {{ quantity_text('valued.available') }} || ' available + ' || {{ quantity_text('valued.inbound') }} || ' inbound - '
    || {{ quantity_text('valued.promised') }} || ' promised - ' || {{ quantity_text('valued.backordered') }} || ' backordered'
    || case when valued.leaving > 0 then ' - ' || {{ quantity_text('valued.leaving') }} || ' leaving' else '' end || ' = '
    || {{ quantity_text('valued.net') }} || ', at or below the reorder point ' || {{ quantity_text('valued.reorder_point') }}
    || case when valued.is_forecast then ' (' || {{ quantity_text('valued.daily_demand') }} || ' a day x '
        || {{ quantity_text('valued.lead_time_days') }} || ' days + ' || {{ quantity_text('valued.safety_stock') }} || ' for '
        || {{ quantity_text('valued.service_level') }} || ' % service, class ' || valued.abc_class || ')'
        else ' of the reference data: no demand is forecast'
    end
    || '; up to ' || {{ quantity_text('valued.order_up_to') }}
    || case when valued.from_location_id is null and valued.quantity > valued.need then ', in packs of ' || {{ quantity_text('valued.order_multiple') }}
        || ' and at least ' || {{ quantity_text('valued.min_order_quantity') }} else ''
    end
    || case when valued.from_location_id is null and valued.supplier_value < suppliers.min_order_value * rates.rate
        then '; all for the supplier is below its minimum of ' || {{ money_text('suppliers.min_order_value', 'suppliers.currency') }} else ''
    end as reason,
    valued.reorder_point,
    valued.order_up_to,
    cast(valued.net as decimal(18, 3)) as net_position,
    cast(valued.value_base as decimal(18, 2)) as value_base,
    cast(case
        when valued.net <= valued.static_reorder_point
            then greatest(0, ceil(valued.static_reorder_point + valued.order_up_to - valued.reorder_point - valued.net)) else 0
    end as decimal(18, 3)) as baseline_quantity,
    coalesce(valued.from_location_id is null and valued.supplier_value < suppliers.min_order_value * rates.rate, false) as is_below_minimum,
    {{ cycle_columns() }}
from valued
left join {{ ref('int_suppliers__in_force') }} as suppliers on valued.supplier_id = suppliers.supplier_id
left join {{ ref('int_rates__in_force') }} as rates on suppliers.currency = rates.currency
