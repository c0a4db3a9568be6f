-- HOLD-FRAUD-SCORE. One row per order paid in advance, with open units, whose points are above what goes unseen. Each point is a fact
-- with a weight of its own: nothing else decides.
with history as (

    select
        orders.order_id,
        count(*) over (
            partition by orders.customer_id order by orders.placed_at
            {{ hours_before(policy('fraud.velocity_hours')) }}
        ) as orders_lately,
        count(*) over earlier as orders_before,
        sum(orders.order_total_base) over earlier as total_before
    from {{ ref('int_orders__current') }} as orders
    where
        not orders.is_test
        and orders.customer_id in (
            select subjects.customer_id from {{ ref('int_orders__outstanding') }} as subjects
            where {{ not_left('subjects') }} and subjects.payment_status <> 'on_account'
        )
    window earlier as (partition by orders.customer_id order by orders.placed_at, orders.order_id rows between unbounded preceding and 1 preceding)

),

facts as (

    select
        orders.order_id,
        orders.customer_id,
        orders.order_total_base,
        orders.ship_to_country,
        orders.ship_to_postcode,
        orders.bill_to_country,
        orders.bill_to_postcode,
        coalesce(history.orders_lately, 1) as orders_lately,
        coalesce(history.orders_before, 0) as orders_before,
        {{ pro_rata('history.total_before', '1', 'history.orders_before') }} as average_before,
        coalesce(history.orders_lately, 1) > {{ policy('fraud.velocity_orders', 'integer') }} as is_fast,
        coalesce(orders.bill_to_country <> orders.ship_to_country, false) as is_other_country,
        coalesce(
            orders.bill_to_country = orders.ship_to_country
            and upper(replace(orders.bill_to_postcode, ' ', '')) <> upper(replace(orders.ship_to_postcode, ' ', '')), false
        ) as is_other_address,
        coalesce(history.orders_before, 0) = 0 as is_first,
        coalesce(
            history.orders_before >= 2
            and orders.order_total_base * history.orders_before > history.total_before * {{ policy('fraud.amount_factor', 'decimal(18,3)') }}, false
        ) as is_large,
        {{ listed('orders.ship_to_country', 'fraud.risk_countries') }} as is_risk_country
    from {{ ref('int_orders__outstanding') }} as orders
    left join history on orders.order_id = history.order_id
    where {{ not_left('orders') }} and orders.payment_status <> 'on_account'

),

pointed as (

    select
        facts.*,
        case when facts.is_fast then {{ policy('fraud.points_velocity', 'integer') }} else 0 end as points_velocity,
        case
            when facts.is_other_country then {{ policy('fraud.points_other_country', 'integer') }}
            when facts.is_other_address then {{ policy('fraud.points_other_address', 'integer') }}
            else 0
        end as points_address,
        case when facts.is_first then {{ policy('fraud.points_first_order', 'integer') }} else 0 end as points_first,
        case when facts.is_large then {{ policy('fraud.points_amount', 'integer') }} else 0 end as points_amount,
        case when facts.is_risk_country then {{ policy('fraud.points_country', 'integer') }} else 0 end as points_country,
        {{ policy('fraud.points_allowed', 'integer') }} as points_allowed
    from facts

),

scored as (

    select
        pointed.*,
        pointed.points_velocity + pointed.points_address + pointed.points_first + pointed.points_amount + pointed.points_country as score
    from pointed

)

select
    'order' as scope,
    scored.order_id as subject_id,
    scored.order_id,
    cast(null as varchar) as order_line_id,
    cast(scored.score as varchar) as observed,
    cast(scored.points_allowed as varchar) as threshold,
    scored.score - scored.points_allowed as distance,
    'points' as unit,
    cast(scored.score as varchar) || ' points, ' || cast(scored.points_allowed as varchar) || ' go unseen: '
    || concat_ws(
        ', ',
        case when scored.points_velocity > 0
            then cast(scored.orders_lately as varchar) || ' orders within ' || {{ policy('fraud.velocity_hours') }} || ' h +' || cast(scored.points_velocity as varchar)
        end,
        case when scored.points_address > 0
            then
                'paid for in ' || concat_ws(' ', scored.bill_to_country, scored.bill_to_postcode) || ', sent to '
                || concat_ws(' ', scored.ship_to_country, scored.ship_to_postcode) || ' +' || cast(scored.points_address as varchar)
        end,
        case when scored.points_first > 0 then 'first order of the customer +' || cast(scored.points_first as varchar) end,
        case when scored.points_amount > 0
            then
                {{ money_text('scored.order_total_base', policy('reporting.currency')) }} || ' against ' || cast(scored.average_before as varchar)
                || ' on average before +' || cast(scored.points_amount as varchar)
        end,
        case when scored.points_country > 0 then 'sent to ' || scored.ship_to_country || ' +' || cast(scored.points_country as varchar) end
    ) as explanation,
    case
        when scored.points_address > 0 and scored.score - scored.points_address <= scored.points_allowed
            then
                'have it sent to where it is paid for (' || concat_ws(' ', scored.bill_to_country, scored.bill_to_postcode) || '): '
                || cast(scored.points_address as varchar) || ' points less, or check the customer and release it'
        else 'check the customer and release it, or cancel it'
    end as remedy,
    {{ evidence({
        'customer': 'scored.customer_id', 'points_velocity': 'scored.points_velocity', 'orders_lately': 'scored.orders_lately',
        'points_address': 'scored.points_address', 'bill_to': "concat_ws(' ', scored.bill_to_country, scored.bill_to_postcode)",
        'ship_to': "concat_ws(' ', scored.ship_to_country, scored.ship_to_postcode)", 'points_first_order': 'scored.points_first',
        'orders_before': 'scored.orders_before', 'points_amount': 'scored.points_amount', 'total': 'scored.order_total_base',
        'average_before': 'scored.average_before', 'points_country': 'scored.points_country', 'score': 'scored.score',
    }) }} as evidence,
    cast(null as timestamptz) as hold_until,
    '1' as rule_version
from scored
where scored.score > scored.points_allowed
