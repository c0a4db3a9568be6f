-- One row per released shipment: how many of its units are in each ledger bucket, and what that makes its status.
with balanced as (

    select
        shipments.shipment_id,
        {% for bucket in ledger_buckets() if bucket != 'open' -%}
        cast(coalesce(sum(case when ledger.bucket = '{{ bucket }}' then ledger.quantity end), 0) as decimal(18, 3)) as qty_{{ bucket }}{{ "," if not loop.last }}
        {% endfor %}
    from {{ ref('stg_facts__shipments') }} as shipments
    left join {{ ref('int_ledger__committed') }} as ledger on shipments.shipment_id = ledger.shipment_id
    group by shipments.shipment_id

)

select
    balanced.*,
    case
        when balanced.qty_shipped > 0 and balanced.qty_delivered + balanced.qty_refused + balanced.qty_lost + balanced.qty_returned > 0
            then 'partially_delivered'
        when balanced.qty_shipped > 0 then 'shipped'
        when balanced.qty_released > 0 then 'released'
        when balanced.qty_picked > 0 then 'picked'
        when balanced.qty_packed > 0 then 'packed'
        when balanced.qty_loaded > 0 then 'loaded'
        when balanced.qty_delivered > 0 and balanced.qty_refused + balanced.qty_lost + balanced.qty_returned > 0 then 'partially_delivered'
        when balanced.qty_delivered > 0 then 'delivered'
        when balanced.qty_refused > 0 then 'refused'
        when balanced.qty_returned > 0 then 'returned'
        when balanced.qty_lost > 0 then 'lost'
        else 'cancelled'
    end as status
from balanced
