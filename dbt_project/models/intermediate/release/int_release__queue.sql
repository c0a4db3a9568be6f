-- One row per promised quantity in the order in which its location serves it: whether it may go to the floor now, or what it
-- waits for. Served first is what waits too long, then by priority, promise, age. The day's capacity goes to whole shipments in
-- that order, and nothing overtakes: what does not fit goes first tomorrow.
with promised as (

    select
        promises.order_line_id,
        promises.order_id,
        promises.sku_id,
        promises.location_id,
        promises.quantity,
        promises.ship_date,
        coalesce(promises.release_date, promises.ship_date) as release_date,
        promises.deliver_date,
        orders.priority,
        orders.placed_at,
        orders.ship_complete,
        locations.timezone,
        skus.volume_m3,
        {{ local_date(as_of(), 'locations.timezone') }} as today,
        case
            when locations.kind = 'vendor' then 'dropship'
            when orders.pickup_location_id = promises.location_id then 'pickup'
            when
                locations.kind = 'dc'
                and {{ distance_km('locations.latitude', 'locations.longitude', 'orders.latitude', 'orders.longitude') }}
                <= {{ policy('loads.own_fleet_radius_km', 'decimal(18,3)') }} then 'own_fleet'
            else 'carrier'
        end as leaves_by
    from {{ ref('stg_plans__promises') }} as promises
    inner join {{ ref('int_orders__current') }} as orders on promises.order_id = orders.order_id
    inner join {{ ref('int_locations__in_force') }} as locations on promises.location_id = locations.location_id
    left join {{ ref('int_skus__in_force') }} as skus on promises.sku_id = skus.sku_id

),

first_promise as (

    select
        events.order_line_id,
        min(events.ship_date) as ship_date
    from {{ ref('stg_facts__promise_events') }} as events
    where events.event = 'first'
    group by events.order_line_id

),

-- what keeps orders and lines from the floor: found before sourcing, or in its answer
blocking as (

    select holds.hold_type, holds.order_id, holds.order_line_id
    from {{ ref('int_holds__blocking') }} as holds
    where holds.blocks_release or holds.blocks_reserve

    union all

    select sourced.hold_type, sourced.order_id, sourced.order_line_id
    from {{ ref('int_holds__sourced') }} as sourced
    inner join {{ ref('hold_types') }} as types on sourced.hold_type = types.hold_type
    where (types.blocks_release or types.blocks_reserve) and not sourced.is_released

),

held as (

    select
        promised.order_line_id,
        string_agg(distinct blocking.hold_type, ', ' order by blocking.hold_type) as held_by
    from promised
    inner join blocking
        on
            promised.order_id = blocking.order_id
            and (blocking.order_line_id is null or blocking.order_line_id = promised.order_line_id or promised.ship_complete)
    group by promised.order_line_id

),

open_units as (

    select
        lines.order_id,
        sum(lines.qty_open) as qty_open
    from {{ ref('int_order_lines__balanced') }} as lines
    group by lines.order_id

),

judged as (

    select
        promised.*,
        held.held_by,
        open_units.qty_open,
        coalesce(first_promise.ship_date <= promised.today - {{ policy('release.max_wait_days', 'integer') }}, false) as waits_too_long,
        promised.release_date <= promised.today + {{ policy('release.horizon_days', 'integer') }} as is_due
    from promised
    inner join open_units on promised.order_id = open_units.order_id
    left join held on promised.order_line_id = held.order_line_id
    left join first_promise on promised.order_line_id = first_promise.order_line_id

),

ready as (

    select judged.*
    from judged
    where judged.is_due and judged.held_by is null
    qualify not judged.ship_complete or sum(judged.quantity) over (partition by judged.order_id) >= judged.qty_open

),

stocked as (

    select
        ready.*,
        sum(ready.quantity) over (
            partition by ready.sku_id, ready.location_id
            order by ready.waits_too_long desc, ready.priority, ready.deliver_date, ready.placed_at, ready.order_line_id
        ) <= positions.available as is_covered
    from ready
    inner join {{ ref('int_inventory__positions') }} as positions
        on ready.sku_id = positions.sku_id and ready.location_id = positions.location_id

),

covered as (

    select stocked.*
    from stocked
    where stocked.is_covered
    qualify not stocked.ship_complete or sum(stocked.quantity) over (partition by stocked.order_id) >= stocked.qty_open

),

work as (

    select
        covered.order_id,
        covered.location_id,
        covered.leaves_by,
        bool_or(covered.waits_too_long) as waits_too_long,
        min(covered.priority) as priority,
        min(covered.deliver_date) as deliver_date,
        min(covered.placed_at) as placed_at,
        count(*) as lines,
        cast(
            count(*) * {{ policy('release.minutes_line', 'decimal(18,3)') }}
            + sum(covered.quantity) * {{ policy('release.minutes_unit', 'decimal(18,3)') }} as decimal(18, 3)
        ) as pick_min,
        cast(sum(covered.quantity * covered.volume_m3) * {{ policy('release.dock_minutes_m3', 'decimal(18,3)') }} as decimal(18, 3)) as dock_min
    from covered
    group by covered.order_id, covered.location_id, covered.leaves_by

),

