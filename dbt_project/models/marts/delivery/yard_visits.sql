select
    yard.visit_id,
    max(yard.load_id) as load_id,
    max(yard.dock_id) as dock_id,
    {% for kind in ['gate_in', 'dock_in', 'loading_start', 'loading_end', 'gate_out'] -%}
    max(case when yard.kind = '{{ kind }}' then yard.event_at end) as {{ kind }},
    {% endfor -%}
    max(case when yard.kind = 'returned' then yard.event_at end) as returned_at,
    {{ cycle_columns() }}
from {{ ref('stg_facts__yard') }} as yard
where yard.event_at <= {{ as_of() }}
group by yard.visit_id
