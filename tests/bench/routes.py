"""A clustered synthetic day of any size for the routes stage, and what the pipeline's solver makes of it.

Belongs here: the generator (seeded) and the measuring. Does not belong here: the public instances (`solvers`).
"""

from __future__ import annotations

import os
import random
import resource
import statistics
import time
from collections.abc import Callable
from math import cos, log, radians

from oms_dagster.domain.routes.problem import Depot, Problem, Shipment, Vehicle
from oms_dagster.domain.routes.solve import solve
from oms_dagster.domain.routes.verify import check
from oms_dagster.domain.solving import Budget

HOUR = 3_600


def clustered_day(stops: int, seed: int = 1) -> Problem:
    """A day of `stops` addresses in Pareto-sized towns within 120 km of one depot.

    30 % of the addresses have a window of two to four hours, the others take goods from 7 to 17 o'clock. Two kinds of
    vehicle, enough for all: a van (1.2 t, 10 m3) and a truck (3.5 t, 24 m3), 10 hours, one trip a day.
    """
    dice = random.Random(seed)
    north0, east0 = 51.5, -0.1
    towns = [
        (dice.paretovariate(1.2), dice.uniform(-1, 1), dice.uniform(-1, 1), dice.uniform(1, 6))
        for _ in range(max(8, round(stops**0.5)))
    ]
    sizes = [size for size, *_ in towns]
    goods = []
    for number in range(stops):
        _, up, right, spread = dice.choices(towns, sizes)[0]
        north_km, east_km = up * 85 + dice.gauss(0, spread), right * 85 + dice.gauss(0, spread)
        latitude = round(north0 + north_km / 111.2, 5)
        longitude = round(east0 + east_km / (111.2 * cos(radians(north0))), 5)
        weight_g = round(1_000 * min(600, dice.lognormvariate(3.2, 0.9)))
        start, length = dice.randrange(7, 14) * HOUR, dice.randrange(2, 5) * HOUR
        tight = dice.random() < 0.3
        goods.append(
            Shipment(
                f"S{number:05d}", (f"O{number:05d}",), f"A{number:05d}", latitude, longitude,
                f"{int((up + 1) * 49):02d}{int((right + 1) * 49):02d}{number % 100:02d}", "GB",
                weight_g, max(1, round(weight_g * dice.uniform(4, 9) / 1_000)), 50_000,
                start if tight else 7 * HOUR, start + length if tight else 17 * HOUR, dice.randrange(4, 12) * 60,
                penalty_cents=100_000,
            )
        )  # fmt: skip
    fleet = []
    for number in range(max(4, stops // 15)):
        truck = number % 3 == 0
        fleet.append(
            Vehicle(
                f"V{number:04d}", f"D{number:04d}", 3_500_000 if truck else 1_200_000, 24_000 if truck else 10_000, 60,
                100_000_000, 6 * HOUR, 17 * HOUR, 9 * HOUR, 65 if truck else 45, 2_400, 6_500 if truck else 4_000,
                vehicle_class="truck" if truck else "van",
            )
        )  # fmt: skip
    return Problem(Depot("LON", north0, east0, 5 * HOUR, 22 * HOUR), "2025-03-05", tuple(fleet), tuple(goods))


#: (stops, iterations that each shipment takes part in, seeds): what two cores do in about 20, 65 and 120 s of 1,000, 5,000 and 10,000.
SIZES = ((250, 12_000, 3), (1_000, 8_500, 3), (2_500, 7_000, 1), (5_000, 6_300, 3), (10_000, 5_300, 1))
#: Stops -> cents of a long run: `python -m tests.bench.routes_reference`.
REFERENCE = {1_000: 1_165_025, 5_000: 5_417_930}


def report(row: Callable[[str, object], None]) -> None:
    """Cost and time of the pipeline's solver against size, on all cores; the exponent of processor time."""
    before: tuple[int, float] | None = None
    for stops, effort, seeds in SIZES:
        problem = clustered_day(stops)
        costs, cpu = [], 0.0
        for seed in range(1, seeds + 1):
            began, used = time.perf_counter(), _cpu_s()
            plan = solve(problem, Budget(effort, fuse_s=900), seed=seed, workers=os.cpu_count() or 1)
            wall, cpu = time.perf_counter() - began, _cpu_s() - used
            told = plan.report
            costs.append(plan.objective_cents)
            row(
                f"clustered day, {stops:,} stops, seed {seed}",
                f"{plan.objective_cents / 100:,.0f}, {told.gain:.1%} under postal-code order, {len(plan.loads)} loads, {len(plan.dropped)} left behind,"
                f" {wall:.0f} s wall, {cpu:.0f} s CPU, {len(check(problem, plan))} findings, peak {_peak_mib()} MiB a process{', FUSE' * told.fuse}",
            )
        if stops in REFERENCE:
            row("  median over the reference", f"{statistics.median(costs) / REFERENCE[stops] - 1:.2%}")
        if before:
            row("  exponent of processor time", f"{log(cpu / before[1]) / log(stops / before[0]):.2f}")
        before = stops, cpu


def _cpu_s() -> float:
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def _peak_mib() -> int:
    return max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) // 1024
