-- One row per hold that this cycle places or clears: what commit appends to the hold events.
with found as (
    {{ hold_findings('release') }}
),

release_band as (
    {{ hold_state('found') }}
),

findings as (

    select * from {{ ref('int_holds__prepared') }}
    union all
    select * from release_band

),

placed as (

    select
        findings.hold_key || '-' || cast(findings.times_placed + 1 as varchar) as hold_id,
        'placed' as event,
        findings.hold_type,
        types.family,
        findings.scope,
        findings.order_id,
        findings.order_line_id,
        findings.observed,
        findings.threshold,
        findings.explanation,
        findings.remedy,
        findings.rule_version,
        'rule' as actor,
        findings.explanation as reason
    from findings
    inner join {{ ref('hold_types') }} as types on findings.hold_type = types.hold_type
    where not findings.is_released and coalesce(findings.known_status, 'cleared') <> 'open'

),

cleared as (

    select
        remembered.hold_id,
        'cleared' as event,
        remembered.hold_type,
        remembered.family,
        remembered.scope,
        remembered.order_id,
        remembered.order_line_id,
        remembered.observed,
        remembered.threshold,
        remembered.explanation,
        remembered.remedy,
        remembered.rule_version,
        'rule' as actor,
        'the facts no longer show it' as reason
    from {{ ref('int_holds__remembered') }} as remembered
    where
        remembered.status = 'open'
        and remembered.hold_type <> 'MANUAL_USER'
        and not exists (select 1 from findings where findings.hold_key = remembered.hold_key)

)

select * from placed
union all
select * from cleared
