with resolutions as (

    select
        commands.target as message_id,
        arg_max(
            case commands.type
                when 'message.dismiss' then 'dismissed'
                when 'message.correct' then 'corrected'
                when 'message.retry' then 'retried'
                else case {{ json_text('commands.payload', 'resolution') }}
                    when 'keep' then 'kept' when 'replace' then 'replaced' else 'cancelled'
                end
            end,
            commands.cycle_seq * 1000000 + commands.sequence
        ) as resolution
    from {{ ref('stg_facts__commands') }} as commands
    where
        commands.outcome = 'accepted'
        and commands.type in ('message.dismiss', 'message.correct', 'message.retry', 'message.conflict_resolve')
    group by commands.target

),

-- What changes or ends an order that has not come: applied by the ledger when it does.
waiting as (

    select changes.message_id
    from {{ ref('stg_facts__orders') }} as changes
    where
        coalesce(changes.message_kind, 'order') != 'order'
        and not exists (
            select 1 from {{ ref('stg_facts__orders') }} as orders
            where orders.order_id = changes.order_id and coalesce(orders.message_kind, 'order') = 'order'
        )

),

judged as (

    select
        messages.*,
        resolutions.resolution,
        case
            when resolutions.resolution is not null then 'resolved'
            when messages.outcome in ('quarantined', 'conflict') then 'open'
            when waiting.message_id is not null then 'waiting'
            else 'done'
        end as state
    from {{ ref('stg_facts__capture_messages') }} as messages
    left join resolutions on messages.message_id = resolutions.message_id
    left join waiting on messages.message_id = waiting.message_id

)

select
    judged.message_id,
    judged.channel,
    judged.file_name,
    judged.file_sha256,
    judged.position,
    judged.outcome,
    judged.error_code,
    judged.error_field,
    judged.error_detail,
    judged.order_id,
    judged.received_at,
    judged.record,
    judged.message_key,
    judged.lines,
    judged.state,
    judged.resolution,
    case when judged.state = 'waiting' then 'order' end as waits_for,
    case
        when judged.state in ('open', 'waiting') then cast(date_diff('day', judged.received_at, {{ as_of() }}) as bigint)
    end as age_days,
    judged.warnings,
    {{ cycle_columns() }}
from judged
