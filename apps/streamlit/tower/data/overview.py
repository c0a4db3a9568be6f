"""Questions of the Overview: today against yesterday, alerts, cycles, captured files.

Belongs here: SQL over the published copy. Does not belong here: drawing. Days are of the reporting zone.
"""

from __future__ import annotations

import pandas as pd

from tower.data.copy import Copy, ask
from tower.data.holds import STAKE


def tiles(copy: Copy) -> pd.DataFrame:
    """One row per tile: tile, now and before (the same figure a day ago; null when there is none)."""
    return ask(
        copy,
        f"""
        with clock as (
            select $as_of::timestamptz as now, $as_of::timestamptz - interval 1 day as then,
                   cast(timezone($zone, $as_of::timestamptz) as date) as today
        ), placed as (
            select cast(timezone($zone, placed_at) as date) as day, order_total_base
            from marts.orders, clock where not is_test and placed_at <= clock.now
        ), held as (
            select order_id, placed_at, cleared_at, value_at_stake from ({STAKE})
        ), left_ as (
            select cast(timezone($zone, departed_at) as date) as day, stops from marts.loads
                where departed_at is not null
        ), delivered as (
            select cast(timezone($zone, attempted_at) as date) as day, outcome from marts.deliveries
        )
        select 'orders' as tile, count(*) filter (where day = today) as now, count(*) filter (where day = today - 1)
            as before
        from placed, clock
        union all
        select 'orders_value', coalesce(sum(order_total_base) filter (where day = today), 0),
               coalesce(sum(order_total_base) filter (where day = today - 1), 0) from placed, clock
        union all
        select 'orders_held', count(distinct order_id) filter (where cleared_at is null),
               count(distinct order_id) filter (where placed_at <= clock.then and (cleared_at is null
                   or cleared_at > clock.then))
        from held, clock
        union all
        select 'value_at_stake', coalesce(sum(now), 0), coalesce(sum(before), 0) from (
            select max(value_at_stake) filter (where cleared_at is null) as now,
                   max(value_at_stake) filter (where placed_at <= clock.then and (cleared_at is null
                       or cleared_at > clock.then)) as before
            from held, clock group by order_id)
        union all
        select 'lines_open', arg_max(lines_open, as_of), arg_max(lines_open, as_of) filter (where as_of <= clock.then)
            from marts.cycles, clock
        union all
        select 'lines_backordered', (select count(*) from marts.backorders), (
            select count(*) from (select order_line_id, arg_max(event, event_at) as event from facts.backorder_events,
                clock
                                  where event_at <= clock.then group by 1) where event = 'begun')
        union all
        select 'loads_departed', count(*) filter (where day = today), count(*) filter (where day = today - 1)
            from left_, clock
        union all
        select 'deliveries', count(*) filter (where day = today and outcome in ('delivered', 'partial')),
               count(*) filter (where day = today - 1 and outcome in ('delivered', 'partial')) from delivered, clock
        """,
        as_of=copy.as_of,
        zone=copy.timezone,
    )


def last_kpis(copy: Copy) -> pd.DataFrame:
    """One row per KPI and anchor over everything: its last day's value and that of the day before, with title and unit."""
    return ask(
        copy,
        """
        with ranked as (
            select kpi, coalesce(anchor, '') as anchor, day, value, n,
                   row_number() over (partition by kpi, coalesce(anchor, '') order by day desc) as newest
            from marts.kpi_daily where dimension = 'all' and value is not null
        )
        select now.kpi, now.anchor, now.day, now.value, now.n, before.value as before
        from ranked as now left join ranked as before on now.kpi = before.kpi and now.anchor = before.anchor
            and before.newest = 2
        where now.newest = 1 order by now.kpi, now.anchor
        """,
    )


def alerts(copy: Copy) -> pd.DataFrame:
    """Open alerts, the gravest and oldest first."""
    return ask(
        copy,
        """
        select severity, kind, subject_type, subject_id, message, raised_at, owner from marts.alerts
            where status = 'open'
        order by case severity when 'critical' then 0 when 'warning' then 1 else 2 end, raised_at, alert_id limit 500
        """,
    )


def cycles(copy: Copy) -> pd.DataFrame:
    """The last cycles, newest first."""
    return ask(
        copy,
        """
        select cycle_id, as_of, status, orders_captured, lines_open, date_diff('millisecond', started_at,
            ended_at) / 1000.0 as seconds,
               code_version from marts.cycles order by as_of desc, try_cast(cycle_id as bigint) desc limit 30
        """,
    )


def files(copy: Copy) -> pd.DataFrame:
    """The last captured files with their messages by outcome, newest first."""
    return ask(
        copy,
        """
        select captured_at, channel, file_name, messages, messages_accepted, messages_duplicate, messages_conflict,
            messages_quarantined
        from marts.capture_files order by captured_at desc, channel, file_name limit 100
        """,
    )


def quarantine(copy: Copy) -> pd.DataFrame:
    """Messages in quarantine or in conflict, newest first."""
    return ask(
        copy,
        """
        select message_id, received_at, channel, file_name, position, outcome, error_code, error_field, error_detail,
            order_id
        from marts.capture_messages where outcome in ('quarantined', 'conflict') order by received_at desc, channel,
            file_name, position limit 200
        """,
    )


def checks(copy: Copy) -> pd.DataFrame:
    """Checks of the last cycle that had any, the failed ones first."""
    return ask(
        copy,
        """
        select "check", scope, stage, severity, passed, failing_rows, checked_rows from marts.data_quality
        where cycle_id = (select arg_max(cycle_id, try_cast(cycle_id as bigint)) from marts.data_quality)
        order by passed, case severity when 'error' then 0 else 1 end, stage, "check", scope
        """,
    )
