-- HOLD-ORDER-ABOVE-MAX. One row per order with open units that is worth more than goes without a look. The remedy is the one line
-- of which so many whole units can be cut that the rest fits, for the least value.
with large as (

    select
        orders.order_id,
        orders.message_id,
        orders.customer_id,
        orders.due_total,
        orders.due_base,
        orders.rate,
        {{ policy('orders.max_total', 'decimal(18,2)') }} as max_total,
        orders.due_base - {{ policy('orders.max_total', 'decimal(18,2)') }} as beyond,
        {{ policy('reporting.currency') }} as currency
    from {{ ref('int_orders__outstanding') }} as orders
    where orders.qty_open > 0 and orders.due_base > {{ policy('orders.max_total', 'decimal(18,2)') }}

),

line_values as (

    select
        large.*,
        balanced.line_number,
        balanced.qty_open,
        lines.quantity,
        lines.line_total + coalesce(lines.tax_amount, 0) as gross,
        greatest(0, lines.quantity - (balanced.qty_ordered - balanced.qty_cancelled)) as qty_cut
    from large
    inner join {{ ref('stg_facts__order_lines') }} as lines on large.message_id = lines.message_id
    inner join {{ ref('int_order_lines__balanced') }} as balanced on lines.order_line_id = balanced.order_line_id
    where lines.line_total > 0

),

-- as many as the value asks for, and one less and one more, for the cent that rounding may move
candidates as (

    select
        line_values.*,
        near.units + cast(
            cast(line_values.beyond * 100 as hugeint) * cast(line_values.quantity * 1000 as hugeint)
            // greatest(1, cast(line_values.gross * coalesce(line_values.rate, 1) * 100 as hugeint) * 1000) as decimal(18, 0)
        ) as units
    from line_values
    cross join (select unnest([0, 1, 2]) as units) as near

),

cheapest as (

    select
        candidates.order_id,
        min_by(
            'cut ' || cast(candidates.units as varchar) || ' of line ' || candidates.line_number,
            struct_pack(
                value := {{ pro_rata('candidates.gross', 'candidates.units', 'candidates.quantity') }},
                units := candidates.units,
                line := candidates.line_number
            )
        ) as cut
    from candidates
    where
        candidates.units between 1 and candidates.qty_open
        and cast(
            (
                candidates.due_total + {{ pro_rata('candidates.gross', 'candidates.qty_cut', 'candidates.quantity') }}
                - {{ pro_rata('candidates.gross', 'candidates.qty_cut + candidates.units', 'candidates.quantity') }}
            ) * coalesce(candidates.rate, 1) as decimal(18, 2)
        ) <= candidates.max_total
    group by candidates.order_id

)

select
    'order' as scope,
    large.order_id as subject_id,
    large.order_id,
    cast(null as varchar) as order_line_id,
    cast(large.due_base as varchar) as observed,
    cast(large.max_total as varchar) as threshold,
    large.beyond as distance,
    large.currency as unit,
    'worth ' || {{ money_text('large.due_base', 'large.currency') }} || ', ' || {{ money_text('large.beyond', 'large.currency') }}
    || ' more than goes without a look (' || {{ money_text('large.max_total', 'large.currency') }} || ')' as explanation,
    coalesce(cheapest.cut, 'cut ' || {{ money_text('large.beyond', 'large.currency') }} || ' off the order') || ', or look at it and release it' as remedy,
    {{ evidence({
        'customer': 'large.customer_id', 'total': 'large.due_base', 'largest': 'large.max_total', 'beyond': 'large.beyond',
        'currency': 'large.currency',
    }) }} as evidence,
    cast(null as timestamptz) as hold_until,
    '1' as rule_version
from large
left join cheapest on large.order_id = cheapest.order_id
