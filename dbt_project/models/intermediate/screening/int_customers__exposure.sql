-- One row per customer of the reference data: what we would lose if it never paid again, part by part, against the limit that counts
-- for it, in the reporting currency. Open invoices are the latest event of each; orders on account count until they are delivered
-- (from then on the receivables feed carries them), less what was paid on them in advance. A customer whose parent has a credit
-- limit shares it: the limit is the parent's, the exposure against it that of all who share it.
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
        {{ local_date(as_of(), policy('reporting.timezone')) }} - newest.due_date as days_past_due,
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
        sum(case when invoices.days_past_due between 1 and 30 then greatest(0, invoices.open_base) else 0 end) as past_due_1_30,
        sum(case when invoices.days_past_due between 31 and 60 then greatest(0, invoices.open_base) else 0 end) as past_due_31_60,
        sum(case when invoices.days_past_due between 61 and 90 then greatest(0, invoices.open_base) else 0 end) as past_due_61_90,
        sum(case when invoices.days_past_due > 90 then greatest(0, invoices.open_base) else 0 end) as past_due_over_90,
        sum(case when invoices.is_overdue then invoices.open_base else 0 end) as overdue_total,
        count(case when invoices.is_overdue then 1 end) as overdue_count,
        min(case when invoices.is_overdue then invoices.due_date end) as oldest_due_date,
        string_agg(case when invoices.is_overdue then invoices.invoice_number end, ', ' order by invoices.due_date, invoices.invoice_number)
            as overdue_invoices
    from invoices
    group by invoices.customer_id

),

ordered as (

    select
        orders.customer_id,
        sum(orders.uninvoiced_base - orders.shipped_base) as uninvoiced_orders,
        sum(orders.shipped_base) as shipped_not_invoiced,
        sum(orders.deposit_base) as deposits,
        sum(orders.exposure_base) as open_orders
    from {{ ref('int_orders__outstanding') }} as orders
    where orders.payment_status = 'on_account'
    group by orders.customer_id

),

limits as (

    select
        customers.customer_id,
        case when parents.credit_limit is not null then parents.customer_id else customers.customer_id end as limit_customer_id,
        case when parents.credit_limit is not null then parents.credit_limit else customers.credit_limit end as credit_limit,
        case when parents.credit_limit is not null then parents.currency else customers.currency end as limit_currency,
        case when parents.credit_limit is not null then parents.credit_limit_expiry else customers.credit_limit_expiry end as credit_limit_expiry
    from {{ ref('int_customers__in_force') }} as customers
    left join {{ ref('int_customers__in_force') }} as parents on customers.parent_id = parents.customer_id

),

added as (

    select
        limits.customer_id,
        limits.limit_customer_id,
        cast(limits.credit_limit * coalesce(rates.rate, 1) as decimal(18, 2)) as credit_limit,
        limits.credit_limit_expiry,
        {{ local_date(as_of(), policy('reporting.timezone')) }} as today,
        coalesce(limits.credit_limit_expiry < {{ local_date(as_of(), policy('reporting.timezone')) }}, false) as is_expired,
        cast(coalesce(invoiced.open_invoices, 0) as decimal(18, 2)) as open_invoices,
        cast(coalesce(invoiced.past_due_1_30, 0) as decimal(18, 2)) as past_due_1_30,
        cast(coalesce(invoiced.past_due_31_60, 0) as decimal(18, 2)) as past_due_31_60,
        cast(coalesce(invoiced.past_due_61_90, 0) as decimal(18, 2)) as past_due_61_90,
        cast(coalesce(invoiced.past_due_over_90, 0) as decimal(18, 2)) as past_due_over_90,
        cast(coalesce(ordered.uninvoiced_orders, 0) as decimal(18, 2)) as uninvoiced_orders,
        cast(coalesce(ordered.shipped_not_invoiced, 0) as decimal(18, 2)) as shipped_not_invoiced,
        cast(coalesce(ordered.deposits, 0) as decimal(18, 2)) as deposits,
        cast(coalesce(ordered.open_orders, 0) as decimal(18, 2)) as open_orders,
        cast(coalesce(invoiced.overdue_total, 0) as decimal(18, 2)) as overdue_total,
        coalesce(invoiced.overdue_count, 0) as overdue_count,
        invoiced.oldest_due_date,
        invoiced.overdue_invoices
    from limits
    left join {{ ref('int_rates__in_force') }} as rates on upper(limits.limit_currency) = rates.currency
    left join invoiced on limits.customer_id = invoiced.customer_id
    left join ordered on limits.customer_id = ordered.customer_id

),

grouped as (

    select
        added.*,
        sum(added.open_invoices) over (partition by added.limit_customer_id) as group_invoices,
        sum(added.open_invoices + added.open_orders) over (partition by added.limit_customer_id) as group_exposure
    from added

)

select
    grouped.* replace (
        cast(grouped.group_invoices as decimal(18, 2)) as group_invoices,
        cast(grouped.group_exposure as decimal(18, 2)) as group_exposure
    ),
    {{ policy('reporting.currency') }} as currency,
    cast(grouped.open_invoices + grouped.open_orders as decimal(18, 2)) as open_exposure,
    cast(
        case
            when grouped.is_expired then least(0, grouped.credit_limit - grouped.group_exposure)
            else grouped.credit_limit - grouped.group_exposure
        end as decimal(18, 2)
    ) as credit_available
from grouped
