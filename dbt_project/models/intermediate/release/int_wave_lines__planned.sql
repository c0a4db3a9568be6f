-- One row per line that this cycle would release, in its wave and in the order in which a picker passes.
with earlier as (

    select
        waves.location_id,
        {{ local_date('waves.released_at', 'locations.timezone') }} as day,
        count(*) as waves
    from {{ ref('stg_facts__waves') }} as waves
    inner join {{ ref('int_locations__in_force') }} as locations on waves.location_id = locations.location_id
    group by waves.location_id, {{ local_date('waves.released_at', 'locations.timezone') }}

),

numbered as (

    select
        lines.*,
        shipments.shipment_id,
        {{ local_date(as_of(), 'lines.timezone') }} as day,
        row_number() over (
            partition by lines.location_id order by lines.priority, lines.placed_at, lines.order_id, lines.order_line_id
        ) as position
    from {{ ref('int_release__lines') }} as lines
    inner join {{ ref('int_shipments__planned') }} as shipments
        on lines.order_id = shipments.order_id and lines.location_id = shipments.location_id

)

select
    numbered.location_id || '-' || strftime(numbered.day, '%Y%m%d') || '-'
    || cast(coalesce(earlier.waves, 0) + 1 + (numbered.position - 1) // {{ policy('release.max_lines_wave', 'integer') }} as varchar) as wave_id,
    numbered.location_id,
    numbered.shipment_id,
    numbered.order_id,
    numbered.order_line_id,
    numbered.sku_id,
    numbered.quantity,
    {{ local_instant('numbered.ship_date', policy('loads.departure_time'), 'numbered.timezone') }} as cutoff,
    coalesce(bins.bin, '(no bin)') as bin,
    coalesce(bins.zone, '') as zone,
    coalesce(bins.pick_sequence, 999999) as pick_sequence
from numbered
left join earlier on numbered.location_id = earlier.location_id and numbered.day = earlier.day
left join {{ ref('int_bins__in_force') }} as bins
    on numbered.location_id = bins.location_id and numbered.sku_id = bins.sku_id
