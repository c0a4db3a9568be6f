-- HOLD-PREPAYMENT-REQUIRED. One row per order on account of a customer who pays a part in advance and has not.
with owing as (

    select
        orders.*,
        cast({{ pro_rata('orders.due_total', 'orders.prepayment_pct', '100') }} as decimal(18, 2)) as needed
    from {{ ref('int_orders__outstanding') }} as orders
    where {{ not_left('orders') }} and orders.payment_status = 'on_account' and orders.has_credit and orders.prepayment_pct > 0

)

select
    'order' as scope,
    owing.order_id as subject_id,
    owing.order_id,
    cast(null as varchar) as order_line_id,
    cast(owing.captured as varchar) as observed,
    cast(owing.needed as varchar) as threshold,
    owing.needed - owing.captured as distance,
    owing.currency as unit,
    'customer ' || owing.customer_id || ' pays ' || {{ quantity_text('owing.prepayment_pct') }} || ' % in advance: '
    || cast(owing.captured as varchar) || ' of ' || {{ money_text('owing.needed', 'owing.currency') }} || ' is paid' as explanation,
    'pay ' || {{ money_text('owing.needed - owing.captured', 'owing.currency') }} || ' in advance' as remedy,
    {{ evidence({
        'customer': 'owing.customer_id', 'prepayment_pct': 'owing.prepayment_pct', 'due': 'owing.due_total', 'needed': 'owing.needed',
        'paid_in_advance': 'owing.captured', 'currency': 'owing.currency',
    }) }} as evidence,
    cast(null as timestamptz) as hold_until,
    '1' as rule_version
from owing
where owing.captured < owing.needed
