with states as (

    select
        cycles.cycle_seq,
        max(cycles.as_of) as as_of,
        min(cycles.started_at) as started_at,
        max(cycles.ended_at) as ended_at,
        max(cycles.seed) as seed,
        max(cycles.input_hash) as input_hash,
        max(cycles.plan_hash) as plan_hash,
        max(cycles.code_version) as code_version,
        bool_or(cycles.state = 'failed') as is_failed,
        bool_or(cycles.state = 'committed') as is_committed,
        bool_or(cycles.state = 'published') as is_published
    from {{ source('committed', 'cycles') }} as cycles
    group by cycles.cycle_seq

),

captured as (

    select
        orders.cycle_seq,
        count(distinct orders.order_id) as orders
    from {{ ref('stg_facts__orders') }} as orders
    where coalesce(orders.message_kind, 'order') = 'order'
    group by orders.cycle_seq

),

-- a line is open after a cycle when what it asked for by then, less what left the open bucket by then, is above 0
open_moves as (

    select
lines.order_line_id,
lines.cycle_seq,
lines.quantity_added as quantity
    from {{ ref('stg_facts__order_lines') }} as lines

    union all

    select
events.order_line_id,
events.cycle_seq,
case when events.to_bucket = 'open' then events.quantity else -events.quantity end as quantity
    from {{ ref('stg_facts__line_events') }} as events
    where events.from_bucket = 'open' or events.to_bucket = 'open'

),

open_after as (

    select
        moves.order_line_id,
        moves.cycle_seq,
        cast(sum(sum(moves.quantity)) over (partition by moves.order_line_id order by moves.cycle_seq) > 0 as integer) as is_open
    from open_moves as moves
    group by moves.order_line_id, moves.cycle_seq

),

turned as (

    select
        open_after.cycle_seq,
        open_after.is_open - coalesce(lag(open_after.is_open) over (partition by open_after.order_line_id order by open_after.cycle_seq), 0) as change
    from open_after

),

by_cycle as (

    select
        turned.cycle_seq,
        sum(turned.change) as change
    from turned
    group by turned.cycle_seq

)

select
    cast(states.cycle_seq as varchar) as cycle_id,
    states.as_of,
    states.started_at,
    states.ended_at,
    states.seed,
    coalesce(captured.orders, 0) as orders_captured,
    cast(coalesce((select sum(by_cycle.change) from by_cycle
where by_cycle.cycle_seq <= states.cycle_seq), 0) as bigint) as lines_open,
    states.input_hash,
    states.plan_hash,
    states.code_version,
    -- who reads this reads a published copy: the cycle that it is the copy of is published
    case
        when states.is_published or (states.is_committed and states.cycle_seq = {{ cycle_seq() }}) then 'published'
        when states.is_committed then 'committed'
        when states.is_failed then 'failed'
        else 'planned'
    end as status
from states
left join captured on states.cycle_seq = captured.cycle_seq
