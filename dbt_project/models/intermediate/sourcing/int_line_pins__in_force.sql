-- One row per line that a planner pinned to a location or keeps from some, as the accepted commands since its last unpin say: the
-- latest pin, every exclusion. Of one location the latest word counts, and an unpin may speak of one location alone.
with commands as (

    select
        commands.target as order_line_id,
        commands.type,
        {{ json_text('commands.payload', 'location_id') }} as location_id,
        row_number() over (partition by commands.target order by commands.cycle_seq, commands.sequence) as number
    from {{ ref('stg_facts__commands') }} as commands
    where commands.outcome = 'accepted' and commands.type in ('line.pin', 'line.unpin', 'line.exclude')

),

in_force as (

    select commands.*
    from commands
    left join (
        select
            unpinned.order_line_id,
            max(unpinned.number) as number
        from commands as unpinned
        where unpinned.type = 'line.unpin' and unpinned.location_id is null
        group by unpinned.order_line_id
    ) as ended on commands.order_line_id = ended.order_line_id
    where commands.number > coalesce(ended.number, 0)
    qualify row_number() over (partition by commands.order_line_id, commands.location_id order by commands.number desc) = 1

)

select
    in_force.order_line_id,
    max_by(in_force.location_id, in_force.number) filter (where in_force.type = 'line.pin') as pinned_location_id,
    coalesce(list_sort(list(in_force.location_id) filter (where in_force.type = 'line.exclude')), []) as excluded_location_ids
from in_force
where in_force.type <> 'line.unpin'
group by in_force.order_line_id
