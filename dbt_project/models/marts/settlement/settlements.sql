-- The cargo of each dispatched load, in value: parts of a line are differences of rounded running shares, so they sum to the whole.
with lines as (

    select
        settled.load_id,
        settled.qty_shipped - settled.qty_delivered - settled.qty_refused - settled.qty_absent - settled.qty_lost as qty_out,
        coalesce(orders.rate, 1) as rate,
        {{ pro_rata('priced.line_total', 'settled.qty_shipped', 'priced.qty_priced') }} as shipped,
        {{ pro_rata('priced.line_total', 'settled.qty_delivered', 'priced.qty_priced') }} as delivered,
        {{ pro_rata('priced.line_total', 'settled.qty_delivered + settled.qty_refused + settled.qty_absent', 'priced.qty_priced') }} as seen_again
    from {{ ref('int_load_lines__settled') }} as settled
    inner join {{ ref('int_lines__priced') }} as priced on settled.order_line_id = priced.order_line_id
    inner join {{ ref('int_orders__current') }} as orders on priced.order_id = orders.order_id

),

summed as (

    select
        lines.load_id,
        sum(lines.qty_out) as qty_out,
        sum(cast(lines.shipped * lines.rate as decimal(18, 2))) as expected,
        sum(cast(lines.delivered * lines.rate as decimal(18, 2))) as received,
        sum(cast(lines.seen_again * lines.rate as decimal(18, 2))) as seen_again
    from lines
    group by lines.load_id

),

signed as (

    select
        events.load_id,
        min(events.actor) as signed_by,
        min(events.event_at) as signed_at
    from {{ ref('stg_facts__load_events') }} as events
    where events.event = 'cargo_signed'
    group by events.load_id

)

select
    summed.load_id,
    'cargo' as part,
    'goods' as payment_form,
    cast(summed.expected as decimal(18, 2)) as expected,
    cast(summed.seen_again - summed.received as decimal(18, 2)) as returned,
    cast(summed.expected - (summed.seen_again - summed.received) as decimal(18, 2)) as due,
    cast(summed.received as decimal(18, 2)) as received,
    cast(0 as decimal(18, 2)) as driver_debit,
    cast(0 as decimal(18, 2)) as driver_credit,
    cast(summed.seen_again - summed.expected as decimal(18, 2)) as difference,
    case
        when signed.load_id is not null then 'signed'
        when summed.qty_out > 0 then 'open'
        when summed.seen_again = summed.expected then 'counted'
        else 'divergent'
    end as status,
    signed.signed_by,
    signed.signed_at,
    cast(summed.qty_out as decimal(18, 3)) as qty_out,
    {{ policy('reporting.currency') }} as currency,
    {{ cycle_columns() }}
from summed
left join signed on summed.load_id = signed.load_id
