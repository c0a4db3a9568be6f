-- HOLD-CREDIT-REOPENED. One row per order that a person let go on credit and that is worth more since. What was decided is the
-- total of the version that the person could see: amendments captured in the very cycle of the release come after it.
with decided as (

    select
        remembered.order_id,
        max_by(remembered.hold_type, struct_pack(cycle := remembered.ended_cycle_seq, hold := remembered.hold_id)) as hold_type,
        max_by(remembered.ended_by, struct_pack(cycle := remembered.ended_cycle_seq, hold := remembered.hold_id)) as released_by,
        max(remembered.ended_cycle_seq) as released_cycle_seq
    from {{ ref('int_holds__remembered') }} as remembered
    where remembered.status = 'released' and remembered.family = 'credit'
    group by remembered.order_id

),

seen as (

    select
        decided.order_id,
        max(versions.cycle_seq) filter (where versions.cycle_seq < decided.released_cycle_seq) as seen_cycle_seq,
        max(versions.cycle_seq) as newest_cycle_seq
    from decided
    inner join {{ ref('stg_facts__orders') }} as versions on decided.order_id = versions.order_id
    where coalesce(versions.message_kind, 'order') = 'order'
    group by decided.order_id

),

compared as (

    select
        orders.order_id,
        orders.customer_id,
        orders.currency,
        orders.due_total,
        decided.hold_type,
        decided.released_by,
        decided.released_cycle_seq,
        max_by(
            versions.order_total,
            struct_pack(at := try_cast(versions.order_version as timestamptz), number := try_cast(versions.order_version as decimal(38, 6)), id := versions.message_id)
        ) as decided_total
    from decided
    inner join seen on decided.order_id = seen.order_id and seen.newest_cycle_seq >= decided.released_cycle_seq
    inner join {{ ref('stg_facts__orders') }} as versions on decided.order_id = versions.order_id and versions.cycle_seq = seen.seen_cycle_seq
    inner join {{ ref('int_orders__outstanding') }} as orders on decided.order_id = orders.order_id
    where {{ not_left('orders') }} and orders.payment_status = 'on_account' and coalesce(versions.message_kind, 'order') = 'order'
    group by all

)

select
    'order' as scope,
    compared.order_id as subject_id,
    compared.order_id,
    cast(null as varchar) as order_line_id,
    cast(compared.due_total as varchar) as observed,
    cast(compared.decided_total as varchar) as threshold,
    compared.due_total - compared.decided_total as distance,
    compared.currency as unit,
    compared.released_by || ' let it go at ' || {{ money_text('compared.decided_total', 'compared.currency') }} || ' (' || compared.hold_type
    || '); amended since, it is worth ' || {{ money_text('compared.due_total - compared.decided_total', 'compared.currency') }} || ' more' as explanation,
    'cut ' || {{ money_text('compared.due_total - compared.decided_total', 'compared.currency') }} || ' off the order, or decide again' as remedy,
    {{ evidence({
        'customer': 'compared.customer_id', 'released_hold': 'compared.hold_type', 'released_by': 'compared.released_by',
        'released_in_cycle': 'compared.released_cycle_seq', 'total_then': 'compared.decided_total', 'total_now': 'compared.due_total',
        'currency': 'compared.currency',
    }) }} as evidence,
    cast(null as timestamptz) as hold_until,
    '1' as rule_version
from compared
where compared.due_total > compared.decided_total
