{{ config(tags=['release_band']) }}
-- HOLD-STOCK-SHORT. One row per line that sourcing left wholly or partly without stock.
select
    'line' as scope,
    backorders.order_id,
    backorders.order_line_id,
    cast(lines.qty_open - backorders.quantity as varchar) as observed,
    cast(lines.qty_open as varchar) as threshold,
    cast(backorders.quantity as varchar) || ' of ' || cast(lines.qty_open as varchar) || ' ' || backorders.sku_id
    || ' can''t be promised: ' || backorders.reason as explanation,
    case
        when backorders.expected_cover_date is not null
            then 'wait until ' || strftime(backorders.expected_cover_date, '%Y-%m-%d') || ' (' || coalesce(backorders.cover_reference, 'supply') || ')'
        else 'buy ' || cast(backorders.quantity as varchar) || ' ' || backorders.sku_id || ', or cut line ' || lines.line_number
    end as remedy,
    '1' as rule_version
from {{ ref('stg_plans__backorders') }} as backorders
inner join {{ ref('int_order_lines__balanced') }} as lines on backorders.order_line_id = lines.order_line_id
