select
    ledger.order_line_id,
    lines.sku_id,
    ledger.location_id,
    ledger.lot_id,
    cast(sum(ledger.quantity) as decimal(18, 3)) as quantity,
    max(shipments.wave_id) as wave_id,
    lines.order_id,
    {{ cycle_columns() }}
from {{ ref('int_ledger__committed') }} as ledger
inner join {{ ref('int_order_lines__balanced') }} as lines on ledger.order_line_id = lines.order_line_id
left join {{ ref('stg_facts__shipments') }} as shipments on ledger.shipment_id = shipments.shipment_id
where ledger.bucket in ('{{ reserved_buckets() | join("', '") }}')
group by ledger.order_line_id, lines.sku_id, ledger.location_id, ledger.lot_id, lines.order_id
having sum(ledger.quantity) > 0
