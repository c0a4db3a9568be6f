select
    planned.load_id,
    planned.shipment_id,
    planned.stop_sequence,
    planned.load_position,
    planned.pallets_before,
    planned.pallets,
    planned.because,
    {{ cycle_columns() }}
from {{ ref('stg_plans__load_shipments') }} as planned
where {{ not_dispatched('planned') }}

union all

select
    dispatched.load_id,
    dispatched.shipment_id,
    dispatched.stop_sequence,
    dispatched.load_position,
    dispatched.pallets_before,
    dispatched.pallets,
    dispatched.because,
    {{ cycle_columns() }}
from {{ ref('stg_facts__load_shipments') }} as dispatched
