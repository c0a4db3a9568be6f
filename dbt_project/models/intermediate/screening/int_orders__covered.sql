{{ config(materialized='view') }}
-- One row per order that its channel calls paid or of which payment events tell: how much of it is covered, in its own currency.
-- Covered is the larger of what the channel says it collected and what the payment events of each method amount to
-- (an authorisation and its capture count once), less what went back. Fresh is what is left of it without authorisations that
-- are older than banks honour.
with orders as (

    select
        orders.order_id,
        orders.channel,
        orders.channel_order_id,
        orders.currency,
        orders.rate,
        orders.placed_at,
        orders.payment_status
    from {{ ref('int_orders__current') }} as orders
    where not orders.is_test

),

paid_versions as (

    select
        versions.order_id,
        versions.order_total,
        lag(versions.order_total, 1, 0) over (
            partition by versions.order_id order by {{ version_order('versions.order_version') }}, versions.cycle_seq, versions.message_id
        ) as total_before
    from {{ ref('stg_facts__orders') }} as versions
    inner join orders on versions.order_id = orders.order_id
    where
        coalesce(versions.message_kind, 'order') = 'order'
        and versions.placed_at <= {{ as_of() }}
        and versions.payment_status in ('paid', 'authorised')
        and orders.payment_status in ('paid', 'authorised')

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
        orders.order_id,
        coalesce(payments.method, '') as method,
        payments.event,
        payments.event_at,
        payments.event_at + cast({{ policy('payment.authorisation_days') }} || ' days' as interval) >= {{ as_of() }} as is_fresh,
        case
            when upper(payments.currency) = orders.currency then payments.amount
            else coalesce({{ pro_rata('payments.amount', 'rates.rate * 1000', 'orders.rate * 1000') }}, 0)
        end as amount
    from {{ ref('stg_facts__payments') }} as payments
    inner join orders on payments.channel = orders.channel and payments.channel_order_id = orders.channel_order_id
    left join {{ ref('int_rates__in_force') }} as rates on upper(payments.currency) = rates.currency
    where payments.event_at <= {{ as_of() }}

),

by_method as (

    select
        payments.order_id,
        sum(case when payments.event = 'authorised' then payments.amount else 0 end) as authorised,
        sum(case when payments.event = 'authorised' and payments.is_fresh then payments.amount else 0 end) as authorised_fresh,
        min(case when payments.event = 'authorised' then payments.event_at end) as authorised_at,
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
        sum(greatest(least(by_method.authorised_fresh, by_method.authorised - by_method.voided), by_method.captured)) as secured_fresh,
        min(by_method.authorised_at) as authorised_at,
        sum(by_method.captured) as captured,
        sum(by_method.voided) as voided,
        sum(by_method.refunded) as refunded
    from by_method
    group by by_method.order_id

),

added as (

    select
        orders.order_id,
        coalesce(received.secured, 0) as secured,
        coalesce(received.secured_fresh, 0) as secured_fresh,
        coalesce(received.captured, 0) as captured,
        coalesce(received.voided, 0) as voided,
        coalesce(received.refunded, 0) as refunded,
        coalesce(stated.collected, 0) as collected,
        case
            when
                orders.payment_status = 'paid'
                or orders.placed_at + cast({{ policy('payment.authorisation_days') }} || ' days' as interval) >= {{ as_of() }}
                then coalesce(stated.collected, 0)
            else 0
        end as collected_fresh,
        coalesce(received.authorised_at, case when orders.payment_status = 'authorised' then orders.placed_at end) as authorised_at
    from orders
    left join received on orders.order_id = received.order_id
    left join stated on orders.order_id = stated.order_id
    where received.order_id is not null or stated.order_id is not null

)

select
    added.order_id,
    cast(greatest(0, added.secured - added.refunded, added.collected - added.voided - added.refunded) as decimal(18, 2)) as covered,
    cast(
        greatest(0, added.secured_fresh - added.refunded, added.collected_fresh - added.voided - added.refunded) as decimal(18, 2)
    ) as covered_fresh,
    cast(greatest(0, added.captured - added.refunded) as decimal(18, 2)) as captured,
    added.authorised_at
from added
