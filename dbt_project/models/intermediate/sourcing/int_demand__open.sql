-- One row per line with open units that may be promised: what sourcing has to place.
select
    lines.order_line_id,
    lines.order_id,
    lines.sku_id,
    lines.qty_open as quantity,
    cast(cast(lines.unit_price * lines.qty_open as decimal(18, 2)) * coalesce(orders.rate, 1) as decimal(18, 2)) as value_base,
    orders.priority,
    orders.placed_at,
    orders.requested_to,
    greatest(
        0, date_diff('day', cast({{ as_of() }} as date), coalesce(agreed.agreed_date, cast(coalesce(orders.requested_to, orders.ship_by) as date)))
    ) as due_day_index,
    greatest(0, date_diff('day', cast({{ as_of() }} as date), cast(orders.requested_from as date))) as not_before_day_index,
    greatest(0, date_diff('day', cast({{ as_of() }} as date), greatest(cast(orders.ship_after as date), orders.counts_from, skus.available_from)))
        as ship_after_day_index,
    orders.ship_complete,
    orders.max_splits,
    orders.latitude,
    orders.longitude,
    orders.ship_to_country,
    orders.ship_to_postcode,
    skus.weight_kg,
    skus.volume_m3,
    coalesce(skus.temperature_class, 'ambient') as temperature_class,
    coalesce(skus.hazard_class, 'none') as hazard_class,
    pins.pinned_location_id,
    coalesce(pins.excluded_location_ids, []) as excluded_location_ids,
    case when {{ policy('kits.keep_together', 'boolean') }} then coalesce(lines.kit_line_id, skus.item_group) else skus.item_group end as item_group,
    skus.tariff_number is null or skus.origin_country is null as lacks_customs,
    orders.customer_id,
    orders.pickup_location_id,
    dense_rank() over (order by orders.priority, orders.placed_at, orders.order_id) as rank
from {{ ref('int_order_lines__balanced') }} as lines
inner join {{ ref('int_orders__current') }} as orders on lines.order_id = orders.order_id
inner join {{ ref('int_skus__in_force') }} as skus on lines.sku_id = skus.sku_id
left join {{ ref('int_line_pins__in_force') }} as pins on lines.order_line_id = pins.order_line_id
left join {{ ref('int_promises__agreed') }} as agreed on lines.order_line_id = agreed.order_line_id
where
    lines.qty_open > 0
    and not orders.is_test
    and orders.latitude is not null
    and orders.longitude is not null
    and not exists (
        select 1 from {{ ref('int_holds__blocking') }} as holds
        where
            holds.blocks_promise
            and holds.order_id = lines.order_id
            and (holds.order_line_id is null or holds.order_line_id = lines.order_line_id)
    )
