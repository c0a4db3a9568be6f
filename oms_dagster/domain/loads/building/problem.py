"""What load building is asked and what it answers: goods that ride whole, trailers to hire, loads.

Belongs here: frozen data and its checks. Does not belong here: anything that decides, where the numbers come from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from oms_dagster.domain.solving import SolveReport

#: A cut-off that never comes.
NEVER = 2**40


@dataclass(frozen=True, slots=True)
class Item:
    """An order or shipment; it rides whole, on a trailer of its lane.

    Attributes
    ----------
    sizes
        In whole units of each dimension of the problem.
    lane
        What may share a trailer at all, e.g. ``DC-DAV>DE``.
    goods
        Labels of what it is, e.g. ``("chilled", "hazard")``; a trailer must admit them all.
    ready, cutoff
        It may leave from `ready` until `cutoff`, both included, in any whole unit of time. What shares a trailer leaves
        at once.
    leave_cents
        What it costs to leave it to somebody else; None: it must ride.
    """

    item_id: str
    sizes: tuple[int, ...]
    lane: str = ""
    postcode: str = ""
    goods: tuple[str, ...] = ()
    ready: int = 0
    cutoff: int = NEVER
    leave_cents: int | None = None


@dataclass(frozen=True, slots=True)
class Trailer:
    """A kind of trailer on a lane, hired as often as it is needed at `cost_cents`."""

    trailer_id: str
    capacity: tuple[int, ...]
    cost_cents: int = 1
    lane: str = ""
    goods: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """Items, trailers, names of the dimensions, and pairs of goods that never share a trailer.

    Raises
    ------
    ValueError
        Ids used twice, another number of dimensions, a negative size or cost, a window that ends before it begins, or
        an item that must ride and fits no trailer: each names the thing.
    """

    items: tuple[Item, ...]
    trailers: tuple[Trailer, ...]
    dimensions: tuple[str, ...]
    apart: frozenset[tuple[str, str]] = frozenset()

    def __post_init__(self) -> None:
        _reject_repeated("item", (item.item_id for item in self.items))
        _reject_repeated("trailer", (f"{t.trailer_id} on lane {t.lane!r}" for t in self.trailers))
        there: dict[str, list[Trailer]] = {}
        for trailer in self.trailers:
            if len(trailer.capacity) != len(self.dimensions) or min(trailer.capacity) < 0 or trailer.cost_cents < 0:
                raise ValueError(
                    f"trailer {trailer.trailer_id}: capacity {trailer.capacity}, cost {trailer.cost_cents}"
                )
            there.setdefault(trailer.lane, []).append(trailer)
        for item in self.items:
            if len(item.sizes) != len(self.dimensions):
                raise ValueError(f"item {item.item_id} has {len(item.sizes)} dimensions, not {len(self.dimensions)}")
            if min(item.sizes) < 0 or (item.leave_cents or 0) < 0:
                raise ValueError(f"item {item.item_id} has a negative size or cost")
            if item.ready > item.cutoff:
                raise ValueError(f"item {item.item_id} is ready after its cut-off")
            if item.leave_cents is None and not any(self.takes(t, item) for t in there.get(item.lane, ())):
                raise ValueError(f"item {item.item_id} of {item.sizes} fits no trailer of lane {item.lane!r}")

    def takes(self, trailer: Trailer, item: Item) -> bool:
        """Whether the trailer, empty, could take the item."""
        alone = not any(set(pair) <= set(item.goods) for pair in self.apart)
        fits = all(s <= c for s, c in zip(item.sizes, trailer.capacity, strict=True))
        return trailer.lane == item.lane and fits and alone and set(item.goods) <= set(trailer.goods)


def _reject_repeated(kind: str, ids: Iterable[str]) -> None:
    repeated = sorted(i for i, n in Counter(ids).items() if n > 1)
    if repeated:
        raise ValueError(f"{kind} {repeated[0]} is given twice")


@dataclass(frozen=True, slots=True)
class Load:
    """One trailer: positions of its items in `Problem.items`, when all are ready, and the dimension that fills first."""

    lane: str
    trailer_id: str
    items: tuple[int, ...]
    ready: int
    cost_cents: int
    binding_dimension: str
    utilisation_permille: int


@dataclass(frozen=True, slots=True)
class Building:
    """The loads, and the positions of the items left to somebody else. The report's objective is in cents."""

    loads: tuple[Load, ...]
    left: tuple[int, ...]
    report: SolveReport
