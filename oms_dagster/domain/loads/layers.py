"""Whether a vehicle's goods can stand in its cargo space, by a rule that shows it but cannot refute it.

Belongs here: stacks of one footprint, rows of stacks across the floor, last in first out. Does not belong here: which
goods ride (`routes`), weight on supports (`deck`).

Shelves by next fit, decreasing depth (Coffman, Garey, Johnson and Tarjan, 1980): goods that are added never shorten the
floor (next fit is monotone: Murgolo, 1988), which first fit and best fit don't promise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal


@dataclass(frozen=True, slots=True)
class CargoSpace:
    """Inside measures of a cargo space, in mm; its doors are at the rear."""

    length_mm: int
    width_mm: int
    height_mm: int


@dataclass(frozen=True, slots=True)
class Goods:
    """Units of one kind for a stop (1 is delivered first), in mm, this side up. Nothing stands on what is not stackable."""

    stop: int
    units: int
    length_mm: int
    width_mm: int
    height_mm: int
    is_stackable: bool = True


@dataclass(frozen=True, slots=True)
class Contents:
    """What a shipment holds: goods with measures, whatever their stop, and the SKUs that have none."""

    goods: tuple[Goods, ...]
    unmeasured: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LayerCheck:
    """The answer: `fits` is certain, `not_shown` may fit all the same, `unknown` names what has no measures.

    `floor_mm` is the length of floor that the rows take; None where a unit is too high or too wide, and `binding` says which.
    """

    answer: Literal["fits", "not_shown", "unknown"]
    floor_mm: int | None
    binding: Literal["floor", "width", "height"] | None
    unmeasured: tuple[str, ...] = ()


def check_stops(space: CargoSpace | None, stops: Sequence[Contents]) -> LayerCheck:
    """The check of shipments, each a stop, the first one delivered first: what some goods don't show, more of them won't."""
    unmeasured = tuple(sorted({sku for held in stops for sku in held.unmeasured}))
    if space is None:
        return LayerCheck("unknown", None, None, ("cargo space", *unmeasured))
    found = check(space, [replace(g, stop=stop) for stop, held in enumerate(stops, 1) for g in held.goods])
    if unmeasured and found.answer == "fits":
        return LayerCheck("unknown", None, None, unmeasured)
    return replace(found, unmeasured=unmeasured)


def check(space: CargoSpace, goods: Sequence[Goods]) -> LayerCheck:
    """The shortest floor of four arrangements: long sides across or along, each stop in rows of its own or all in rows of one depth.

    Stacks are of one stop and one footprint, so that each unit stands wholly on the one below. Later stops stand further in
    front: no row holds up goods that are delivered before it. The order of the goods doesn't matter.

    Raises
    ------
    ValueError
        A measure is not above 0.
    """
    goods = [g for g in goods if g.units > 0]
    if min((space.length_mm, space.width_mm, space.height_mm)) <= 0:
        raise ValueError("cargo space: a measure is not above 0")
    if any(min(g.length_mm, g.width_mm, g.height_mm) <= 0 for g in goods):
        raise ValueError("goods: a measure is not above 0")
    if any(g.height_mm > space.height_mm for g in goods):
        return LayerCheck("not_shown", None, "height")
    if any(min(g.length_mm, g.width_mm) > space.width_mm for g in goods):
        return LayerCheck("not_shown", None, "width")
    floor_mm = min(
        floor
        for long_across in (True, False)
        for floor in _floors(space, _stacks(space, goods, long_across=long_across))
    )
    return LayerCheck("fits" if floor_mm <= space.length_mm else "not_shown", floor_mm, "floor")


#: Stop, depth along the floor, width across it, number of stacks.
_Stacks = list[tuple[int, int, int, int]]


def _stacks(space: CargoSpace, goods: Iterable[Goods], *, long_across: bool) -> _Stacks:
    """The stacks of each stop and footprint, from the front of the floor, deepest and widest first within a stop."""
    piles: defaultdict[tuple[int, int, int], list[Goods]] = defaultdict(list)
    for g in goods:
        short, long = sorted((g.length_mm, g.width_mm))
        depth, width = (short, long) if long_across and long <= space.width_mm else (long, short)
        piles[g.stop, depth, width].append(g)
    return [(*key, _count(space.height_mm, piles[key])) for key in sorted(piles, reverse=True)]


def _count(height_mm: int, pile: Sequence[Goods]) -> int:
    """Stacks of one footprint: what nothing may stand on tops a stack of its own, the rest goes below, highest first."""
    rooms = sorted(height_mm - g.height_mm for g in pile if not g.is_stackable for _ in range(g.units))
    stack, room = 0, rooms[0] if rooms else height_mm
    for g in sorted((g for g in pile if g.is_stackable), key=lambda g: -g.height_mm):
        left, each = g.units, g.height_mm
        while left > room // each:
            left -= room // each
            stack += 1
            room = rooms[stack] if stack < len(rooms) else height_mm
            if stack >= len(rooms):
                full = (left - 1) // (room // each)
                stack, left = stack + full, left - full * (room // each)
        room -= left * each
    return max(len(rooms), stack + 1)


def _floors(space: CargoSpace, stacks: _Stacks) -> tuple[int, int]:
    """The floor with rows of each stop's own, and with rows of one depth that stops share."""
    by_stop: defaultdict[int, _Stacks] = defaultdict(list)
    for row in stacks:
        by_stop[row[0]].append(row)
    deepest = max((depth for _, depth, _, _ in stacks), default=0)
    shared = [(stop, deepest, width, count) for stop, _, width, count in stacks]
    return sum(_rows(space.width_mm, own) for own in by_stop.values()), _rows(space.width_mm, shared)


def _rows(width_mm: int, stacks: _Stacks) -> int:
    """The floor that the stacks take in this order: beside the last one, else in a new row as deep as its first."""
    floor = room = 0
    for _, depth, width, count in stacks:
        beside = min(count, room // width)
        count, room = count - beside, room - beside * width
        if count:
            in_a_row = width_mm // width
            rows = -(-count // in_a_row)
            floor += rows * depth
            room = width_mm - width * (count - (rows - 1) * in_a_row)
    return floor
