"""Prints what sourcing costs, one line a size: ``python -m tests.domain.sourcing.bench 1k 10k 100k 100x100 [promise]``.

Sizes are the public instances; ``100x100`` is 100,000 lines over 100 locations, made by lot; ``cycles`` counts the
promises that change between two cycles; ``promise`` times one order alone at the stock prices of the last plan.
"""

from __future__ import annotations

import resource
import statistics
import sys
import time
from dataclasses import replace

import numpy as np

from oms_dagster.domain.sourcing.last_plan import promised
from oms_dagster.domain.sourcing.outcome import left_after
from oms_dagster.domain.sourcing.promise import promise_one
from oms_dagster.domain.sourcing.solve import default_budget, solve
from oms_dagster.domain.sourcing.verify import verify
from tests.domain.sourcing.cases import benchmark, many_locations, of_orders

#: Orders that a caller asks about, each on its own.
CALLS = 200


def say(size: str) -> None:
    """Solve one size and print it beside the naive plans."""
    problem = many_locations(100_000, 100) if size == "100x100" else benchmark(size)
    cpu = time.process_time()
    plan = solve(problem, default_budget(problem))
    cpu = time.process_time() - cpu
    report = plan.report
    cheaper = ", ".join(f"{1 - report.objective / cost:.2%} than {name}" for name, cost in plan.baselines.items())
    over = report.objective / report.bound - 1 if report.bound else 0.0
    phases = ", ".join(f"{name} {seconds:.1f}" for name, seconds in plan.phases.items())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"{size:>8}: {report.size}: {report.objective} cents, cheaper by {cheaper}; {over:.2%} over the bound (all plans); "
        f"{report.wall_s:.1f} s wall, {cpu:.1f} s CPU ({phases}), peak {peak:.2f} GiB; effort {report.effort}, fuse {report.fuse}; "
        f"{len(plan.backorders)} backorders, {len(verify(problem, plan))} findings",
        flush=True,
    )


def cycles(size: str = "10k") -> None:
    """Promises changed between two cycles: same facts, and with one order in twenty new."""
    problem = replace(benchmark(size), stability_cost_cents=100, stability_day_cost_cents=50)
    orders = np.arange(len(problem.order_ids))
    for what, old in (("same facts", orders >= 0), ("5 % new orders", orders % 20 != 7)):
        first = of_orders(problem, old)
        before = solve(first, default_budget(first))
        again = replace(problem, last_promises=promised(before), line_known=old[problem.line_order])
        after = solve(again, default_budget(again))
        kept = {(a.line_id, a.location_id, a.ship_day) for a in after.assignments}
        moved = sum((a.line_id, a.location_id, a.ship_day) not in kept for a in before.assignments)
        cold = solve(replace(problem, stability_cost_cents=0, stability_day_cost_cents=0), default_budget(problem))
        dearer = (after.report.objective - after.costs.stability) / cold.report.objective - 1
        print(
            f"  cycles {size}, {what}: {moved} of {len(before.assignments)} promises changed, {after.report.wall_s:.1f} s; "
            f"{dearer:+.2%} against planning from nothing",
            flush=True,
        )


def promise(size: str) -> None:
    """Orders of the instance promised one by one against the stock that a plan of the others leaves."""
    problem = benchmark(size)
    plan = solve(problem, default_budget(problem))
    left = replace(problem, atp_milli=left_after(problem, plan))
    rows = range(0, len(problem.order_ids), max(1, len(problem.order_ids) // CALLS))
    walls, cpus = [], []
    for order in rows:
        alone = of_orders(left, np.arange(len(problem.order_ids)) == order)
        began, cpu = time.perf_counter(), time.process_time()
        promise_one(alone, plan.prices)
        walls.append(1000 * (time.perf_counter() - began))
        cpus.append(1000 * (time.process_time() - cpu))
    said = ", ".join(
        f"p50 {statistics.median(ms):.1f} ms, p95 {np.quantile(ms, 0.95):.1f} ms {what}"
        for what, ms in (("wall", walls), ("CPU", cpus))
    )
    print(f"promise {size}: {len(walls)} orders alone, {said}", flush=True)


def main(asked: list[str]) -> None:
    for size in asked:
        if size == "promise":
            promise("10k")
            promise("100k")
        elif size == "cycles":
            cycles()
        else:
            say(size)


if __name__ == "__main__":
    main(sys.argv[1:] or ["1k", "10k"])
