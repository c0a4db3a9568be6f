-- One row per line that a planner pinned to a location or keeps from one, as the latest accepted command says.
with commands as (

    select
        commands.target as order_line_id,
        commands.type,
        {{ json_text('commands.payload', 'location_id') }} as location_id,
        row_number() over (partition by commands.target order by commands.cycle_seq desc, commands.sequence desc) as newest_first
    from {{ ref('stg_facts__commands') }} as commands
    where commands.outcome = 'accepted' and commands.type in ('line.pin', 'line.unpin', 'line.exclude')

)

select
    commands.order_line_id,
    case when commands.type = 'line.pin' then commands.location_id end as pinned_location_id,
    case when commands.type = 'line.exclude' then commands.location_id end as excluded_location_id
from commands
where commands.newest_first = 1 and commands.type <> 'line.unpin'
