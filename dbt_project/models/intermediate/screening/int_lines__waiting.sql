{{ config(materialized='view') }}
-- One row per line with open units: what it costs, in the reporting currency, that it waits for a day longer. An estimate, of two
-- parts: the lateness that sourcing counts, for a line that is due by tomorrow, and the share of its margin that is taken to be lost
-- to customers who go elsewhere. Lines of unknown cost have no margin here.
with open_lines as (

    select
        lines.order_line_id,
        orders.order_id,
        orders.requested_to,
        cast({{ pro_rata('lines.line_total', 'least(balanced.qty_open, lines.quantity)', 'lines.quantity') }} * coalesce(orders.rate, 1) as decimal(18, 2))
            as net_open_base,
        cast(cast(balanced.qty_open as decimal(38, 3)) * skus.cost * coalesce(rates.rate, 1) as decimal(18, 2)) as cost_open_base
    from {{ ref('int_orders__outstanding') }} as orders
    inner join {{ ref('stg_facts__order_lines') }} as lines
        on orders.order_id = lines.order_id and (orders.message_id = lines.message_id or lines.substitution_of_line_id is not null)
    inner join {{ ref('int_order_lines__balanced') }} as balanced on lines.order_line_id = balanced.order_line_id
    left join {{ ref('int_skus__in_force') }} as skus on lines.sku_id = skus.sku_id
    left join {{ ref('int_rates__in_force') }} as rates on upper(skus.currency) = rates.currency
    where balanced.qty_open > 0

)

select
    open_lines.order_line_id,
    open_lines.order_id,
    open_lines.net_open_base,
    cast(
        case
            when open_lines.requested_to <= {{ as_of() }} + interval '1 day' then {{ policy('sourcing.lateness_cost_per_day', 'decimal(18,2)') }}
            else 0
        end as decimal(18, 2)
    ) as lateness_day,
    coalesce(
        {{ pro_rata(
            'greatest(0, open_lines.net_open_base - open_lines.cost_open_base)', policy('holds.margin_loss_pct_day', 'decimal(18,3)'), '100'
        ) }}, 0
    ) as margin_day
from open_lines