ranked as (

    select
        work.*,
        row_number() over (
            partition by work.location_id
            order by work.waits_too_long desc, work.priority, work.deliver_date, work.placed_at, work.order_id
        ) as release_rank
    from work

),

summed as (

    select
        ranked.*,
        sum(ranked.lines) over (partition by ranked.location_id order by ranked.release_rank) as lines_so_far,
        sum(ranked.pick_min) over (partition by ranked.location_id order by ranked.release_rank) as pick_so_far,
        sum(ranked.dock_min) over (partition by ranked.location_id order by ranked.release_rank) as dock_so_far,
        sum(ranked.lines) over (partition by ranked.location_id, ranked.leaves_by order by ranked.release_rank) - ranked.lines as lines_before
    from ranked

),

asked as (

    select distinct commands.target as location_id
    from {{ ref('stg_facts__commands') }} as commands
    where commands.type = 'wave.release' and commands.outcome = 'accepted' and commands.cycle_seq = {{ cycle_seq() }}

),

filled as (

    select
        summed.*,
        capacity.lines_done,
        asked.location_id is not null or {{ policy('release.approval') }} = 'auto' as is_asked,
        -- the first of an untouched day always goes: a shipment larger than a day would wait for ever
        (summed.release_rank = 1 and capacity.lines_done = 0)
        or not (
            coalesce(capacity.lines_done + summed.lines_so_far > capacity.max_lines, false)
            or coalesce(capacity.orders_done + summed.release_rank > capacity.max_orders, false)
            or coalesce(capacity.pick_min_done + summed.pick_so_far > capacity.max_pick_min, false)
            or coalesce(capacity.dock_min_done + summed.dock_so_far > capacity.max_dock_min, false)
        ) as fits,
        concat_ws(
            ' and ',
            case when capacity.lines_done + summed.lines_so_far > capacity.max_lines
                    then cast(capacity.max_lines as varchar) || ' lines' end,
            case when capacity.orders_done + summed.release_rank > capacity.max_orders
                    then cast(capacity.max_orders as varchar) || ' orders' end,
            case when capacity.pick_min_done + summed.pick_so_far > capacity.max_pick_min
                    then cast(capacity.max_pick_min as varchar) || ' minutes of picking' end,
            case when capacity.dock_min_done + summed.dock_so_far > capacity.max_dock_min
                    then cast(capacity.max_dock_min as varchar) || ' minutes at the dock' end
        ) as full_of
    from summed
    inner join {{ ref('int_release__capacity') }} as capacity on summed.location_id = capacity.location_id
    left join asked on summed.location_id = asked.location_id

),

told as (

    select
        judged.*,
        filled.release_rank,
        filled.lines_before,
        filled.full_of,
        case
            when judged.held_by is not null then 'HELD'
            when not judged.is_due then 'NOT_DUE'
            when filled.order_id is not null and covered.order_line_id is not null
                then case when not filled.is_asked then 'NOT_ASKED' when not filled.fits then 'CAPACITY' end
            when stocked.order_line_id is null then 'NOT_WHOLE'
            when not stocked.is_covered then 'NO_STOCK_HERE'
            else 'NOT_WHOLE'
        end as waits_for
    from judged
    left join stocked
        on judged.order_line_id = stocked.order_line_id and judged.location_id = stocked.location_id and judged.ship_date = stocked.ship_date
    left join covered
        on judged.order_line_id = covered.order_line_id and judged.location_id = covered.location_id and judged.ship_date = covered.ship_date
    left join filled on judged.order_id = filled.order_id and judged.location_id = filled.location_id

)

select
    told.order_line_id,
    told.order_id,
    told.sku_id,
    told.location_id,
    told.quantity,
    told.ship_date,
    told.deliver_date,
    told.priority,
    told.placed_at,
    told.timezone,
    told.leaves_by,
    told.waits_too_long,
    told.release_rank,
    told.lines_before,
    told.waits_for,
    case told.waits_for
        when 'HELD' then 'held: ' || told.held_by
        when 'NOT_DUE' then 'ships on ' || strftime(told.ship_date, '%Y-%m-%d')
        when 'NOT_WHOLE' then 'the customer takes the whole order, and not all of it can go'
        when 'NO_STOCK_HERE' then 'promised from stock that is not at ' || told.location_id || ' yet'
        when 'NOT_ASKED' then 'waves of ' || told.location_id || ' go when a person releases them'
        when 'CAPACITY' then told.location_id || ' does ' || told.full_of || ' a day; number ' || cast(told.release_rank as varchar) || ' in its queue'
        else
            'goes now, number ' || cast(told.release_rank as varchar) || ' in the queue of ' || told.location_id
            || case when told.waits_too_long then ': it waited too long' else '' end
    end as because
from told
