-- Refunds carry an order, not a return: an order's refunds fill its return lines in the order in which they were asked for.
with owed as (

    select
        returns.*,
        coalesce(payments.refunded, 0) - (
            sum(returns.refund_total) over (partition by returns.order_id order by returns.requested_at, returns.return_id, returns.order_line_id)
            - returns.refund_total
        ) as refund_left,
        exists(
            select 1 from {{ ref('reconciliation_exceptions') }} as exceptions
            where exceptions.status = 'open' and exceptions.order_line_id = returns.order_line_id and exceptions.kind like 'RETURN%'
        ) as is_contradicted
    from {{ ref('int_returns__valued') }} as returns
    left join {{ ref('int_payments__by_order') }} as payments on returns.order_id = payments.order_id

),

matched as (

    select
        owed.*,
        greatest(0, least(owed.refund_total, owed.refund_left)) as refunded_total,
        case
            when coalesce(owed.resolution, 'refund') = 'refund' then owed.refund_total - greatest(0, least(owed.refund_total, owed.refund_left))
            else 0
        end as difference
    from owed

)

select
    matched.return_id,
    matched.order_line_id,
    cast(matched.qty_received - matched.qty_authorised as decimal(18, 3)) as received_vs_authorised,
    matched.qty_restocked as restocked_qty,
    matched.refund_total as credited_total,
    cast(matched.refunded_total as decimal(18, 2)) as refunded_total,
    cast(matched.difference as decimal(18, 2)) as difference,
    case
        when matched.status in ('requested', 'authorised', 'received') then 'open'
        when matched.status = 'rejected' then 'matched'
        when matched.is_contradicted or matched.qty_unexpected > 0 or matched.difference <> 0 then 'divergent'
        when matched.status = 'inspected' and matched.qty_inspected < matched.qty_received then 'open'
        else 'matched'
    end as status,
    case
        when matched.status = 'rejected' then 'the return was refused'
        when matched.status in ('requested', 'authorised') then 'the goods have not come back'
        when matched.status = 'received' then cast(matched.qty_received as varchar) || ' received, not inspected yet'
        when matched.qty_unexpected > 0
            then cast(matched.qty_unexpected as varchar) || ' more came back than were authorised and shipped: decide what becomes of them'
        when matched.is_contradicted then 'the ledger contradicts it: see the open exceptions of the line'
        when matched.difference > 0 then cast(matched.difference as varchar) || ' ' || matched.currency || ' credited and not refunded yet'
        when matched.status = 'inspected' and matched.qty_inspected < matched.qty_received
            then cast(matched.qty_received - matched.qty_inspected as varchar) || ' still to be inspected'
        else 'received, restocked and paid back as authorised'
    end as explanation,
    matched.order_id,
    matched.currency,
    {{ cycle_columns() }}
from matched
