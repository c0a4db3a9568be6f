"""Questions of the Forecast page: series with their method and error, history, days ahead, versions.

Belongs here: SQL over the published copy. Does not belong here: drawing. Quantities are in the base unit.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from tower.data.copy import LIMIT, Copy, ask


def methods(copy: Copy) -> pd.DataFrame:
    """Series by method, with the error of all of them: absolute errors weighed by what is expected."""
    return ask(
        copy,
        """
        select method, count(*) as series, sum(expected) as expected, sum(wape * expected) / nullif(sum(case when wape
            is not null then expected end), 0) as wape,
               sum(baseline_wape * expected) / nullif(sum(case when wape is not null then expected end), 0) as baseline_wape
        from (select sku_id, location_id, any_value(method) as method, any_value(wape) as wape,
              any_value(baseline_wape) as baseline_wape, sum(quantity) as expected from marts.demand_forecast group by all)
        group by method order by series desc, method
        """,
    )


def series(copy: Copy, text: str = "", places: Sequence[str] = ()) -> pd.DataFrame:
    """Series that match, those with most expected first, at most `LIMIT`; ``found`` says how many there are."""
    return ask(
        copy,
        """
        select f.sku_id, f.location_id, any_value(s.name) as name, sum(f.quantity) as expected, avg(f.quantity) as a_day,
               any_value(f.method) as method, any_value(f.wape) as wape, any_value(f.bias) as bias,
               any_value(f.baseline_wape) as baseline_wape, any_value(f.history_days) as history_days,
               any_value(f.tested_days) as tested_days, any_value(f.version) as version, any_value(f.made_at) as made_at,
               count(*) over () as found
        from marts.demand_forecast as f left join marts.skus as s on f.sku_id = s.sku_id
        where ($text = '' or contains(lower(f.sku_id || ' ' || coalesce(s.name, '')), lower($text)))
          and (len($places::varchar[]) = 0 or list_contains($places::varchar[], f.location_id))
        group by f.sku_id, f.location_id order by expected desc, f.sku_id, f.location_id limit $limit
        """,
        text=text.strip(), places=list(places), limit=LIMIT,
    )  # fmt: skip


def history(copy: Copy, sku_id: str, location_id: str) -> pd.DataFrame:
    """Units asked for by day, the last eight weeks."""
    return ask(
        copy,
        """
        select day, quantity from marts.demand_history where sku_id = $sku_id and location_id = $location_id
          and day > cast($as_of::timestamptz as date) - 56 order by day
        """,
        sku_id=sku_id, location_id=location_id, as_of=copy.as_of,
    )  # fmt: skip


def ahead(copy: Copy, sku_id: str, location_id: str) -> pd.DataFrame:
    """What is expected by day."""
    return ask(
        copy,
        "select day, quantity, lower, upper from marts.demand_forecast where sku_id = $sku_id and location_id = $location_id order by day",
        sku_id=sku_id, location_id=location_id,
    )  # fmt: skip


def versions(copy: Copy, sku_id: str, location_id: str) -> pd.DataFrame:
    """Versions of a series, newest first."""
    return ask(
        copy,
        """
        select * from marts.demand_forecast_versions where sku_id = $sku_id and location_id = $location_id
        order by version desc limit $limit
        """,
        sku_id=sku_id, location_id=location_id, limit=LIMIT,
    )  # fmt: skip
