select
    lines.shipment_id,
    lines.order_line_id,
    lines.sku_id,
    lines.lot_id,
    lines.quantity,
    lines.weight_kg,
    lines.volume_m3,
    {{ cycle_columns() }}
from {{ ref('stg_facts__shipment_lines') }} as lines
