-- The newest word of each system on each SKU, location, lot and status, against our movements up to its instant. What comes to be known
-- of that time later counts at once. An adjustment that names the snapshot answers it.
with newest as (

    select
        snapshots.*,
        snapshots.system || ':' || snapshots.sku_id || '@' || snapshots.location_id || coalesce('/' || snapshots.lot_id, '')
        || coalesce('/' || snapshots.stock_status, '') || ':' || strftime(snapshots.event_at, '%Y%m%dT%H%M%S') as snapshot_id
    from {{ ref('stg_facts__stock_snapshot') }} as snapshots
    where snapshots.event_at <= {{ as_of() }}
    qualify row_number() over (
        partition by snapshots.system, snapshots.sku_id, snapshots.location_id, snapshots.lot_id, snapshots.stock_status
        order by snapshots.event_at desc, snapshots.cycle_seq desc, snapshots.message_id desc
    ) = 1

),

moved as not materialized (

    select
        newest.snapshot_id,
        newest.event_at as told_at,
        movements.event_at,
        movements.cycle_seq,
        movements.quantity,
        case when movements.reference = newest.snapshot_id and movements.event_at <= {{ as_of() }} then movements.quantity else 0 end as answering
    from newest
    inner join {{ ref('stg_facts__stock_movements') }} as movements
        on
            newest.sku_id = movements.sku_id
            and newest.location_id = movements.location_id
            and (newest.lot_id is null or newest.lot_id = movements.lot_id)
            and (newest.stock_status is null or newest.stock_status = coalesce(movements.stock_status, 'usable'))

),

-- what earlier cycles recorded is summed already; with what was recorded since, less what happened after the instant, no older movement is read
known as (

    select
        newest.snapshot_id,
        case newest.stock_status
            when 'usable' then balances.usable
            when 'on_hold' then balances.on_hold
            when 'quarantine' then balances.quarantine
            when 'damaged' then balances.damaged
            else balances.on_hand
        end as expected,
        0 as adjusted
    from newest
    inner join {{ ref('int_stock__balances') }} as balances
        on
            newest.sku_id = balances.sku_id
            and newest.location_id = balances.location_id
            and (newest.lot_id is null or newest.lot_id = balances.lot_key)

    union all

    select
        moved.snapshot_id,
        moved.quantity as expected,
        0 as adjusted
    from moved
    where moved.cycle_seq > (select coalesce(max(balances.folded_cycle_seq), 0) from {{ ref('int_stock__balances') }} as balances)

    union all

    select
        moved.snapshot_id,
        -moved.quantity as expected,
        moved.answering as adjusted
    from moved
    where moved.event_at > moved.told_at and moved.event_at > (select min(newest.event_at) from newest)

),

compared as (

    select
        newest.snapshot_id,
        coalesce(sum(known.expected), 0) as expected,
        coalesce(sum(known.adjusted), 0) as adjusted
    from newest
    left join known on newest.snapshot_id = known.snapshot_id
    group by newest.snapshot_id

)

select
    newest.snapshot_id,
    newest.system,
    newest.sku_id,
    newest.location_id,
    newest.lot_id,
    newest.stock_status,
    newest.event_at,
    newest.quantity as found,
    cast(compared.expected as decimal(18, 3)) as expected,
    cast(compared.adjusted as decimal(18, 3)) as adjusted,
    cast(newest.quantity - compared.expected - compared.adjusted as decimal(18, 3)) as drift,
    {{ cycle_columns() }}
from newest
inner join compared on newest.snapshot_id = compared.snapshot_id
