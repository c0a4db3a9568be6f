-- One row per order placed up to as_of, as its newest version says, with where it goes.
with versions as (

    select
        orders.*,
        row_number() over (
            partition by orders.order_id
            order by {{ version_order('orders.order_version', 'desc') }}, orders.cycle_seq desc, orders.message_id desc
        ) as newest_first,
        min(orders.placed_at) over (partition by orders.order_id) as first_placed_at,
        min(orders.recorded_at) over (partition by orders.order_id) as first_recorded_at
    from {{ ref('stg_facts__orders') }} as orders
    where coalesce(orders.message_kind, 'order') = 'order' and orders.placed_at <= {{ as_of() }}

),

current_version as (

    -- a customer who was loaded after the order came is no longer the channel's provisional one
    select
        versions.* exclude (customer_id),
        coalesce(loaded.customer_id, versions.customer_id) as customer_id
    from versions
    left join {{ ref('int_customers__in_force') }} as loaded on versions.customer_code = loaded.customer_id
    where versions.newest_first = 1

),

stores as (

    -- shops call a store by its code or by its name
    select
        *,
        lower(location_id) as called
    from {{ ref('int_locations__in_force') }}
    union all
    select
        *,
        lower(name) as called
    from {{ ref('int_locations__in_force') }}
    where lower(name) not in (select lower(location_id) from {{ ref('int_locations__in_force') }})
    qualify count(*) over (partition by lower(name)) = 1

),

address_candidates as (

    select
        orders.order_id,
        addresses.address_id,
        addresses.latitude,
        addresses.longitude,
        addresses.name,
        addresses.street,
        addresses.postcode,
        addresses.city,
        addresses.region,
        addresses.country,
        addresses.window_from,
        addresses.window_to,
        addresses.service_min,
        row_number() over (
            partition by orders.order_id
            order by (addresses.postcode = orders.ship_to_postcode) desc nulls last, addresses.address_id
        ) as best_first
    from current_version as orders
    inner join {{ ref('int_addresses__in_force') }} as addresses
        on orders.customer_id = addresses.customer_id
    where
        orders.ship_to_postcode is null
        or upper(replace(addresses.postcode, ' ', '')) = upper(replace(orders.ship_to_postcode, ' ', ''))

),

addressed as (

    select * from address_candidates
    where address_candidates.best_first = 1

)

select
    orders.order_id,
    orders.message_id,
    orders.channel,
    orders.channel_order_id,
    orders.order_version,
    orders.customer_code,
    orders.customer_id,
    customers.customer_id is not null as is_known_customer,
    coalesce(customers.name, orders.customer_name, orders.customer_id) as customer_name,
    'sales' as order_type,
    orders.first_placed_at as placed_at,
    orders.first_recorded_at as recorded_at,
    orders.requested_from,
    coalesce(corrections.requested_to, orders.requested_to) as requested_to,
    orders.ship_after,
    orders.ship_by,
    orders.cancel_after,
    orders.counts_from,
    orders.remorse_minutes,
    coalesce(orders.needs_known_customer, false) as needs_known_customer,
    upper(orders.incoterm) as incoterm,
    orders.incoterm_place,
    orders.customer_tax_id,
    coalesce(corrections.priority, orders.priority, customers.priority, 5) as priority,
    coalesce(customers.ship_complete, false) and not coalesce(corrections.is_split, false) as ship_complete,
    coalesce(customers.max_splits, 3) as max_splits,
    orders.payment_method,
    coalesce(orders.payment_status, case when customers.credit_limit is not null then 'on_account' else 'pending' end) as payment_status,
    upper(orders.currency) as currency,
    rates.rate,
    orders.items_total,
    orders.discount_total,
    orders.shipping_total,
    orders.charge_total,
    orders.tax_total,
    orders.rounding_total,
    orders.order_total,
    orders.declared_total,
    cast(orders.order_total * coalesce(rates.rate, 1) as decimal(18, 2)) as order_total_base,
    coalesce(orders.is_test, false) as is_test,
    orders.purchase_order_number,
    orders.external_ids,
    orders.note,
    orders.gift_note,
    orders.bill_to_name,
    orders.bill_to_street,
    orders.bill_to_postcode,
    orders.bill_to_city,
    orders.bill_to_region,
    upper(orders.bill_to_country) as bill_to_country,
    coalesce(corrections.name, orders.ship_to_name, addressed.name, customers.name, orders.customer_name) as ship_to_name,
    coalesce(stores.street, corrections.street, orders.ship_to_street, addressed.street) as ship_to_street,
    coalesce(stores.postcode, corrections.postcode, orders.ship_to_postcode, addressed.postcode) as ship_to_postcode,
    coalesce(stores.city, corrections.city, orders.ship_to_city, addressed.city) as ship_to_city,
    coalesce(corrections.region, orders.ship_to_region, addressed.region) as ship_to_region,
    upper(coalesce(stores.country, corrections.country, orders.ship_to_country, addressed.country)) as ship_to_country,
    coalesce(stores.latitude, corrections.latitude, addressed.latitude, orders.latitude) as latitude,
    coalesce(stores.longitude, corrections.longitude, addressed.longitude, orders.longitude) as longitude,
    coalesce(stores.location_id, orders.pickup_location_code) as pickup_location_id,
    case when stores.location_id is null then addressed.address_id end as address_id,
    case when stores.location_id is null then addressed.window_from end as window_from,
    case when stores.location_id is null then addressed.window_to end as window_to,
    case when stores.location_id is null then addressed.service_min end as service_min
from current_version as orders
left join {{ ref('int_customers__in_force') }} as customers
    on orders.customer_id = customers.customer_id
left join addressed
    on orders.order_id = addressed.order_id
-- what the customer collects goes to the store
left join stores
    on lower(orders.pickup_location_code) = stores.called
left join {{ ref('int_order_corrections__in_force') }} as corrections
    on orders.order_id = corrections.order_id
left join {{ ref('int_rates__in_force') }} as rates
    on upper(orders.currency) = rates.currency
