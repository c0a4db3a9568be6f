-- One row per shipment that may ride: those of this cycle's waves, and those released before and not on the road. One that a hold
-- keeps from being loaded (held_by) waits: credit and the like are looked at again until the load closes. A vendor's parcels are none of ours.
with moves as (

    select
        events.order_line_id,
        events.document_id as shipment_id,
        events.to_bucket as bucket,
        events.quantity,
        case when events.to_bucket = 'packed' then events.event_at end as packed_at
    from {{ ref('stg_facts__line_events') }} as events
    where events.to_bucket in ('{{ reserved_buckets() | join("', '") }}')

    union all

    select
        events.order_line_id,
        events.document_id as shipment_id,
        events.from_bucket as bucket,
        -events.quantity as quantity,
        cast(null as timestamptz) as packed_at
    from {{ ref('stg_facts__line_events') }} as events
    where events.from_bucket in ('{{ reserved_buckets() | join("', '") }}')

),

on_the_floor as (

    select
        moves.shipment_id,
        sum(moves.quantity) as quantity,
        sum(case when moves.bucket in ('packed', 'loaded') then moves.quantity else 0 end) as packed,
        max(moves.packed_at) as packed_at
    from moves
    group by moves.shipment_id
    having sum(moves.quantity) > 0

),

held as (

    select
        shipped.shipment_id,
        string_agg(distinct holds.hold_type, ', ' order by holds.hold_type) as held_by
    from {{ ref('stg_facts__shipment_lines') }} as shipped
    inner join on_the_floor on shipped.shipment_id = on_the_floor.shipment_id
    inner join {{ ref('stg_facts__shipments') }} as shipments on shipped.shipment_id = shipments.shipment_id
    inner join {{ ref('int_holds__blocking') }} as holds
        on shipments.order_id = holds.order_id and (holds.order_line_id is null or holds.order_line_id = shipped.order_line_id)
    where holds.blocks_load
    group by shipped.shipment_id

),

goods as (

    select
        shipped.shipment_id,
        {{ goods_classes('skus') }} as goods_classes,
        count(distinct shipped.order_line_id) as lines
    from {{ ref('stg_facts__shipment_lines') }} as shipped
    inner join on_the_floor on shipped.shipment_id = on_the_floor.shipment_id
    inner join {{ ref('int_skus__in_force') }} as skus on shipped.sku_id = skus.sku_id
    group by shipped.shipment_id

),

waiting as (

    select
        planned.shipment_id,
        planned.order_id,
        planned.location_id,
        planned.timezone,
        planned.ship_date,
        planned.deliver_date,
        planned.priority,
        planned.weight_kg,
        planned.volume_m3,
        planned.value,
        planned.currency,
        planned.latitude,
        planned.longitude,
        planned.postcode,
        planned.country,
        planned.address_id,
        planned.customer_id,
        planned.service_min,
        timezone(planned.timezone, planned.window_from)::time as window_from,
        timezone(planned.timezone, planned.window_to)::time as window_to,
        planned.temperature_class,
        planned.hazard_class,
        planned.goods_classes,
        planned.lines,
        planned.mode,
        cast(null as varchar) as carrier_id,
        cast(null as varchar) as service,
        false as is_released,
        false as is_packed,
        cast(null as timestamptz) as packed_at,
        cast(null as varchar) as held_by
    from {{ ref('int_shipments__planned') }} as planned
    where planned.mode is distinct from 'dropship'

    union all

    select
        shipments.shipment_id,
        shipments.order_id,
        shipments.location_id,
        locations.timezone,
        shipments.ship_date,
        {{ local_date('shipments.window_from', 'locations.timezone') }} as deliver_date,
        orders.priority,
        shipments.weight_kg,
        shipments.volume_m3,
        shipments.value,
        shipments.currency,
        shipments.latitude,
        shipments.longitude,
        orders.ship_to_postcode as postcode,
        orders.ship_to_country as country,
        orders.address_id,
        orders.customer_id,
        shipments.service_min,
        timezone(locations.timezone, shipments.window_from)::time as window_from,
        timezone(locations.timezone, shipments.window_to)::time as window_to,
        shipments.temperature_class,
        shipments.hazard_class,
        goods.goods_classes,
        goods.lines,
        ways.mode,
        ways.carrier_id,
        ways.service,
        true as is_released,
        on_the_floor.packed = on_the_floor.quantity as is_packed,
        on_the_floor.packed_at,
        held.held_by
    from {{ ref('stg_facts__shipments') }} as shipments
    inner join on_the_floor on shipments.shipment_id = on_the_floor.shipment_id
    inner join {{ ref('int_shipments__ways') }} as ways on shipments.shipment_id = ways.shipment_id
    inner join {{ ref('int_orders__current') }} as orders on shipments.order_id = orders.order_id
    inner join {{ ref('int_locations__in_force') }} as locations on shipments.location_id = locations.location_id
    left join goods on shipments.shipment_id = goods.shipment_id
    left join held on shipments.shipment_id = held.shipment_id
    where ways.mode <> 'dropship'

)

select
    waiting.*,
    cast(case when dated.weekday is null then addresses.closed_from else dated.closed_from end as time) as closed_from,
    cast(case when dated.weekday is null then addresses.closed_to else dated.closed_to end as time) as closed_to,
    addresses.skills,
    addresses.vehicle_classes
from waiting
left join {{ ref('int_addresses__in_force') }} as addresses
    on waiting.customer_id = addresses.customer_id and waiting.address_id = addresses.address_id
left join {{ ref('int_delivery_windows__in_force') }} as dated
    on
        waiting.customer_id = dated.customer_id and waiting.address_id = dated.address_id
        and dated.weekday = {{ iso_weekday('waiting.deliver_date') }}
