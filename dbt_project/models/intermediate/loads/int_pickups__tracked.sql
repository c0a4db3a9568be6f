-- One row per pick-up: a return that our vehicle is to fetch, or the empties at an address, and how far it is. Of a return what is
-- authorised and has not come; of empties what the newest word says that lies there.
with asked as (

    select
        returns.return_id,
        returns.order_line_id,
        min(returns.event_at) as requested_at,
        sum(case when returns.kind = 'requested' then returns.quantity else 0 end) as qty_requested,
        sum(case when returns.kind = 'received' then returns.quantity else 0 end) as qty_received
    from {{ ref('stg_facts__returns') }} as returns
    where returns.event_at <= {{ as_of() }}
    group by returns.return_id, returns.order_line_id
    having bool_or(returns.kind = 'requested' and returns.method = 'pickup')

),

decided as (

    select
        decisions.return_id,
        decisions.order_line_id,
        sum(case when decisions.event = 'authorised' then decisions.quantity end) as qty_authorised,
        bool_or(decisions.event = 'rejected') as is_rejected,
        bool_or(decisions.event = 'closed') as is_closed
    from {{ ref('stg_facts__return_decisions') }} as decisions
    group by decisions.return_id, decisions.order_line_id

),

-- how each line came, with the address as the vehicle found it
delivered as (

    select
        moves.order_line_id,
        max(moves.event_at) as delivered_at,
        sum(moves.quantity) as qty_delivered,
        arg_max(moves.document_id, moves.event_at) as shipment_id
    from {{ ref('stg_facts__line_events') }} as moves
    inner join asked on moves.order_line_id = asked.order_line_id
    where moves.to_bucket = 'delivered'
    group by moves.order_line_id

),

return_lines as (

    select
        asked.return_id,
        asked.requested_at,
        delivered.shipment_id,
        lines.sku_id,
        lines.unit_price,
        case when coalesce(decided.is_rejected, false) then 0 else coalesce(decided.qty_authorised, {{ authorised_by_rule('asked', 'delivered') }}, 0) end
        as qty_authorised,
        case when coalesce(decided.is_closed, false) then asked.qty_requested else asked.qty_received end as qty_received
    from asked
    inner join delivered on asked.order_line_id = delivered.order_line_id
    inner join {{ ref('int_shipments__ways') }} as ways on delivered.shipment_id = ways.shipment_id and ways.mode = 'own_fleet'
    inner join {{ ref('int_order_lines__balanced') }} as lines on asked.order_line_id = lines.order_line_id
    left join decided on asked.return_id = decided.return_id and asked.order_line_id = decided.order_line_id

),

fetched as (

    select
        return_lines.return_id as pickup_id,
        min(return_lines.requested_at) as requested_at,
        max(return_lines.shipment_id) as shipment_id,
        sum(return_lines.qty_authorised) as qty_authorised,
        sum(greatest(return_lines.qty_authorised - return_lines.qty_received, 0)) as quantity,
        sum(greatest(return_lines.qty_authorised - return_lines.qty_received, 0) * skus.weight_kg) as weight_kg,
        sum(greatest(return_lines.qty_authorised - return_lines.qty_received, 0) * skus.volume_m3) as volume_m3,
        sum(greatest(return_lines.qty_authorised - return_lines.qty_received, 0) * return_lines.unit_price) as value,
        bool_or(skus.temperature_class = 'frozen') as any_frozen,
        bool_or(skus.temperature_class = 'chilled') as any_chilled,
        max(case when coalesce(skus.hazard_class, 'none') <> 'none' then skus.hazard_class end) as hazard_class,
        {{ goods_classes('skus') }} as goods_classes
    from return_lines
    inner join {{ ref('int_skus__in_force') }} as skus on return_lines.sku_id = skus.sku_id
    group by return_lines.return_id

),

lying as (

    select
        empties.customer_id,
        empties.address_id,
        empties.sku_id,
        arg_max(empties.quantity, empties.event_at) as quantity,
        arg_max(empties.location_id, empties.event_at) as location_id,
        max(empties.event_at) as stated_at
    from {{ ref('stg_facts__empties') }} as empties
    where empties.event_at <= {{ as_of() }}
    group by empties.customer_id, empties.address_id, empties.sku_id

),

