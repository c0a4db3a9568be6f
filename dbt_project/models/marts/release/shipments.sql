-- a ship notice of its vendor says how a drop-ship shipment left
with notices as (

    select
        ordered.shipment_id,
        min(answers.event_at) as shipped_at,
        arg_max(answers.carrier_id, answers.event_at) as carrier_id,
        string_agg(distinct answers.tracking_number, ', ' order by answers.tracking_number) as tracking_number
    from {{ ref('stg_facts__vendors') }} as answers
    inner join (
        select distinct lines.document_id, lines.shipment_id from {{ ref('stg_facts__purchase_order_lines') }} as lines
    ) as ordered on answers.purchase_order_id = ordered.document_id
    where answers.kind = 'shipped'
    group by ordered.shipment_id

),

rides as (

    select
        aboard.shipment_id,
        arg_max(aboard.load_id, loads.cycle_seq) as load_id,
        max(loads.departed_at) as departed_at
    from {{ ref('stg_facts__load_shipments') }} as aboard
    inner join {{ ref('stg_facts__loads') }} as loads on aboard.load_id = loads.load_id
    group by aboard.shipment_id

)

select
    shipments.shipment_id,
    shipments.order_id,
    shipments.location_id,
    ways.mode,
    coalesce(ways.carrier_id, notices.carrier_id) as carrier_id,
    ways.service,
    shipments.weight_kg,
    shipments.volume_m3,
    shipments.value,
    shipments.window_from,
    shipments.window_to,
    balanced.status,
    case
        when balanced.status in ('released', 'picked', 'packed', 'loaded') and rides.load_id is not null then 'exception'
        when balanced.status in ('released', 'picked', 'packed', 'loaded', 'cancelled') then 'not_shipped'
        when balanced.status in ('refused', 'lost', 'partially_delivered') then 'exception'
        when balanced.status = 'shipped' then 'in_transit'
        else balanced.status
    end as tracking_status,
    ways.freight_quote,
    ways.chosen_because,
    shipments.currency,
    ways.freight_currency,
    ways.own_cost,
    shipments.wave_id,
    rides.load_id,
    shipments.ship_date,
    coalesce(rides.departed_at, notices.shipped_at) as departed_at,
    shipments.temperature_class,
    shipments.hazard_class,
    shipments.latitude,
    shipments.longitude,
    notices.tracking_number,
    {{ cycle_columns() }}
from {{ ref('stg_facts__shipments') }} as shipments
inner join {{ ref('int_shipments__ways') }} as ways on shipments.shipment_id = ways.shipment_id
inner join {{ ref('int_shipments__balanced') }} as balanced on shipments.shipment_id = balanced.shipment_id
left join rides on shipments.shipment_id = rides.shipment_id
left join notices on shipments.shipment_id = notices.shipment_id
