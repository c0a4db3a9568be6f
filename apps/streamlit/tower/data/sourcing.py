"""Questions of the Sourcing page: promises and why, what one more unit would save, the plan beside the naive ways, solver runs.

Belongs here: SQL over the published copy. Does not belong here: drawing.
"""

from __future__ import annotations

from collections.abc import Sequence

from pathlib import Path

import pandas as pd
import streamlit as st

from oms_dagster.warehouse.connect import reader
from oms_dagster.warehouse.why import places as places_of
from tower.data.copy import LIMIT, Copy, ask, has_table


def promises(copy: Copy, text: str = "", places: Sequence[str] = (), order: str = "soon") -> pd.DataFrame:
    """Promises that match; ``found`` says how many there are.

    Parameters
    ----------
    order
        ``soon``: the next to ship first; ``close``: those whose runner-up costs least more first.
    """
    first = "runner_up_more asc nulls last" if order == "close" else "p.ship_date"
    return ask(
        copy,
        f"""
        select p.*, l.line_number, o.customer_name, o.requested_to, s.name, p.runner_up_extra as runner_up_more,
               p.deliver_date > cast(o.requested_to as date) as is_late, count(*) over () as found
        from marts.promises as p
        left join marts.order_lines as l on p.order_line_id = l.order_line_id
        left join marts.orders as o on p.order_id = o.order_id
        left join marts.skus as s on p.sku_id = s.sku_id
        where ($text = '' or contains(lower(p.order_line_id || ' ' || p.sku_id || ' ' || coalesce(o.customer_name,
            '')), lower($text)))
          and (len($places::varchar[]) = 0 or list_contains($places::varchar[], p.location_id))
        order by {first}, p.order_line_id, p.location_id limit $limit
        """,
        text=text.strip(), places=list(places), limit=LIMIT,
    )  # fmt: skip


def by_location(copy: Copy) -> pd.DataFrame:
    """Promised lines and units by location and day of shipping."""
    return ask(
        copy,
        """
        select location_id, ship_date, count(*) as lines, sum(quantity) as quantity, sum(cost) as cost
            from marts.promises
        group by all order by location_id, ship_date
        """,
    )


def places(copy: Copy, order_line_id: str) -> pd.DataFrame:
    """Every location for a line, the chosen first, with the order's cost by name if the line were pinned to it; empty: not known."""
    if not has_table(copy, "intermediate", "int_sourcing__options"):
        return pd.DataFrame()
    return _places(copy.path, copy.stamp, order_line_id)


@st.cache_data(max_entries=50, show_spinner="Asking the planner")
def _places(path: str, stamp: int, order_line_id: str) -> pd.DataFrame:
    with reader(Path(path)) as connection:
        found = pd.DataFrame(places_of(connection, order_line_id))
    for name in found.columns.difference(["location_id", "standing", "deliver_date"]):
        found[name] = found[name].astype(float)
    return found.assign(deliver_date=pd.to_datetime(found["deliver_date"])) if "deliver_date" in found else found


def history(copy: Copy, order_line_id: str) -> pd.DataFrame:
    """Promises of a line, the newest first."""
    return ask(
        copy, "select * from marts.promise_changes where order_line_id = $order_line_id order by change_number desc",
        order_line_id=order_line_id,
    )  # fmt: skip


def one_more(copy: Copy, text: str = "", places: Sequence[str] = ()) -> pd.DataFrame:
    """Where one more unit would save most: SKU and location with its highest price, from which day, and who waits."""
    return ask(
        copy,
        """
        with best as (select sku_id, location_id, max(price) as price, arg_max(from_date, price) as from_date from marts.stock_prices group by all),
        waiting as (select sku_id, count(*) as lines, sum(quantity) as quantity from marts.backorders group by 1)
        select b.*, s.name, coalesce(w.lines, 0) as lines_waiting, coalesce(w.quantity, 0) as waiting, p.available, p.promised, p.inbound,
               count(*) over () as found
        from best as b left join marts.skus as s on b.sku_id = s.sku_id left join waiting as w on b.sku_id = w.sku_id
        left join marts.inventory_positions as p on b.sku_id = p.sku_id and b.location_id = p.location_id
        where b.price > 0 and ($text = '' or contains(lower(concat_ws(' ', b.sku_id, s.name)), lower($text)))
          and (len($places::varchar[]) = 0 or list_contains($places::varchar[], b.location_id))
        order by b.price desc, b.sku_id, b.location_id limit $limit
        """,
        text=text.strip(), places=list(places), limit=LIMIT,
    )  # fmt: skip


def naive(copy: Copy) -> pd.DataFrame:
    """The newest sourcing plan and every naive way on the same input, the dearest first, amounts in the reporting currency."""
    return ask(
        copy,
        """
        with run as (select * from marts.solver_runs where stage = 'sourcing' qualify row_number() over (order by try_cast(cycle_id as bigint) desc) = 1),
        told as (
            select e.key as way, cast(e.value as bigint) as cents from run, json_each(run.baselines) as e
            union all select 'this plan', objective from run
        )
        select told.way, told.cents / 100.0 as cost, (told.cents - run.objective) / nullif(told.cents, 0) as saved,
               (told.cents - run.objective) / 100.0 as saved_amount, run.bound / 100.0 as bound, run.bound_kind, run.gap, run.size
        from told cross join run order by told.cents desc, told.way = 'this plan'
        """,
    )


def solver_runs(copy: Copy) -> pd.DataFrame:
    """The last solves with their gain over the naive way, newest first. Objectives are in cents or metres, as the stage says."""
    return ask(
        copy,
        """
        select try_cast(r.cycle_id as bigint) as cycle, c.as_of as at, r.stage, r.scope, r.engine, r.status,
            r.objective, r.baseline,
               r.baseline_objective, case when r.baseline_objective > 0
                   then (r.baseline_objective - r.objective) / r.baseline_objective end as gain,
               r.bound, r.bound_kind, r.gap, r.effort, r.fuse, r.wall_s, r.seed, r.size
        from marts.solver_runs as r left join marts.cycles as c on r.cycle_id = c.cycle_id
        order by cycle desc, r.stage, r.scope limit 400
        """,
    )


def line(copy: Copy, order_line_id: str) -> pd.DataFrame:
    """One line with its open quantity and where it is promised; no row when it is not known."""
    return ask(copy, "select * from marts.order_lines where order_line_id = $order_line_id",
    order_line_id=order_line_id)


def pins(copy: Copy) -> pd.DataFrame:
    """Lines that a planner pinned to a location or keeps from one, as the latest accepted command says."""
    return ask(
        copy,
        """
        select order_line_id, type, location_id, actor, reason, recorded_at from (
            select target as order_line_id, type, payload->>'location_id' as location_id, actor, reason, recorded_at,
                   row_number() over (partition by target order by recorded_at desc, sequence desc) as newest
            from marts.commands where outcome = 'accepted' and type in ('line.pin', 'line.unpin', 'line.exclude'))
        where newest = 1 and type <> 'line.unpin' order by recorded_at desc, order_line_id
        """,
    )
