{{ config(tags=['invariant']) }}
-- Invariant 4, promises: a line is promised no more than is open, released no more than is promised, and what its released work holds
-- in stock is what its ledger says is released, picked, packed or loaded.
with promised as (

    select
promises.order_line_id,
sum(promises.quantity) as quantity
    from {{ ref('stg_plans__promises') }} as promises
    group by promises.order_line_id

),

promised_there as (

    select
promises.order_line_id,
promises.location_id,
sum(promises.quantity) as quantity
    from {{ ref('stg_plans__promises') }} as promises
    group by promises.order_line_id, promises.location_id

),

taken as (

    select
lines.order_line_id,
lines.location_id,
sum(lines.quantity) as quantity
    from {{ ref('int_wave_lines__planned') }} as lines
    group by lines.order_line_id, lines.location_id

),

reserved as (

    select
reservations.order_line_id,
sum(reservations.quantity) as quantity
    from {{ ref('int_reservations__active') }} as reservations
    where reservations.location_id is not null
    group by reservations.order_line_id

)

select
    'line' as subject_type,
    promised.order_line_id as subject_id,
    'INV-04-PROMISE' as rule,
    cast(promised.quantity as varchar) || ' are promised, ' || cast(coalesce(lines.qty_open, 0) as varchar) || ' are open' as reason
from promised
left join {{ ref('int_order_lines__balanced') }} as lines on promised.order_line_id = lines.order_line_id
where promised.quantity > coalesce(lines.qty_open, 0)

union all

select
    'line' as subject_type,
    taken.order_line_id as subject_id,
    'INV-04-RELEASE' as rule,
    cast(taken.quantity as varchar) || ' would be released at ' || taken.location_id || ', '
    || cast(coalesce(promised_there.quantity, 0) as varchar) || ' are promised there' as reason
from taken
left join promised_there on taken.order_line_id = promised_there.order_line_id and taken.location_id = promised_there.location_id
where taken.quantity > coalesce(promised_there.quantity, 0)

union all

select
    'line' as subject_type,
    lines.order_line_id as subject_id,
    'INV-04-RESERVATION' as rule,
    cast(coalesce(reserved.quantity, 0) as varchar) || ' are reserved at a location, '
    || cast(lines.qty_released + lines.qty_picked + lines.qty_packed + lines.qty_loaded as varchar) || ' are released, picked, packed or loaded' as reason
from {{ ref('int_order_lines__balanced') }} as lines
left join reserved on lines.order_line_id = reserved.order_line_id
where coalesce(reserved.quantity, 0) <> lines.qty_released + lines.qty_picked + lines.qty_packed + lines.qty_loaded
