{{ config(tags=['invariant']) }}
-- Invariant 5, money: an order's total is its parts, the shares of its lines are the whole, and no more is paid back than was taken.
with shares as (

    select
        lines.message_id,
        sum(lines.discount_share) as discount_shares,
        sum(lines.line_total) as line_totals
    from {{ ref('stg_facts__order_lines') }} as lines
    group by lines.message_id

),

taxed_apart as (

    select distinct charges.message_id
    from {{ ref('stg_facts__order_charges') }} as charges
    where charges.charge_kind = 'tax'

),

paid as (

    select
        payments.channel,
        payments.channel_order_id,
        sum(case when payments.event = 'captured' then payments.amount else 0 end) as captured,
        sum(case when payments.event in ('refunded', 'chargeback') then payments.amount else 0 end) as refunded
    from {{ ref('stg_facts__payments') }} as payments
    where payments.event_at <= {{ as_of() }}
    group by payments.channel, payments.channel_order_id

)

select
    'order' as subject_type,
    orders.order_id as subject_id,
    'INV-05-TOTAL' as rule,
    'order total ' || cast(orders.order_total as varchar) || ', its parts are ' || cast(
        orders.items_total - orders.discount_total + orders.shipping_total + orders.charge_total + orders.tax_total + orders.rounding_total as varchar
    ) as reason
from {{ ref('int_orders__current') }} as orders
where
    orders.order_total is distinct from
    orders.items_total - orders.discount_total + orders.shipping_total + orders.charge_total + orders.tax_total + orders.rounding_total

union all

select
    'order' as subject_type,
    orders.order_id as subject_id,
    'INV-05-SHARES' as rule,
    'lines share ' || cast(shares.discount_shares as varchar) || ' of ' || cast(orders.discount_total as varchar) || ' discount and come to '
    || cast(shares.line_totals as varchar) || ' of ' || cast(orders.items_total - orders.discount_total as varchar) as reason
from {{ ref('int_orders__current') }} as orders
inner join shares on orders.message_id = shares.message_id
left join taxed_apart on orders.message_id = taxed_apart.message_id
where
    shares.discount_shares <> orders.discount_total
    or (taxed_apart.message_id is null and shares.line_totals <> orders.items_total - orders.discount_total)

union all

select
    'payment' as subject_type,
    orders.order_id as subject_id,
    'INV-05-REFUND' as rule,
    cast(paid.refunded as varchar) || ' ' || orders.currency || ' paid back, ' || cast(paid.captured as varchar) || ' taken: the rest is to be a credit note' as reason
from paid
inner join {{ ref('int_orders__current') }} as orders on paid.channel = orders.channel and paid.channel_order_id = orders.channel_order_id
-- a channel that says `paid` without saying when took the whole order
where paid.refunded > greatest(paid.captured, case when orders.payment_status in ('paid', 'refunded') then orders.order_total else 0 end)
