"""The checker of packings: counts and adds. Knows no solver."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from oms_dagster.domain.loads.binpack.problem import Problem

RULES = {
    "PACK-01": "Each item is in exactly one bin.",
    "PACK-02": "No bin is fuller than its capacity in any dimension.",
    "PACK-03": "No bin is empty.",
}


def findings(problem: Problem, bins: Sequence[Sequence[int]]) -> Iterator[tuple[str, str]]:
    """(rule, what was seen) for each broken rule; nothing when the packing is right."""
    seen = Counter(item for group in bins for item in group)
    for item in sorted(set(range(len(problem.sizes))) | set(seen)):
        if seen[item] != 1 or not 0 <= item < len(problem.sizes):
            yield "PACK-01", f"item {item} is in {seen[item]} bins of {len(problem.sizes)} items"
    for number, group in enumerate(bins):
        if not group:
            yield "PACK-03", f"bin {number}"
        for dimension, limit in enumerate(problem.capacity):
            load = sum(problem.sizes[item][dimension] for item in group if 0 <= item < len(problem.sizes))
            if load > limit:
                yield "PACK-02", f"bin {number}: {load} of {limit} in dimension {dimension}"
