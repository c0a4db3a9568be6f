"""A benchmark instance in whole units. Belongs here: the data as the checker and the solver both see it."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, hypot

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class FleetVehicle:
    """One vehicle of the file. Limits are in the instance's scaled units, None where there is none."""

    depot: int
    capacity: int
    fixed_cost: int = 0
    unit_cost: int = 1
    max_duration: int | None = None


@dataclass(frozen=True, slots=True)
class Rounding:
    """How a file's real numbers become integers: x `scale`, then to nearest or truncated.

    `cost_divisor` brings the integer cost back to the convention of the published solution.
    """

    scale: int
    truncate: bool
    cost_divisor: int

    def integer(self, value: float) -> int:
        """A length or time of the file in whole scaled units."""
        return int(value * self.scale) if self.truncate else floor(value * self.scale + 0.5)

    def matrix(self, points: NDArray[np.float64]) -> NDArray[np.int64]:
        """All distances at once (the solver's way; the checker measures leg by leg)."""
        apart = points[:, None, :] - points[None, :, :]
        scaled = np.hypot(apart[..., 0], apart[..., 1]) * self.scale
        return (np.trunc(scaled) if self.truncate else np.floor(scaled + 0.5)).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Instance:
    """Locations count from 0 as in the file; `depots` are some of them, the others are clients served once.

    `demands`, `windows` and `services` run beside `points`; windows and services are scaled like distances, and
    driving takes as long as the distance. `windows` is None where the file has none.
    """

    name: str
    points: tuple[tuple[float, float], ...]
    demands: tuple[int, ...]
    depots: tuple[int, ...]
    vehicles: tuple[FleetVehicle, ...]
    rounding: Rounding
    services: tuple[int, ...]
    windows: tuple[tuple[int, int], ...] | None = None

    @property
    def clients(self) -> tuple[int, ...]:
        """Locations that aren't depots."""
        depots = set(self.depots)
        return tuple(i for i in range(len(self.points)) if i not in depots)

    def distance(self, a: int, b: int) -> int:
        """Whole scaled distance between two locations."""
        (ax, ay), (bx, by) = self.points[a], self.points[b]
        return self.rounding.integer(hypot(ax - bx, ay - by))
