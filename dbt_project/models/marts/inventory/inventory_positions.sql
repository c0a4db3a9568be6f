-- Stock and reservations after the commit; int_inventory__positions says what the plan saw. What a drop-ship vendor says it has is not
-- ours: it is promised from, and has no value, level or verdict here.
with stock as (

    select
        stock.sku_id,
        stock.location_id,
        sum(stock.on_hand) as on_hand,
        cast(min(stock.first_at) as date) as first_day,
        sum(stock.on_hand - stock.usable) as unusable
    from {{ ref('int_stock__current') }} as stock
    group by stock.sku_id, stock.location_id

),

reserved as (

    select
        reservations.sku_id,
        reservations.location_id,
        sum(reservations.quantity) as reserved
    from {{ ref('reservations') }} as reservations
    group by reservations.sku_id, reservations.location_id

),

promised as (

    select
        promises.sku_id,
        promises.location_id,
        sum(promises.quantity) as promised
    from {{ ref('promises') }} as promises
    group by promises.sku_id, promises.location_id

),

-- transfers: what has yet to leave is nobody else's any more, what left and did not arrive is on the road
transfers as (

    select
        parts.sku_id,
        parts.location_id,
        sum(parts.leaving) as leaving,
        sum(parts.in_transit) as in_transit
    from (
        select
            supply.sku_id,
            supply.from_location_id as location_id,
            supply.quantity_to_leave as leaving,
            0 as in_transit
        from {{ ref('int_supply__open') }} as supply
        where supply.status = 'confirmed' and supply.kind = 'transfer'
        union all
        select
            supply.sku_id,
            supply.location_id,
            0 as leaving,
            supply.quantity_in_transit as in_transit
        from {{ ref('int_supply__open') }} as supply
        where supply.kind = 'transfer'
    ) as parts
    group by parts.sku_id, parts.location_id

),

demand as (

    select
        demand.sku_id,
        demand.location_id,
        sum(case when demand.day > cast({{ as_of() }} as date) - 28 then demand.quantity else 0 end) as quantity,
        max(demand.day) as last_day
    from {{ ref('int_demand__daily') }} as demand
    group by demand.sku_id, demand.location_id

),

history as (

    select
        greatest(1, least(28, coalesce(date_diff('day', cast(min(events.event_at) as date), cast({{ as_of() }} as date)) + 1, 1))) as days
    from {{ ref('stg_facts__line_events') }} as events

),

keys as (

    select
        positions.sku_id,
        positions.location_id,
        positions.inbound
    from {{ ref('int_inventory__positions') }} as positions

),

counted as (

    select
        keys.sku_id,
        keys.location_id,
        keys.inbound,
        coalesce(stock.on_hand, 0) as on_hand,
        coalesce(stock.unusable, 0) as unusable,
        coalesce(reserved.reserved, 0) as reserved,
        coalesce(promised.promised, 0) as promised,
        coalesce(transfers.leaving, 0) as leaving,
        coalesce(transfers.in_transit, 0) as in_transit,
        points.unit_cost_base,
        points.daily_demand as expected_demand,
        points.order_up_to,
        locations.kind = 'vendor' as is_vendor,
        case when coalesce(locations.kind, '') <> 'vendor' then skus.safety_stock end as safety_stock,
        case when coalesce(locations.kind, '') <> 'vendor' then skus.reorder_point end as reorder_point,
        case when coalesce(locations.kind, '') <> 'vendor' then coalesce(points.reorder_point, skus.reorder_point) end as low_at,
        case when locations.kind = 'store' then coalesce(locations.floor_minimum, 0) else 0 end as floor_minimum,
        stock.first_day,
        coalesce(stock.on_hand, 0) - coalesce(stock.unusable, 0) - coalesce(reserved.reserved, 0) as available
    from keys
    left join stock on keys.sku_id = stock.sku_id and keys.location_id = stock.location_id
    left join reserved on keys.sku_id = reserved.sku_id and keys.location_id = reserved.location_id
    left join promised on keys.sku_id = promised.sku_id and keys.location_id = promised.location_id
    left join transfers on keys.sku_id = transfers.sku_id and keys.location_id = transfers.location_id
    left join {{ ref('reorder_points') }} as points on keys.sku_id = points.sku_id and keys.location_id = points.location_id
    left join {{ ref('int_skus__in_force') }} as skus on keys.sku_id = skus.sku_id
    left join {{ ref('int_locations__in_force') }} as locations on keys.location_id = locations.location_id

),

-- what comes and what is promised, by day: ATP is the least of what is left on any day of the horizon, so that no later promise is robbed
steps as (

    select
        supply.sku_id,
        supply.location_id,
        greatest(1, date_diff('day', cast({{ as_of() }} as date), supply.due_date)) as day_index,
        supply.quantity_open as quantity
    from {{ ref('int_supply__open') }} as supply
    where supply.status = 'confirmed'

    union all

    select
        promises.sku_id,
        promises.location_id,
        greatest(0, date_diff('day', cast({{ as_of() }} as date), promises.ship_date)) as day_index,
        -promises.quantity as quantity
    from {{ ref('promises') }} as promises

    union all

    select
        counted.sku_id,
        counted.location_id,
        0 as day_index,
        counted.available - counted.leaving as quantity
    from counted

),

