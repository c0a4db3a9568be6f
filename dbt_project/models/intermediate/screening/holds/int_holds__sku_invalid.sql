-- HOLD-SKU-INVALID. One row per line with open units whose SKU is unknown or no longer sold.
select
    'line' as scope,
    lines.order_id,
    lines.order_line_id,
    coalesce(lines.sku_id, '(none)') as observed,
    'an active SKU of the reference data' as threshold,
    case
        when skus.sku_id is null then 'SKU ' || coalesce(lines.sku_id, '(none)') || ' is not in the reference data'
        else 'SKU ' || lines.sku_id || ' is no longer active'
    end as explanation,
    'load SKU ' || coalesce(lines.sku_id, '(none)') || ' with the reference data, or cancel line ' || lines.line_number as remedy,
    '1' as rule_version
from {{ ref('int_order_lines__balanced') }} as lines
inner join {{ ref('int_orders__outstanding') }} as orders on lines.order_id = orders.order_id
left join {{ ref('int_skus__in_force') }} as skus on lines.sku_id = skus.sku_id
where lines.qty_open > 0 and (skus.sku_id is null or not coalesce(skus.is_active, true))
