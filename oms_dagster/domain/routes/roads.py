"""Ways by road between the places of a day, as a road router or a file gave them.

Belongs here: the matrix as data. Does not belong here: asking for it (`oms_dagster.road_router`), distances on the great
circle (travel.py).
"""

from __future__ import annotations

from dataclasses import dataclass

Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class RoadMatrix:
    """Metres and whole seconds from each place (row) to each (column). There and back may differ.

    Attributes
    ----------
    source
        Where it comes from, in words that a planner reads.
    places
        (latitude, longitude) in degrees, as the problem has them.

    Raises
    ------
    ValueError
        A place twice, a row of another length, a way of less than nothing.
    """

    source: str
    places: tuple[Place, ...]
    metres: tuple[tuple[int, ...], ...]
    seconds: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        size = len(self.places)
        if len(set(self.places)) != size:
            raise ValueError("roads: a place is given twice")
        for rows in (self.metres, self.seconds):
            if len(rows) != size or any(len(row) != size for row in rows):
                raise ValueError(f"roads: {size} places need {size} rows of {size} numbers")
            if any(value < 0 for row in rows for value in row):
                raise ValueError("roads: a way is shorter than nothing")
