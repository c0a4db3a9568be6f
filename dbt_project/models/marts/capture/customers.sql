-- Customers of the reference data, and those that only their orders know of.
with provisional as (

    select
        orders.customer_id,
        arg_max(messages.customer_name, orders.placed_at) as name,
        arg_max(messages.customer_email, orders.placed_at) as email,
        arg_max(messages.customer_phone, orders.placed_at) as phone
    from {{ ref('int_orders__current') }} as orders
    inner join {{ ref('stg_facts__orders') }} as messages on orders.message_id = messages.message_id
    where not orders.is_known_customer and orders.customer_id is not null
    group by orders.customer_id

)

select
    known.* exclude (key),
    false as is_provisional,
    {{ cycle_columns() }}
from {{ ref('int_customers__in_force') }} as known

union all by name

select
    provisional.customer_id,
    provisional.name,
    provisional.email,
    provisional.phone,
    true as is_provisional,
    {{ cycle_columns() }}
from provisional
