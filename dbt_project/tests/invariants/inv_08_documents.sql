{{ config(tags=['invariant']) }}
-- Invariant 8, documents: numbers from 1 without gap per type and series, each document rendered once. (That the bytes match their
-- sha256 is checked where the files are.)
with numbered as (

    select
        documents.document_id,
        documents.document_type,
        documents.series,
        documents.number,
        row_number() over (partition by documents.document_type, documents.series order by documents.number, documents.document_id) as place
    from {{ ref('stg_facts__documents') }} as documents

),

rendered as (

    select
renderings.document_id,
count(*) as renderings,
count(distinct renderings.sha256) as contents,
bool_or(renderings.sha256 is null) as is_unnamed
    from {{ ref('stg_facts__document_renderings') }} as renderings
    group by renderings.document_id

)

select
    'document' as subject_type,
    numbered.document_type || '-' || numbered.series as subject_id,
    'INV-08-GAPLESS' as rule,
    'number ' || cast(numbered.number as varchar) || ' stands where ' || cast(numbered.place as varchar) || ' is due' as reason
from numbered
where numbered.number is distinct from numbered.place
qualify row_number() over (partition by numbered.document_type, numbered.series order by numbered.place) = 1

union all

select
    'document' as subject_type,
    rendered.document_id as subject_id,
    'INV-08-CHANGED' as rule,
    'rendered ' || cast(rendered.renderings as varchar) || ' times with ' || cast(rendered.contents as varchar) || ' contents' as reason
from rendered
left join {{ ref('stg_facts__documents') }} as documents on rendered.document_id = documents.document_id
where rendered.renderings > 1 or rendered.is_unnamed or documents.document_id is null
