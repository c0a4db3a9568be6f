"""A small home with a cycle pending, made once: what the tests copy, kill and run again."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from cycle_process import Ended, cycle

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


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Two cycles of a small world, and what happens until the third."""
    from oms_dagster.simulate.world import simulate

    folder = tmp_path_factory.mktemp("crash")
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
    late = next(
        file for channel, file in demo.arriving(world, PENDING, PENDING + timedelta(hours=9)) if channel == "pos"
    )
    return Prepared(home.root, PENDING.isoformat(), late, folder)


@pytest.fixture(scope="session")
def unharmed(prepared: Prepared) -> Unharmed:
    """The pending cycle and, as after each crash, the same command once more."""
    home = prepared.copy("unharmed")
    first, again = (cycle(home.root, prepared.as_of).wait() for _ in range(2))
    assert (first.code, again.code) == (0, 0), first.err + again.err
    return Unharmed(home, first, again)


@pytest.fixture
def home_copy(prepared: Prepared, request: pytest.FixtureRequest) -> Home:
    """A copy of the prepared home for one test."""
    return prepared.copy(f"home-{abs(hash(request.node.nodeid)):x}")


Copier = Callable[[str], Home]
