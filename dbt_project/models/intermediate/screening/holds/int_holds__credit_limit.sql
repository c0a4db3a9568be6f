-- HOLD-CREDIT-LIMIT. One row per order on account of a customer with a credit limit that the limit doesn't cover, whose limit
-- expired, or who owes for too long. The limit goes to what is on its way, then by priority, then by age: a running sum, so
-- only the orders beyond it are held.
with queued as (

    select
        orders.order_id,
        orders.customer_id,
        orders.qty_open,
        orders.order_total_base,
        exposure.credit_limit,
        exposure.credit_limit_expiry,
        exposure.is_expired,
        exposure.open_invoices,
        exposure.overdue_total,
        exposure.overdue_count,
        exposure.oldest_due_date,
        exposure.first_overdue_invoice,
        exposure.currency,
        {{ local_date(as_of(), policy('reporting.timezone')) }} as today,
        {{ policy('credit.overdue_days', 'integer') }} as overdue_days,
        cast(sum(orders.uninvoiced_base) over (
            partition by orders.customer_id
            order by orders.is_started desc, orders.priority, orders.placed_at, orders.order_id
            rows unbounded preceding
        ) as decimal(18, 2)) as orders_so_far
    from {{ ref('int_orders__outstanding') }} as orders
    inner join {{ ref('int_customers__exposure') }} as exposure on orders.customer_id = exposure.customer_id
    where orders.payment_status = 'on_account' and exposure.credit_limit is not null

),

measured as (

    select
        queued.*,
        queued.open_invoices + queued.orders_so_far as exposure,
        queued.open_invoices + queued.orders_so_far - queued.credit_limit as beyond,
        queued.today - queued.oldest_due_date as days_overdue
    from queued
    where queued.qty_open > 0 and queued.order_total_base >= {{ policy('credit.check_below', 'decimal(18,2)') }}

)

select
    'order' as scope,
    measured.order_id,
    cast(null as varchar) as order_line_id,
    case
        when measured.beyond > 0 then cast(measured.exposure as varchar)
        when measured.is_expired then strftime(measured.credit_limit_expiry, '%Y-%m-%d')
        else cast(measured.days_overdue as varchar)
    end as observed,
    case
        when measured.beyond > 0 then cast(measured.credit_limit as varchar)
        when measured.is_expired then strftime(measured.today, '%Y-%m-%d')
        else cast(measured.overdue_days as varchar)
    end as threshold,
    concat_ws(
        '; ',
        case
            when measured.beyond > 0
                then
                    'exposure with this order ' || {{ money_text('measured.exposure', 'measured.currency') }}
                    || ' (invoices ' || cast(measured.open_invoices as varchar) || ' + orders ' || cast(measured.orders_so_far as varchar)
                    || ') is ' || {{ money_text('measured.beyond', 'measured.currency') }}
                    || ' above the limit of ' || {{ money_text('measured.credit_limit', 'measured.currency') }}
        end,
        case
            when measured.is_expired
                then
                    'the credit limit of ' || measured.customer_id || ' expired on '
                    || strftime(measured.credit_limit_expiry, '%Y-%m-%d') || ', '
                    || cast(measured.today - measured.credit_limit_expiry as varchar) || ' days ago'
        end,
        case
            when measured.overdue_count > 0
                then
                    cast(measured.overdue_count as varchar) || ' overdue invoices of '
                    || {{ money_text('measured.overdue_total', 'measured.currency') }} || ', the oldest '
                    || cast(measured.days_overdue as varchar) || ' days past due, '
                    || cast(measured.days_overdue - measured.overdue_days as varchar) || ' more than the '
                    || cast(measured.overdue_days as varchar) || ' allowed'
        end
    ) as explanation,
    concat_ws(
        ' and ',
        case
            when measured.beyond > 0 or measured.overdue_count > 0
                then
                    'pay ' || {{ money_text('greatest(measured.beyond, measured.overdue_total)', 'measured.currency') }}
                    || case
                        when measured.overdue_count > 0 then ' of open invoices, ' || measured.first_overdue_invoice || ' among them'
                        when measured.open_invoices >= measured.beyond then ' of open invoices'
                        else ' in advance'
                    end
        end,
        case when measured.is_expired then 'renew the credit limit of ' || measured.customer_id end
    ) as remedy,
    '1' as rule_version
from measured
where measured.beyond > 0 or measured.is_expired or measured.overdue_count > 0
