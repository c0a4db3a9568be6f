-- The account of each dispatched load. Cargo in value: parts of a line are differences of rounded running shares, so they sum to the whole.
-- Money, empties and expenses as they were last counted by command.
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

),

counted as (

    select
        commands.target as load_id,
        {{ json_text('commands.payload', 'part') }} as part,
        {{ json_text('commands.payload', 'payment_form') }} as payment_form,
        {% for amount in ['expected', 'returned', 'received', 'driver_debit', 'driver_credit'] -%}
        cast({{ json_text('commands.payload', amount) }} as decimal(18, 2)) as {{ amount }}{{ "," if not loop.last }}
        {% endfor %}
    from {{ ref('stg_facts__commands') }} as commands
    where commands.type = 'settlement.record' and commands.outcome = 'accepted'
    qualify row_number() over (
        partition by commands.target, {{ json_text('commands.payload', 'part') }}, {{ json_text('commands.payload', 'payment_form') }}
        order by commands.cycle_seq desc, commands.sequence desc
    ) = 1

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

union all

select
    counted.load_id,
    counted.part,
    counted.payment_form,
    counted.expected,
    counted.returned,
    cast(counted.expected - counted.returned as decimal(18, 2)) as due,
    counted.received,
    counted.driver_debit,
    counted.driver_credit,
    cast(
        counted.received + counted.driver_debit - counted.driver_credit - (counted.expected - counted.returned) as decimal(18, 2)
    ) as difference,
    case
        when signed.load_id is not null then 'signed'
        when counted.received + counted.driver_debit - counted.driver_credit = counted.expected - counted.returned then 'counted'
        else 'divergent'
    end as status,
    signed.signed_by,
    signed.signed_at,
    cast(0 as decimal(18, 3)) as qty_out,
    case when counted.part <> 'empties' then {{ policy('reporting.currency') }} end as currency,
    {{ cycle_columns() }}
from counted
left join signed on counted.load_id = signed.load_id
