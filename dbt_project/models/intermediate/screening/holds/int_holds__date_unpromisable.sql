{{ config(tags=['release_band']) }}
-- HOLD-DATE-UNPROMISABLE. One row per line whose promise is later than its customer asked for, or agreed to, by more than may be without asking.
with promised as (

    select
        promises.order_line_id,
        promises.order_id,
        max(promises.deliver_date) as deliver_date,
        max(locations.timezone) as timezone
    from {{ ref('stg_plans__promises') }} as promises
    inner join {{ ref('int_locations__in_force') }} as locations on promises.location_id = locations.location_id
    group by promises.order_line_id, promises.order_id

),

compared as (

    select
        promised.order_id,
        promised.order_line_id,
        orders.customer_id,
        lines.line_number,
        promised.deliver_date,
        coalesce(agreed.agreed_date, {{ local_date('orders.requested_to', 'promised.timezone') }}) as asked_for,
        case when agreed.agreed_date is null then 'asked for ' else 'agreed for ' end as said,
        {{ policy('promise.late_days', 'integer') }} as days_allowed
    from promised
    inner join {{ ref('int_orders__outstanding') }} as orders on promised.order_id = orders.order_id
    inner join {{ ref('int_order_lines__balanced') }} as lines on promised.order_line_id = lines.order_line_id
    left join {{ ref('int_promises__agreed') }} as agreed on promised.order_line_id = agreed.order_line_id
    -- a day in any time zone is at most one before that of UTC: this leaves most lines out before their own day is looked up
    where promised.deliver_date >= coalesce(agreed.agreed_date, cast(orders.requested_to as date)) + {{ policy('promise.late_days', 'integer') }}

),

-- a weekend in which nobody delivers makes no promise worse: the days allowed are working days
judged as (

    select
        compared.*,
        {{ working_days_later('compared.asked_for', 'compared.days_allowed') }} as last_date
    from compared

)

select
    'line' as scope,
    judged.order_line_id as subject_id,
    judged.order_id,
    judged.order_line_id,
    strftime(judged.deliver_date, '%Y-%m-%d') as observed,
    strftime(judged.last_date, '%Y-%m-%d') as threshold,
    judged.deliver_date - judged.last_date as distance,
    'days' as unit,
    judged.said || strftime(judged.asked_for, '%A %-d %B') || ', can be delivered ' || strftime(judged.deliver_date, '%A %-d %B') || ': '
    || cast(judged.deliver_date - judged.asked_for as varchar) || ' days late, ' || cast(judged.days_allowed as varchar)
    || ' working days go without asking' as explanation,
    'agree with the customer on ' || strftime(judged.deliver_date, '%A %-d %B') || ' instead of '
    || strftime(judged.asked_for, '%A %-d %B') as remedy,
    {{ evidence({
        'customer': 'judged.customer_id', 'line': 'judged.line_number', 'asked_for': 'judged.asked_for',
        'deliver_date': 'judged.deliver_date', 'days_allowed': 'judged.days_allowed',
    }) }} as evidence,
    cast(null as timestamptz) as hold_until,
    '2' as rule_version
from judged
where judged.deliver_date > judged.last_date
