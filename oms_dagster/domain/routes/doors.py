"""The doors of a depot as the routing is told of them.

Belongs here: the frozen inputs. Does not belong here: which load is at which door when (docks.py).
"""

from __future__ import annotations

from dataclasses import dataclass

DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Docks:
    """Doors of the depot at which loads are put on vehicles, one at a time each.

    Attributes
    ----------
    open_s, close_s
        Loading begins and ends between them, and not before the depot opens.
    fixed_s, per_m3_s
        How long a load takes its door: for each load, and for each cubic metre of it. Whole minutes, rounded up.
    taken_s
        Until when loads that are no part of the plan any more take a door each.
    """

    doors: int
    open_s: int = 0
    close_s: int = DAY_S
    fixed_s: int = 600
    per_m3_s: int = 480
    taken_s: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Ready:
    """A load that can't leave before `ready_s`: its door is taken until then."""

    vehicle_id: str
    trip: int
    ready_s: int
