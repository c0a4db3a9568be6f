-- What was asked, what was taken back of it, what the seller said last, and what has left or come.
with ordered as (

    select
        lines.purchase_order_id,
        lines.line_number,
        any_value(lines.kind) as kind,
        any_value(lines.seller_id) as seller_id,
        any_value(lines.location_id) as location_id,
        any_value(lines.shipment_id) as shipment_id,
        any_value(lines.order_id) as order_id,
        any_value(lines.order_line_id) as order_line_id,
        any_value(lines.supply_id) as supply_id,
        any_value(lines.sku_id) as sku_id,
        sum(lines.quantity) as quantity,
        -sum(case when lines.quantity < 0 then lines.quantity else 0 end) as qty_withdrawn,
        any_value(lines.unit_cost) as unit_cost,
        sum(lines.fee) as fee,
        any_value(lines.currency) as currency,
        any_value(lines.due_date) as due_date
    from {{ ref('stg_facts__purchase_order_lines') }} as lines
    group by lines.purchase_order_id, lines.line_number

),

moved as (

    select
        events.document_id as shipment_id,
        events.order_line_id,
        sum(case
            when events.to_bucket = 'shipped' then events.quantity
            when events.from_bucket = 'shipped' and events.to_bucket = 'packed' then -events.quantity
            else 0
        end) as shipped,
        sum(case when events.to_bucket = 'open' and starts_with(events.event_id, 'vendor:') then events.quantity else 0 end) as rejected
    from {{ ref('stg_facts__line_events') }} as events
    where events.document_id in (select ordered.shipment_id from ordered)
    group by events.document_id, events.order_line_id

),

answered as (

    select
        ordered.purchase_order_id,
        ordered.line_number,
        min(answers.event_at) as answered_at,
        arg_max(answers.ship_date, answers.event_at) filter (where answers.kind = 'accepted') as told_date,
        arg_max(answers.reason_code, answers.event_at) as reason_code,
        bool_or(answers.kind = 'accepted') as is_accepted
    from ordered
    inner join {{ ref('stg_facts__vendors') }} as answers
        on ordered.purchase_order_id = answers.purchase_order_id and ordered.line_number = coalesce(answers.line_number, ordered.line_number)
    where answers.event_at <= {{ as_of() }}
    group by ordered.purchase_order_id, ordered.line_number

),

-- of a supplier's line the supply feed tells: promised again for a day, received
supplied as (

    select
        supply.supply_id,
        supply.status,
        supply.due_date,
        supply.quantity_open
    from {{ ref('supply') }} as supply

),

joined as (

    select
        ordered.*,
        answered.answered_at,
        answered.reason_code,
        coalesce(answered.is_accepted, supplied.status in ('confirmed', 'received'), false) as is_accepted,
        coalesce(answered.told_date, supplied.due_date) as told_date,
        coalesce(moved.rejected, 0) as rejected,
        case
            when ordered.supply_id is null then coalesce(moved.shipped, 0)
            when ordered.quantity > 0 then ordered.quantity - coalesce(supplied.quantity_open, 0)
            else 0
        end as gone,
        supplied.status as supply_status
    from ordered
    left join answered on ordered.purchase_order_id = answered.purchase_order_id and ordered.line_number = answered.line_number
    left join moved on ordered.shipment_id = moved.shipment_id and ordered.order_line_id = moved.order_line_id
    left join supplied on ordered.supply_id = supplied.supply_id

)

select
    joined.purchase_order_id,
    cast(joined.line_number as integer) as line_number,
    joined.kind,
    joined.seller_id,
    joined.location_id,
    joined.sku_id,
    joined.shipment_id,
    joined.order_id,
    joined.order_line_id,
    joined.supply_id,
    case
        when joined.quantity = 0 or joined.supply_status = 'cancelled' then 'cancelled'
        when joined.rejected >= joined.quantity then 'rejected'
        when joined.gone >= joined.quantity - joined.rejected then case joined.kind when 'dropship' then 'shipped' else 'received' end
        when joined.gone > 0 then case joined.kind when 'dropship' then 'partially_shipped' else 'partially_received' end
        when joined.is_accepted then 'accepted'
        else 'issued'
    end as status,
    cast(joined.quantity as decimal(18, 3)) as quantity,
    cast(joined.qty_withdrawn as decimal(18, 3)) as qty_withdrawn,
    cast(joined.rejected as decimal(18, 3)) as qty_rejected,
    cast(joined.gone as decimal(18, 3)) as qty_gone,
    joined.unit_cost,
    cast(joined.fee as decimal(18, 2)) as fee,
    cast(cast(joined.quantity * joined.unit_cost as decimal(18, 2)) + joined.fee as decimal(18, 2)) as line_total,
    joined.currency,
    joined.due_date,
    joined.told_date,
    documents.issued_at,
    joined.answered_at,
    joined.reason_code,
    {{ cycle_columns() }}
from joined
inner join {{ ref('stg_facts__documents') }} as documents on joined.purchase_order_id = documents.document_id
