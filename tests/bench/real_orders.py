"""The real year and its busiest week, run as a home would run them: capture, screening, positions, sourcing, cycles.

Belongs here: what `make bench` prints about ../shared/data/orders. Does not belong here: anything that a test asserts.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from pathlib import Path
from typing import Any

import duckdb

from oms_dagster import demo, run, settings
from oms_dagster import home as homes
from oms_dagster.actions import put
from oms_dagster.settings import Home
from oms_dagster.simulate.floor import react
from oms_dagster.simulate.like import like
from oms_dagster.warehouse.connect import reader

CHANNEL = "online-retail"
SEED = 1
#: The steps before sourcing: facts, and what dbt makes of them.
POSITIONED = ("cycle", "captured", "ledger", "prepare")


@contextmanager
def lacking(orders: Path) -> Iterator[tuple[Home, Path]]:
    """A fresh home with the reference data that `oms simulate --like` invents for an order file, and its feeds."""
    with tempfile.TemporaryDirectory(prefix="oms-real-") as folder:
        home, world = settings.home(Path(folder) / "home"), Path(folder) / "world"
        like(orders, world, SEED)
        homes.create(home)
        for file in sorted((world / "reference").glob("*.csv")):
            put(home, file, file.stem)
        yield home, world


def year(orders: Path) -> dict[str, Any]:
    """All lines of the file captured, screened and positioned in one go: seconds by step, and counts."""
    with lacking(orders) as (home, world):
        for file in history(world, Path(home.root).parent / "history"):
            put(home, file, file.stem)
        put(home, orders, CHANNEL)
        began = time.perf_counter()
        seconds = steps(home, datetime(2011, 12, 10, tzinfo=UTC), POSITIONED)
        wall = time.perf_counter() - began
        with duckdb.connect(str(home.warehouse), read_only=True) as connection:
            counts = {name: connection.execute(sql).fetchall()[0][0] for name, sql in _COUNTS.items()}
    return {"wall": wall, "steps": seconds, **counts}


def history(world: Path, target: Path) -> list[Path]:
    """The weekly feeds as one file a feed, as a company hands over its past when it starts."""
    target.mkdir()
    feeds: dict[str, list[Path]] = {}
    for channel, file in demo.arriving(world, None, datetime(2012, 1, 1, tzinfo=UTC)):
        feeds.setdefault(channel, []).append(file)
    for channel, files in feeds.items():
        head, *rest = files
        rows = [line for file in rest for line in file.read_text().splitlines(keepends=True)[1:]]
        (target / f"{channel}.csv").write_text(head.read_text() + "".join(rows))
    return sorted(target.iterdir())


_COUNTS = {
    "open lines": "select count(*) from intermediate.int_order_lines__balanced where qty_open > 0",
    "holds": "select count(*) from intermediate.int_holds__prepared",
    "positions (SKU x location)": "select count(*) from intermediate.int_inventory__positions",
}


def steps(home: Home, as_of: datetime, names: tuple[str, ...]) -> dict[str, float]:
    """Run some steps of the planning cycle alone, and say how long each took."""
    import dagster as dg

    with dg.DagsterInstance.from_config(str(home.dagster)) as instance:
        job = run._definitions().resolve_job_def("planning_cycle")
        graph = run._definitions().resolve_asset_graph()
        chosen = [
            key for made in graph.assets_defs if made.is_executable and made.op.name in names for key in made.keys
        ]
        result = job.execute_in_process(
            instance=instance,
            asset_selection=chosen,
            run_config={
                "ops": {"cycle": {"config": {"as_of": as_of.isoformat(), "seed": SEED}}},
                "resources": {"warehouse": {"config": {"home_path": str(home.root)}}},
                "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
            },
        )
        stats = instance.get_run_step_stats(result.run_id)
        return {s.step_key: round((s.end_time or 0) - (s.start_time or 0), 1) for s in stats}


def busiest_week(orders: Path) -> date:
    """Monday of the week with most lines."""
    found = duckdb.sql(
        f"select date_trunc('week', invoice_ts)::date from '{orders}' group by 1 order by count(*) desc, 1 limit 1"
    ).fetchall()
    return date.fromisoformat(str(found[0][0]))


def cut(orders: Path, first: date, last: date, target: Path) -> int:
    """The lines of some days as a file of their own. Returns their number."""
    target.parent.mkdir(parents=True, exist_ok=True)
    duckdb.sql(
        f"copy (select * from '{orders}' where invoice_ts::date between '{first}' and '{last}' order by line_id) to '{target}' (format parquet)"
    )
    return int(duckdb.sql(f"select count(*) from '{target}'").fetchall()[0][0])


def week(orders: Path, days: int = 6) -> Iterator[dict[str, Any]]:
    """Days of the busiest week cycle by cycle: the floor and the doors react in between, every law is audited."""
    monday = busiest_week(orders)
    with tempfile.TemporaryDirectory(prefix="oms-week-") as folder:
        file = Path(folder) / "week.parquet"
        cut(orders, monday, monday + timedelta(days=6), file)
        with lacking(file) as (home, world):
            before: datetime | None = None
            for day in (monday + timedelta(days=n) for n in range(days)):
                daily = Path(folder) / f"{day}.parquet"
                lines = cut(orders, day, day, daily)
                for at in demo.CYCLES:
                    moment = datetime.combine(day, at, UTC)
                    for channel, arrived in demo.arriving(world, before, moment):
                        put(home, arrived, channel)
                    if at == clock(18) and lines:
                        put(home, daily, CHANNEL)
                    if before is not None:
                        _react(home, Path(folder) / "floor", moment)
                    began = time.perf_counter()
                    told = run.run_cycle(home, as_of=moment.isoformat(), seed=SEED)
                    yield {"moment": moment, "lines in": lines if at == clock(18) else 0, **told,
                           "wall": time.perf_counter() - began, **plan(home), "promises": kept(home)}  # fmt: skip
                    before = moment


def _react(home: Home, floor: Path, moment: datetime) -> None:
    shutil.rmtree(floor, ignore_errors=True)
    react(home.current.resolve(), moment, floor, SEED, moment.date())
    for file in sorted(floor.glob("*/*.csv")):
        put(home, file, file.parent.name, f"{moment:%Y%m%dT%H%M}-{file.name}")


def plan(home: Home) -> dict[str, Any]:
    """Sourcing and routes of the newest copy: cost, baseline, bound."""
    with reader(home.current) as connection:
        rows = connection.execute(
            "select stage, any_value(size), sum(objective), sum(baseline_objective), sum(bound), sum(wall_s) from marts.solver_runs"
            " where cycle_id::bigint = (select max(cycle_id::bigint) from marts.solver_runs) group by 1"
        ).fetchall()
    return {
        stage: {"size": size, "cost": cost, "baseline": baseline, "bound": bound, "wall_s": wall}
        for stage, size, cost, baseline, bound, wall in rows
    }


def kept(home: Home) -> dict[str, Any]:
    """How still the newest cycle kept the promises that it found: of lines still open, how many it moved, and why."""
    with reader(home.current) as connection:
        moved = connection.execute(
            "select cause, reason, count(*) from facts.promise_events where event not in ('held', 'first') and reason <> 'promised again'"
            " and cycle_seq = (select max(cycle_seq) from facts.cycles) group by all order by 3 desc, 2"
        ).fetchall()
        found = connection.execute(
            "with before as (select order_line_id from facts.promise_events where cycle_seq < (select max(cycle_seq) from facts.cycles)"
            " group by 1 having arg_max(event, cycle_seq) not in ('held', 'withdrawn'))"
            " select count(*) from before where order_line_id in (select order_line_id from plans.promises)"
            " or order_line_id in (select order_line_id from facts.promise_events where cycle_seq = (select max(cycle_seq) from facts.cycles))"
        ).fetchall()[0][0]
    ours = sum(count for cause, _, count in moved if cause == "plan")
    why = {f"{reason} ({cause})": count for cause, reason, count in moved}
    return {"found": found, "moved": sum(why.values()), "ours": ours, "why": why}


def whole_week(orders: Path) -> dict[str, Any]:
    """The busiest week's lines all open at once: one cycle, and the sourcing step of it."""
    monday = busiest_week(orders)
    with tempfile.TemporaryDirectory(prefix="oms-week-") as folder:
        file = Path(folder) / "week.parquet"
        lines = cut(orders, monday, monday + timedelta(days=6), file)
        with lacking(file) as (home, world):
            moment = datetime.combine(monday + timedelta(days=6), clock(18), UTC)
            for channel, arrived in demo.arriving(world, None, moment):
                put(home, arrived, channel)
            put(home, file, CHANNEL)
            told = run.run_cycle(home, as_of=moment.isoformat(), seed=SEED)
            return {"lines": lines, "week": monday, **told, **plan(home)}
