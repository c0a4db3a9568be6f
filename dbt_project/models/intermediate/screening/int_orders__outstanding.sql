-- One row per order, tests apart, with units that are not delivered yet: what the hold rules look at, and what it is still worth.
-- The newest version's lines value it. Units cut since then (by a person, for want of stock) are no longer due; units that
-- arrived, were refused or lost are no longer to be invoiced. What is not a line (shipping, charges) counts until the end.
with balances as (

    select
        lines.order_id,
        sum(lines.qty_open) as qty_open,
        sum(lines.qty_released + lines.qty_picked + lines.qty_packed + lines.qty_loaded + lines.qty_shipped) as qty_started
    from {{ ref('int_order_lines__balanced') }} as lines
    group by lines.order_id

),

line_units as (

    select
        orders.order_id,
        coalesce(measured.quantity, lines.quantity) as quantity,
        lines.line_total + coalesce(lines.tax_amount, 0) as gross,
        greatest(0, coalesce(measured.quantity, lines.quantity) - (balanced.qty_ordered - balanced.qty_cancelled)) as qty_cut,
        balanced.qty_delivered + balanced.qty_refused + balanced.qty_lost + balanced.qty_returned as qty_ended
    from {{ ref('int_orders__current') }} as orders
    inner join {{ ref('stg_facts__order_lines') }} as lines on orders.message_id = lines.message_id
    -- a line that waited for what its unit holds is told once more, measured
    left join (
        select
            told.order_line_id,
            told.message_id,
            told.quantity
        from {{ ref('stg_facts__order_lines') }} as told
        where ends_with(told.message_id, ':measured')
    ) as measured on lines.order_line_id = measured.order_line_id and lines.message_id || ':measured' = measured.message_id
    inner join {{ ref('int_order_lines__balanced') }} as balanced on lines.order_line_id = balanced.order_line_id

),

gone as (

    select
        units.order_id,
        sum({{ pro_rata('units.gross', 'units.qty_cut', 'units.quantity') }}) as value_cut,
        sum({{ pro_rata('units.gross', 'least(units.quantity, units.qty_cut + units.qty_ended)', 'units.quantity') }}) as value_gone
    from line_units as units
    group by units.order_id

)

select
    orders.order_id,
    orders.channel,
    orders.channel_order_id,
    orders.customer_id,
    coalesce(orders.customer_code, orders.customer_id) as customer_number,
    orders.is_known_customer,
    orders.needs_known_customer,
    orders.remorse_minutes,
    customers.credit_limit is not null as has_credit,
    orders.priority,
    orders.placed_at,
    orders.payment_status,
    orders.currency,
    orders.rate,
    orders.order_total,
    orders.declared_total,
    orders.order_total_base,
    cast(greatest(0, orders.order_total - coalesce(gone.value_cut, 0)) as decimal(18, 2)) as due_total,
    cast(
        greatest(0, orders.order_total - coalesce(gone.value_gone, 0)) * coalesce(orders.rate, 1) as decimal(18, 2)
    ) as uninvoiced_base,
    orders.ship_to_street,
    orders.ship_to_postcode,
    orders.ship_to_city,
    orders.ship_to_country,
    orders.latitude,
    orders.longitude,
    cast(balances.qty_open as decimal(18, 3)) as qty_open,
    balances.qty_started > 0 as is_started
from {{ ref('int_orders__current') }} as orders
inner join balances on orders.order_id = balances.order_id
left join gone on orders.order_id = gone.order_id
left join {{ ref('int_customers__in_force') }} as customers on orders.customer_id = customers.customer_id
where not orders.is_test and balances.qty_open + balances.qty_started > 0
