{#- One staging view of a table of facts: all its columns, nothing later than the running cycle can be there. -#}
{% macro stage(source_name, table_name, renamed={}) -%}
    select
        * {% if renamed %}rename ({% for old, new in renamed.items() %}{{ old }} as {{ new }}{{ ", " if not loop.last }}{% endfor %}){% endif %}

    from {{ source(source_name, table_name) }}
{%- endmacro %}

{#- History of a reference entity: one row per version, typed columns read from its JSON
    attributes (a `_code` of the outside world is an `_id` inside), valid_from and valid_to. -#}
{% macro stage_reference(entity, columns) -%}
    with versions as (

        select
            versions.*,
            row_number() over (
                partition by versions.key, versions.valid_from order by versions.cycle_seq desc, versions.version desc
            ) as newest_first
        from {{ source('facts', 'reference_versions') }} as versions
        where versions.entity = '{{ entity }}'

    )

    select
        {% for name, type in columns.items() -%}
        cast({{ json_text('versions.attributes', name) }} as {{ type }}) as {{ (name[:-5] ~ '_id') if name.endswith('_code') else name }},
        {% endfor -%}
        versions.key,
        versions.valid_from,
        lead(versions.valid_from) over (partition by versions.key order by versions.valid_from) as valid_to
    from versions
    where versions.newest_first = 1
{%- endmacro %}
