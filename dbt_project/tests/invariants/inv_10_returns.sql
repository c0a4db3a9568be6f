{{ config(tags=['invariant']) }}
-- Invariant 10, returns: no more is inspected than was received, no more authorised than asked for, and what closed returns of a line
-- were credited is at most round(line total with tax * k / n) for the k of its n units that came back.
with moved as (

    select
        returns.return_id,
        returns.order_line_id,
        sum(case when returns.kind = 'requested' then returns.quantity else 0 end) as qty_requested,
        sum(case when returns.kind = 'received' then returns.quantity else 0 end) as qty_received,
        sum(case when returns.kind = 'inspected' then returns.quantity else 0 end) as qty_inspected
    from {{ ref('stg_facts__returns') }} as returns
    where returns.event_at <= {{ as_of() }}
    group by returns.return_id, returns.order_line_id

),

authorised as (

    select
decisions.return_id,
decisions.order_line_id,
sum(decisions.quantity) as quantity
    from {{ ref('stg_facts__return_decisions') }} as decisions
    where decisions.event = 'authorised'
    group by decisions.return_id, decisions.order_line_id

),

credited as (

    select
decisions.order_line_id,
sum(decisions.refund_total) as credited
    from {{ ref('stg_facts__return_decisions') }} as decisions
    where decisions.event = 'closed'
    group by decisions.order_line_id

),

came_back as (

    select
events.order_line_id,
sum(events.quantity) as quantity
    from {{ ref('stg_facts__line_events') }} as events
    where events.to_bucket = 'returned'
    group by events.order_line_id

),

priced as (

    select
lines.order_line_id,
lines.quantity,
lines.line_total + lines.tax_amount as refundable_total
    from {{ ref('stg_facts__order_lines') }} as lines
    qualify row_number() over (
        partition by lines.order_line_id order by lines.order_version desc nulls last, lines.cycle_seq desc, lines.message_id desc
    ) = 1

)

select
    'return' as subject_type,
    moved.return_id || '/' || moved.order_line_id as subject_id,
    'INV-10-ACCEPTED' as rule,
    cast(moved.qty_inspected as varchar) || ' inspected, ' || cast(moved.qty_received as varchar) || ' received' as reason
from moved
where moved.qty_inspected > moved.qty_received

union all

select
    'return' as subject_type,
    authorised.return_id || '/' || authorised.order_line_id as subject_id,
    'INV-10-AUTHORISED' as rule,
    cast(authorised.quantity as varchar) || ' authorised, ' || cast(coalesce(moved.qty_requested, 0) as varchar) || ' asked for' as reason
from authorised
left join moved on authorised.return_id = moved.return_id and authorised.order_line_id = moved.order_line_id
where authorised.quantity > coalesce(moved.qty_requested, 0)

union all

select
    'return' as subject_type,
    credited.order_line_id as subject_id,
    'INV-10-CREDIT' as rule,
    cast(credited.credited as varchar) || ' credited for ' || cast(coalesce(came_back.quantity, 0) as varchar) || ' of ' || cast(priced.quantity as varchar)
    || ' units of a line worth ' || cast(priced.refundable_total as varchar) as reason
from credited
inner join priced on credited.order_line_id = priced.order_line_id
left join came_back on credited.order_line_id = came_back.order_line_id
where credited.credited > {{ pro_rata('priced.refundable_total', 'coalesce(came_back.quantity, 0)', 'priced.quantity') }}