by_day as (

    select
        steps.sku_id,
        steps.location_id,
        steps.day_index,
        sum(sum(steps.quantity)) over (partition by steps.sku_id, steps.location_id order by steps.day_index) as left_over,
        lead(steps.day_index) over (partition by steps.sku_id, steps.location_id order by steps.day_index) as next_day_index
    from steps
    group by steps.sku_id, steps.location_id, steps.day_index

),

atp as (

    select
        by_day.sku_id,
        by_day.location_id,
        min(by_day.left_over) as atp
    from by_day
    where by_day.day_index <= {{ policy('sourcing.horizon_days', 'integer') }}
    group by by_day.sku_id, by_day.location_id

),

-- the projected balance falls by the expected demand of each day from tomorrow on; the first day on which it is below a level
runway as (

    select
        ends.sku_id,
        ends.location_id,
        min(case when ends.out_at < ends.next_day_index then ends.out_at end) as stock_out_in_days,
        min(case when ends.safety_at < ends.next_day_index then ends.safety_at end) as below_safety_in_days
    from (
        select
            by_day.sku_id,
            by_day.location_id,
            coalesce(by_day.next_day_index, 2147483647) as next_day_index,
            {{ first_day_below('by_day.left_over', 'counted.expected_demand', 'by_day.day_index') }} as out_at,
            {{ first_day_below('by_day.left_over - coalesce(counted.safety_stock, 0)', 'counted.expected_demand', 'by_day.day_index') }} as safety_at
        from by_day
        inner join counted on by_day.sku_id = counted.sku_id and by_day.location_id = counted.location_id
    ) as ends
    group by ends.sku_id, ends.location_id

),

measured as (

    select
        counted.*,
        atp.atp,
        runway.stock_out_in_days,
        runway.below_safety_in_days,
        not coalesce(counted.is_vendor, false)
        and coalesce(demand.last_day, counted.first_day) < cast({{ as_of() }} as date) - {{ policy('replenishment.dead_days', 'integer') }} as is_dead,
        cast(coalesce(demand.quantity, 0) / history.days as decimal(18, 3)) as daily_demand
    from counted
    cross join history
    left join atp on counted.sku_id = atp.sku_id and counted.location_id = atp.location_id
    left join runway on counted.sku_id = runway.sku_id and counted.location_id = runway.location_id
    left join demand on counted.sku_id = demand.sku_id and counted.location_id = demand.location_id

),

-- more than the order-up-to level and a long while of demand: nobody would buy it today
judged as (

    select
        measured.*,
        case
            when measured.is_dead then greatest(0, measured.available)
            when coalesce(measured.expected_demand, 0) = 0 and measured.first_day > cast({{ as_of() }} as date) - 28 then 0  -- too young to be judged
            else greatest(0, measured.available - measured.leaving - measured.promised - measured.order_up_to
                - measured.expected_demand * {{ policy('replenishment.excess_days', 'decimal(18,3)') }})
        end as excess,
        greatest(0, measured.low_at - (measured.available + measured.inbound - measured.leaving - measured.promised)) as shortage
    from measured

)

select
    judged.sku_id,
    judged.location_id,
    cast(judged.on_hand as decimal(18, 3)) as on_hand,
    cast(judged.unusable as decimal(18, 3)) as unusable,
    cast(judged.reserved as decimal(18, 3)) as reserved,
    cast(judged.promised as decimal(18, 3)) as promised,
    cast(judged.available as decimal(18, 3)) as available,
    judged.inbound,
    cast(judged.atp as decimal(18, 3)) as atp,
    cast(greatest(0, judged.atp - greatest(coalesce(judged.safety_stock, 0), judged.floor_minimum)) as decimal(18, 3)) as online_atp,
    judged.safety_stock,
    judged.reorder_point,
    cast(greatest(0, judged.available) / nullif(judged.daily_demand, 0) as decimal(18, 1)) as days_of_supply,
    case
        when judged.available < 0 then 'oversold'
        when judged.available = 0 then 'out'
        when judged.is_dead then 'dead'
        when judged.shortage > 0 or judged.available < coalesce(judged.safety_stock, 0) then 'low'
        when judged.excess > 0 then 'excess'
        else 'ok'
    end as stock_status,
    judged.daily_demand,
    cast(judged.on_hand * judged.unit_cost_base as decimal(18, 2)) as value_base,
    cast(coalesce(judged.excess, 0) as decimal(18, 3)) as excess,
    cast(judged.excess * judged.unit_cost_base as decimal(18, 2)) as excess_value_base,
    cast(coalesce(judged.shortage, 0) as decimal(18, 3)) as shortage,
    cast(judged.shortage * judged.unit_cost_base as decimal(18, 2)) as shortage_value_base,
    cast(judged.in_transit as decimal(18, 3)) as in_transit,
    cast(judged.leaving as decimal(18, 3)) as leaving,
    cast(judged.stock_out_in_days as integer) as stock_out_in_days,
    cast(judged.below_safety_in_days as integer) as below_safety_in_days,
    coalesce(judged.is_vendor, false) as is_vendor,
    cast(judged.floor_minimum as decimal(18, 3)) as floor_minimum,
    {{ cycle_columns() }}
from judged
