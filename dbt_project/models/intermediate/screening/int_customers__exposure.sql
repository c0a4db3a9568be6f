-- One row per customer of the reference data: what we would lose if it never paid again, against its limit, in the reporting currency.
-- Exposure is open invoices (the latest event of each) and orders on account that are not delivered: from delivery on, the
-- receivables feed carries them.
with newest as (

    select
        receivables.*,
        row_number() over (
            partition by receivables.invoice_number order by receivables.event_at desc, receivables.cycle_seq desc, receivables.message_id desc
        ) as newest_first
    from {{ ref('stg_facts__receivables') }} as receivables
    where receivables.event_at <= {{ as_of() }}

),

invoices as (

    select
        newest.customer_id,
        newest.invoice_number,
        newest.due_date,
        cast(newest.open_amount * coalesce(rates.rate, 1) as decimal(18, 2)) as open_base,
        newest.open_amount > 0
        and newest.due_date + {{ policy('credit.overdue_days', 'integer') }}
        < {{ local_date(as_of(), policy('reporting.timezone')) }} as is_overdue
    from newest
    left join {{ ref('int_rates__in_force') }} as rates on upper(newest.currency) = rates.currency
    where newest.newest_first = 1 and newest.open_amount <> 0

),

invoiced as (

    select
        invoices.customer_id,
        sum(invoices.open_base) as open_invoices,
        sum(case when invoices.is_overdue then invoices.open_base else 0 end) as overdue_total,
        count(case when invoices.is_overdue then 1 end) as overdue_count,
        min(case when invoices.is_overdue then invoices.due_date end) as oldest_due_date,
        min(case when invoices.is_overdue then invoices.invoice_number end) as first_overdue_invoice
    from invoices
    group by invoices.customer_id

),

ordered as (

    select
        orders.customer_id,
        sum(orders.uninvoiced_base) as open_orders
    from {{ ref('int_orders__outstanding') }} as orders
    where orders.payment_status = 'on_account'
    group by orders.customer_id

),

added as (

    select
        customers.customer_id,
        cast(customers.credit_limit * coalesce(rates.rate, 1) as decimal(18, 2)) as credit_limit,
        customers.credit_limit_expiry,
        coalesce(customers.credit_limit_expiry < {{ local_date(as_of(), policy('reporting.timezone')) }}, false) as is_expired,
        cast(coalesce(invoiced.open_invoices, 0) as decimal(18, 2)) as open_invoices,
        cast(coalesce(ordered.open_orders, 0) as decimal(18, 2)) as open_orders,
        cast(coalesce(invoiced.overdue_total, 0) as decimal(18, 2)) as overdue_total,
        coalesce(invoiced.overdue_count, 0) as overdue_count,
        invoiced.oldest_due_date,
        invoiced.first_overdue_invoice
    from {{ ref('int_customers__in_force') }} as customers
    left join {{ ref('int_rates__in_force') }} as rates on upper(customers.currency) = rates.currency
    left join invoiced on customers.customer_id = invoiced.customer_id
    left join ordered on customers.customer_id = ordered.customer_id

)

select
    added.*,
    {{ policy('reporting.currency') }} as currency,
    cast(added.open_invoices + added.open_orders as decimal(18, 2)) as open_exposure,
    cast(
        case
            when added.is_expired then least(0, added.credit_limit - added.open_invoices - added.open_orders)
            else added.credit_limit - added.open_invoices - added.open_orders
        end as decimal(18, 2)
    ) as credit_available
from added
