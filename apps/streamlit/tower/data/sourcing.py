"""Questions of the Sourcing page: promises, solver runs.

Belongs here: SQL over the published copy. Does not belong here: drawing.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from tower.data.copy import LIMIT, Copy, ask


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
        select p.*, l.line_number, o.customer_name, o.requested_to, s.name, p.runner_up_cost - p.cost as runner_up_more,
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
