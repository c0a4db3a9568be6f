"""How fast vehicles go where nothing better is known: on great circles, slower in some areas at some hours.

Belongs here: the frozen inputs. Does not belong here: distances and times (travel.py; the checker has its own).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SlowHours:
    """A leg that begins in these hours, from or to a place in this circle, takes so much longer.

    Attributes
    ----------
    latitude, longitude, radius_m
        The circle; metres in a straight line.
    from_s, to_s
        Seconds since midnight, the second exclusive.
    permille
        What the time of a leg is multiplied with; at least 1000. Of several the greatest counts.

    Raises
    ------
    ValueError
        It makes vehicles faster, or ends before it begins.
    """

    latitude: float
    longitude: float
    radius_m: int
    from_s: int
    to_s: int
    permille: int

    def __post_init__(self) -> None:
        if self.permille < 1000 or self.from_s >= self.to_s:
            raise ValueError("travel: slow hours must be slower, and end after they begin")


@dataclass(frozen=True, slots=True)
class TravelModel:
    """Great-circle distance x `detour_permille` / 1000 at `speed_kmh`, each leg rounded to metres, up to seconds.

    Attributes
    ----------
    slow
        Where and when it takes longer. Not where ways by road are known.
    because
        Why this stands in for roads that were asked for.

    Raises
    ------
    ValueError
        No speed, or ways shorter than a straight line.
    """

    detour_permille: int = 1300
    speed_kmh: int = 45
    because: str = ""
    slow: tuple[SlowHours, ...] = ()

    def __post_init__(self) -> None:
        if self.speed_kmh <= 0 or self.detour_permille < 1000:
            raise ValueError("travel: the speed must be above 0 and the detour at least 1000 permille")
