"""Questions of the Release page: the queue of each location, its capacity, the next waves, waves and picking.

Belongs here: SQL over the published copy. Does not belong here: drawing. Quantities are in the base unit.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from tower.data.copy import LIMIT, Copy, ask


def capacity(copy: Copy) -> pd.DataFrame:
    """Today's capacity of each location with any work or limit, and the share of each that waves have taken."""
    return ask(
        copy,
        """
        select c.location_id, l.name, c.day, c.lines_released, c.max_lines, c.lines_released / nullif(c.max_lines, 0) as lines_share,
               c.pick_min_released / 60 as pick_hours, c.max_pick_min / 60 as max_pick_hours,
               c.pick_min_released / nullif(c.max_pick_min, 0) as pick_share,
               c.dock_min_released / 60 as dock_hours, c.max_dock_min / 60 as max_dock_hours,
               c.dock_min_released / nullif(c.max_dock_min, 0) as dock_share, c.lines_waiting
        from marts.release_capacity as c left join marts.locations as l on c.location_id = l.location_id
        order by c.lines_waiting desc, c.lines_released desc, c.location_id
        """,
    )


def totals(copy: Copy) -> pd.DataFrame:
    """Lines of the queue by what they wait for; NOW for those that went with this cycle."""
    return ask(
        copy,
        "select coalesce(waits_for, 'NOW') as waits_for, count(*) as lines from marts.release_queue group by all order by lines desc, waits_for",
    )


def queue(
    copy: Copy, text: str = "", places: Sequence[str] = (), reasons: Sequence[str] = ()
) -> pd.DataFrame:
    """Lines of the queue that match, in the order in which their location serves them; ``found`` says how many there are."""
    return ask(
        copy,
        """
        select q.release_rank, q.order_id, q.order_line_id, o.customer_name, q.sku_id, s.name, q.quantity, q.location_id, q.ship_date,
               q.deliver_date, q.priority, q.leaves_by, coalesce(q.waits_for, 'NOW') as waits_for, q.because, q.wave_id,
               (select string_agg(distinct h.remedy, '; ' order by h.remedy) from marts.order_holds as h
                where q.waits_for = 'HELD' and h.status = 'open' and h.blocks_release and h.order_id = q.order_id
                  and (h.order_line_id is null or h.order_line_id = q.order_line_id)) as remedy,
               count(*) over () as found
        from marts.release_queue as q left join marts.orders as o on q.order_id = o.order_id
        left join marts.skus as s on q.sku_id = s.sku_id
        where ($text = '' or contains(lower(concat_ws(' ', q.order_id, q.order_line_id, o.customer_name, q.sku_id, s.name)), lower($text)))
          and (len($places::varchar[]) = 0 or list_contains($places::varchar[], q.location_id))
          and (len($reasons::varchar[]) = 0 or list_contains($reasons::varchar[], coalesce(q.waits_for, 'NOW')))
        order by q.waits_for is not null, q.release_rank nulls last, q.ship_date, q.priority, q.order_line_id limit $limit
        """,
        text=text.strip(), places=list(places), reasons=list(reasons), limit=LIMIT,
    )  # fmt: skip


def next_waves(copy: Copy) -> pd.DataFrame:
    """What goes next, if nothing changes: lines promised and not held, by location, ship date and how they leave."""
    return ask(
        copy,
        """
        select q.ship_date, q.location_id, q.leaves_by, count(distinct q.order_id) as orders, count(*) as lines, sum(q.quantity) as units,
               sum(q.quantity * s.weight_kg) as weight_kg, count(*) filter (where q.waits_for = 'CAPACITY') as lines_left_over
        from marts.release_queue as q left join marts.skus as s on q.sku_id = s.sku_id
        where q.waits_for in ('NOT_DUE', 'CAPACITY', 'NOT_ASKED')
        group by all order by q.ship_date, q.location_id, q.leaves_by limit $limit
        """,
        limit=LIMIT,
    )


def asks_for_waves(copy: Copy) -> list[str]:
    """Locations whose waves wait for a person."""
    found = ask(copy, "select distinct location_id from marts.release_queue where waits_for = 'NOT_ASKED' order by 1")
    return list(found["location_id"])


def waves(copy: Copy, location_id: str = "") -> pd.DataFrame:
    """Waves with the progress of their picking, newest first."""
    return ask(
        copy,
        """
        select w.wave_id, w.location_id, w.status, w.leaves_by, w.released_at, w.cutoff, w.lines, w.shipments, t.tasks,
            t.tasks_done, t.tasks_short,
               t.picked / nullif(t.asked, 0) as progress
        from marts.waves as w left join (
            select wave_id, count(*) as tasks, count(*) filter (where status in ('picked', 'cancelled')) as tasks_done,
                   count(*) filter (where status = 'short') as tasks_short, sum(qty_picked) as picked, sum(qty_to_pick)
                       as asked
            from marts.pick_tasks group by wave_id) as t on w.wave_id = t.wave_id
        where $location_id = '' or w.location_id = $location_id order by w.released_at desc, w.wave_id limit $limit
        """,
        location_id=location_id, limit=LIMIT,
    )  # fmt: skip


def tasks(copy: Copy, wave_id: str) -> pd.DataFrame:
    """Pick tasks of a wave, in the order in which the picker passes them."""
    return ask(
        copy,
        """
        select t.pick_sequence, t.zone, t.bin, t.sku_id, s.name, t.order_line_id, t.qty_to_pick, t.qty_picked,
            t.status, t.short_reason, t.shipment_id
        from marts.pick_tasks as t left join marts.skus as s on t.sku_id = s.sku_id
        where t.wave_id = $wave_id order by t.pick_sequence, t.task_id limit 500
        """,
        wave_id=wave_id,
    )
