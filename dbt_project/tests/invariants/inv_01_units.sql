{{ config(tags=['invariant']) }}
-- Invariant 1, units: every move is one that the ledger knows, no bucket of a line falls below 0 with what this cycle would release,
-- and the balances that the plan was made from are the fold of the events.
with released as (

    select
events.order_line_id,
events.from_bucket,
events.to_bucket,
events.quantity,
events.document_id,
events.event_id,
true as is_fact,
        events.actor = 'commit' and events.cycle_seq = {{ cycle_seq() }} as is_this_commit
    from {{ ref('stg_facts__line_events') }} as events

    union all

    select
lines.order_line_id,
'open' as from_bucket,
'released' as to_bucket,
lines.quantity,
lines.shipment_id as document_id,
        'candidate' as event_id,
false as is_fact,
true as is_this_commit
    from {{ ref('int_wave_lines__planned') }} as lines
    where not exists (select 1 from {{ ref('stg_facts__shipments') }} as shipments
where shipments.shipment_id = lines.shipment_id)

),

entries as (

    select
lines.order_line_id,
'open' as bucket,
lines.quantity_added as quantity,
false as is_this_commit
    from {{ ref('stg_facts__order_lines') }} as lines
    union all
    select
released.order_line_id,
released.from_bucket as bucket,
-released.quantity as quantity,
released.is_this_commit
from released
    union all
    select
released.order_line_id,
released.to_bucket as bucket,
released.quantity,
released.is_this_commit
from released

),

folded as (

    select
        entries.order_line_id,
        entries.bucket,
        sum(entries.quantity) as quantity,
        sum(case when entries.is_this_commit then 0 else entries.quantity end) as quantity_before
    from entries
    group by entries.order_line_id, entries.bucket

),

planned_from as (

    {% for bucket in ledger_buckets() -%}
    select
lines.order_line_id,
'{{ bucket }}' as bucket,
lines.qty_{{ bucket }} as quantity
from {{ ref('int_order_lines__balanced') }} as lines
    {{ "union all" if not loop.last }}
    {% endfor %}

)

select
    'line' as subject_type,
    released.order_line_id as subject_id,
    'INV-01-MOVE' as rule,
    'event ' || released.event_id || ' moves ' || coalesce(cast(released.quantity as varchar), 'nothing') || ' from '
    || coalesce(released.from_bucket, '?') || ' to ' || coalesce(released.to_bucket, '?') as reason
from released
where
    coalesce(released.quantity, 0) <= 0
    or released.from_bucket || '>' || released.to_bucket not in (
        'open>released', 'open>cancelled', 'released>open', 'released>picked', 'released>cancelled', 'picked>packed', 'picked>open',
        'picked>cancelled', 'packed>loaded', 'packed>open', 'packed>cancelled', 'loaded>packed', 'loaded>shipped', 'shipped>delivered',
        'shipped>refused', 'shipped>lost', 'shipped>packed', 'refused>returned', 'delivered>returned'
    )
    or released.from_bucket is null or released.to_bucket is null

union all

select
    'line' as subject_type,
    folded.order_line_id as subject_id,
    'INV-01-NEGATIVE' as rule,
    cast(folded.quantity as varchar) || ' units in the bucket ' || folded.bucket as reason
from folded
where folded.quantity < 0 or folded.quantity is null

union all

select
    'line' as subject_type,
    planned_from.order_line_id as subject_id,
    'INV-01-FOLD' as rule,
    'planned from ' || cast(planned_from.quantity as varchar) || ' ' || planned_from.bucket || ', the events say '
    || cast(coalesce(folded.quantity_before, 0) as varchar) as reason
from planned_from
left join folded on planned_from.order_line_id = folded.order_line_id and planned_from.bucket = folded.bucket
where planned_from.quantity is null or planned_from.quantity <> coalesce(folded.quantity_before, 0)
