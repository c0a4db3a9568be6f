"""The reference costs of the clustered day: long runs, printed for `tests.bench.routes.REFERENCE`.

Belongs here: what `python -m tests.bench.routes_reference [stops ...]` takes half an hour for. Does not belong here:
the runs that are compared with it (`python -m tests.bench routes`).
"""

from __future__ import annotations

import sys
import time
from collections import defaultdict

import pyvrp

from oms_dagster.domain.routes import engine
from oms_dagster.domain.routes.draft import Prepared, units
from oms_dagster.domain.routes.solve import solve
from oms_dagster.domain.solving import Budget
from tests.bench.routes import clustered_day

#: Processor seconds of bare PyVRP, and the effort that takes ten minutes of two cores.
BARE_S = 300
LONG = {5_000: 50_000, 10_000: 25_000}


class _ProcessorTime:
    """Stops PyVRP after so many seconds of this process, however busy the machine is."""

    def __init__(self, seconds: float) -> None:
        self._until = time.process_time() + seconds

    def __call__(self, _best: int) -> bool:
        return time.process_time() > self._until


def bare(stops: int) -> int:
    """Cents of PyVRP's own plan for the exact problem, without anything of ours around it."""
    prepared = Prepared(clustered_day(stops))
    asked = units(prepared, prepared.free)
    kinds = defaultdict(list)
    for vehicle in prepared.vehicles.values():
        offer = engine._offer(prepared, asked, vehicle)
        assert offer is not None
        kinds[offer.kind()].append(offer)
    data = engine._problem_data(prepared, asked, range(len(asked)), list(kinds.values()), exact=True, sure=())
    found = pyvrp.solve(data, _ProcessorTime(BARE_S), seed=1, collect_stats=False, display=False)
    assert found.is_feasible()
    return round(found.cost() / 1_000)


def long_run(stops: int) -> int:
    """Cents of the pipeline's plan with many times its effort."""
    plan = solve(clustered_day(stops), Budget(LONG[stops], fuse_s=10_000), seed=1, workers=2)
    assert not plan.report.fuse
    return plan.objective_cents


if __name__ == "__main__":
    for size in map(int, sys.argv[1:] or ("1000", "5000", "10000")):
        began = time.time()
        print(size, bare(size) if size <= 1_000 else long_run(size), f"{time.time() - began:.0f} s wall", flush=True)
