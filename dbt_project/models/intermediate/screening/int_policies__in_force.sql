{{ config(materialized='view') }}
with defaults as (

    select
        policies.policy_key,
        coalesce(policies.scope, '') as scope,
        policies.value,
        cast(null as timestamptz) as valid_from
    from {{ ref('policies') }} as policies

),

changes as (

    select
        changes.policy_key,
        coalesce(changes.scope, '') as scope,
        changes.value,
        changes.valid_from,
        row_number() over (
            partition by changes.policy_key, coalesce(changes.scope, '')
            order by changes.valid_from desc, changes.cycle_seq desc, changes.command_id desc
        ) as newest_first
    from {{ ref('stg_facts__policy_changes') }} as changes
    where changes.valid_from <= {{ as_of() }}

)

select
    coalesce(changes.policy_key, defaults.policy_key) as policy_key,
    coalesce(changes.scope, defaults.scope) as scope,
    coalesce(changes.value, defaults.value) as value,
    changes.valid_from
from defaults
full join (select * from changes where changes.newest_first = 1) as changes
    on defaults.policy_key = changes.policy_key and defaults.scope = changes.scope
