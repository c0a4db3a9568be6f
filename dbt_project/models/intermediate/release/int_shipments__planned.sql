-- One row per shipment that this cycle would release: an order from a location, frozen when its wave goes.
with earlier as (

    select
        shipments.order_id,
        shipments.location_id,
        count(*) as shipments
    from {{ ref('stg_facts__shipments') }} as shipments
    group by shipments.order_id, shipments.location_id

),

grouped as (

    select
        lines.order_id,
        lines.location_id,
        max(lines.timezone) as timezone,
        max(lines.leaves_by) as leaves_by,
        max(lines.ship_date) as ship_date,
        max(lines.deliver_date) as deliver_date,
        min(lines.priority) as priority,
        min(lines.placed_at) as placed_at,
        sum(lines.quantity * skus.weight_kg) as weight_kg,
        sum(lines.quantity * skus.volume_m3) as volume_m3,
        sum(lines.quantity * balanced.unit_price) as value,
        bool_or(coalesce(skus.temperature_class, 'ambient') = 'frozen') as any_frozen,
        bool_or(coalesce(skus.temperature_class, 'ambient') = 'chilled') as any_chilled,
        max(case when coalesce(skus.hazard_class, 'none') <> 'none' then skus.hazard_class end) as hazard_class,
        {{ goods_classes('skus') }} as goods_classes,
        count(distinct lines.order_line_id) as lines
    from {{ ref('int_release__lines') }} as lines
    inner join {{ ref('int_skus__in_force') }} as skus on lines.sku_id = skus.sku_id
    inner join {{ ref('int_order_lines__balanced') }} as balanced on lines.order_line_id = balanced.order_line_id
    group by lines.order_id, lines.location_id

)

select
    grouped.order_id || '-' || grouped.location_id || '-' || cast(coalesce(earlier.shipments, 0) + 1 as varchar) as shipment_id,
    grouped.order_id,
    grouped.location_id,
    grouped.timezone,
    grouped.ship_date,
    grouped.deliver_date,
    grouped.priority,
    grouped.placed_at,
    cast(grouped.weight_kg as decimal(18, 3)) as weight_kg,
    cast(grouped.volume_m3 as decimal(18, 3)) as volume_m3,
    cast(grouped.value as decimal(18, 2)) as value,
    orders.currency,
    orders.latitude,
    orders.longitude,
    orders.ship_to_postcode as postcode,
    orders.ship_to_country as country,
    orders.address_id,
    orders.customer_id,
    case
        when grouped.leaves_by = 'dropship' then 'dropship'
        when orders.pickup_location_id = grouped.location_id then 'pickup'
    end as mode,
    cast(coalesce(orders.service_min, {{ policy('loads.service_min', 'integer') }}) as integer) as service_min,
    {{ local_instant('grouped.deliver_date', "coalesce(dated.window_from, orders.window_from, '08:00')", 'grouped.timezone') }} as window_from,
    {{ local_instant('grouped.deliver_date', "coalesce(dated.window_to, orders.window_to, '18:00')", 'grouped.timezone') }} as window_to,
    case when grouped.any_frozen then 'frozen' when grouped.any_chilled then 'chilled' else 'ambient' end as temperature_class,
    coalesce(grouped.hazard_class, 'none') as hazard_class,
    grouped.goods_classes,
    grouped.lines
from grouped
inner join {{ ref('int_orders__current') }} as orders on grouped.order_id = orders.order_id
left join {{ ref('int_delivery_windows__in_force') }} as dated
    on
        orders.customer_id = dated.customer_id and orders.address_id = dated.address_id
        and dated.weekday = {{ iso_weekday('grouped.deliver_date') }}
left join earlier on grouped.order_id = earlier.order_id and grouped.location_id = earlier.location_id
