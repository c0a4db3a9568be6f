-- One row per hold that this cycle places, or that the facts clear or time ends: what commit appends to the hold events.
with findings as (

    select * from {{ ref('int_holds__prepared') }}
    union all
    select * from {{ ref('int_holds__sourced') }}

),

placed as (

    select
        findings.hold_key || '-' || cast(findings.times_placed + 1 as varchar) as hold_id,
        'placed' as event,
        findings.hold_type,
        types.family,
        findings.scope,
        findings.subject_id,
        findings.order_id,
        findings.order_line_id,
        findings.observed,
        findings.threshold,
        findings.distance,
        findings.unit,
        findings.explanation,
        findings.remedy,
        findings.evidence,
        findings.hold_until,
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
        case when remembered.hold_until <= {{ as_of() }} then 'expired' else 'cleared' end as event,
        remembered.hold_type,
        remembered.family,
        remembered.scope,
        remembered.subject_id,
        remembered.order_id,
        remembered.order_line_id,
        remembered.observed,
        remembered.threshold,
        remembered.distance,
        remembered.unit,
        remembered.explanation,
        remembered.remedy,
        remembered.evidence,
        remembered.hold_until,
        remembered.rule_version,
        'rule' as actor,
        case when remembered.hold_until <= {{ as_of() }} then 'its time is over' else 'the facts no longer show it' end as reason
    from {{ ref('int_holds__remembered') }} as remembered
    where
        remembered.status = 'open'
        and (remembered.hold_type <> 'MANUAL_USER' or remembered.hold_until <= {{ as_of() }})
        and not exists (select 1 from findings where findings.hold_key = remembered.hold_key)

)

select * from placed
union all
select * from cleared
