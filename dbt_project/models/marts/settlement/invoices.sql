-- An invoice is a numbered document of a shipment; its lines are shares of the order's lines by running rounded differences.
with shares as (

    select
        shipped.shipment_id,
        lines.order_id,
        lines.currency,
        shipped.quantity,
        priced.line_total,
        priced.tax_amount,
        priced.qty_priced,
        sum(shipped.quantity) over (partition by shipped.order_line_id order by shipped.shipment_id, shipped.lot_id nulls first) as up_to_here
    from {{ ref('stg_facts__shipment_lines') }} as shipped
    inner join {{ ref('int_order_lines__balanced') }} as lines on shipped.order_line_id = lines.order_line_id
    inner join {{ ref('int_lines__priced') }} as priced on shipped.order_line_id = priced.order_line_id

),

summed as (

    select
        shares.shipment_id,
        any_value(shares.order_id) as order_id,
        any_value(shares.currency) as currency,
        sum(shares.quantity) as quantity,
        sum(
            {{ pro_rata('shares.line_total', 'shares.up_to_here', 'shares.qty_priced') }}
            - {{ pro_rata('shares.line_total', 'shares.up_to_here - shares.quantity', 'shares.qty_priced') }}
        ) as total,
        sum(
            {{ pro_rata('shares.tax_amount', 'shares.up_to_here', 'shares.qty_priced') }}
            - {{ pro_rata('shares.tax_amount', 'shares.up_to_here - shares.quantity', 'shares.qty_priced') }}
        ) as tax_total
    from shares
    group by shares.shipment_id

)

select
    documents.number,
    summed.order_id,
    documents.shipment_id,
    cast(summed.total as decimal(18, 2)) as total,
    cast(summed.tax_total as decimal(18, 2)) as tax_total,
    summed.currency,
    documents.issued_at,
    documents.document_id,
    documents.series,
    cast(summed.quantity as decimal(18, 3)) as quantity,
    {{ cycle_columns() }}
from {{ ref('documents') }} as documents
inner join summed on documents.shipment_id = summed.shipment_id
where documents.document_type = 'invoice' and documents.status = 'issued'
