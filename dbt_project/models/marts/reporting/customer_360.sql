with ordered as (

    select
        orders.customer_id,
        count(*) as orders,
        sum(case when orders.fulfilment_status <> 'cancelled' then orders.order_total_base else 0 end) as revenue,
        max(orders.placed_at) as last_order_at
    from {{ ref('orders') }} as orders
    where not orders.is_test
    group by orders.customer_id

),

sent as (

    select
        orders.customer_id,
        sum(lines.qty_returned) as qty_returned,
        sum(lines.qty_shipped + lines.qty_delivered + lines.qty_refused + lines.qty_lost + lines.qty_returned) as qty_left
    from {{ ref('order_lines') }} as lines
    inner join {{ ref('orders') }} as orders on lines.order_id = orders.order_id
    where not orders.is_test
    group by orders.customer_id

),

punctual as (

    select
        orders.customer_id,
        count(*) as deliveries,
        count(case when deliveries.delivered_at <= coalesce(orders.requested_to, shipments.window_to) then 1 end) as on_time
    from {{ ref('deliveries') }} as deliveries
    inner join {{ ref('shipments') }} as shipments on deliveries.shipment_id = shipments.shipment_id
    inner join {{ ref('orders') }} as orders on shipments.order_id = orders.order_id
    group by orders.customer_id

)

select
    customers.customer_id,
    coalesce(ordered.orders, 0) as orders,
    cast(coalesce(ordered.revenue, 0) as decimal(18, 2)) as revenue,
    exposure.open_exposure,
    exposure.credit_limit,
    exposure.credit_available,
    cast(sent.qty_returned / nullif(sent.qty_left, 0) as decimal(18, 6)) as return_rate,
    cast(punctual.on_time / nullif(punctual.deliveries, 0) as decimal(18, 6)) as on_time_rate,
    ordered.last_order_at,
    customers.segment,
    customers.name,
    exposure.currency,
    exposure.open_invoices,
    exposure.past_due_1_30,
    exposure.past_due_31_60,
    exposure.past_due_61_90,
    exposure.past_due_over_90,
    exposure.overdue_total,
    exposure.uninvoiced_orders,
    exposure.shipped_not_invoiced,
    exposure.deposits,
    exposure.limit_customer_id,
    exposure.group_exposure,
    exposure.credit_limit_expiry,
    {{ cycle_columns() }}
from {{ ref('int_customers__in_force') }} as customers
left join {{ ref('int_customers__exposure') }} as exposure on customers.customer_id = exposure.customer_id
left join ordered on customers.customer_id = ordered.customer_id
left join sent on customers.customer_id = sent.customer_id
left join punctual on customers.customer_id = punctual.customer_id
