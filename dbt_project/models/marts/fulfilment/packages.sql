select
    scans.package_id,
    max(tasks.shipment_id) as shipment_id,
    max(scans.package_type) as box_type,
    cast(coalesce(max(scans.weight_kg), sum(scans.quantity * skus.weight_kg)) as decimal(18, 3)) as weight_kg,
    cast(sum(scans.quantity * skus.volume_m3) as decimal(18, 3)) as volume_m3,
    cast(null as varchar) as sscc,
    cast(null as varchar) as tracking_number,
    cast(sum(scans.quantity) as decimal(18, 3)) as quantity,
    max(scans.event_at) as packed_at,
    {{ cycle_columns() }}
from {{ ref('stg_facts__floor') }} as scans
inner join {{ ref('stg_facts__pick_tasks') }} as tasks on scans.task_id = tasks.task_id
left join {{ ref('int_skus__in_force') }} as skus on tasks.sku_id = skus.sku_id
where scans.kind = 'pack' and scans.package_id is not null
group by scans.package_id
