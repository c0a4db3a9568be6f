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

compared as (

    select
        newest.snapshot_id,
        coalesce(sum(case when movements.event_at <= newest.event_at then movements.quantity end), 0) as expected,
        coalesce(sum(case when movements.event_at > newest.event_at and movements.reference = newest.snapshot_id then movements.quantity end), 0)
            as adjusted
    from newest
    left join {{ ref('stg_facts__stock_movements') }} as movements
        on
            newest.sku_id = movements.sku_id
            and newest.location_id = movements.location_id
            and (newest.lot_id is null or newest.lot_id = movements.lot_id)
            and (newest.stock_status is null or newest.stock_status = movements.stock_status)
            and movements.event_at <= {{ as_of() }}
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
