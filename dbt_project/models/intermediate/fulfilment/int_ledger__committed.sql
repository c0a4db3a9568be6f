-- One row per line, ledger bucket, shipment, location and lot: units there after the commit, folded from the line events.
-- Of `open` only what events did is here: add the ordered units. (int_order_lines__balanced is the state before the commit.)
with moves as (

    select
events.order_line_id,
events.from_bucket as bucket,
events.document_id,
events.location_id,
events.lot_id,
-events.quantity as quantity
    from {{ ref('stg_facts__line_events') }} as events

    union all

    select
events.order_line_id,
events.to_bucket as bucket,
events.document_id,
events.location_id,
events.lot_id,
events.quantity
    from {{ ref('stg_facts__line_events') }} as events

)

select
    moves.order_line_id,
    moves.bucket,
    moves.document_id as shipment_id,
    moves.location_id,
    moves.lot_id,
    cast(sum(moves.quantity) as decimal(18, 3)) as quantity
from moves
group by moves.order_line_id, moves.bucket, moves.document_id, moves.location_id, moves.lot_id
having sum(moves.quantity) <> 0
