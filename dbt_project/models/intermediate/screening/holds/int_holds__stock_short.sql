{{ config(tags=['release_band']) }}
-- HOLD-STOCK-SHORT. One row per line that sourcing left wholly or partly without stock.
select
    'line' as scope,
    backorders.order_line_id as subject_id,
    backorders.order_id,
    backorders.order_line_id,
    {{ quantity_text('lines.qty_open - backorders.quantity') }} as observed,
    {{ quantity_text('lines.qty_open') }} as threshold,
    backorders.quantity as distance,
    'units' as unit,
    {{ quantity_text('backorders.quantity') }} || ' of ' || {{ quantity_text('lines.qty_open') }} || ' ' || backorders.sku_id
    || ' can''t be promised: ' || backorders.reason as explanation,
    case
        when backorders.expected_cover_date is not null
            then
                'cut ' || {{ quantity_text('backorders.quantity') }} || ' of line ' || lines.line_number || ', or wait until '
                || strftime(backorders.expected_cover_date, '%A %-d %B') || ' (' || coalesce(backorders.cover_reference, 'supply') || ')'
        else
            'buy ' || {{ quantity_text('backorders.quantity') }} || ' ' || backorders.sku_id || ', or cut ' || {{ quantity_text('backorders.quantity') }}
            || ' of line ' || lines.line_number
    end as remedy,
    {{ evidence({
        'sku': 'backorders.sku_id', 'open': 'lines.qty_open', 'short': 'backorders.quantity', 'cover_date': 'backorders.expected_cover_date',
        'cover': 'backorders.cover_reference', 'reason': 'backorders.reason',
    }) }} as evidence,
    cast(null as timestamptz) as hold_until,
    '1' as rule_version
from {{ ref('stg_plans__backorders') }} as backorders
inner join {{ ref('int_order_lines__balanced') }} as lines on backorders.order_line_id = lines.order_line_id
