"""The published copy that a page draws: found by its real path, asked by SQL, answers remembered per copy.

Belongs here: which copy is shown and the one way to ask it. Does not belong here: what is asked (one module a page).

A copy never changes under its path, so an answer is remembered under path and time stamp: a new cycle has another
path and is seen at once. Nothing here writes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import streamlit as st

from oms_dagster import home as homes
from oms_dagster.settings import Home
from oms_dagster.warehouse.connect import reader
from oms_dagster.warehouse.publish import read_status
from oms_dagster.warehouse.shape import project_fingerprint

#: Rows that a table on a page shows at most; the page says when there are more.
LIMIT = 200


class NoCopy(RuntimeError):
    """There is nothing to show yet: one line with what is missing and what to do."""


@dataclass(frozen=True, slots=True)
class Copy:
    """The published copy that a page shows.

    Attributes
    ----------
    path, stamp
        Real path of the file, and a number that changes when another file takes its name.
    cycle_id, as_of
        The cycle that published it, and its effective time (UTC).
    timezone, currency
        Of reports: the zone that times are shown in, and the currency of ``_base`` amounts.
    """

    path: str
    stamp: int
    cycle_id: str
    as_of: datetime
    timezone: str
    currency: str


def current(home: Home) -> Copy:
    """The newest published copy of a home.

    Raises
    ------
    NoCopy
        No home, a home of a newer version, or one that has published nothing yet.
    """
    if not homes.exists(home):
        raise NoCopy(f"There is no home at {home.root} yet. Run `make demo` for one with demo data, or `oms init` for an empty one.")
    try:
        homes.require(home)
        path = home.current.resolve(strict=True)
        found = path.stat()
    except homes.HomeError as error:
        raise NoCopy(str(error)) from error
    except FileNotFoundError as error:
        raise NoCopy(
            f"{home.root} has published nothing yet. Run `make demo` for demo data, or `oms import` files and then `oms cycle`."
        ) from error
    stamp = found.st_mtime_ns ^ found.st_ino
    cycle_id, as_of, zone, currency = _described(str(path), stamp)
    return Copy(str(path), stamp, cycle_id, as_of, zone, currency)


def is_older_than_the_code(home: Home) -> bool:
    """Whether the newest copy was published by code that shaped its tables otherwise."""
    return bool(read_status(home).get("shape") != project_fingerprint())


@st.cache_data(max_entries=8, show_spinner=False)
def _described(path: str, stamp: int) -> tuple[str, datetime, str, str]:
    with reader(Path(path)) as connection:
        last = connection.execute("select cycle_id, as_of from marts.cycles order by as_of desc, try_cast(cycle_id as bigint) desc limit 1").fetchall()
        try:
            policies = dict(connection.execute("select policy_key, value from intermediate.int_policies__in_force where scope = ''").fetchall())
        except duckdb.CatalogException:
            policies = {}
    cycle_id, as_of = last[0] if last else (Path(path).stem.lstrip("0") or "0",
    datetime.fromtimestamp(Path(path).stat().st_mtime, UTC))
    return cycle_id, as_of, policies.get("reporting.timezone", "UTC"), policies.get("reporting.currency", "")


def ask(copy: Copy, sql: str, **values: Any) -> pd.DataFrame:
    """Rows of the copy as a frame; times in the reporting zone, decimals as numbers to look at (never to reckon with).

    Parameters
    ----------
    sql
        DuckDB SQL with named parameters (``$text``).
    values
        The parameters; a sequence becomes a list.

    Raises
    ------
    duckdb.Error
        The copy lacks a table or a column: it was made by another version.
    """
    frozen = tuple(sorted((name, tuple(v) if isinstance(v, list | set) else v) for name, v in values.items()))
    return _asked(copy.path, copy.stamp, copy.timezone, sql, frozen)


@st.cache_data(max_entries=300, show_spinner="Reading the published copy")
def _asked(path: str, stamp: int, zone: str, sql: str, values: tuple[tuple[str, Any], ...]) -> pd.DataFrame:
    given = {name: list(v) if isinstance(v, tuple) else v for name, v in values}
    with reader(Path(path)) as connection:
        frame: pd.DataFrame = connection.execute(sql, given).df() if given else connection.execute(sql).df()
    for name in frame.columns:
        if isinstance(frame[name].dtype, pd.DatetimeTZDtype):
            frame[name] = frame[name].dt.tz_convert(zone)
    return frame


def has_table(copy: Copy, schema: str, name: str) -> bool:
    """Whether the copy has a table."""
    return not ask(
        copy, "select 1 from information_schema.tables where table_schema = $schema and table_name = $name",
        schema=schema, name=name
    ).empty


def simulated(copy: Copy, *feeds: str) -> list[str]:
    """Those of the feeds that hold records whose source is `simulated`, in their order."""
    parts = [
        f"select {number} as place, '{feed}' as feed where exists (select 1 from facts.{feed} where source = 'simulated')"
        for number, feed in enumerate(feeds)
    ]
    return list(ask(copy, f"select feed from ({' union all '.join(parts)}) order by place")["feed"]) if parts else []
