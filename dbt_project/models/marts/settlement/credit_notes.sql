-- What a return credits to the customer, from the moment when all that was received has been inspected.
select
    returns.return_id || '-' || returns.order_line_id as credit_note_id,
    returns.return_id,
    returns.order_id,
    returns.order_line_id,
    cast(returns.refund_total - coalesce({{ pro_rata('returns.refund_total', 'returns.tax_amount', 'returns.refundable_total') }}, 0) as decimal(18, 2)) as total,
    coalesce({{ pro_rata('returns.refund_total', 'returns.tax_amount', 'returns.refundable_total') }}, 0) as tax_total,
    returns.refund_total as credit_total,
    returns.currency,
    coalesce(returns.closed_at, returns.inspected_at) as issued_at,
    {{ cycle_columns() }}
from {{ ref('int_returns__valued') }} as returns
where returns.status in ('inspected', 'closed') and returns.qty_inspected >= returns.qty_received and returns.refund_total > 0
