{{ config(materialized='view') }}
-- One row per order that people corrected by command: the latest accepted value of each field.
{% set fields = {
    'priority': 'integer', 'requested_to': 'timestamptz', 'name': 'varchar', 'street': 'varchar', 'city': 'varchar', 'region': 'varchar',
    'postcode': 'varchar', 'country': 'varchar', 'latitude': 'decimal(18,6)', 'longitude': 'decimal(18,6)'
} %}

select
    commands.target as order_id,
    {% for field, type in fields.items() -%}
    cast(max_by({{ json_text('commands.payload', field) }}, commands.cycle_seq * 1000000 + commands.sequence)
        filter (where {{ json_text('commands.payload', field) }} is not null) as {{ type }}) as {{ field }},
    {% endfor -%}
    bool_or(commands.type = 'order.split') as is_split
from {{ ref('stg_facts__commands') }} as commands
where commands.outcome = 'accepted' and commands.type in ('order.priority', 'order.amend', 'address.correct', 'order.split')
group by commands.target
