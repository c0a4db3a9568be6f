select
    pegs.supply_id,
    pegs.order_line_id,
    pegs.location_id,
    pegs.sku_id,
    pegs.quantity,
    pegs.due_date,
    pegs.is_promised,
    pegs.order_id,
    {{ cycle_columns() }}
from {{ ref('stg_plans__supply_pegs') }} as pegs
