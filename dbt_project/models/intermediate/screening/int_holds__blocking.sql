-- One row per hold in force before sourcing and what it blocks: findings not released, and what people placed by hand.
with in_force as (

    select prepared.hold_type, prepared.order_id, prepared.order_line_id
    from {{ ref('int_holds__prepared') }} as prepared
    where not prepared.is_released

    union all

    select remembered.hold_type, remembered.order_id, remembered.order_line_id
    from {{ ref('int_holds__remembered') }} as remembered
    where
        remembered.hold_type = 'MANUAL_USER'
        and remembered.status = 'open'
        and (remembered.hold_until is null or remembered.hold_until > {{ as_of() }})

)

select
    in_force.hold_type,
    in_force.order_id,
    in_force.order_line_id,
    types.blocks_promise,
    types.blocks_reserve,
    types.blocks_release,
    types.blocks_pick,
    types.blocks_load,
    types.blocks_purchase
from in_force
inner join {{ ref('hold_types') }} as types on in_force.hold_type = types.hold_type
