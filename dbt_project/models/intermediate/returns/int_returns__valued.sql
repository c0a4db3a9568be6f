-- One row per return and line: what was asked, authorised, received and inspected, how far the ledger could follow, and the refund of
-- what was accepted: the k-th of n units brings a line's refunds to round(line total with tax * k / n), each return the difference.
with events as (

    select
        returns.return_id,
        returns.order_line_id,
        min(returns.event_at) as requested_at,
        sum(case when returns.kind = 'requested' then returns.quantity else 0 end) as qty_requested,
        sum(case when returns.kind = 'received' then returns.quantity else 0 end) as qty_received,
        sum(case when returns.kind = 'inspected' then returns.quantity else 0 end) as qty_inspected,
        max(case when returns.kind = 'inspected' then returns.event_at end) as inspected_at,
        arg_min(returns.origin, returns.event_at) as origin,
        arg_min(returns.reason_code, returns.event_at) as reason_code,
        arg_max(returns.resolution, returns.event_at) as resolution,
        case
            when count(distinct returns.disposition) filter (where returns.kind = 'inspected') > 1 then 'mixed'
            else max(returns.disposition) filter (where returns.kind = 'inspected')
        end as disposition
    from {{ ref('stg_facts__returns') }} as returns
    where returns.event_at <= {{ as_of() }}
    group by returns.return_id, returns.order_line_id

),

booked as (

    select
        returns.return_id,
        returns.order_line_id,
        sum(case when moves.to_bucket = 'returned' then moves.quantity else 0 end) as qty_booked,
        sum(case when moves.from_bucket = 'refused' then moves.quantity else 0 end) as qty_refused
    from {{ ref('stg_facts__returns') }} as returns
    inner join {{ ref('stg_facts__line_events') }} as moves
        on returns.order_line_id = moves.order_line_id and returns.event_id = split_part(moves.event_id, '#', 1)
    group by returns.return_id, returns.order_line_id

),

restocked as (

    select
        returns.return_id,
        returns.order_line_id,
        sum(movements.quantity) as qty_restocked
    from {{ ref('stg_facts__returns') }} as returns
    inner join {{ ref('stg_facts__stock_movements') }} as movements
        on returns.event_id = movements.reference and movements.kind = 'return_restock'
    where coalesce(movements.stock_status, 'usable') = 'usable'
    group by returns.return_id, returns.order_line_id

),

decided as (

    select
        decisions.return_id,
        decisions.order_line_id,
        sum(case when decisions.event = 'authorised' then decisions.quantity end) as qty_authorised,
        max(case when decisions.event = 'closed' then decisions.refund_total end) as refund_total,
        max(case when decisions.event = 'closed' then decisions.event_at end) as closed_at,
        max(case when decisions.event = 'rejected' then decisions.event_at end) as rejected_at
    from {{ ref('stg_facts__return_decisions') }} as decisions
    group by decisions.return_id, decisions.order_line_id

),

delivered as (

    select
        moves.order_line_id,
        max(moves.event_at) as delivered_at,
        sum(moves.quantity) as qty_delivered
    from {{ ref('stg_facts__line_events') }} as moves
    where moves.to_bucket = 'delivered'
    group by moves.order_line_id

),

counted as (

    select
        events.*,
        lines.order_id,
        lines.currency,
        priced.qty_priced,
        priced.line_total + priced.tax_amount as refundable_total,
        priced.tax_amount,
        -- without a person's decision: refused goods need nobody's leave, and the policy may let returns inside the window come back
        coalesce(decided.qty_authorised, case
            when decided.rejected_at is not null then 0
            when events.qty_requested = 0 then booked.qty_refused
            else {{ authorised_by_rule('events', 'delivered') }}
        end, 0) as qty_authorised,
        decided.qty_authorised is null as is_by_rule,
        coalesce(booked.qty_booked, 0) as qty_booked,
        coalesce(restocked.qty_restocked, 0) as qty_restocked,
        decided.refund_total as closed_refund_total,
        decided.rejected_at,
        decided.closed_at
    from events
    left join {{ ref('int_order_lines__balanced') }} as lines on events.order_line_id = lines.order_line_id
    left join {{ ref('int_lines__priced') }} as priced on events.order_line_id = priced.order_line_id
    left join booked on events.return_id = booked.return_id and events.order_line_id = booked.order_line_id
    left join delivered on events.order_line_id = delivered.order_line_id
    left join restocked on events.return_id = restocked.return_id and events.order_line_id = restocked.order_line_id
    left join decided on events.return_id = decided.return_id and events.order_line_id = decided.order_line_id

),

accepted as (

    select
        counted.*,
        least(counted.qty_inspected, counted.qty_authorised, counted.qty_booked) as qty_accepted,
        greatest(counted.qty_received - counted.qty_authorised, counted.qty_received - counted.qty_booked, 0) as qty_unexpected
    from counted

),

running as (

    select
        accepted.*,
        sum(accepted.qty_accepted) over (
            partition by accepted.order_line_id order by accepted.requested_at, accepted.return_id
        ) as accepted_to_here
    from accepted

),

priced as (

    select
        running.*,
        {{ pro_rata('running.refundable_total', 'running.accepted_to_here', 'running.qty_priced') }}
        - {{ pro_rata('running.refundable_total', 'running.accepted_to_here - running.qty_accepted', 'running.qty_priced') }} as refundable
    from running

)

select
    priced.return_id,
    priced.order_line_id,
    priced.order_id,
    coalesce(priced.origin, case when priced.qty_requested = 0 then 'door' else 'customer' end) as origin,
    priced.reason_code,
    priced.resolution,
    cast(priced.qty_requested as decimal(18, 3)) as qty_requested,
    cast(priced.qty_authorised as decimal(18, 3)) as qty_authorised,
    cast(priced.qty_received as decimal(18, 3)) as qty_received,
    cast(priced.qty_inspected as decimal(18, 3)) as qty_inspected,
    cast(priced.qty_accepted as decimal(18, 3)) as qty_accepted,
    cast(priced.qty_unexpected as decimal(18, 3)) as qty_unexpected,
    cast(priced.qty_restocked as decimal(18, 3)) as qty_restocked,
    priced.disposition,
    cast(priced.refundable_total / priced.qty_priced as decimal(18, 6)) as unit_refund,
    cast(coalesce(
        priced.closed_refund_total,
        priced.refundable - {{ pro_rata('priced.refundable', policy('returns.restocking_fee_pct', 'decimal(18,6)'), '100') }}, 0
    ) as decimal(18, 2)) as refund_total,
    priced.refundable_total,
    priced.tax_amount,
    priced.currency,
    case
        when priced.closed_at is not null then 'closed'
        when priced.rejected_at is not null then 'rejected'
        when priced.qty_inspected > 0 then 'inspected'
        when priced.qty_received > 0 then 'received'
        when priced.qty_authorised > 0 then 'authorised'
        else 'requested'
    end as status,
    priced.is_by_rule,
    priced.requested_at,
    priced.inspected_at,
    coalesce(priced.closed_at, priced.rejected_at) as closed_at
from priced
