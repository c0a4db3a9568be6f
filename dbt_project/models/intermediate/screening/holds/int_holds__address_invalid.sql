-- HOLD-ADDRESS-INVALID. One row per order with open units that nobody can drive to: no coordinates (0, 0 is where nobody
-- looked), no country, a code that is no country, or a postal code that the country can't have (zones, tariffs and sorting go by it).
with postcodes as (

    -- each code once, however many orders go there
    select
        codes.ship_to_country,
        codes.ship_to_postcode,
        -- A prefix such as D-53111 or LV-1010 is the country's, not the code's.
        not regexp_full_match(
            regexp_replace(
                regexp_replace(upper(codes.ship_to_postcode), '^ *[A-Z]{1,3} ?- ?([0-9])', '\1'), '[^A-Z0-9]', '', 'g'
            ),
            patterns.pattern
        ) as is_strange
    from (
        select distinct
            orders.ship_to_country,
            orders.ship_to_postcode
        from {{ ref('int_orders__outstanding') }} as orders
        where orders.qty_open > 0
    ) as codes
    inner join {{ ref('postcode_patterns') }} as patterns on codes.ship_to_country = patterns.country

),

countries as (

    select distinct
        orders.ship_to_country,
        not regexp_full_match(orders.ship_to_country, '[A-Z]{2}') or orders.ship_to_country in ('AA', 'XX', 'ZZ') as is_none
    from {{ ref('int_orders__outstanding') }} as orders
    where orders.ship_to_country is not null

),

checked as (

    select
        orders.*,
        patterns.example,
        orders.latitude is null or orders.longitude is null or (orders.latitude = 0 and orders.longitude = 0) as has_no_place,
        coalesce(countries.is_none, true) as has_no_country,
        coalesce(postcodes.is_strange, false) as has_strange_postcode,
        coalesce(
            nullif(concat_ws(', ', orders.ship_to_street, orders.ship_to_postcode, orders.ship_to_city, orders.ship_to_country), ''),
            '(no address)'
        ) as address
    from {{ ref('int_orders__outstanding') }} as orders
    left join countries on orders.ship_to_country = countries.ship_to_country
    left join {{ ref('postcode_patterns') }} as patterns on orders.ship_to_country = patterns.country
    left join postcodes on orders.ship_to_country = postcodes.ship_to_country and orders.ship_to_postcode = postcodes.ship_to_postcode
    where orders.qty_open > 0

)

select
    'ship-to' as scope,
    checked.ship_to_key as subject_id,
    checked.order_id,
    cast(null as varchar) as order_line_id,
    checked.address as observed,
    'coordinates, a country and a postal code that it can have' as threshold,
    cast(checked.has_no_place as integer) + cast(checked.has_no_country as integer) + cast(checked.has_strange_postcode as integer) as distance,
    'facts' as unit,
    concat_ws(
        '; ',
        case when checked.has_no_place then 'no coordinates are known for ' || checked.address end,
        case when checked.has_no_country then coalesce(checked.ship_to_country, '(none)') || ' is no country' end,
        case when checked.has_strange_postcode then checked.ship_to_postcode || ' is no postal code of ' || checked.ship_to_country end
    ) as explanation,
    'correct the address of customer ' || coalesce(checked.customer_id, '(none)') || ': '
    || concat_ws(
        ' and ',
        case when checked.has_no_place then 'latitude and longitude' end,
        case when checked.has_no_country then 'a two-letter country code' end,
        case when checked.has_strange_postcode then 'a postal code such as ' || checked.example end
    ) as remedy,
    {{ evidence({
        'customer': 'checked.customer_id', 'address': 'checked.address', 'country': 'checked.ship_to_country', 'postcode': 'checked.ship_to_postcode',
        'latitude': 'checked.latitude', 'longitude': 'checked.longitude', 'postcode_example': 'checked.example',
    }) }} as evidence,
    cast(null as timestamptz) as hold_until,
    '2' as rule_version
from checked
where checked.has_no_place or checked.has_no_country or checked.has_strange_postcode
