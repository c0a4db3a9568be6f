"""A synthetic day of line-haul orders of any size for load building, and what the pipeline's solver makes of it.

Belongs here: the generator (seeded) and the measuring, public bin packing files too.
"""

from __future__ import annotations

import random
import resource
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from oms_dagster.domain.loads.building.baseline import first_fit_decreasing
from oms_dagster.domain.loads.building.lane import Lane
from oms_dagster.domain.loads.building.problem import Item, Problem, Trailer
from oms_dagster.domain.loads.building.solve import solve, solve_binpack_file
from oms_dagster.domain.loads.building.verify import findings
from oms_dagster.domain.solving import Budget

BINPACK = Path(__file__).resolve().parents[3] / "shared" / "bench" / "binpack"
LANE = 125
SEEDS = (1, 2, 3)
#: id, kg, dm3, pallet places, price of a short lane, goods
KINDS = (
    ("rigid 7.5 t", 2_800, 32_000, 10, 21_000, ("ambient", "hazard")),
    ("rigid 18 t", 9_000, 48_000, 15, 33_000, ("ambient", "hazard")),
    ("trailer 13.6 m", 24_000, 88_000, 33, 52_000, ("ambient", "hazard")),
    ("double deck", 22_000, 120_000, 44, 68_000, ("ambient",)),
    ("chilled rigid", 8_000, 42_000, 14, 41_000, ("ambient", "chilled")),
    ("chilled trailer", 22_000, 80_000, 33, 66_000, ("ambient", "chilled")),
)


def day(orders: int, seed: int) -> Problem:
    """Orders over lanes of `LANE` each: one to nine pallets, a fifth chilled, a twelfth hazardous, some only late."""
    dice = random.Random(seed)
    lanes = [f"L{n:03d}" for n in range(max(1, orders // LANE))]
    items = []
    for n in range(orders):
        pallets = min(9, 1 + int(dice.expovariate(0.6)))
        kg = round(pallets * dice.uniform(120, 1_050))
        dm3 = round(pallets * dice.uniform(900, 2_500))
        goods = dice.choices(("ambient", "chilled", "hazard"), (72, 20, 8))[0]
        ready, cutoff = dice.choices(((6, 22), (8, 18), (10, 14), (15, 22)), (60, 20, 10, 10))[0]
        items.append(
            Item(
                f"O{n:05d}",
                (kg, dm3, pallets),
                lanes[n % len(lanes)],
                f"{dice.randrange(100):02d}",
                (goods,),
                ready,
                cutoff,
            )
        )
    far = {lane: dice.uniform(1.0, 2.5) for lane in lanes}
    trailers = tuple(
        Trailer(name, (kg, dm3, places), round(price * far[lane]), lane, goods)
        for lane in lanes
        for name, kg, dm3, places, price, goods in KINDS
    )
    return Problem(tuple(items), trailers, ("weight", "volume", "pallets"), frozenset({("chilled", "hazard")}))


def report(row: Callable[[str, object], None]) -> None:
    for orders, limit in ((500, 30), (2_000, 30), (10_000, 90)):
        gaps, gains = [], []
        for seed in SEEDS if orders < 10_000 else SEEDS[:1]:
            problem = day(orders, seed)
            began, cpu = time.perf_counter(), time.process_time()
            found = solve(problem, Budget(300, fuse_s=3 * limit), seed)
            spent, wall = time.process_time() - cpu, time.perf_counter() - began
            report = found.report
            assert not list(findings(problem, found)), list(findings(problem, found))[:3]
            assert report.bound and report.gain is not None
            gaps.append(report.objective / report.bound - 1)
            gains.append(report.gain)
            row(
                f"{orders:,} orders, seed {seed}, {spent:.1f} s CPU, {wall:.1f} s wall",
                f"{gaps[-1]:.2%} over the bound, {gains[-1]:.1%} below first-fit decreasing by postal code, {len(found.loads)} loads, fuse {report.fuse}",
            )
        row(f"{orders:,} orders, median", f"{median(gaps):.2%} over the bound, {median(gains):.1%} below the baseline")
    problem = day(10_000, 1)
    cpu = time.process_time()
    for lane in sorted({item.lane for item in problem.items}):
        first_fit_decreasing(Lane(problem, lane, tuple(i for i, x in enumerate(problem.items) if x.lane == lane)))
    row("10,000 orders, first-fit decreasing alone", f"{time.process_time() - cpu:.2f} s CPU")
    row("peak memory", f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB")
    public(row)


def public(row: Callable[[str, object], None]) -> None:
    """Falkenauer's uniform and triplet sets, 10 s each."""
    for kind in ("u", "t"):
        files = sorted(BINPACK.glob(f"Falkenauer_{kind}*.txt"))
        cpu = time.process_time()
        found = [solve_binpack_file(file.read_text(), file.name, 10, 1) for file in files]
        bins, bound = sum(each["cost"] for each in found), sum(each["bound"] for each in found)
        spent = time.process_time() - cpu
        row(
            f"Falkenauer {kind.upper()}, {len(files)} files, {spent:.1f} s CPU",
            f"{bins} bins, bound {bound} ({bins / bound - 1 if bound else 0:.2%}), worst {max((e['cost'] - e['bound'] for e in found), default=0)} bins over, "
            f"all feasible {all(each['feasible'] for each in found)}",
        )
