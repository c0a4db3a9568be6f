with lines as (

    select
        lines.order_id,
        count(*) as lines,
        max(lines.promised_at) as promised_at,
        {% for bucket in ledger_buckets() -%}
        sum(lines.qty_{{ bucket }}) as qty_{{ bucket }}{{ "," if not loop.last }}
        {% endfor %}
    from {{ ref('order_lines') }} as lines
    group by lines.order_id

),

held as (

    select distinct holds.order_id
    from {{ ref('order_holds') }} as holds
    where holds.status = 'open' and holds.blocks_release

),

invoiced as (

    select
        invoices.order_id,
        sum(invoices.quantity) as quantity
    from {{ ref('invoices') }} as invoices
    group by invoices.order_id

),

coming_back as (

    select distinct returns.order_id
    from {{ ref('int_returns__valued') }} as returns
    where returns.status not in ('closed', 'rejected')

)

select
    orders.order_id,
    orders.channel,
    orders.channel_order_id,
    orders.customer_id,
    orders.order_type,
    orders.placed_at,
    orders.requested_from,
    orders.requested_to,
    lines.promised_at,
    orders.priority,
    orders.currency,
    orders.items_total,
    orders.discount_total,
    orders.shipping_total,
    orders.charge_total,
    orders.tax_total,
    orders.rounding_total,
    orders.order_total,
    orders.is_test,
    case when lines.order_id is null then 'closed' else {{ fulfilment_status('lines.qty_') }} end as fulfilment_status,
    case
        when coalesce(payments.refunded, 0) > 0
            and payments.refunded >= case when payments.captured > 0 then payments.captured else orders.order_total end then 'refunded'
        when coalesce(payments.refunded, 0) > 0 then 'partially_refunded'
        when
            coalesce(payments.captured, 0) > 0
            and payments.captured >= orders.order_total - {{ policy('payment.tolerance', 'decimal(18,2)') }} then 'paid'
        when coalesce(payments.captured, 0) > 0 then 'partially_paid'
        when orders.payment_status in ('refunded', 'paid', 'on_account') then orders.payment_status
        when coalesce(payments.authorised, 0) > 0 or orders.payment_status = 'authorised' then 'authorised'
        else 'unpaid'
    end as payment_status,
    case
        when invoiced.quantity is null then 'not_invoiced'
        when invoiced.quantity >= lines.qty_shipped + lines.qty_delivered + lines.qty_refused + lines.qty_lost + lines.qty_returned
            and lines.qty_open + lines.qty_released + lines.qty_picked + lines.qty_packed + lines.qty_loaded = 0 then 'invoiced'
        else 'partially_invoiced'
    end as invoice_status,
    case
        when lines.qty_returned > 0 and lines.qty_delivered + lines.qty_refused + lines.qty_shipped = 0 then 'returned'
        when lines.qty_returned > 0 then 'partially_returned'
        when coming_back.order_id is not null then 'requested'
        else 'none'
    end as return_status,
    held.order_id is not null as is_held,
    orders.ship_to_city,
    orders.ship_to_region,
    orders.ship_to_country,
    orders.latitude,
    orders.longitude,
    orders.customer_name,
    orders.payment_method,
    orders.purchase_order_number,
    orders.ship_to_name,
    orders.ship_to_street,
    orders.ship_to_postcode,
    orders.order_total_base,
    orders.customer_tax_id,
    orders.ship_after,
    orders.ship_by,
    orders.cancel_after,
    orders.incoterm,
    orders.incoterm_place,
    orders.external_ids,
    orders.note,
    orders.gift_note,
    orders.pickup_location_id,
    orders.bill_to_name,
    orders.bill_to_street,
    orders.bill_to_postcode,
    orders.bill_to_city,
    orders.bill_to_region,
    orders.bill_to_country,
    coalesce(lines.lines, 0) as lines,
    orders.recorded_at,
    {{ cycle_columns() }}
from {{ ref('int_orders__current') }} as orders
left join lines on orders.order_id = lines.order_id
left join held on orders.order_id = held.order_id
left join invoiced on orders.order_id = invoiced.order_id
left join coming_back on orders.order_id = coming_back.order_id
left join {{ ref('int_payments__by_order') }} as payments on orders.order_id = payments.order_id
