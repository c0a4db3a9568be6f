"""The small world of these tests: two cycles of it make a home, a third is pending.

Belongs here: what the home is and how it is copied. Does not belong here: what happens to it.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from cycle_process import Ended

from oms_dagster import demo
from oms_dagster import home as homes
from oms_dagster.run import run_cycle
from oms_dagster.settings import Home

ORDERS_A_DAY = 25
SEED = 1
TOMORROW = demo.START + timedelta(days=1)
#: One cycle captures the first day, one releases waves; the pending one finds scans and a load that is due.
BEFORE = (datetime.combine(demo.START, time(18), UTC), datetime.combine(TOMORROW, time(5, 30), UTC))
PENDING = datetime.combine(TOMORROW, time(9), UTC)
#: Not whole yet when the pending cycle looks: it must stay where it is.
HALF_COPIED = Path("shopify/orders-20260303T0900.json.part")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A home before its pending cycle. Copy it; never run on it."""

    home: Path
    as_of: str
    late_file: Path
    folder: Path

    def copy(self, name: str) -> Home:
        """A home of one's own: times of files are kept, they are part of what is captured."""
        target = self.folder / name
        shutil.copytree(self.home, target, symlinks=True)
        return Home(target)


@dataclass(frozen=True, slots=True)
class Unharmed:
    """What the pending cycle makes of the home when nobody disturbs it, and what it costs."""

    home: Home
    cycle: Ended
    again: Ended


def prepare(folder: Path) -> Prepared:
    """Two cycles of a small world, and what happens until the third."""
    from oms_dagster.simulate.world import simulate

    home, world = Home(folder / "prepared"), folder / "world"
    simulate(world, ORDERS_A_DAY, 2, SEED, demo.START)
    homes.create(home)
    before: datetime | None = None
    for moment in BEFORE:
        demo.play(home, world, folder / "floor", before, moment, SEED)
        run_cycle(home, as_of=moment.isoformat(), seed=SEED)
        before = moment
    demo.play(home, world, folder / "floor", before, PENDING, SEED)
    half = home.inbox / HALF_COPIED
    half.parent.mkdir(exist_ok=True)
    half.write_text('{"orders": [{"id": 1')
    for copy in home.published.glob("*.duckdb"):
        if copy.name not in (home.current.name, home.current.resolve().name):
            copy.unlink()
    evening = PENDING + timedelta(hours=9)
    late = next(file for channel, file in demo.arriving(world, PENDING, evening) if channel == "pos")
    return Prepared(home.root, PENDING.isoformat(), late, folder)
