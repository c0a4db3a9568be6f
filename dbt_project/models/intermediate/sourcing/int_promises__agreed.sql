{{ config(materialized='view') }}
-- One row per line whose delivery day was agreed with the customer by command: the newest, unless a newer version of the order came since.
with agreed as (

    select
        commands.target,
        cast({{ json_text('commands.payload', 'deliver_by') }} as date) as agreed_date,
        commands.reason,
        commands.cycle_seq,
        commands.sequence
    from {{ ref('stg_facts__commands') }} as commands
    where commands.outcome = 'accepted' and commands.type = 'promise.set'

),

of_lines as (

    select lines.order_line_id, lines.order_id, agreed.*
    from agreed
    inner join {{ ref('int_order_lines__balanced') }} as lines on agreed.target = lines.order_line_id

    union all

    select lines.order_line_id, lines.order_id, agreed.*
    from agreed
    inner join {{ ref('int_order_lines__balanced') }} as lines on agreed.target = lines.order_id

)

select
    of_lines.order_line_id,
    of_lines.agreed_date,
    of_lines.reason,
    of_lines.cycle_seq
from of_lines
where not exists (
    select 1 from {{ ref('stg_facts__orders') }} as versions
    where versions.order_id = of_lines.order_id and versions.cycle_seq > of_lines.cycle_seq
)
qualify row_number() over (partition by of_lines.order_line_id order by of_lines.cycle_seq desc, of_lines.sequence desc) = 1
