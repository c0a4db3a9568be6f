"""Questions of the Inventory page: positions, available to promise by day, lots, drift, movements, supply.

Belongs here: SQL over the published copy. Does not belong here: drawing. Quantities are in the base unit.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from tower.data.copy import LIMIT, Copy, ask


def totals(copy: Copy) -> pd.DataFrame:
    """Positions by stock status."""
    return ask(copy, "select stock_status, count(*) as positions from marts.inventory_positions group by all order by positions desc, stock_status")


def locations(copy: Copy) -> list[str]:
    """Locations, by id."""
    return list(ask(copy, "select location_id from marts.locations order by location_id")["location_id"])


def positions(copy: Copy, text: str = "", places: Sequence[str] = (), statuses: Sequence[str] = ()) -> pd.DataFrame:
    """Positions that match, those in trouble first, at most `LIMIT`; ``found`` says how many there are."""
    return ask(
        copy,
        """
        select p.*, s.name, count(*) over () as found from marts.inventory_positions as p left join marts.skus as s
            on p.sku_id = s.sku_id
        where ($text = '' or contains(lower(p.sku_id || ' ' || coalesce(s.name, '') || ' ' || coalesce(s.barcode, '')),
            lower($text)))
          and (len($places::varchar[]) = 0 or list_contains($places::varchar[], p.location_id))
          and (len($statuses::varchar[]) = 0 or list_contains($statuses::varchar[], p.stock_status))
        order by case p.stock_status when 'oversold' then 0 when 'out' then 1 when 'low' then 2 when 'dead' then 3
        when 'excess' then 5 else 4 end,
                 p.promised desc, p.sku_id, p.location_id
        limit $limit
        """,
        text=text.strip(), places=list(places), statuses=list(statuses), limit=LIMIT,
    )  # fmt: skip


def by_day(copy: Copy, sku_id: str, location_id: str) -> pd.DataFrame:
    """Next four weeks of a position: day, received, promised, expected (demand of the forecast), left, atp, projected, safety_stock.

    ``left_over`` is available - leaving + confirmed supply - promises up to the day; ``atp`` the least of it from the day on: what may still be
    promised without robbing a later promise; ``projected`` what is left less the demand expected up to the day.
    """
    return ask(
        copy,
        """
        with days as (
            select cast(d as date) as day from unnest(generate_series(
                cast($as_of::timestamptz as date), cast($as_of::timestamptz as date) + 28, interval 1 day)) as s(d)
        ), steps as (
            select cast($as_of::timestamptz as date) as day, available - leaving as start, 0 as received, 0 as promised, 0 as expected
                from marts.inventory_positions
            where sku_id = $sku_id and location_id = $location_id
            union all
            select greatest(due_date, cast($as_of::timestamptz as date) + 1), 0, quantity_open, 0, 0 from marts.supply
            where sku_id = $sku_id and location_id = $location_id and status = 'confirmed' and quantity_open > 0
            union all
            select greatest(ship_date, cast($as_of::timestamptz as date)), 0, 0, quantity, 0 from marts.promises
            where sku_id = $sku_id and location_id = $location_id
            union all
            select day, 0, 0, 0, quantity from marts.demand_forecast
            where sku_id = $sku_id and location_id = $location_id and day > cast($as_of::timestamptz as date)
        ), summed as (
            select days.day, coalesce(sum(start), 0) as start, coalesce(sum(received), 0) as received,
                coalesce(sum(promised), 0) as promised, coalesce(sum(expected), 0) as expected
            from days left join steps on days.day = steps.day group by days.day
        ), run as (
            select day, received, promised, expected, sum(start + received - promised) over (order by day) as left_over,
                sum(start + received - promised - expected) over (order by day) as projected
            from summed
        )
        select day, received, promised, expected, left_over, projected, min(left_over) over (order by day rows between current row
            and unbounded following) as atp,
            (select coalesce(max(safety_stock), 0) from marts.inventory_positions where sku_id = $sku_id and location_id = $location_id)
                as safety_stock
        from run order by day
        """,
        sku_id=sku_id, location_id=location_id, as_of=copy.as_of,
    )  # fmt: skip


def movements(copy: Copy, sku_id: str, location_id: str) -> pd.DataFrame:
    """The last movements of a SKU at a location with the on-hand after each, newest first."""
    return ask(
        copy,
        """
        select event_at, kind, stock_status, quantity, sum(quantity) over (order by event_at, movement_id,
            stock_status) as on_hand_after,
               reason_code, reference, is_future
        from marts.stock_movements where sku_id = $sku_id and location_id = $location_id
        order by event_at desc, movement_id desc, stock_status desc limit $limit
        """,
        sku_id=sku_id, location_id=location_id, limit=LIMIT,
    )  # fmt: skip


def supply(copy: Copy, sku_id: str = "", text: str = "") -> pd.DataFrame:
    """Open purchase and transfer lines, the next due first."""
    return ask(
        copy,
        """
        select u.*, s.name from marts.supply as u left join marts.skus as s on u.sku_id = s.sku_id
        where u.quantity_open > 0 and ($sku_id = '' or u.sku_id = $sku_id)
          and ($text = '' or contains(lower(u.supply_id || ' ' || u.sku_id || ' ' || coalesce(s.name, '')),
          lower($text)))
        order by u.due_date, u.supply_id limit $limit
        """,
        sku_id=sku_id, text=text.strip(), limit=LIMIT,
    )  # fmt: skip


def waiting(copy: Copy, sku_id: str, location_id: str) -> pd.DataFrame:
    """Lines promised from a position, the next to ship first."""
    return ask(
        copy,
        """
        select p.ship_date, p.deliver_date, p.order_id, p.order_line_id, p.quantity, o.customer_name, p.supply_id
        from marts.promises as p left join marts.orders as o on p.order_id = o.order_id
        where p.sku_id = $sku_id and p.location_id = $location_id order by p.ship_date, p.order_line_id limit $limit
        """,
        sku_id=sku_id, location_id=location_id, limit=LIMIT,
    )  # fmt: skip


def lots(copy: Copy, text: str = "", places: Sequence[str] = ()) -> pd.DataFrame:
    """Lots that are there, the next to expire first, at most `LIMIT`; ``found`` says how many there are."""
    return ask(
        copy,
        """
        select l.*, s.name, count(*) over () as found from marts.stock_lots as l left join marts.skus as s on l.sku_id = s.sku_id
        where ($text = '' or contains(lower(l.sku_id || ' ' || l.lot_id || ' ' || coalesce(s.name, '')), lower($text)))
          and (len($places::varchar[]) = 0 or list_contains($places::varchar[], l.location_id))
        order by l.expiry nulls last, l.sku_id, l.location_id, l.lot_id limit $limit
        """,
        text=text.strip(), places=list(places), limit=LIMIT,
    )  # fmt: skip


def drift(copy: Copy, text: str = "", places: Sequence[str] = ()) -> pd.DataFrame:
    """Where another system has another stock than our movements say, the widest apart first."""
    return ask(
        copy,
        """
        select d.*, s.name, count(*) over () as found_rows from marts.stock_snapshots as d left join marts.skus as s on d.sku_id = s.sku_id
        where d.drift <> 0
          and ($text = '' or contains(lower(d.sku_id || ' ' || coalesce(s.name, '')), lower($text)))
          and (len($places::varchar[]) = 0 or list_contains($places::varchar[], d.location_id))
        order by abs(d.drift) desc, d.snapshot_id limit $limit
        """,
        text=text.strip(), places=list(places), limit=LIMIT,
    )  # fmt: skip
