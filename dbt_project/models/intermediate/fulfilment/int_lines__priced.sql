-- One row per order line: the units that its line total pays for. An amendment that lowers a line lowers its total with it, while
-- qty_ordered stays and the difference is cancelled: shares of the total are shares of these units.
select
    lines.order_line_id,
    lines.order_id,
    lines.quantity as qty_priced,
    lines.line_total,
    lines.tax_amount
from {{ ref('stg_facts__order_lines') }} as lines
qualify row_number() over (
    partition by lines.order_line_id order by {{ version_order('lines.order_version', 'desc') }}, lines.cycle_seq desc, lines.message_id desc
) = 1
