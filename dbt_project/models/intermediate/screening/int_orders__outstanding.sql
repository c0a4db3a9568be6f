-- One row per order, tests apart, with units that are not delivered yet: what the hold rules look at, and what it is still worth.
-- The newest version's lines value it. Units cut since then (by a person, for want of stock) are no longer due; units that
-- arrived, were refused or lost are no longer to be invoiced. What is not a line (shipping, charges) counts until the end.
with balances as (

    select
        lines.order_id,
        sum(lines.qty_open) as qty_open,
        sum(lines.qty_released + lines.qty_picked + lines.qty_packed + lines.qty_loaded) as qty_on_floor,
        sum(lines.qty_released + lines.qty_picked + lines.qty_packed + lines.qty_loaded + lines.qty_shipped) as qty_started
    from {{ ref('int_order_lines__balanced') }} as lines
    group by lines.order_id

),

line_units as (

    select
        orders.order_id,
        coalesce(orders.rate, 1) as rate,
        coalesce(measured.quantity, lines.quantity) as quantity,
        lines.line_total as net,
        lines.line_total + coalesce(lines.tax_amount, 0) as gross,
        cast(coalesce(measured.quantity, lines.quantity) as decimal(38, 3)) * skus.cost * coalesce(rates.rate, 1) as cost_base,
        greatest(0, coalesce(measured.quantity, lines.quantity) - (balanced.qty_ordered - balanced.qty_cancelled)) as qty_cut,
        case when lines.substitution_of_line_id is not null then lines.line_total + coalesce(lines.tax_amount, 0) else 0 end as gross_added,
        balanced.qty_shipped,
        balanced.qty_delivered + balanced.qty_refused + balanced.qty_lost + balanced.qty_returned as qty_ended
    from {{ ref('int_orders__current') }} as orders
    inner join balances on orders.order_id = balances.order_id and balances.qty_open + balances.qty_started > 0
    -- a substitute is a line of no version of the order: a person's command asked for it
    inner join {{ ref('stg_facts__order_lines') }} as lines
        on orders.order_id = lines.order_id and (orders.message_id = lines.message_id or lines.substitution_of_line_id is not null)
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
    left join {{ ref('int_skus__in_force') }} as skus on lines.sku_id = skus.sku_id
    left join {{ ref('int_rates__in_force') }} as rates on upper(skus.currency) = rates.currency

),

gone as (

    select
        units.order_id,
        -- of most lines nothing is cut, on the road or at its end: the exact division is for the others
        sum(case when units.qty_cut > 0 then {{ pro_rata('units.gross', 'units.qty_cut', 'units.quantity') }} else 0 end) as value_cut,
        sum(case when units.qty_shipped > 0 then {{ pro_rata('units.gross', 'units.qty_shipped', 'units.quantity') }} else 0 end) as value_shipped,
        sum(
            case
                when units.qty_cut + units.qty_ended > 0
                    then {{ pro_rata('units.gross', 'least(units.quantity, units.qty_cut + units.qty_ended)', 'units.quantity') }}
                else 0
            end
        ) as value_gone,
        sum(units.gross_added) as value_added,
        cast(sum(units.net * units.rate) as decimal(18, 2)) as net_base,
        case when count(*) = count(units.cost_base) then cast(sum(units.cost_base) as decimal(18, 2)) end as cost_base
    from line_units as units
    group by units.order_id

),

valued as (

    select
        orders.*,
        coalesce(customers.credit_limit, parents.credit_limit) is not null as has_credit,
        upper(customers.risk_class) as risk_class,
        customers.prepayment_pct,
        customers.price_list,
        cast(greatest(0, orders.order_total + coalesce(gone.value_added, 0) - coalesce(gone.value_cut, 0)) as decimal(18, 2)) as due_total,
        cast(
            greatest(0, orders.order_total + coalesce(gone.value_added, 0) - coalesce(gone.value_gone, 0)) * coalesce(orders.rate, 1) as decimal(18, 2)
        ) as uninvoiced_base,
        cast(coalesce(gone.value_shipped, 0) * coalesce(orders.rate, 1) as decimal(18, 2)) as shipped_base,
        gone.net_base,
        gone.cost_base,
        coalesce(covered.covered, 0) as covered,
        coalesce(covered.covered_fresh, 0) as covered_fresh,
        coalesce(covered.captured, 0) as captured,
        covered.authorised_at,
        cast(balances.qty_open as decimal(18, 3)) as qty_open,
        cast(balances.qty_on_floor as decimal(18, 3)) as qty_on_floor,
        balances.qty_started > 0 as is_started
    from {{ ref('int_orders__current') }} as orders
    inner join balances on orders.order_id = balances.order_id
    left join gone on orders.order_id = gone.order_id
    left join {{ ref('int_orders__covered') }} as covered on orders.order_id = covered.order_id
    left join {{ ref('int_customers__in_force') }} as customers on orders.customer_id = customers.customer_id
    left join {{ ref('int_customers__in_force') }} as parents on customers.parent_id = parents.customer_id
    where not orders.is_test and balances.qty_open + balances.qty_started > 0

)

select
    valued.order_id,
    valued.message_id,
    valued.channel,
    valued.channel_order_id,
    valued.customer_id,
    coalesce(valued.customer_code, valued.customer_id) as customer_number,
    valued.is_known_customer,
    valued.needs_known_customer,
    valued.remorse_minutes,
    valued.has_credit,
    valued.risk_class,
    valued.prepayment_pct,
    valued.price_list,
    valued.priority,
    valued.placed_at,
    valued.requested_to,
    valued.payment_status,
    valued.currency,
    valued.rate,
    valued.items_total,
    valued.discount_total,
    valued.order_total,
    valued.declared_total,
    valued.order_total_base,
    valued.due_total,
    cast(valued.due_total * coalesce(valued.rate, 1) as decimal(18, 2)) as due_base,
    valued.uninvoiced_base,
    least(valued.uninvoiced_base, valued.shipped_base) as shipped_base,
    cast(
        least(valued.uninvoiced_base, valued.captured * coalesce(valued.rate, 1)) as decimal(18, 2)
    ) as deposit_base,
    cast(
        greatest(0, valued.uninvoiced_base - cast(valued.captured * coalesce(valued.rate, 1) as decimal(18, 2))) as decimal(18, 2)
    ) as exposure_base,
    valued.net_base,
    valued.cost_base,
    valued.covered,
    valued.covered_fresh,
    valued.captured,
    valued.authorised_at,
    valued.bill_to_postcode,
    valued.bill_to_country,
    valued.ship_to_street,
    valued.ship_to_postcode,
    valued.ship_to_city,
    valued.ship_to_country,
    concat_ws('|', valued.ship_to_country, valued.ship_to_postcode, valued.ship_to_city, valued.ship_to_street) as ship_to_key,
    valued.latitude,
    valued.longitude,
    valued.qty_open,
    valued.qty_on_floor,
    valued.is_started
from valued