empties as (

    select
        'empties-' || lying.customer_id || '-' || lying.address_id || '-' || lying.location_id as pickup_id,
        lying.customer_id,
        lying.address_id,
        lying.location_id,
        max(lying.stated_at) as requested_at,
        sum(lying.quantity) as quantity,
        sum(lying.quantity * skus.weight_kg) as weight_kg,
        sum(lying.quantity * skus.volume_m3) as volume_m3
    from lying
    inner join {{ ref('int_skus__in_force') }} as skus on lying.sku_id = skus.sku_id
    group by lying.customer_id, lying.address_id, lying.location_id

),

tasks as (

    select
        fetched.pickup_id,
        'return' as pickup_kind,
        orders.customer_id,
        orders.address_id,
        shipments.location_id,
        orders.order_id,
        fetched.requested_at,
        fetched.quantity,
        fetched.weight_kg,
        fetched.volume_m3,
        fetched.value,
        shipments.latitude,
        shipments.longitude,
        orders.ship_to_name as name,
        orders.ship_to_street as street,
        orders.ship_to_postcode as postcode,
        orders.ship_to_city as city,
        orders.ship_to_country as country,
        shipments.service_min,
        case when fetched.any_frozen then 'frozen' when fetched.any_chilled then 'chilled' else 'ambient' end as temperature_class,
        coalesce(fetched.hazard_class, 'none') as hazard_class,
        fetched.goods_classes,
        fetched.qty_authorised = 0 as is_over,
        fetched.quantity = 0 as has_come
    from fetched
    inner join {{ ref('stg_facts__shipments') }} as shipments on fetched.shipment_id = shipments.shipment_id
    inner join {{ ref('int_orders__current') }} as orders on shipments.order_id = orders.order_id

    union all

    select
        empties.pickup_id,
        'empties' as pickup_kind,
        empties.customer_id,
        empties.address_id,
        empties.location_id,
        cast(null as varchar) as order_id,
        empties.requested_at,
        empties.quantity,
        empties.weight_kg,
        empties.volume_m3,
        0 as value,
        addresses.latitude,
        addresses.longitude,
        addresses.name,
        addresses.street,
        addresses.postcode,
        addresses.city,
        addresses.country,
        coalesce(addresses.service_min, {{ policy('loads.service_min', 'integer') }}) as service_min,
        'ambient' as temperature_class,
        'none' as hazard_class,
        '' as goods_classes,
        empties.quantity = 0 as is_over,
        false as has_come
    from empties
    inner join {{ ref('int_addresses__in_force') }} as addresses
        on empties.customer_id = addresses.customer_id and empties.address_id = addresses.address_id

),

back as (

    select events.load_id
    from {{ ref('stg_facts__load_events') }} as events
    where events.event = 'returned'

    union

    select yard.load_id
    from {{ ref('stg_facts__yard') }} as yard
    where yard.kind = 'returned' and yard.event_at <= {{ as_of() }}

),

sent as (

    select
        aboard.pickup_id,
        max(loads.departed_at) as departed_at,
        arg_max(aboard.load_id, loads.departed_at) as load_id,
        arg_max(aboard.stop_sequence, loads.departed_at) as stop_sequence,
        arg_max(back.load_id is not null, loads.departed_at) as is_back
    from {{ ref('stg_facts__load_pickups') }} as aboard
    inner join {{ ref('stg_facts__loads') }} as loads on aboard.load_id = loads.load_id
    left join back on aboard.load_id = back.load_id
    group by aboard.pickup_id

),

told as (

    select
        reports.pickup_id,
        max(reports.event_at) as reported_at,
        arg_max(reports.outcome, reports.event_at) as outcome,
        arg_max(coalesce(reports.reason_code, ''), reports.event_at) as reason_code
    from {{ ref('stg_facts__pickups') }} as reports
    where reports.event_at <= {{ as_of() }}
    group by reports.pickup_id

)

select
    tasks.* exclude (is_over, has_come),
    case
        when tasks.has_come and not tasks.is_over then 'received'
        when told.outcome = 'collected' and told.reported_at >= tasks.requested_at then 'collected'
        when sent.departed_at > coalesce(told.reported_at, '-infinity'::timestamptz) and not sent.is_back then 'on_the_way'
        when tasks.is_over then 'cancelled'
        else 'open'
    end as status,
    sent.load_id,
    sent.stop_sequence,
    told.reported_at,
    told.outcome,
    nullif(told.reason_code, '') as reason_code
from tasks
left join sent on tasks.pickup_id = sent.pickup_id
left join told on tasks.pickup_id = told.pickup_id
