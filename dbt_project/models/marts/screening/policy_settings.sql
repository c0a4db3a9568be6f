with changes as (

    select
        changes.policy_key,
        coalesce(changes.scope, '') as scope,
        changes.value,
        changes.valid_from,
        changes.command_id,
        changes.valid_from > {{ as_of() }} as is_to_come,
        row_number() over (
            partition by changes.policy_key, coalesce(changes.scope, ''), changes.valid_from > {{ as_of() }}
            order by
                case when changes.valid_from > {{ as_of() }} then changes.valid_from end,
                changes.valid_from desc, changes.cycle_seq desc, changes.command_id desc
        ) as newest_first
    from {{ ref('stg_facts__policy_changes') }} as changes

)

select
    settings.policy_key,
    settings.scope,
    settings.value,
    defaults.value as default_value,
    defaults.kind,
    defaults.about,
    changed.valid_from,
    commands.actor as changed_by,
    commands.reason as changed_because,
    coming.value as next_value,
    coming.valid_from as next_from,
    {{ cycle_columns() }}
from {{ ref('int_policies__in_force') }} as settings
left join {{ ref('policies') }} as defaults on settings.policy_key = defaults.policy_key and coalesce(defaults.scope, '') = ''
left join changes as changed
    on settings.policy_key = changed.policy_key and settings.scope = changed.scope and not changed.is_to_come and changed.newest_first = 1
left join changes as coming
    on settings.policy_key = coming.policy_key and settings.scope = coming.scope and coming.is_to_come and coming.newest_first = 1
left join {{ ref('stg_facts__commands') }} as commands on changed.command_id = commands.command_id
