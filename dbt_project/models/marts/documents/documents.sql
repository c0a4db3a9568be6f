with voided as (

    select
        events.document_id,
        max(events.event_at) as voided_at,
        arg_max(events.reason, events.event_at) as void_reason
    from {{ ref('stg_facts__document_events') }} as events
    where events.event = 'void'
    group by events.document_id

)

select
    documents.document_id,
    documents.document_type,
    documents.number,
    documents.series,
    documents.load_id,
    documents.shipment_id,
    documents.order_id,
    case when voided.document_id is not null then 'void' else 'issued' end as status,
    documents.issued_at,
    renderings.file,
    renderings.sha256,
    documents.template_version,
    documents.wave_id,
    documents.location_id,
    renderings.bytes,
    voided.voided_at,
    voided.void_reason,
    {{ cycle_columns() }}
from {{ ref('stg_facts__documents') }} as documents
left join {{ ref('stg_facts__document_renderings') }} as renderings on documents.document_id = renderings.document_id
left join voided on documents.document_id = voided.document_id
