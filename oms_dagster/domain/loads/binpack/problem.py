"""The bin packing problem and its answer. Belongs here: frozen data and its checks."""

from __future__ import annotations

from dataclasses import dataclass

from oms_dagster.domain.solving import SolveReport


@dataclass(frozen=True, slots=True)
class Problem:
    """Items and the capacity of every bin, in whole units of each dimension (grams, dm3, …).

    Raises
    ------
    ValueError
        An item has another number of dimensions, a negative size, or fits no bin.
    """

    sizes: tuple[tuple[int, ...], ...]
    capacity: tuple[int, ...]

    def __post_init__(self) -> None:
        for item, size in enumerate(self.sizes):
            if len(size) != len(self.capacity):
                raise ValueError(f"item {item} has {len(size)} dimensions, a bin {len(self.capacity)}")
            if min(size) < 0:
                raise ValueError(f"item {item} has a negative size")
            if any(s > c for s, c in zip(size, self.capacity, strict=True)):
                raise ValueError(f"item {item} of {size} fits no bin of {self.capacity}")


@dataclass(frozen=True, slots=True)
class Packing:
    """Items of each bin, as positions in `Problem.sizes`. The report's objective and bound count bins."""

    bins: tuple[tuple[int, ...], ...]
    report: SolveReport
