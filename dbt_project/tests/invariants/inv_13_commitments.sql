{{ config(tags=['invariant']) }}
-- Invariant 13, commitments: no plan touches what was released, dispatched or issued before. Candidates may not take the names of
-- committed things, and nothing was added to a wave, shipment, load or document after the cycle that committed it.
select
    'shipment' as subject_type,
    lines.shipment_id as subject_id,
    'INV-13-WAVE' as rule,
    'would be added to wave ' || lines.wave_id || ' of cycle ' || cast(waves.cycle_seq as varchar) as reason
from {{ ref('int_wave_lines__planned') }} as lines
inner join {{ ref('stg_facts__waves') }} as waves on lines.wave_id = waves.wave_id
where waves.cycle_seq < {{ cycle_seq() }}

union all

select
    'shipment' as subject_type,
    planned.shipment_id as subject_id,
    'INV-13-SHIPMENT' as rule,
    'was released by cycle ' || cast(shipments.cycle_seq as varchar) || ' and would be released again' as reason
from {{ ref('int_shipments__planned') }} as planned
inner join {{ ref('stg_facts__shipments') }} as shipments on planned.shipment_id = shipments.shipment_id
where shipments.cycle_seq < {{ cycle_seq() }}

union all

select
    'load' as subject_type,
    planned.load_id as subject_id,
    'INV-13-LOAD' as rule,
    'left with cycle ' || cast(loads.cycle_seq as varchar) || ' and would leave again' as reason
from {{ ref('stg_plans__loads') }} as planned
inner join {{ ref('stg_facts__loads') }} as loads on planned.load_id = loads.load_id
where loads.cycle_seq < {{ cycle_seq() }}

union all

select
    'cycle' as subject_type,
    cast(found.cycle_seq as varchar) as subject_id,
    'INV-13-CHANGED' as rule,
    found.what || ' was changed by cycle ' || cast(found.cycle_seq as varchar) || ' after cycle ' || cast(found.committed_seq as varchar) || ' committed it' as reason
from (

    select
'wave ' || tasks.wave_id as what,
tasks.cycle_seq,
waves.cycle_seq as committed_seq
    from {{ ref('stg_facts__pick_tasks') }} as tasks
    inner join {{ ref('stg_facts__waves') }} as waves on tasks.wave_id = waves.wave_id

    union

    select
'shipment ' || lines.shipment_id as what,
lines.cycle_seq,
shipments.cycle_seq as committed_seq
    from {{ ref('stg_facts__shipment_lines') }} as lines
    inner join {{ ref('stg_facts__shipments') }} as shipments on lines.shipment_id = shipments.shipment_id

    union

    select
'load ' || aboard.load_id as what,
aboard.cycle_seq,
loads.cycle_seq as committed_seq
    from {{ ref('stg_facts__load_shipments') }} as aboard
    inner join {{ ref('stg_facts__loads') }} as loads on aboard.load_id = loads.load_id

    union

    select
'load ' || stops.load_id as what,
stops.cycle_seq,
loads.cycle_seq as committed_seq
    from {{ ref('stg_facts__load_stops') }} as stops
    inner join {{ ref('stg_facts__loads') }} as loads on stops.load_id = loads.load_id

    union

    select
'document ' || documents.document_id as what,
max(documents.cycle_seq) as cycle_seq,
min(documents.cycle_seq) as committed_seq
    from {{ ref('stg_facts__documents') }} as documents
    group by documents.document_id

) as found
where found.cycle_seq <> found.committed_seq
