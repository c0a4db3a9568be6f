{{ config(
    materialized='incremental', incremental_strategy='merge', on_schema_change='fail',
    unique_key=['sku_id', 'location_id', 'lot_key'],
    merge_update_columns=['folded_cycle_seq'],
    merge_update_set_expressions={
        'on_hand': 'DBT_INTERNAL_DEST.on_hand + DBT_INTERNAL_SOURCE.on_hand',
        'usable': 'DBT_INTERNAL_DEST.usable + DBT_INTERNAL_SOURCE.usable',
        'on_hold': 'DBT_INTERNAL_DEST.on_hold + DBT_INTERNAL_SOURCE.on_hold',
        'quarantine': 'DBT_INTERNAL_DEST.quarantine + DBT_INTERNAL_SOURCE.quarantine',
        'damaged': 'DBT_INTERNAL_DEST.damaged + DBT_INTERNAL_SOURCE.damaged',
        'first_at': 'least(DBT_INTERNAL_DEST.first_at, DBT_INTERNAL_SOURCE.first_at)',
    }
) }}
-- One row per SKU, location and lot: the sum of all movements, and by status, that cycles before the running one recorded, whatever their time.
-- Those facts don't change any more: a cycle adds what was recorded since the last fold. What depends on as_of is not in here, so it can't
-- be wrong at another as_of; readers ask int_stock__current. (docs/decisions/stock-balances.md)
select
    movements.sku_id,
    movements.location_id,
    coalesce(movements.lot_id, '') as lot_key,
    cast(sum(movements.quantity) as decimal(18, 3)) as on_hand,
    cast(sum(case when coalesce(movements.stock_status, 'usable') = 'usable' then movements.quantity else 0 end) as decimal(18, 3)) as usable,
    {% for status in ['on_hold', 'quarantine', 'damaged'] -%}
    cast(sum(case when movements.stock_status = '{{ status }}' then movements.quantity else 0 end) as decimal(18, 3)) as {{ status }},
    {% endfor -%}
    min(movements.event_at) as first_at,
    max(movements.cycle_seq) as folded_cycle_seq
from {{ ref('stg_facts__stock_movements') }} as movements
where
    movements.cycle_seq < {{ cycle_seq() }}
    {% if is_incremental() %}
    and movements.cycle_seq > (select coalesce(max(balances.folded_cycle_seq), 0) from {{ this }} as balances)
    {% endif %}
group by movements.sku_id, movements.location_id, coalesce(movements.lot_id, '')
