"""Questions of the KPIs page: definitions, trends, and the rows behind a figure.

Belongs here: SQL over the published copy. Does not belong here: drawing. What a KPI means is said by the project's
table of definitions; a copy without one shows names and figures only.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from tower.data.copy import LIMIT, Copy, ask, has_table

#: Column of a drill's rows for each dimension.
DRILL_COLUMN = {"channel": "channel", "location": "location_id", "segment": "segment"}

_COLUMNS = ("title", "formula", "unit", "numerator", "denominator", "population_date", "owner", "drill_sql")


def definitions(copy: Copy) -> pd.DataFrame:
    """One row per KPI and anchor that has figures, with its definition: title, formula, unit (share, hours, …), digits, drill_sql."""
    if has_table(copy, "staging", "kpi_definitions"):
        said = f"{', '.join('d.' + name for name in _COLUMNS)}, d.digits, d.higher_is_better"
        join = "left join staging.kpi_definitions as d on k.kpi = d.kpi and k.anchor = coalesce(d.anchor, '')"
    else:
        said = f"{', '.join('cast(null as varchar) as ' + name for name in _COLUMNS)}, 2 as digits, cast(null as boolean) as higher_is_better"
        join = ""
    return ask(
        copy,
        f"""
        select k.kpi, k.anchor, {said}
        from (select distinct kpi, coalesce(anchor, '') as anchor from marts.kpi_daily) as k {join} order by k.kpi,
            k.anchor
        """,
    )


def dimensions(copy: Copy, kpi: str, anchor: str) -> pd.DataFrame:
    """Dimensions and their values that the KPI is told by."""
    return ask(
        copy,
        """
        select dimension, dimension_value, sum(n) as n from marts.kpi_daily where kpi = $kpi and coalesce(anchor,
            '') = $anchor
        group by dimension, dimension_value order by any_value(dimension <> 'all'), dimension, n desc, dimension_value
        """,
        kpi=kpi, anchor=anchor,
    )  # fmt: skip


def trend(copy: Copy, kpi: str, anchor: str, dimension: str, values: Sequence[str] = ()) -> pd.DataFrame:
    """Figures of a KPI by day: value, numerator, denominator, n, per dimension value."""
    return ask(
        copy,
        """
        select day, dimension_value, value, numerator, denominator, n from marts.kpi_daily
        where kpi = $kpi and coalesce(anchor, '') = $anchor and dimension = $dimension
          and (len($values::varchar[]) = 0 or list_contains($values::varchar[], dimension_value))
        order by day, dimension_value
        """,
        kpi=kpi, anchor=anchor, dimension=dimension, values=list(values),
    )  # fmt: skip


def rows_behind(copy: Copy, drill_sql: str, day: object, dimension: str, value: str) -> pd.DataFrame:
    """The rows that make a figure, as its definition asks for them; ``found`` and the sums over all of them come along.

    Parameters
    ----------
    drill_sql
        Of the KPI's definition; its parameter is ``$day``.
    dimension, value
        ``all``, or one of `DRILL_COLUMN` and its value (``unassigned``: no value).
    """
    where = "true"
    if dimension != "all":
        column = DRILL_COLUMN.get(dimension, dimension)
        where = f"coalesce({column}, 'unassigned') = $value"
    given = {"day": str(day)[:10]} | ({"value": value} if dimension != "all" else {})
    return ask(
        copy,
        f"""
        select *, count(*) over () as found, sum(numerator) over () as all_numerator, sum(denominator) over ()
            as all_denominator
        from ({drill_sql}) where {where} order by all limit {LIMIT}
        """,
        **given,
    )
