"""First-fit decreasing, and the lower bounds that need no solver.

Belongs here: what every packing is measured against. Sources: Johnson 1973 (FFD); Martello and Toth 1990 (L2).
"""

from __future__ import annotations

from collections.abc import Sequence

from oms_dagster.domain.loads.binpack.problem import Problem

NAME = "first_fit_decreasing"


def fullness(problem: Problem, item: int) -> int:
    """Size relative to the bin in millionths, summed over the dimensions: what "decreasing" goes by."""
    return sum(1_000_000 * s // max(1, c) for s, c in zip(problem.sizes[item], problem.capacity, strict=True))


def first_fit_decreasing(problem: Problem) -> list[list[int]]:
    """Each item, the biggest first, into the first bin that still takes it."""
    bins: list[list[int]] = []
    rooms: list[list[int]] = []
    for item in sorted(range(len(problem.sizes)), key=lambda i: (-fullness(problem, i), i)):
        size = problem.sizes[item]
        for group, room in zip(bins, rooms, strict=True):
            if all(s <= r for s, r in zip(size, room, strict=True)):
                group.append(item)
                room[:] = [r - s for r, s in zip(room, size, strict=True)]
                break
        else:
            bins.append([item])
            rooms.append([c - s for c, s in zip(problem.capacity, size, strict=True)])
    return bins


def lower_bound(problem: Problem) -> int:
    """The greatest L2 bound over the dimensions: a proved number of bins that no packing can go below."""
    bounds = (
        l2([size[d] for size in problem.sizes], capacity) for d, capacity in enumerate(problem.capacity) if capacity
    )
    return max(min(1, len(problem.sizes)), max(bounds, default=0))


def l2(sizes: Sequence[int], capacity: int) -> int:
    """Martello and Toth's L2 for one dimension: items above half a bin stand alone, small ones fill what they leave."""
    best = -(-sum(sizes) // capacity)
    for threshold in sorted({s for s in sizes if 2 * s <= capacity}):
        big = [s for s in sizes if s > capacity - threshold]
        half = [s for s in sizes if 2 * s > capacity and s <= capacity - threshold]
        small = sum(s for s in sizes if threshold <= s and 2 * s <= capacity)
        left = small - (len(half) * capacity - sum(half))
        best = max(best, len(big) + len(half) + max(0, -(-left // capacity)))
    return max(best, sum(2 * s > capacity for s in sizes))
