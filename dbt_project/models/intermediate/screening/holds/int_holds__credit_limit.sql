-- HOLD-CREDIT-LIMIT. One row per order on account that does not fit under the credit limit. What is on its way takes its part of the
-- limit first; the rest goes to the other orders by priority, then by age, and an order that does not fit leaves room to those behind.
-- Customers with a parent that has a limit share the parent's.
with queued as (

    select
        orders.order_id,
        orders.customer_id,
        exposure.limit_customer_id,
        exposure.credit_limit,
        exposure.group_invoices,
        exposure.currency,
        orders.exposure_base as amount,
        orders.priority,
        orders.placed_at,
        orders.is_started,
        orders.is_started or orders.order_total_base < {{ policy('credit.check_below', 'decimal(18,2)') }} as takes_always,
        {{ not_left('orders') }} and orders.order_total_base >= {{ policy('credit.check_below', 'decimal(18,2)') }} as is_checked,
        exposure.credit_limit - exposure.group_invoices as room
    from {{ ref('int_orders__outstanding') }} as orders
    inner join {{ ref('int_customers__exposure') }} as exposure on orders.customer_id = exposure.customer_id
    where orders.payment_status = 'on_account' and exposure.credit_limit is not null and orders.exposure_base > 0

),

-- only where there is not room for all does the order of the queue matter
queues as (

    select
        queued.limit_customer_id,
        min(queued.room) as room,
        list(
            struct_pack(order_id := queued.order_id, amount := queued.amount, takes_always := queued.takes_always)
            order by queued.is_started desc, queued.takes_always desc, queued.priority, queued.placed_at, queued.order_id
        ) as orders
    from queued
    group by queued.limit_customer_id
    having sum(queued.amount) > min(queued.room)

),

missed as (

    select unnest({{ first_fit('queues.orders', 'queues.room') }}, recursive := true) from queues

),

measured as (

    select
        queued.*,
        missed.used,
        queued.group_invoices + missed.used + queued.amount as exposure,
        missed.used + queued.amount - queued.room as beyond,
        min(missed.used + queued.amount - queued.room) over (
            partition by queued.limit_customer_id
            order by queued.is_started desc, queued.takes_always desc, queued.priority, queued.placed_at, queued.order_id
            rows between unbounded preceding and 1 preceding
        ) as least_beyond_before
    from queued
    inner join missed on queued.order_id = missed.order_id

)

select
    'order' as scope,
    measured.order_id as subject_id,
    measured.order_id,
    cast(null as varchar) as order_line_id,
    cast(measured.exposure as varchar) as observed,
    cast(measured.credit_limit as varchar) as threshold,
    measured.beyond as distance,
    measured.currency as unit,
    'exposure with this order ' || {{ money_text('measured.exposure', 'measured.currency') }}
    || ' (invoices ' || cast(measured.group_invoices as varchar) || ' + orders before it ' || cast(measured.used as varchar)
    || ' + this one ' || cast(measured.amount as varchar) || ') is ' || {{ money_text('measured.beyond', 'measured.currency') }}
    || ' above the limit of ' || {{ money_text('measured.credit_limit', 'measured.currency') }}
    || case when measured.limit_customer_id <> measured.customer_id then ' of ' || measured.limit_customer_id else '' end as explanation,
    'pay ' || {{ money_text('least(measured.beyond, measured.amount)', 'measured.currency') }} || ' in advance'
    -- of invoices it is the same only when no order before it would take the room first
    || case
        when measured.group_invoices >= measured.beyond and measured.beyond <= measured.amount
            and coalesce(measured.beyond < measured.least_beyond_before, true) then ', or of open invoices'
        else ''
    end as remedy,
    {{ evidence({
        'customer': 'measured.customer_id', 'limit_of': 'measured.limit_customer_id', 'credit_limit': 'measured.credit_limit',
        'open_invoices': 'measured.group_invoices', 'orders_before_it': 'measured.used', 'this_order': 'measured.amount',
        'exposure': 'measured.exposure', 'priority': 'measured.priority', 'placed_at': 'measured.placed_at', 'currency': 'measured.currency',
    }) }} as evidence,
    cast(null as timestamptz) as hold_until,
    '2' as rule_version
from measured
where measured.is_checked
