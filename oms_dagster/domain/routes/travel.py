"""Distances and driving times between the points of a problem.

Belongs here: the great-circle model, and a road matrix in its place where the problem has one. Does not belong here:
schedules (schedule.py). The checker has its own formula and doesn't import this.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from math import asin, cos, radians, sin, sqrt

import numpy as np
from numpy.typing import NDArray

from oms_dagster.domain.routes.doors import DAY_S
from oms_dagster.domain.routes.roads import RoadMatrix
from oms_dagster.domain.routes.speeds import SlowHours, TravelModel

EARTH_RADIUS_M = 6_371_008.8  # mean radius, IUGG


def great_circle_m(
    lat_a: NDArray[np.float64], lon_a: NDArray[np.float64], lat_b: NDArray[np.float64], lon_b: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Great-circle distance in metres between points in degrees (haversine formula; arrays broadcast)."""
    phi_a, phi_b = np.radians(lat_a), np.radians(lat_b)
    half_lat, half_lon = (phi_b - phi_a) / 2, np.radians(lon_b - lon_a) / 2
    chord = np.sin(half_lat) ** 2 + np.cos(phi_a) * np.cos(phi_b) * np.sin(half_lon) ** 2
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(1.0, chord))), dtype=np.float64)


def drive_seconds(metres: int, speed_kmh: int) -> int:
    """Whole seconds to drive `metres` at `speed_kmh`, rounded up."""
    return -(-metres * 18 // (5 * speed_kmh))


#: Length of a forbidden arc: far beyond any day, far below PyVRP's overflow.
FORBIDDEN = 10**9
#: Points up to which all distances are kept; a bigger day is asked leg by leg, and group by group in matrices.
DENSE = 1_500


class Travel:
    """Metres and seconds between the distinct points of a problem; point 0 is the first given (the depot).

    Parameters
    ----------
    points
        (latitude, longitude) in degrees, repeats allowed.
    model
        Detour factor and speed.
    roads
        Ways by road between all points: then the model isn't used.
    on_the_road
        First and last second at which anybody drives: slow hours outside of them are left out.

    Attributes
    ----------
    speed_kmh
        The mean speed, at least 1.
    """

    __slots__ = (
        "_by_road", "_fastest", "_index", "_is_cautious", "_known", "_lat", "_lon", "_metres", "_model", "_on_the_road", "_places", "_seconds",
        "_slow", "speed_kmh",
    )  # fmt: skip

    def __init__(
        self,
        points: Iterable[tuple[float, float]],
        model: TravelModel,
        roads: RoadMatrix | None = None,
        on_the_road: tuple[int, int] = (0, DAY_S),
    ) -> None:
        self._index: dict[tuple[float, float], int] = {}
        for point in points:
            self._index.setdefault(point, len(self._index))
        self._model = model
        self._places = [(radians(lat), radians(lon)) for lat, lon in self._index]
        self._lat, self._lon = (np.array([p[axis] for p in self._index]) for axis in (0, 1))
        self._known: dict[tuple[int, int], tuple[int, int]] = {}
        self._metres: list[list[int]] = []
        self._seconds: list[list[int]] = []
        self._by_road = _by_road(roads, list(self._index)) if roads is not None else None
        self.speed_kmh = model.speed_kmh
        self._on_the_road, self._is_cautious = on_the_road, False
        hours = [slow for slow in model.slow if slow.from_s < on_the_road[1] and on_the_road[0] < slow.to_s]
        self._slow = [(slow, self._inside(slow)) for slow in hours if roads is None]
        if self._by_road is not None:
            metres, seconds = self._by_road
            self._fastest = float((metres / np.maximum(1, seconds)).max(initial=0.0))
            self.speed_kmh = max(1, round(3.6 * int(metres.sum()) / max(1, int(seconds.sum()))))
        if self._by_road is not None or len(self._index) <= DENSE:
            metres, seconds = self._among(range(len(self._index)))
            self._metres, self._seconds = metres.tolist(), seconds.tolist()

    def point(self, latitude: float, longitude: float) -> int:
        """Index of a point given at construction."""
        return self._index[(latitude, longitude)]

    def base(self, place: tuple[float, float] | None) -> int:
        """Index of a vehicle's base: the depot where it has none of its own."""
        return 0 if place is None else self._index[place]

    def block(self, points: Sequence[int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(metres, seconds) among `points`, each square: as at any time but slow hours, or (`cautious`) as on average."""
        metres, seconds = self._among(points)
        if not self._is_cautious:
            return metres, seconds
        at = np.asarray(points, dtype=np.int64)
        mean, most = np.full(metres.shape, 1000, dtype=np.int64), np.full(metres.shape, 1000, dtype=np.int64)
        begin_s, end_s = self._on_the_road
        for slow, inside in self._slow:
            touched = inside[at][:, None] | inside[at][None, :]
            hours_s = min(slow.to_s, end_s) - max(slow.from_s, begin_s)
            mean += touched * ((slow.permille - 1000) * hours_s // (end_s - begin_s))
            most = np.where(touched, np.maximum(most, slow.permille), most)
        return metres, -(-metres * 18 * np.minimum(mean, most) // (5_000 * self._model.speed_kmh))

    def cautious(self) -> Travel:
        """The same ways with slow hours spread over the day in `block`: for searches that know no hours."""
        other = copy(self)
        other._is_cautious = True
        return other

    @property
    def is_steady(self) -> bool:
        """A leg takes as long at any time."""
        return not self._slow

    def leg_at(self, origin: int, destination: int, leaves_s: int) -> tuple[int, int]:
        """(metres, seconds) from one point to another for somebody who leaves then."""
        metres, seconds = self.leg(origin, destination)
        permille = max(
            (slow.permille for slow, inside in self._slow
             if slow.from_s <= leaves_s < slow.to_s and (inside[origin] or inside[destination])),
            default=1000,
        )  # fmt: skip
        return metres, seconds if permille == 1000 else -(-metres * 18 * permille // (5_000 * self._model.speed_kmh))

    def _inside(self, slow: SlowHours) -> NDArray[np.bool_]:
        """Which points are in the circle."""
        middle = np.array([slow.latitude]), np.array([slow.longitude])
        return np.asarray(np.rint(great_circle_m(self._lat, self._lon, *middle)) <= slow.radius_m)

    def _among(self, points: Sequence[int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(metres, seconds) among `points` at any time but slow hours."""
        at = np.asarray(points, dtype=np.int64)
        if self._by_road is not None:
            return self._by_road[0][np.ix_(at, at)], self._by_road[1][np.ix_(at, at)]
        lat, lon = self._lat[at], self._lon[at]
        straight = great_circle_m(lat[:, None], lon[:, None], lat[None, :], lon[None, :])
        metres = np.rint(straight * self._model.detour_permille / 1000).astype(np.int64)
        return metres, -(-metres * 18 // (5 * self._model.speed_kmh))

    def leg(self, origin: int, destination: int) -> tuple[int, int]:
        """(metres, seconds) from one point to another."""
        if self._metres:
            return self._metres[origin][destination], self._seconds[origin][destination]
        known = self._known.get((origin, destination))
        if known is None:
            metres = self._apart(origin, destination)
            known = metres, drive_seconds(metres, self._model.speed_kmh)
            self._known[origin, destination] = known
        return known

    def metres_in(self, seconds: int) -> int:
        """The most metres that can be driven in so many seconds, on the fastest roads."""
        if self._by_road is None:
            return seconds * 5 * self._model.speed_kmh // 18
        return int(seconds * self._fastest) + 1

    def _apart(self, origin: int, destination: int) -> int:
        (phi_a, lam_a), (phi_b, lam_b) = self._places[origin], self._places[destination]
        chord = sin((phi_b - phi_a) / 2) ** 2 + cos(phi_a) * cos(phi_b) * sin((lam_b - lam_a) / 2) ** 2
        return round(2 * EARTH_RADIUS_M * asin(sqrt(min(1.0, chord))) * self._model.detour_permille / 1000)


def _by_road(roads: RoadMatrix, places: Sequence[tuple[float, float]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    row = {place: n for n, place in enumerate(roads.places)}
    at = np.array([row[place] for place in places], dtype=np.int64)
    metres, seconds = (np.array(rows, dtype=np.int64)[np.ix_(at, at)] for rows in (roads.metres, roads.seconds))
    for matrix in (metres, seconds):
        np.fill_diagonal(matrix, 0)
    return metres, seconds


def farther(metres: NDArray[np.int64], foreign: Sequence[int], away: int) -> NDArray[np.int64]:
    """The stability cost as metres on the way to stops that a running plan has on another vehicle."""
    if not away:
        return metres
    profile = metres.copy()
    profile[:, foreign] += away
    np.fill_diagonal(profile, 0)
    return profile


def without_way(matrix: NDArray[np.int64], closed: Sequence[int]) -> NDArray[np.int64]:
    """The matrix with no way to or from some points."""
    if not closed:
        return matrix
    profile = matrix.copy()
    profile[closed, :] = FORBIDDEN
    profile[:, closed] = FORBIDDEN
    np.fill_diagonal(profile, 0)
    return profile
