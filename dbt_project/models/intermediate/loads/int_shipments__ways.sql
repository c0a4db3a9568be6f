{{ config(materialized='view') }}
-- One row per released shipment: how it goes, as released or as changed since (own vehicles left it behind, or its carrier was full).
with changes as (

    select
        changes.shipment_id,
        arg_max(changes.mode, changes.cycle_seq) as mode,
        arg_max(struct_pack(carrier_id := changes.carrier_id, service := changes.service), changes.cycle_seq) as taken,
        arg_max(struct_pack(quote := changes.freight_quote, currency := changes.freight_currency), changes.cycle_seq) as freight,
        arg_max(struct_pack(own_cost := changes.own_cost), changes.cycle_seq) as own,
        arg_max(changes.chosen_because, changes.cycle_seq) as chosen_because
    from {{ ref('stg_facts__mode_changes') }} as changes
    group by changes.shipment_id

)

select
    shipments.shipment_id,
    coalesce(changes.mode, shipments.mode) as mode,
    case when changes.shipment_id is null then shipments.carrier_id else changes.taken.carrier_id end as carrier_id,
    case when changes.shipment_id is null then shipments.service else changes.taken.service end as service,
    case when changes.shipment_id is null then shipments.freight_quote else changes.freight.quote end as freight_quote,
    case when changes.shipment_id is null then shipments.freight_currency else changes.freight.currency end as freight_currency,
    changes.own.own_cost,
    coalesce(changes.chosen_because, shipments.chosen_because) as chosen_because
from {{ ref('stg_facts__shipments') }} as shipments
left join changes on shipments.shipment_id = changes.shipment_id
