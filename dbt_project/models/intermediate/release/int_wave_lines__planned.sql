-- One row per line that this cycle would release, in its wave and in the order in which a picker passes. A wave is what leaves a
-- location together, with own vehicles or with carriers, at most `release.max_lines_wave` lines; a shipment is in one wave. What a
-- drop-ship vendor sends is in none: it gets a purchase order.
with earlier as (

    select
        waves.location_id,
        {{ local_date('waves.released_at', 'locations.timezone') }} as day,
        count(*) as waves
    from {{ ref('stg_facts__waves') }} as waves
    inner join {{ ref('int_locations__in_force') }} as locations on waves.location_id = locations.location_id
    group by waves.location_id, {{ local_date('waves.released_at', 'locations.timezone') }}

),

pick_up as (

    select min(carriers.pickup_at) as at
    from {{ ref('int_carriers__in_force') }} as carriers
    where coalesce(carriers.is_active, true)

),

cut as (

    select
        lines.*,
        shipments.shipment_id,
        {{ local_date(as_of(), 'lines.timezone') }} as day,
        lines.lines_before // {{ policy('release.max_lines_wave', 'integer') }} as chunk,
        case lines.leaves_by
            when 'own_fleet' then {{ policy('loads.departure_time') }}
            else coalesce(pick_up.at, {{ policy('loads.departure_time') }})
        end as leaves_at
    from {{ ref('int_release__lines') }} as lines
    inner join {{ ref('int_shipments__planned') }} as shipments
        on lines.order_id = shipments.order_id and lines.location_id = shipments.location_id
    cross join pick_up

),

numbered as (

    select
        cut.*,
        dense_rank() over (
            partition by cut.location_id order by cut.leaves_at, cut.leaves_by, cut.chunk
        ) as wave_number
    from cut

)

select
    case
        when numbered.leaves_by <> 'dropship' then
            numbered.location_id || '-' || strftime(numbered.day, '%Y%m%d') || '-'
            || cast(coalesce(earlier.waves, 0) + numbered.wave_number as varchar)
    end as wave_id,
    numbered.location_id,
    numbered.leaves_by,
    numbered.shipment_id,
    numbered.order_id,
    numbered.order_line_id,
    numbered.sku_id,
    numbered.quantity,
    {{ local_instant('numbered.ship_date', 'numbered.leaves_at', 'numbered.timezone') }} as cutoff,
    coalesce(bins.bin, '(no bin)') as bin,
    coalesce(bins.zone, '') as zone,
    coalesce(bins.pick_sequence, 999999) as pick_sequence
from numbered
left join earlier on numbered.location_id = earlier.location_id and numbered.day = earlier.day
left join {{ ref('int_bins__in_force') }} as bins
    on numbered.location_id = bins.location_id and numbered.sku_id = bins.sku_id
