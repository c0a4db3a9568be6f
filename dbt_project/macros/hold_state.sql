{#- Findings of a band against what is remembered: `open` (goes on or is new) or `released` (a person's release still holds).
    A release is void when its validity is over, or when the order was amended: by its channel in the very cycle of the release
    or later (who released had not seen it: what is captured is captured before commands are applied), by a command in a later one. -#}
{% macro hold_state(findings) -%}
    select
        found.*,
        remembered.hold_id as known_hold_id,
        remembered.status as known_status,
        coalesce(remembered.times_placed, 0) as times_placed,
        coalesce(
            remembered.status = 'released'
            and (remembered.valid_until is null or remembered.valid_until > {{ as_of() }})
            and not exists (
                select 1 from {{ ref('stg_facts__orders') }} as versions
                where versions.order_id = found.order_id and versions.cycle_seq >= remembered.ended_cycle_seq
            )
            and not exists (
                select 1 from {{ ref('stg_facts__order_lines') }} as lines
                where lines.order_id = found.order_id and lines.cycle_seq > remembered.ended_cycle_seq
            ),
            false
        ) as is_released
    from {{ findings }} as found
    left join {{ ref('int_holds__remembered') }} as remembered
        on found.hold_key = remembered.hold_key and remembered.is_newest
{%- endmacro %}
