"""A day of 1,000 stops that changes by 5 %: what planning it again costs, moves and takes.

Belongs here: the change (seeded) and the measuring. Does not belong here: the day itself (`routes`).
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import replace

from oms_dagster.domain.routes.plan import Plan
from oms_dagster.domain.routes.problem import PositionLock, PreviousLoad, Problem
from oms_dagster.domain.routes.replan import moved, replan
from oms_dagster.domain.routes.solve import solve
from oms_dagster.domain.routes.verify import check
from oms_dagster.domain.solving import Budget
from tests.bench.routes import clustered_day

STOPS, LOCKED = 1_000, 20
#: Iterations of the running and of the cold plan (about a minute on one core), and of the re-plan.
EFFORT, AGAIN = 14_000, 300
STABILITY_CENTS = 1_000
SEEDS = (1, 2, 3)


def changed(problem: Problem, plan: Plan, seed: int) -> Problem:
    """The day with 25 shipments cancelled, 25 new near others, and 20 stops locked in their place."""
    dice = random.Random(seed)
    gone = set(dice.sample([s.shipment_id for s in problem.shipments], STOPS // 40))
    new = tuple(
        replace(
            s, shipment_id=f"N{s.shipment_id}", order_ids=(f"N{s.shipment_id}",), address_key=f"N{s.shipment_id}",
            latitude=round(s.latitude + dice.gauss(0, 0.02), 5), longitude=round(s.longitude + dice.gauss(0, 0.03), 5),
        )
        for s in dice.sample(problem.shipments, STOPS // 40)
    )  # fmt: skip
    untouched = [load for load in plan.loads if not gone.intersection(load.shipment_ids)]
    stops = [(load, stop) for load in untouched or plan.loads for stop in load.stops]
    stops = [(load, stop) for load, stop in stops if not gone.intersection(stop.shipment_ids)]
    locks = tuple(
        PositionLock(stop.shipment_ids[0], load.vehicle_id, load.trip, stop.stop_sequence)
        for load, stop in dice.sample(stops, min(LOCKED, len(stops)))
    )
    loads = (PreviousLoad(x.vehicle_id, x.trip, tuple(s.shipment_ids for s in x.stops)) for x in plan.loads)
    kept = tuple(s for s in problem.shipments if s.shipment_id not in gone)
    return replace(
        problem, shipments=(*kept, *new), locks=locks, previous=tuple(loads), stability_cents=STABILITY_CENTS
    )


def report(row: Callable[[str, object], None]) -> None:
    """Three changes of one day: time, stops that change vehicle, locked stops kept, cost against a cold plan."""
    problem = clustered_day(STOPS)
    plan = solve(problem, Budget(EFFORT, fuse_s=900), seed=1)
    row("running plan", f"{plan.objective_cents / 100:,.0f}, {len(plan.loads)} loads, {EFFORT:,} iterations")
    for seed in SEEDS:
        today = changed(problem, plan, seed)
        began = time.process_time()
        again = replan(today, Budget(AGAIN, fuse_s=900), seed)
        used = time.process_time() - began
        began = time.process_time()
        cold = solve(replace(today, previous=()), Budget(EFFORT, fuse_s=900), seed)
        cold_s = time.process_time() - began
        kept, survive = _kept(today, again), STOPS - STOPS // 40
        row(
            f"{STOPS:,} stops, 5 % changed, change {seed}",
            f"{used:.1f} s CPU, {len(moved(today, again))} of {survive} stops change vehicle ({len(moved(today, again)) / survive:.1%}),"
            f" {kept} of {len(today.locks)} locked stops kept, {again.objective_cents / 100:,.0f}, cold plan of {cold_s:.0f} s CPU"
            f" {cold.objective_cents / 100:,.0f} ({again.objective_cents / cold.objective_cents - 1:+.2%}),"
            f" {len(check(today, again))} findings, {len(again.dropped)} left behind",
        )
    one = replace(
        problem, shipments=(*problem.shipments, replace(problem.shipments[0], shipment_id="RUSH", address_key="RUSH"))
    )
    rush = replace(one, previous=changed(problem, plan, 1).previous)
    began = time.process_time()
    inserted = replan(rush, Budget(0))
    row(
        "one rush order into the plan",
        f"{time.process_time() - began:.2f} s CPU, {len(moved(rush, inserted))} stops change vehicle, {len(inserted.dropped)} left behind",
    )


def _kept(problem: Problem, plan: Plan) -> int:
    places = {
        s: (load.vehicle_id, stop.stop_sequence)
        for load in plan.loads
        for stop in load.stops
        for s in stop.shipment_ids
    }
    locks = (lock for lock in problem.locks if isinstance(lock, PositionLock))
    return sum(places.get(lock.shipment_id) == (lock.vehicle_id, lock.stop_sequence) for lock in locks)
