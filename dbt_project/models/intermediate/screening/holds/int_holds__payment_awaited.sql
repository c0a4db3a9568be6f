-- HOLD-PAYMENT-AWAITED. One row per order with open units that is to be paid before delivery and is not.
-- Covered is the larger of what the channel says it collected and what the payment events of each method amount to
-- (an authorisation and its capture count once), less what went back.
with owing as (

    select
        orders.*,
        orders.payment_status = 'on_account' as is_without_credit
    from {{ ref('int_orders__outstanding') }} as orders
    where
        orders.qty_open > 0
        and (orders.payment_status <> 'on_account' or (orders.is_known_customer and not orders.has_credit))

),

paid_versions as (

    select
        versions.order_id,
        versions.order_total,
        lag(versions.order_total, 1, 0) over (
            partition by versions.order_id order by {{ version_order('versions.order_version') }}, versions.cycle_seq, versions.message_id
        ) as total_before
    from {{ ref('stg_facts__orders') }} as versions
    inner join owing on versions.order_id = owing.order_id
    where
        coalesce(versions.message_kind, 'order') = 'order'
        and versions.placed_at <= {{ as_of() }}
        and versions.payment_status in ('paid', 'authorised')
        and owing.payment_status in ('paid', 'authorised')

),

-- a version with a lower total comes with a refund of the difference: only its rises were collected
stated as (

    select
        paid_versions.order_id,
        sum(greatest(0, paid_versions.order_total - paid_versions.total_before)) as collected
    from paid_versions
    group by paid_versions.order_id

),

payments as (

    select
        owing.order_id,
        coalesce(payments.method, '') as method,
        payments.event,
        case
            when upper(payments.currency) = owing.currency then payments.amount
            else coalesce({{ pro_rata('payments.amount', 'rates.rate * 1000', 'owing.rate * 1000') }}, 0)
        end as amount
    from {{ ref('stg_facts__payments') }} as payments
    inner join owing on payments.channel = owing.channel and payments.channel_order_id = owing.channel_order_id
    left join {{ ref('int_rates__in_force') }} as rates on upper(payments.currency) = rates.currency
    where payments.event_at <= {{ as_of() }}

),

by_method as (

    select
        payments.order_id,
        sum(case when payments.event = 'authorised' then payments.amount else 0 end) as authorised,
        sum(case when payments.event = 'captured' then payments.amount else 0 end) as captured,
        sum(case when payments.event = 'voided' then payments.amount else 0 end) as voided,
        sum(case when payments.event in ('refunded', 'chargeback') then payments.amount else 0 end) as refunded
    from payments
    group by payments.order_id, payments.method

),

received as (

    select
        by_method.order_id,
        sum(greatest(by_method.authorised - by_method.voided, by_method.captured)) as secured,
        sum(by_method.voided) as voided,
        sum(by_method.refunded) as refunded
    from by_method
    group by by_method.order_id

),

covered as (

    select
        owing.*,
        cast(greatest(
            0,
            coalesce(received.secured, 0) - coalesce(received.refunded, 0),
            coalesce(stated.collected, 0) - coalesce(received.voided, 0) - coalesce(received.refunded, 0)
        ) as decimal(18, 2)) as covered,
        cast(owing.due_total - {{ policy('payment.tolerance', 'decimal(18,2)') }} as decimal(18, 2)) as least_needed
    from owing
    left join received on owing.order_id = received.order_id
    left join stated on owing.order_id = stated.order_id

)

select
    'order' as scope,
    covered.order_id,
    cast(null as varchar) as order_line_id,
    cast(covered.covered as varchar) as observed,
    cast(covered.least_needed as varchar) as threshold,
    case when covered.is_without_credit then 'asked for on account, but ' || covered.customer_id || ' has no credit limit; ' else '' end
    || cast(covered.covered as varchar) || ' of ' || {{ money_text('covered.due_total', 'covered.currency') }} || ' is paid or authorised, '
    || {{ money_text('covered.due_total - covered.covered', 'covered.currency') }} || ' is missing' as explanation,
    'pay ' || {{ money_text('covered.due_total - covered.covered', 'covered.currency') }}
    || case when covered.is_without_credit then ', or give ' || covered.customer_id || ' a credit limit' else '' end as remedy,
    '1' as rule_version
from covered
where covered.covered < covered.least_needed
