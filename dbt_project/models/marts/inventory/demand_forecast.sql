-- Mean of the last 28 days, checked by a backtest: the last 14 days against the mean of the 28 before them.
with today as (

    select cast({{ as_of() }} as date) as day

),

history as (

    select
        demand.sku_id,
        demand.location_id,
        sum(case when demand.day > today.day - 28 then demand.quantity else 0 end) as sum_28,
        sum(case when demand.day > today.day - 28 then demand.quantity * demand.quantity else 0 end) as squares_28,
        sum(case when demand.day > today.day - 14 then demand.quantity else 0 end) as sum_14,
        count(case when demand.day > today.day - 14 then 1 end) as days_14,
        sum(case when demand.day > today.day - 42 and demand.day <= today.day - 14 then demand.quantity else 0 end) as sum_before
    from {{ ref('int_demand__daily') }} as demand
    cross join today
    group by demand.sku_id, demand.location_id

),

known as (

    select greatest(1, least(28, coalesce(date_diff('day', cast(min(events.event_at) as date), any_value(today.day)) + 1, 1))) as days
    from {{ ref('stg_facts__line_events') }} as events
    cross join today

),

missed as (

    select
        demand.sku_id,
        demand.location_id,
        sum(abs(demand.quantity - cast(history.sum_before / 28 as decimal(18, 6)))) as error
    from {{ ref('int_demand__daily') }} as demand
    cross join today
    inner join history on demand.sku_id = history.sku_id and demand.location_id = history.location_id
    where demand.day > today.day - 14
    group by demand.sku_id, demand.location_id

),

fitted as (

    select
        history.sku_id,
        history.location_id,
        cast(history.sum_28 / known.days as decimal(18, 3)) as mean,
        cast(sqrt(greatest(0, (history.squares_28 - history.sum_28 * history.sum_28 / known.days) / greatest(1, known.days - 1))) as decimal(18, 3)) as deviation,
        case when history.sum_14 > 0 and history.sum_before > 0 then cast(
            (missed.error + (14 - history.days_14) * cast(history.sum_before / 28 as decimal(18, 6))) / history.sum_14 as decimal(18, 6)
        ) end as wape
    from history
    cross join known
    left join missed on history.sku_id = missed.sku_id and history.location_id = missed.location_id
    where history.sum_28 > 0

)

select
    fitted.sku_id,
    fitted.location_id,
    cast(today.day + cast(ahead.days as integer) as date) as day,
    fitted.mean as quantity,
    cast(greatest(0, fitted.mean - cast(1.282 * fitted.deviation as decimal(18, 3))) as decimal(18, 3)) as lower,
    cast(fitted.mean + cast(1.282 * fitted.deviation as decimal(18, 3)) as decimal(18, 3)) as upper,
    'mean_28d' as method,
    fitted.wape,
    {{ cycle_columns() }}
from fitted
cross join today
cross join (select unnest(range(1, 15)) as days) as ahead
